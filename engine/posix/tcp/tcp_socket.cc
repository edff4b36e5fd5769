#include "engine/posix/tcp/tcp_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/posix/posix_error.h"

namespace wt {
namespace {

constexpr int kStream = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

bool SetOption(int fd, int level, int option, int value) {
  return ::setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

absl::StatusOr<FileDescriptor> ListenOnOne(const SocketAddress& address, std::string_view name) {
  FileDescriptor fd(::socket(address.family(), kStream, 0));
  if (!fd.valid()) return ErrnoStatus(errno, "socket", name);
  // A restart must not wait for what the last life left in TIME_WAIT.
  if (!SetOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1)) {
    return ErrnoStatus(errno, "SO_REUSEADDR", name);
  }
  if (::bind(fd.get(), address.data(), address.size()) != 0) {
    return ErrnoStatus(errno, "bind", name);
  }
  if (::listen(fd.get(), SOMAXCONN) != 0) return ErrnoStatus(errno, "listen", name);
  return fd;
}

}  // namespace

absl::StatusOr<FileDescriptor> ListenOn(const std::vector<SocketAddress>& addresses,
                                        std::string_view name) {
  WT_CHECK(!addresses.empty());
  absl::Status first_error;
  for (const SocketAddress& address : addresses) {
    absl::StatusOr<FileDescriptor> fd = ListenOnOne(address, name);
    if (fd.ok()) return fd;
    first_error.Update(fd.status());
  }
  return first_error;
}

absl::StatusOr<FileDescriptor> BeginConnect(const SocketAddress& address,
                                            Duration silence_timeout) {
  FileDescriptor fd(::socket(address.family(), kStream, 0));
  if (!fd.valid()) return ErrnoStatus(errno, "socket", address.ToString());
  TuneConnection(fd.get(), silence_timeout);
  // An interrupted connect goes on by itself, like one in progress.
  if (::connect(fd.get(), address.data(), address.size()) == 0 || errno == EINPROGRESS ||
      errno == EINTR) {
    return fd;
  }
  return ErrnoStatus(errno, "connect", address.ToString());
}

int ConnectError(int fd) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

void TuneConnection(int fd, Duration silence_timeout) {
  const int64_t ms =
      std::clamp<int64_t>(silence_timeout / std::chrono::milliseconds(1), 1, 1 << 30);
  const int seconds = static_cast<int>(ms / 1000);
  (void)SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  (void)SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  (void)SetOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, std::clamp(seconds / 2, 1, 32767));
  (void)SetOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, std::clamp(seconds / 4, 1, 32767));
  (void)SetOption(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
  (void)SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(ms));
}

ssize_t ReceiveSome(int fd, char* to, size_t size) {
  WT_CHECK(size > 0);  // 0 bytes would read as the end
  return RetryInterrupted([&] { return ::recv(fd, to, size, MSG_DONTWAIT); });
}

ssize_t SendSome(int fd, std::string_view bytes) {
  return RetryInterrupted(
      [&] { return ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL); });
}

}  // namespace wt
