#include "engine/posix/tcp/socket_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/posix/posix_error.h"

namespace wt {
namespace {

constexpr size_t kMostHostBytes = 253;  // of a name, RFC 1035

const sockaddr_in& AsV4(const sockaddr_storage& storage) {
  return reinterpret_cast<const sockaddr_in&>(storage);
}
const sockaddr_in6& AsV6(const sockaddr_storage& storage) {
  return reinterpret_cast<const sockaddr_in6&>(storage);
}

// `flags` for getaddrinfo. Errors: NotFound when there is no such host.
absl::StatusOr<std::vector<SocketAddress>> Resolve(const HostPort& where, int flags) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(where.port);
  const int error = ::getaddrinfo(where.host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) return NotFound("network: host %s: %s", where.host, ::gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, &::freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    addresses.emplace_back(at->ai_addr, at->ai_addrlen);
  }
  if (addresses.empty()) return NotFound("network: host %s: no IP address", where.host);
  return addresses;
}

}  // namespace

absl::StatusOr<HostPort> ParseHostPort(std::string_view text) {
  const auto wrong = [text](std::string_view what) {
    return InvalidArgument("network: address \"%s\": %s, want host:port", text, what);
  };
  const size_t colon = text.rfind(':');
  if (colon == text.npos) return wrong("no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != host.npos) {
    return wrong("an IPv6 address stands in brackets");
  }
  if (host.empty()) return wrong("no host");
  if (host.size() > kMostHostBytes) return wrong("the host is too long");
  if (host.find_first_of(std::string_view(" \t\n\0", 4)) != host.npos) return wrong("a blank");
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return wrong("a bad port");
  return HostPort{std::string(host), port};
}

SocketAddress::SocketAddress(const sockaddr* address, socklen_t size) : size_(size) {
  WT_CHECK_LE(size, static_cast<socklen_t>(sizeof(storage_)));
  std::memcpy(&storage_, address, size);
  WT_CHECK(family() == AF_INET || family() == AF_INET6);
}

absl::StatusOr<SocketAddress> SocketAddress::OfSocket(int fd) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof(storage);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return ErrnoStatus(errno, "getsockname", "network");
  }
  return SocketAddress(reinterpret_cast<const sockaddr*>(&storage), size);
}

uint16_t SocketAddress::port() const {
  return ntohs(family() == AF_INET ? AsV4(storage_).sin_port : AsV6(storage_).sin6_port);
}

bool SocketAddress::IsWildcard() const {
  if (family() == AF_INET) return AsV4(storage_).sin_addr.s_addr == htonl(INADDR_ANY);
  return IN6_IS_ADDR_UNSPECIFIED(&AsV6(storage_).sin6_addr);
}

std::string SocketAddress::ToString() const {
  char text[INET6_ADDRSTRLEN] = "?";
  if (family() == AF_INET) {
    (void)::inet_ntop(AF_INET, &AsV4(storage_).sin_addr, text, sizeof(text));
    return absl::StrFormat("%s:%d", text, port());
  }
  (void)::inet_ntop(AF_INET6, &AsV6(storage_).sin6_addr, text, sizeof(text));
  return absl::StrFormat("[%s]:%d", text, port());
}

bool SocketAddress::operator==(const SocketAddress& other) const {
  if (family() != other.family() || port() != other.port()) return false;
  if (family() == AF_INET) {
    return AsV4(storage_).sin_addr.s_addr == AsV4(other.storage_).sin_addr.s_addr;
  }
  return AsV6(storage_).sin6_scope_id == AsV6(other.storage_).sin6_scope_id &&
         IN6_ARE_ADDR_EQUAL(&AsV6(storage_).sin6_addr, &AsV6(other.storage_).sin6_addr);
}

absl::StatusOr<SocketAddress> ResolveNumber(const HostPort& where) {
  WT_ASSIGN_OR_RETURN(std::vector<SocketAddress> addresses, Resolve(where, AI_NUMERICHOST));
  return addresses.front();
}

absl::StatusOr<std::vector<SocketAddress>> ResolveName(const HostPort& where) {
  absl::StatusOr<std::vector<SocketAddress>> addresses = Resolve(where, 0);
  if (addresses.ok()) return addresses;
  return Unavailable("%s", MessageOf(addresses.status()));
}

}  // namespace wt
