#include "engine/posix/loopback_network.h"

#include <utility>

#include "engine/base/status.h"

namespace wt {

void LoopbackNetwork::Send(PeerId to, std::string_view bytes) {
  MutexLock lock(mu_);
  if (to != self_ || closed_ || waiting_.size() >= kMostWaiting) return;
  waiting_.push_back({self_, std::string(bytes)});
  changed_.SignalOne();
}

absl::StatusOr<Message> LoopbackNetwork::Receive(Duration timeout) {
  const Time start = clock_.Now();
  MutexLock lock(mu_);
  while (waiting_.empty() && !closed_) {
    const Duration left = timeout - (clock_.Now() - start);
    if (left <= Duration::zero()) break;
    changed_.WaitFor(mu_, left);
  }
  if (closed_) return FailedPrecondition("network: closed");
  if (waiting_.empty()) return DeadlineExceeded("network: no message in time");
  Message message = std::move(waiting_.front());
  waiting_.pop_front();
  return message;
}

void LoopbackNetwork::Close() {
  MutexLock lock(mu_);
  closed_ = true;
  waiting_.clear();
  changed_.SignalAll();
}

}  // namespace wt
