#include "engine/posix/tcp/inbox.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {

bool Inbox::Add(std::vector<Message>& messages) {
  MutexLock lock(mu_);
  if (!closed_) {
    for (Message& message : messages) {
      bytes_ += Charge(message);
      waiting_.push_back({std::move(message), /*own=*/false});
    }
    Wake(messages.size());
    full_ = full_ || bytes_ >= limit_;  // once told, a room is owed until it is there
  }
  messages.clear();
  return !full_;
}

bool Inbox::AddOwn(Message message, uint64_t limit) {
  const uint64_t charge = Charge(message);
  MutexLock lock(mu_);
  if (closed_) return true;  // nobody will miss it
  WT_CHECK_LE(own_bytes_, limit);
  if (charge > limit - own_bytes_) return false;
  own_bytes_ += charge;
  waiting_.push_back({std::move(message), /*own=*/true});
  Wake(1);
  return true;
}

absl::StatusOr<Message> Inbox::Receive(Duration timeout) {
  Message message;
  bool room = false;
  {
    MutexLock lock(mu_);
    if (waiting_.empty() && !closed_) AwaitMessage(timeout);
    if (closed_) return FailedPrecondition("network: closed");
    if (waiting_.empty()) return DeadlineExceeded("network: no message in time");
    room = Release(waiting_.front());
    message = std::move(waiting_.front().message);
    waiting_.pop_front();
  }
  if (room && on_room_ != nullptr) on_room_();
  return message;
}

void Inbox::AwaitMessage(Duration timeout) {
  const Time start = clock_.Now();
  ++receivers_;
  while (waiting_.empty() && !closed_) {
    const Duration left = timeout - (clock_.Now() - start);
    if (left <= Duration::zero()) break;
    changed_.WaitFor(mu_, left);
  }
  WT_CHECK(receivers_ > 0);
  --receivers_;
}

bool Inbox::Release(const Waiting& taken) {
  uint64_t& bytes = taken.own ? own_bytes_ : bytes_;
  WT_CHECK_LE(Charge(taken.message), bytes);
  bytes -= Charge(taken.message);
  if (!full_ || bytes_ > limit_ / 2) return false;
  full_ = false;
  return true;
}

void Inbox::Wake(size_t arrived) {
  if (receivers_ == 0 || arrived == 0) return;
  if (arrived == 1 || receivers_ == 1) {
    changed_.SignalOne();
  } else {
    changed_.SignalAll();
  }
}

void Inbox::Close() {
  MutexLock lock(mu_);
  closed_ = true;
  waiting_.clear();
  changed_.SignalAll();
}

}  // namespace wt
