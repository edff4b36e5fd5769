// A network of one machine: what it sends to itself arrives, in order; all else is dropped, which
// the contract of Network allows. It serves a standalone engine, which has no peers.
#ifndef WAVETANK_ENGINE_POSIX_LOOPBACK_NETWORK_H_
#define WAVETANK_ENGINE_POSIX_LOOPBACK_NETWORK_H_

#include <deque>

#include "engine/env/clock.h"
#include "engine/env/mutex.h"
#include "engine/env/network.h"

namespace wt {

class LoopbackNetwork : public Network {
 public:
  // Messages that wait beyond this many are dropped.
  static constexpr size_t kMostWaiting = 1024;

  LoopbackNetwork(Clock& clock, Tasks& tasks, PeerId self)
      : clock_(clock), self_(self), mu_(tasks), changed_(tasks) {}

  PeerId Self() const override { return self_; }
  void Send(PeerId to, std::string_view bytes) override;
  absl::StatusOr<Message> Receive(Duration timeout) override;
  void Close() override;

 private:
  Clock& clock_;
  const PeerId self_;
  Mutex mu_;
  CondVar changed_;
  std::deque<Message> waiting_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_LOOPBACK_NETWORK_H_
