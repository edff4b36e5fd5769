// Addresses: "host:port" as people write it, and as the kernel wants it.
#ifndef WAVETANK_ENGINE_POSIX_TCP_SOCKET_ADDRESS_H_
#define WAVETANK_ENGINE_POSIX_TCP_SOCKET_ADDRESS_H_

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace wt {

struct HostPort {
  std::string host;  // a name, or a number without brackets
  uint16_t port = 0;
};

// "10.0.0.1:7001", "[::1]:7001", "node-1:7001".
// Errors: InvalidArgument, with the text and what is wrong with it.
absl::StatusOr<HostPort> ParseHostPort(std::string_view text);

class SocketAddress {
 public:
  SocketAddress() = default;
  // Requires: `size` bytes of an IPv4 or IPv6 address.
  SocketAddress(const sockaddr* address, socklen_t size);

  // The local address of a socket. Errors: of getsockname.
  static absl::StatusOr<SocketAddress> OfSocket(int fd);

  int family() const { return storage_.ss_family; }
  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }
  uint16_t port() const;
  // "0.0.0.0" or "[::]": every address of this machine.
  bool IsWildcard() const;
  std::string ToString() const;  // as ParseHostPort takes it
  bool operator==(const SocketAddress& other) const;

 private:
  sockaddr_storage storage_ = {};
  socklen_t size_ = 0;
};

// A host that is written as a number; no question is asked to anybody.
// Errors: NotFound when it is a name.
absl::StatusOr<SocketAddress> ResolveNumber(const HostPort& where);

// All addresses of a host, in the system's order of preference. May take many seconds.
// Errors: Unavailable, with the resolver's reason.
absl::StatusOr<std::vector<SocketAddress>> ResolveName(const HostPort& where);

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_SOCKET_ADDRESS_H_
