#include "engine/posix/tcp/incoming.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "engine/base/check.h"
#include "engine/posix/tcp/tcp_socket.h"

namespace wt {
namespace {

constexpr int kMostAcceptsAnEvent = 64;
// Without a descriptor to spare, the listener would be readable all the time and to no avail.
constexpr Duration kAcceptPause = std::chrono::milliseconds(100);

}  // namespace

IncomingConnections::IncomingConnections(const TcpParts& parts, FileDescriptor listener,
                                         Inbox& inbox)
    : parts_(parts), listener_(std::move(listener)), inbox_(inbox) {
  WT_CHECK(listener_.valid());
  StartListening();
}

void IncomingConnections::StartListening() {
  listener_id_ = parts_.poller.NewId();
  if (parts_.poller.Add(listener_.get(), EPOLLIN, listener_id_)) return;
  listener_id_ = 0;
  accept_again_ = parts_.clock.Now() + kAcceptPause;
}

bool IncomingConnections::OnEvent(uint64_t id) {
  WT_CHECK(id != 0);
  if (id == listener_id_) {
    Accept();
    return true;
  }
  const Connections::iterator at = connections_.find(id);
  if (at == connections_.end()) return false;
  if (at->second.reader == nullptr) {
    ReadHello(at);
  } else {
    ReadFrames(at);
  }
  return true;
}

void IncomingConnections::Accept() {
  for (int i = 0; i < kMostAcceptsAnEvent; ++i) {
    FileDescriptor fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.valid()) {
      Welcome(std::move(fd));
    } else if (WouldBlock(errno)) {
      return;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return PauseAccepting();
    }
  }
}

void IncomingConnections::PauseAccepting() {
  Count(parts_.counters.accept_failures);
  parts_.poller.Remove(listener_.get());
  listener_id_ = 0;
  accept_again_ = parts_.clock.Now() + kAcceptPause;
}

void IncomingConnections::Welcome(FileDescriptor fd) {
  Count(parts_.counters.accepts);
  if (strangers_ >= parts_.options.limits.most_strangers) {
    Refuse(OldestStranger(), parts_.counters.refused_late);
  }
  TuneConnection(fd.get(), parts_.options.limits.silence_timeout);
  const uint64_t id = parts_.poller.NewId();
  if (!parts_.poller.Add(fd.get(), EPOLLIN, id)) return Count(parts_.counters.accept_failures);
  Connection& connection = connections_[id];
  connection.fd = std::move(fd);
  connection.opened_at = parts_.clock.Now();
  ++strangers_;
}

void IncomingConnections::ReadHello(Connections::iterator at) {
  Connection& connection = at->second;
  const size_t missing = connection.hello.size() - connection.hello_bytes;
  const ssize_t got =
      ReceiveSome(connection.fd.get(), &connection.hello[connection.hello_bytes], missing);
  if (got < 0 && WouldBlock(errno)) return;
  if (got <= 0) {
    if (connection.hello_bytes > 0) Count(parts_.counters.truncated);
    return Close(at);
  }
  connection.hello_bytes += static_cast<size_t>(got);
  Hello hello;
  switch (DecodeHello({connection.hello.data(), connection.hello_bytes}, hello)) {
    case HelloCheck::kIncomplete:
      return;
    case HelloCheck::kGood:
      return Judge(at, hello);
    case HelloCheck::kGarbage:
      return Refuse(at, parts_.counters.refused_garbage);
    case HelloCheck::kVersion:
      return Refuse(at, parts_.counters.refused_version);
    case HelloCheck::kChecksum:
      return Refuse(at, parts_.counters.refused_checksum);
  }
}

void IncomingConnections::Judge(Connections::iterator at, const Hello& hello) {
  const TcpOptions& options = parts_.options;
  if (hello.cluster != options.cluster) return Refuse(at, parts_.counters.refused_cluster);
  if (hello.receiver != options.self) return Refuse(at, parts_.counters.refused_receiver);
  if (hello.sender == options.self || !options.peers.contains(hello.sender)) {
    return Refuse(at, parts_.counters.refused_sender);
  }
  Greet(at, hello.sender);
}

void IncomingConnections::Greet(Connections::iterator at, PeerId from) {
  const std::array<char, kHelloBytes> answer = EncodeHello(
      {.cluster = parts_.options.cluster, .sender = parts_.options.self, .receiver = from});
  // The first bytes of a connection always find room; when not, it is not one to keep.
  if (SendSome(at->second.fd.get(), {answer.data(), answer.size()}) !=
      static_cast<ssize_t>(answer.size())) {
    return Close(at);
  }
  Supersede(from);
  Count(parts_.counters.greetings);
  WT_CHECK(strangers_ > 0);
  --strangers_;
  at->second.from = from;
  at->second.reader = std::make_unique<FrameReader>(from, parts_.options.limits.message_bytes);
}

// A peer has one connection: what the older one still holds was sent before the peer gave it up,
// and must not come between what it sends now.
void IncomingConnections::Supersede(PeerId from) {
  const auto old = std::find_if(connections_.begin(), connections_.end(), [&](const auto& entry) {
    return entry.second.reader != nullptr && entry.second.from == from;
  });
  if (old == connections_.end()) return;
  Count(parts_.counters.superseded);
  Close(old);
}

void IncomingConnections::ReadFrames(Connections::iterator at) {
  Connection& connection = at->second;
  const std::span<char> space = connection.reader->Space();
  const ssize_t got = ReceiveSome(connection.fd.get(), space.data(), space.size());
  if (got < 0 && WouldBlock(errno)) return;
  if (got <= 0) {
    if (connection.reader->InsideFrame()) Count(parts_.counters.truncated);
    return Close(at);
  }
  Count(parts_.counters.read_calls);
  Count(parts_.counters.bytes_read, static_cast<uint64_t>(got));
  WT_CHECK(messages_.empty());
  const FrameCheck check = connection.reader->Consume(static_cast<size_t>(got), messages_);
  if (!messages_.empty()) Deliver(at);  // also what came before a bad frame
  switch (check) {
    case FrameCheck::kGood:
      return;
    case FrameCheck::kOversize:
      return Refuse(at, parts_.counters.frames_oversize);
    case FrameCheck::kChecksum:
      return Refuse(at, parts_.counters.frames_checksum);
    case FrameCheck::kSender:
      return Refuse(at, parts_.counters.frames_sender);
  }
}

void IncomingConnections::Deliver(Connections::iterator at) {
  Count(parts_.counters.messages_received, messages_.size());
  if (inbox_.Add(messages_)) return;
  Count(parts_.counters.reading_paused);
  parts_.poller.Remove(at->second.fd.get());
  at->second.paused = true;
}

void IncomingConnections::OnRoom() {
  for (auto at = connections_.begin(); at != connections_.end();) {
    const Connections::iterator current = at++;
    Connection& connection = current->second;
    if (!std::exchange(connection.paused, false)) continue;
    if (!parts_.poller.Add(connection.fd.get(), EPOLLIN, current->first)) Close(current);
  }
}

void IncomingConnections::Stop() {
  connections_.clear();
  strangers_ = 0;
  (void)listener_.Close();
}

void IncomingConnections::Refuse(Connections::iterator at, std::atomic<uint64_t>& reason) {
  Count(reason);
  Close(at);
}

void IncomingConnections::Close(Connections::iterator at) {
  if (at->second.reader == nullptr) {
    WT_CHECK(strangers_ > 0);
    --strangers_;
  }
  connections_.erase(at);  // closes the descriptor, which takes it out of the poller as well
}

IncomingConnections::Connections::iterator IncomingConnections::OldestStranger() {
  const auto found = std::find_if(connections_.begin(), connections_.end(),
                                  [](const auto& entry) { return entry.second.reader == nullptr; });
  WT_CHECK(found != connections_.end());
  return found;
}

Time IncomingConnections::deadline() const {
  Time deadline = listener_id_ == 0 ? accept_again_ : Time::max();
  if (strangers_ == 0) return deadline;
  const Duration patience = parts_.options.limits.handshake_timeout;
  for (const auto& [id, connection] : connections_) {
    if (connection.reader != nullptr) continue;
    return std::min(deadline, connection.opened_at + patience);
  }
  return deadline;
}

void IncomingConnections::OnTime(Time now) {
  if (listener_id_ == 0 && now >= accept_again_) StartListening();
  while (strangers_ > 0) {
    const Connections::iterator oldest = OldestStranger();
    if (now < oldest->second.opened_at + parts_.options.limits.handshake_timeout) return;
    Refuse(oldest, parts_.counters.refused_late);
  }
}

}  // namespace wt
