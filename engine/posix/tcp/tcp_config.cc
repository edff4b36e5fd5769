#include "engine/posix/tcp/tcp_config.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {
namespace {

bool Same(const HostPort& a, const HostPort& b) { return a.host == b.host && a.port == b.port; }

absl::StatusOr<std::vector<SocketAddress>> ResolveAny(const HostPort& where) {
  if (absl::StatusOr<SocketAddress> number = ResolveNumber(where); number.ok()) {
    return std::vector<SocketAddress>{*number};
  }
  return ResolveName(where);
}

// The options may name self among the peers, so that all machines can share one list; but then a
// slip in it must not go unnoticed.
absl::Status CheckOwnEntry(const TcpOptions& options, const HostPort& entry, const HostPort& listen,
                           const std::vector<SocketAddress>& addresses) {
  if (Same(entry, listen)) return absl::OkStatus();
  const auto other = [&options] {
    return InvalidArgument("network: peer %d is this machine, at \"%s\", but it listens on \"%s\"",
                           options.self.value(), options.peers.at(options.self), options.listen);
  };
  if (entry.port != listen.port) return other();
  const auto is_wildcard = [](const SocketAddress& address) { return address.IsWildcard(); };
  if (std::any_of(addresses.begin(), addresses.end(), is_wildcard)) return absl::OkStatus();
  WT_ASSIGN_OR_RETURN(std::vector<SocketAddress> own, ResolveAny(entry));
  const bool common =
      std::find_first_of(own.begin(), own.end(), addresses.begin(), addresses.end()) != own.end();
  return common ? absl::OkStatus() : other();
}

absl::Status CheckDistinct(const std::map<PeerId, HostPort>& peers) {
  for (auto a = peers.begin(); a != peers.end(); ++a) {
    for (auto b = std::next(a); b != peers.end(); ++b) {
      if (!Same(a->second, b->second)) continue;
      return InvalidArgument("network: peers %d and %d have one address, %s:%d", a->first.value(),
                             b->first.value(), a->second.host, a->second.port);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTcpLimits(const TcpLimits& limits) {
  if (limits.message_bytes > kGiB) {
    return InvalidArgument("network: message_bytes %d, want at most %d", limits.message_bytes,
                           kGiB);
  }
  const Duration least = std::min({limits.connect_timeout, limits.handshake_timeout,
                                   limits.backoff_min, limits.silence_timeout});
  if (least <= Duration::zero()) return InvalidArgument("network: a timeout of nothing");
  if (limits.backoff_min > limits.backoff_max) {
    return InvalidArgument("network: backoff_min is longer than backoff_max");
  }
  if (limits.most_strangers == 0) return InvalidArgument("network: most_strangers 0");
  return absl::OkStatus();
}

absl::StatusOr<HostPort> ParsePeerAddress(PeerId peer, std::string_view address) {
  absl::StatusOr<HostPort> where = ParseHostPort(address);
  if (!where.ok()) {
    return InvalidArgument("%s (peer %d)", MessageOf(where.status()), peer.value());
  }
  if (where->port == 0) {
    return InvalidArgument("network: peer %d: port 0 in \"%s\"", peer.value(), address);
  }
  return where;
}

absl::StatusOr<TcpConfig> ReadTcpOptions(const TcpOptions& options) {
  WT_CHECK(!options.listen.empty());
  TcpConfig config;
  WT_ASSIGN_OR_RETURN(const HostPort listen, ParseHostPort(options.listen));
  for (const auto& [peer, address] : options.peers) {
    WT_ASSIGN_OR_RETURN(config.peers[peer], ParsePeerAddress(peer, address));
  }
  WT_RETURN_IF_ERROR(CheckDistinct(config.peers));
  WT_ASSIGN_OR_RETURN(config.listen, ResolveAny(listen));
  if (const auto own = config.peers.find(options.self); own != config.peers.end()) {
    WT_RETURN_IF_ERROR(CheckOwnEntry(options, own->second, listen, config.listen));
    config.peers.erase(own);
  }
  for (const auto& [peer, where] : config.peers) {
    if (!Same(where, listen)) continue;
    return InvalidArgument("network: peer %d has the address of this machine, \"%s\"", peer.value(),
                           options.listen);
  }
  return config;
}

}  // namespace wt
