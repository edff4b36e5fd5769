// Network over TCP: one outgoing connection per peer, made when there is something to send and made
// again when it breaks; one thread for all of them.
//
//   TcpNetwork network(clock, tasks, random,
//                      {.self = PeerId(1),
//                       .listen = "10.0.0.1:7001",
//                       .peers = {{PeerId(2), "10.0.0.2:7001"}, {PeerId(3), "10.0.0.3:7001"}},
//                       .cluster = 0x5ca1ab1e});
//   if (!network.status().ok()) ...           // the address is in use, a peer's is malformed
//   network.Send(PeerId(2), "hello");
//
// What it adds to the contract of Network: messages of one sender to one receiver arrive in order,
// undamaged (CRC-32C) and at most once; those in between may be lost where a connection broke, the
// queue was full, or the peer stayed out of reach. Who speaks another version, belongs to another
// cluster, is no peer, or sends garbage is cut off and counted. This is no protection against an
// adversary: there is neither secrecy nor proof of who is who.
#ifndef WAVETANK_ENGINE_POSIX_TCP_TCP_NETWORK_H_
#define WAVETANK_ENGINE_POSIX_TCP_TCP_NETWORK_H_

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "engine/env/clock.h"
#include "engine/env/network.h"
#include "engine/env/random.h"
#include "engine/posix/tcp/inbox.h"
#include "engine/posix/tcp/poller.h"
#include "engine/posix/tcp/tcp_counters.h"
#include "engine/posix/tcp/tcp_loop.h"
#include "engine/posix/tcp/tcp_options.h"

namespace wt {

class TcpNetwork : public Network {
 public:
  // Listens when it returns, so that peers may connect; asks the system for the address when
  // `options.listen` is a name. Does not fail: when the options make no sense or the address cannot
  // be had, status() says why, and only messages to self are delivered. Suspends.
  TcpNetwork(Clock& clock, Tasks& tasks, Random& random, TcpOptions options);
  // Closes, and waits for its thread, which waits for no peer.
  ~TcpNetwork() override;
  TcpNetwork(const TcpNetwork&) = delete;
  TcpNetwork& operator=(const TcpNetwork&) = delete;

  // InvalidArgument: malformed options. FailedPrecondition: the address is in use. Others as the
  // system gives them.
  const absl::Status& status() const { return status_; }

  PeerId Self() const override { return options_.self; }
  void Send(PeerId to, std::string_view bytes) override;
  absl::StatusOr<Message> Receive(Duration timeout) override;
  // Also ends all connections, and drops what is queued.
  void Close() override;

  // Where it listens, with the port that was taken; "" and 0 when it does not.
  const std::string& address() const { return address_; }
  uint16_t port() const { return port_; }

  // From now on `peer` is at `address`; a connection to the old one ends. Suspends.
  // Errors: InvalidArgument for a malformed address; NotFound for one that is no peer.
  absl::Status MovePeer(PeerId peer, std::string_view address);

  TcpCounters counters() const { return counters_.Read(); }

 private:
  absl::Status Start();
  TcpParts parts() { return {options_, clock_, tasks_, random_, counters_, *poller_, doorbell_}; }

  const TcpOptions options_;
  Clock& clock_;
  Tasks& tasks_;
  Random& random_;
  TcpCounterCells counters_;
  Inbox inbox_;
  std::atomic<bool> closed_ = false;
  std::string address_;
  uint16_t port_ = 0;

  // All null where there is no network beside self.
  std::shared_ptr<Doorbell> doorbell_;
  std::unique_ptr<Poller> poller_;
  std::unique_ptr<TcpLoop> loop_;
  std::unique_ptr<Task> thread_;

  absl::Status status_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_TCP_NETWORK_H_
