// Options as people give them, understood or refused.
#ifndef WAVETANK_ENGINE_POSIX_TCP_TCP_CONFIG_H_
#define WAVETANK_ENGINE_POSIX_TCP_TCP_CONFIG_H_

#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/posix/tcp/socket_address.h"
#include "engine/posix/tcp/tcp_options.h"

namespace wt {

struct TcpConfig {
  std::vector<SocketAddress> listen;  // the first that can be had
  std::map<PeerId, HostPort> peers;   // without self
};

// Asks the system when `options.listen` is a name. Requires: it is not empty.
// Errors: InvalidArgument: what makes no sense, and where; Unavailable: the name is not known.
absl::StatusOr<TcpConfig> ReadTcpOptions(const TcpOptions& options);

// Of a peer, which cannot have port 0.
absl::StatusOr<HostPort> ParsePeerAddress(PeerId peer, std::string_view address);

absl::Status CheckTcpLimits(const TcpLimits& limits);

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_TCP_CONFIG_H_
