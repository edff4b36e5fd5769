// Who a TcpNetwork is, whom it talks to, and the limits it keeps.
#ifndef WAVETANK_ENGINE_POSIX_TCP_TCP_OPTIONS_H_
#define WAVETANK_ENGINE_POSIX_TCP_TCP_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "engine/base/units.h"
#include "engine/env/network.h"

namespace wt {

struct TcpLimits {
  // What may wait for one peer (or for this machine itself), and what may wait to be received, each
  // with 64 bytes on top of every message. A receiver that is behind stops the reading of sockets,
  // so that the senders' queues fill up next.
  uint64_t queue_bytes = 64 * kMiB;
  uint64_t inbox_bytes = 64 * kMiB;
  // Longer messages are not sent, and not taken: their connection ends. At most 1 GiB.
  uint64_t message_bytes = 64 * kMiB;

  Duration connect_timeout = std::chrono::seconds(3);    // name, connection and handshake together
  Duration handshake_timeout = std::chrono::seconds(3);  // for those who connect to us
  // After a failure, the wait before the next attempt doubles from the one to the other; each is
  // cut by up to a half at random, so that peers do not come in step.
  Duration backoff_min = std::chrono::milliseconds(10);
  Duration backoff_max = std::chrono::seconds(1);
  // What waits for a peer that has been out of reach for this long is dropped at every failed
  // attempt: when the peer comes back, it shall hear of now.
  Duration forget_after = std::chrono::seconds(5);
  // The connection ends when the peer's kernel acknowledges nothing, or takes nothing, for so long.
  Duration silence_timeout = std::chrono::seconds(10);
  // Connections whose handshake is not done; beyond, the oldest is closed.
  uint64_t most_strangers = 64;
};

struct TcpOptions {
  PeerId self = PeerId(1);
  // "127.0.0.1:7001", "[::1]:7001", "node-1:7001"; port 0 takes a free one, see TcpNetwork::port().
  // Empty: no network beside messages to self.
  std::string listen;
  // Where the others listen. May name self as well, when the address is the one of `listen`.
  std::map<PeerId, std::string> peers;
  // Peers of another cluster are refused.
  uint64_t cluster = 0;
  TcpLimits limits;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_TCP_OPTIONS_H_
