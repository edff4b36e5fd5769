// Messages between machines: best effort. A message may be lost, repeated, delayed, reordered,
// damaged, or arrive after its receiver has restarted; a receiver checks what it gets.
#ifndef WAVETANK_ENGINE_ENV_NETWORK_H_
#define WAVETANK_ENGINE_ENV_NETWORK_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/base/units.h"

namespace wt {

// Names an endpoint of the network, this machine included.
using PeerId = Ordinal<struct PeerIdTag>;

struct Message {
  PeerId from;
  std::string bytes;
};

class Network {
 public:
  virtual ~Network() = default;

  virtual PeerId Self() const = 0;

  // Hands `bytes` over for delivery; says nothing about its fate. Suspends, but never waits for
  // the peer: where there is no room, the message is dropped.
  virtual void Send(PeerId to, std::string_view bytes) = 0;

  // The next message for this machine. Suspends.
  // Errors: DeadlineExceeded after `timeout`; FailedPrecondition after Close.
  virtual absl::StatusOr<Message> Receive(Duration timeout) = 0;

  // Wakes every receiver for good.
  virtual void Close() = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_ENV_NETWORK_H_
