// The network's thread: one epoll loop for all connections of a TcpNetwork.
#ifndef WAVETANK_ENGINE_POSIX_TCP_TCP_LOOP_H_
#define WAVETANK_ENGINE_POSIX_TCP_TCP_LOOP_H_

#include <map>
#include <memory>

#include "engine/posix/tcp/inbox.h"
#include "engine/posix/tcp/incoming.h"
#include "engine/posix/tcp/outgoing.h"
#include "engine/posix/tcp/tcp_parts.h"

namespace wt {

class TcpLoop {
 public:
  // `peers` are all that there will ever be. The doorbell is in the poller already.
  TcpLoop(const TcpParts& parts, FileDescriptor listener, const std::map<PeerId, HostPort>& peers,
          Inbox& inbox);

  // Null when there is no such peer. Safe from any thread.
  SendQueue* QueueOf(PeerId peer) const;

  // Returns after the errand to stop, with everything closed.
  void Run();

 private:
  // Does what is asked and goes on with what is unfinished. False after the errand to stop.
  bool RunErrands();
  bool Handle(Errands errands);
  void WriteMore();
  bool AnyBusy() const;
  void OnEvent(const epoll_event& event);
  Time NextDeadline() const;
  void RunTimers(Time now);
  void Stop();
  OutgoingConnection& PeerAt(PeerId peer);

  const TcpParts parts_;
  IncomingConnections incoming_;
  std::map<PeerId, std::unique_ptr<OutgoingConnection>> outgoing_;  // the map itself never changes
  bool asleep_ = false;                                             // the doorbell has been told so
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_TCP_LOOP_H_
