#include "engine/posix/tcp/outgoing.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "engine/base/check.h"
#include "engine/posix/tcp/resolver.h"
#include "engine/posix/tcp/tcp_frame.h"
#include "engine/posix/tcp/tcp_socket.h"

namespace wt {
namespace {

constexpr size_t kMostChunksAWrite = 64;
// Edge-triggered: whether the kernel has room is learnt from it once, not asked for every time.
constexpr uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

ssize_t WriteChunks(int fd, const std::deque<std::string>& chunks, size_t skip) {
  iovec parts[kMostChunksAWrite];
  const size_t count = std::min(chunks.size(), kMostChunksAWrite);
  for (size_t i = 0; i < count; ++i) {
    parts[i] = {const_cast<char*>(chunks[i].data()), chunks[i].size()};
  }
  WT_CHECK_LT(skip, parts[0].iov_len);
  parts[0].iov_base = static_cast<char*>(parts[0].iov_base) + skip;
  parts[0].iov_len -= skip;
  msghdr message = {};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  return RetryInterrupted([&] { return ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL); });
}

}  // namespace

OutgoingConnection::OutgoingConnection(const TcpParts& parts, PeerId peer, HostPort where)
    : parts_(parts),
      peer_(peer),
      where_(std::move(where)),
      queue_(parts.tasks, parts.options.limits.queue_bytes) {}

void OutgoingConnection::OnQueued() {
  if (state_ == State::kIdle) {
    Begin();
  } else if (state_ == State::kOpen) {
    Write();
  }
}

void OutgoingConnection::Begin() {
  const Time now = parts_.clock.Now();
  if (!unreachable_since_.has_value()) unreachable_since_ = now;
  deadline_ = now + parts_.options.limits.connect_timeout;
  state_ = State::kResolving;
  if (absl::StatusOr<SocketAddress> number = ResolveNumber(where_); number.ok()) {
    addresses_ = {*number};
    return Connect();
  }
  ResolveInBackground(parts_.doorbell, where_, peer_, ++question_);
}

void OutgoingConnection::OnResolved(Resolved answer) {
  if (state_ != State::kResolving || answer.question != question_) return;
  if (!answer.addresses.ok()) return End();
  addresses_ = *std::move(answer.addresses);
  Connect();
}

void OutgoingConnection::Connect() {
  WT_CHECK(!addresses_.empty());
  WT_CHECK(!fd_.valid());
  const SocketAddress& address = addresses_[attempts_++ % addresses_.size()];
  absl::StatusOr<FileDescriptor> fd = BeginConnect(address, parts_.options.limits.silence_timeout);
  if (!fd.ok()) return End();
  fd_ = *std::move(fd);
  id_ = parts_.poller.NewId();
  state_ = State::kConnecting;
  if (!parts_.poller.Add(fd_.get(), kEvents, id_)) End();
}

void OutgoingConnection::OnEvent(uint32_t events) {
  const bool readable = (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (state_ == State::kConnecting) return OnConnected();
  if (readable && state_ == State::kGreeting) return OnGreeting();
  if (readable && state_ == State::kOpen) OnOpenReadable();
  if ((events & EPOLLOUT) != 0 && state_ == State::kOpen) Write();
}

void OutgoingConnection::OnConnected() {
  if (ConnectError(fd_.get()) != 0) return End();
  const std::array<char, kHelloBytes> hello = EncodeHello(
      {.cluster = parts_.options.cluster, .sender = parts_.options.self, .receiver = peer_});
  // The first bytes of a connection always find room; when not, it is not one to keep.
  if (SendSome(fd_.get(), {hello.data(), hello.size()}) != static_cast<ssize_t>(hello.size())) {
    return End();
  }
  state_ = State::kGreeting;
  hello_bytes_ = 0;
}

void OutgoingConnection::OnGreeting() {
  Hello answer;
  HelloCheck check = HelloCheck::kIncomplete;
  while (check == HelloCheck::kIncomplete) {
    const ssize_t got = ReceiveSome(fd_.get(), &hello_[hello_bytes_], hello_.size() - hello_bytes_);
    if (got < 0 && WouldBlock(errno)) return;
    if (got <= 0) return End();
    hello_bytes_ += static_cast<size_t>(got);
    check = DecodeHello({hello_.data(), hello_bytes_}, answer);
  }
  const Hello wanted = {
      .cluster = parts_.options.cluster, .sender = peer_, .receiver = parts_.options.self};
  if (check != HelloCheck::kGood || answer != wanted) return End();
  Count(parts_.counters.connects);
  state_ = State::kOpen;
  deadline_ = Time::max();
  opened_at_ = parts_.clock.Now();
  unreachable_since_.reset();
  OnOpenReadable();  // what came with the answer has no event of its own
  if (state_ == State::kOpen) Write();
}

void OutgoingConnection::OnOpenReadable() {
  char byte = 0;
  const ssize_t got = ReceiveSome(fd_.get(), &byte, sizeof(byte));
  // Nobody speaks on this connection but us: a byte is as good a reason to end it as its end.
  if (got >= 0 || !WouldBlock(errno)) End();
}

void OutgoingConnection::Write() {
  WT_CHECK(state_ == State::kOpen);
  busy_ = false;
  if (sending_.empty() && !queue_.Take(sending_)) return;
  const ssize_t written = WriteChunks(fd_.get(), sending_, written_);
  if (written < 0 && WouldBlock(errno)) return;  // an event will say when
  if (written < 0) return End();
  Count(parts_.counters.write_calls);
  Count(parts_.counters.bytes_written, static_cast<uint64_t>(written));
  Advance(static_cast<size_t>(written));
  busy_ = !sending_.empty() || queue_.Take(sending_);
}

void OutgoingConnection::Advance(size_t written) {
  written_ += written;
  std::vector<std::string> done;
  while (!sending_.empty() && written_ >= sending_.front().size()) {
    written_ -= sending_.front().size();
    done.push_back(std::move(sending_.front()));
    sending_.pop_front();
  }
  WT_CHECK(!sending_.empty() || written_ == 0);
  if (!done.empty()) queue_.Done(std::move(done));
}

void OutgoingConnection::OnTime() {
  if (state_ != State::kWaiting) return End();  // the attempt took too long
  if (!sending_.empty() || queue_.Take(sending_)) return Begin();
  state_ = State::kIdle;
  deadline_ = Time::max();
}

void OutgoingConnection::OnMoved(HostPort where) {
  where_ = std::move(where);
  failures_ = 0;
  if (state_ == State::kIdle) return;
  Hangup();
  state_ = State::kWaiting;
  OnTime();
}

void OutgoingConnection::Stop() {
  Hangup();
  state_ = State::kIdle;
  deadline_ = Time::max();
}

void OutgoingConnection::End() {
  const bool was_open = state_ == State::kOpen;
  WT_CHECK(state_ != State::kIdle && state_ != State::kWaiting);
  Hangup();
  const TcpLimits& limits = parts_.options.limits;
  const Time now = parts_.clock.Now();
  if (was_open) {
    Count(parts_.counters.connections_broken);
    if (now - opened_at_ >= limits.backoff_max) failures_ = 0;
    unreachable_since_ = now;
  } else {
    Count(parts_.counters.connect_failures);
    WT_CHECK(unreachable_since_.has_value());
    if (now - *unreachable_since_ >= limits.forget_after) ForgetQueue();
  }
  state_ = State::kWaiting;
  deadline_ = now + NextBackoff();
}

void OutgoingConnection::Hangup() {
  (void)fd_.Close();  // which takes it out of the poller as well
  id_ = 0;
  busy_ = false;
  // The next connection begins with a whole frame.
  if (!sending_.empty()) written_ = FrameStart(sending_.front(), written_);
}

void OutgoingConnection::ForgetQueue() {
  (void)queue_.Take(sending_);
  uint64_t bytes = 0;
  for (const std::string& chunk : sending_) bytes += chunk.size();
  if (bytes == 0) return;
  Count(parts_.counters.bytes_forgotten, bytes - written_);
  queue_.Done({std::make_move_iterator(sending_.begin()), std::make_move_iterator(sending_.end())});
  sending_.clear();
  written_ = 0;
}

Duration OutgoingConnection::NextBackoff() {
  const TcpLimits& limits = parts_.options.limits;
  constexpr uint64_t kMostDoublings = 20;
  const Duration doubled =
      limits.backoff_min * (uint64_t{1} << std::min(failures_++, kMostDoublings));
  const Duration whole = std::min(doubled, limits.backoff_max);
  const auto half = static_cast<uint64_t>((whole / 2).count());
  return whole - Duration(parts_.random.Next("network.backoff") % (half + 1));
}

}  // namespace wt
