// The way to one peer: a queue, and a connection that is made when there is something in it.
//
//   idle -> resolving -> connecting -> greeting -> open
//     ^                        any failure |         | broken
//     +--- nothing is queued ---- waiting <+---------+
//
// All but queue() is for the network's thread.
#ifndef WAVETANK_ENGINE_POSIX_TCP_OUTGOING_H_
#define WAVETANK_ENGINE_POSIX_TCP_OUTGOING_H_

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engine/posix/tcp/send_queue.h"
#include "engine/posix/tcp/tcp_parts.h"

namespace wt {

class OutgoingConnection {
 public:
  OutgoingConnection(const TcpParts& parts, PeerId peer, HostPort where);

  SendQueue& queue() { return queue_; }

  // What the poller calls its connection; 0 when there is none.
  uint64_t id() const { return id_; }
  // When OnTime is due; Time::max() for never.
  Time deadline() const { return deadline_; }
  // Whether it could write more at once.
  bool busy() const { return busy_; }

  void OnQueued();  // the queue was empty
  void OnResolved(Resolved answer);
  void OnMoved(HostPort where);
  void OnEvent(uint32_t events);
  void OnTime();
  // Writes once, as much as the kernel takes. Requires: busy().
  void Write();
  // Hangs up, for good.
  void Stop();

 private:
  enum class State { kIdle, kResolving, kConnecting, kGreeting, kOpen, kWaiting };

  void Begin();
  void Connect();
  void OnConnected();
  void OnGreeting();
  void OnOpenReadable();
  // Ends the attempt or the connection, and waits before the next.
  void End();
  void Hangup();
  void ForgetQueue();
  Duration NextBackoff();
  void Advance(size_t written);

  const TcpParts parts_;
  const PeerId peer_;
  HostPort where_;
  SendQueue queue_;

  State state_ = State::kIdle;
  Time deadline_ = Time::max();
  uint64_t failures_ = 0;  // in a row; failures of a connection that lived for long do not count
  Time opened_at_{};
  std::optional<Time> unreachable_since_;

  uint64_t question_ = 0;  // of the last name that was asked for
  std::vector<SocketAddress> addresses_;
  uint64_t attempts_ = 0;  // each takes the next address

  FileDescriptor fd_;
  uint64_t id_ = 0;
  std::array<char, kHelloBytes> hello_;
  size_t hello_bytes_ = 0;
  bool busy_ = false;

  std::deque<std::string> sending_;  // of queue_; of the first, written_ bytes are gone
  size_t written_ = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_OUTGOING_H_
