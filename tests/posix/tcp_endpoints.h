// Networks of several machines on the loopback device, and the other side of a connection by hand.
#ifndef WAVETANK_TESTS_POSIX_TCP_ENDPOINTS_H_
#define WAVETANK_TESTS_POSIX_TCP_ENDPOINTS_H_

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/posix/file_descriptor.h"
#include "engine/posix/posix_sources.h"
#include "engine/posix/posix_tasks.h"
#include "engine/posix/tcp/tcp_frame.h"
#include "engine/posix/tcp/tcp_network.h"
#include "gtest/gtest.h"

namespace wt {

// Longer than anything here takes; only a broken test waits for so long.
inline constexpr Duration kPatience = std::chrono::seconds(60);
inline constexpr uint64_t kTestCluster = 77;

class TcpTest : public testing::Test {
 protected:
  // Machine `self`, listening on a free port, with the peers named 1 to 3 nowhere yet.
  TcpOptions Options(uint64_t self, TcpLimits limits = {}) {
    TcpOptions options{.self = PeerId(self), .listen = "127.0.0.1:0", .cluster = kTestCluster};
    for (uint64_t peer = 1; peer <= 3; ++peer) {
      // Distinct, as addresses of peers must be.
      if (peer != self) options.peers[PeerId(peer)] = "127.0.0.1:" + std::to_string(peer);
    }
    options.limits = limits;
    return options;
  }
  std::unique_ptr<TcpNetwork> Make(TcpOptions options) {
    auto network = std::make_unique<TcpNetwork>(clock_, tasks_, random_, std::move(options));
    EXPECT_TRUE(network->status().ok()) << network->status();
    return network;
  }
  std::unique_ptr<TcpNetwork> Make(uint64_t self) { return Make(Options(self)); }

  // Tells each where the other is.
  static void Introduce(TcpNetwork& a, TcpNetwork& b) {
    ASSERT_TRUE(a.MovePeer(b.Self(), b.address()).ok());
    ASSERT_TRUE(b.MovePeer(a.Self(), a.address()).ok());
  }

  template <typename Condition>
  bool Await(Condition condition) {
    const Time end = clock_.Now() + kPatience;
    while (!condition()) {
      if (clock_.Now() > end) return false;
      tasks_.SleepFor(std::chrono::milliseconds(1));
    }
    return true;
  }

  // Sends, again and again, until `to` has received something; returns that.
  std::string SendUntilReceived(TcpNetwork& from, TcpNetwork& to, std::string_view bytes) {
    const Time end = clock_.Now() + kPatience;
    while (clock_.Now() < end) {
      from.Send(to.Self(), bytes);
      const absl::StatusOr<Message> message = to.Receive(std::chrono::milliseconds(20));
      if (message.ok()) return message->bytes;
    }
    return "nothing was received";
  }

  PosixClock clock_;
  PosixTasks tasks_;
  PosixRandom random_;
};

inline size_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

// One end of a connection that a test speaks by hand.
class RawConnection {
 public:
  explicit RawConnection(FileDescriptor fd) : fd_(std::move(fd)) { WT_CHECK(fd_.valid()); }

  static RawConnection To(uint16_t port) {
    RawConnection raw(FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    raw.Connect(port);
    return raw;
  }
  void Connect(uint16_t port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    WT_CHECK(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  }

  // False when the other side has closed.
  bool Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t wrote = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (wrote <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(wrote));
    }
    return true;
  }
  // Exactly `size` bytes, or what came before the end.
  std::string Read(size_t size) {
    std::string bytes(size, '\0');
    size_t have = 0;
    while (have < size) {
      const ssize_t got = ReadSome(bytes.data() + have, size - have);
      if (got <= 0) break;
      have += static_cast<size_t>(got);
    }
    bytes.resize(have);
    return bytes;
  }
  // Whether the other side closes, without another byte.
  bool ClosedByPeer() {
    char byte = 0;
    return ReadSome(&byte, 1) <= 0;
  }
  void FinishWriting() { WT_CHECK(::shutdown(fd_.get(), SHUT_WR) == 0); }
  int fd() const { return fd_.get(); }

  bool SayHello(const Hello& hello) {
    const auto bytes = EncodeHello(hello);
    return Write({bytes.data(), bytes.size()});
  }
  Hello ReadHello() {
    Hello hello;
    EXPECT_EQ(DecodeHello(Read(kHelloBytes), hello), HelloCheck::kGood);
    return hello;
  }

 private:
  ssize_t ReadSome(char* to, size_t size) {
    pollfd waiting = {.fd = fd_.get(), .events = POLLIN, .revents = 0};
    constexpr int kMilliseconds = static_cast<int>(kPatience / std::chrono::milliseconds(1));
    WT_CHECK(::poll(&waiting, 1, kMilliseconds) == 1);
    return ::recv(fd_.get(), to, size, 0);
  }

  FileDescriptor fd_;
};

// A machine that a test plays by hand.
class RawListener {
 public:
  RawListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    WT_CHECK(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    WT_CHECK(::listen(fd_.get(), 16) == 0);
    WT_CHECK(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  RawConnection Accept() {
    return RawConnection(FileDescriptor(::accept(fd_.get(), nullptr, nullptr)));
  }
  // Accepts, reads the hello, and answers it as `self`.
  RawConnection AcceptPeer(PeerId self) {
    RawConnection connection = Accept();
    const Hello hello = connection.ReadHello();
    EXPECT_EQ(hello.receiver, self);
    EXPECT_TRUE(
        connection.SayHello({.cluster = hello.cluster, .sender = self, .receiver = hello.sender}));
    return connection;
  }

 private:
  FileDescriptor fd_;
  uint16_t port_ = 0;
};

inline std::string Frame(PeerId from, std::string_view payload) {
  const FrameHeader header = EncodeFrameHeader(from, payload);
  return std::string(header.data(), header.size()) + std::string(payload);
}

}  // namespace wt

#endif  // WAVETANK_TESTS_POSIX_TCP_ENDPOINTS_H_
