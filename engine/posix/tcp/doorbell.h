// How other threads reach the network's thread: errands in a list, and an eventfd that is rung only
// when that thread sleeps and nobody has rung before.
#ifndef WAVETANK_ENGINE_POSIX_TCP_DOORBELL_H_
#define WAVETANK_ENGINE_POSIX_TCP_DOORBELL_H_

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/env/mutex.h"
#include "engine/env/network.h"
#include "engine/posix/file_descriptor.h"
#include "engine/posix/tcp/socket_address.h"

namespace wt {

// The answer to a question for a peer's addresses.
struct Resolved {
  PeerId peer;
  uint64_t question = 0;
  absl::StatusOr<std::vector<SocketAddress>> addresses;
};

struct Moved {
  PeerId peer;
  HostPort where;
};

struct Errands {
  std::vector<PeerId> peers;  // whose queues are no longer empty
  std::vector<Resolved> resolved;
  std::vector<Moved> moved;
  bool room = false;  // in the inbox
  bool stop = false;

  bool empty() const {
    return peers.empty() && resolved.empty() && moved.empty() && !room && !stop;
  }
};

// Lives as long as anybody who may ring, which for a resolver is longer than the network.
class Doorbell {
 public:
  explicit Doorbell(Tasks& tasks);

  // Errors: ResourceExhausted when there was no descriptor to be had.
  const absl::Status& status() const { return status_; }
  int fd() const { return event_.get(); }

  // Adds to the errands. Returns whether the network's thread had to be woken. Suspends.
  template <typename Change>
  bool Ring(Change change) {
    {
      MutexLock lock(mu_);
      change(errands_);
      if (!std::exchange(sleeping_, false)) return false;
    }
    WakeSleeper();
    return true;
  }

  // The rest is for the network's thread.

  // All errands so far. When there are none and the caller `may_sleep`, it has to be woken from now
  // on, until Awake(): it goes to sleep on fd(), edge-triggered, so that nobody has to silence it.
  Errands Take(bool may_sleep);
  void Awake();

 private:
  void WakeSleeper();

  FileDescriptor event_;
  absl::Status status_;
  Mutex mu_;
  Errands errands_ ABSL_GUARDED_BY(mu_);
  bool sleeping_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_DOORBELL_H_
