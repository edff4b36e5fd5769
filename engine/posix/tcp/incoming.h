// The connections that peers have made to us: strangers until their handshake is done, then a
// stream of frames each. For the network's thread only.
#ifndef WAVETANK_ENGINE_POSIX_TCP_INCOMING_H_
#define WAVETANK_ENGINE_POSIX_TCP_INCOMING_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "engine/posix/tcp/inbox.h"
#include "engine/posix/tcp/tcp_frame.h"
#include "engine/posix/tcp/tcp_parts.h"

namespace wt {

class IncomingConnections {
 public:
  // `listener` is listening and does not block.
  IncomingConnections(const TcpParts& parts, FileDescriptor listener, Inbox& inbox);

  // True when `id` was the poller's name of one of our descriptors.
  bool OnEvent(uint64_t id);
  // When OnTime is due; Time::max() for never.
  Time deadline() const;
  void OnTime(Time now);
  // The inbox has room again.
  void OnRoom();
  // Closes everything, for good.
  void Stop();

 private:
  struct Connection {
    FileDescriptor fd;
    Time opened_at{};
    std::array<char, kHelloBytes> hello;
    size_t hello_bytes = 0;
    PeerId from;
    std::unique_ptr<FrameReader> reader;  // null: a stranger
    bool paused = false;                  // not read, because the inbox is full
  };
  using Connections = std::map<uint64_t, Connection>;  // by the poller's name: oldest first

  void StartListening();
  void Accept();
  void PauseAccepting();
  void Welcome(FileDescriptor fd);
  void ReadHello(Connections::iterator at);
  void Judge(Connections::iterator at, const Hello& hello);
  void Greet(Connections::iterator at, PeerId from);
  void Supersede(PeerId from);
  void ReadFrames(Connections::iterator at);
  void Deliver(Connections::iterator at);
  void Refuse(Connections::iterator at, std::atomic<uint64_t>& reason);
  void Close(Connections::iterator at);
  Connections::iterator OldestStranger();

  const TcpParts parts_;
  FileDescriptor listener_;
  Inbox& inbox_;
  uint64_t listener_id_ = 0;  // 0: not accepting until accept_again_
  Time accept_again_{};
  Connections connections_;
  uint64_t strangers_ = 0;
  std::vector<Message> messages_;  // scratch
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_INCOMING_H_
