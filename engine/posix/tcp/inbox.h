// Messages that have arrived and wait for a receiver.
#ifndef WAVETANK_ENGINE_POSIX_TCP_INBOX_H_
#define WAVETANK_ENGINE_POSIX_TCP_INBOX_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "engine/env/clock.h"
#include "engine/env/mutex.h"
#include "engine/env/network.h"

namespace wt {

class Inbox {
 public:
  // Charged for every message on top of its bytes, so that empty ones are not free.
  static constexpr uint64_t kMessageOverhead = 64;

  // `limit` bytes for the messages of others. `on_room` is called, by a receiver and without a
  // lock, when an inbox that was full has half of its room again.
  Inbox(Clock& clock, Tasks& tasks, uint64_t limit, std::function<void()> on_room)
      : clock_(clock), limit_(limit), on_room_(std::move(on_room)), mu_(tasks), changed_(tasks) {}

  // Takes all of `messages` and leaves it empty. Returns false when the inbox is full now: no more
  // of them, please, until on_room. Suspends.
  bool Add(std::vector<Message>& messages);

  // A message of this machine to itself; `limit` counts only such. Returns false, and drops it,
  // when there is no room. Suspends.
  bool AddOwn(Message message, uint64_t limit);

  // As Network::Receive and Network::Close.
  absl::StatusOr<Message> Receive(Duration timeout);
  void Close();

 private:
  struct Waiting {
    Message message;
    bool own = false;
  };

  static uint64_t Charge(const Message& message) { return message.bytes.size() + kMessageOverhead; }
  void AwaitMessage(Duration timeout) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Whether on_room is due.
  bool Release(const Waiting& taken) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Wake(size_t arrived) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Clock& clock_;
  const uint64_t limit_;
  const std::function<void()> on_room_;
  Mutex mu_;
  CondVar changed_;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mu_);
  uint64_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t own_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t receivers_ ABSL_GUARDED_BY(mu_) = 0;  // who wait
  bool full_ ABSL_GUARDED_BY(mu_) = false;       // on_room is owed
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_INBOX_H_
