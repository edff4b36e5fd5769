// Sockets with the options that a TcpNetwork wants. None of these calls blocks.
#ifndef WAVETANK_ENGINE_POSIX_TCP_TCP_SOCKET_H_
#define WAVETANK_ENGINE_POSIX_TCP_TCP_SOCKET_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "engine/base/units.h"
#include "engine/posix/file_descriptor.h"
#include "engine/posix/tcp/socket_address.h"

namespace wt {

// Listens on the first of `addresses` that can be had. `name` is for messages.
// Errors: FailedPrecondition when the address is in use or not allowed, InvalidArgument when this
// machine does not have it.
absl::StatusOr<FileDescriptor> ListenOn(const std::vector<SocketAddress>& addresses,
                                        std::string_view name);

// Begins to connect; the socket becomes writable when that has ended, and ConnectError says how.
absl::StatusOr<FileDescriptor> BeginConnect(const SocketAddress& address, Duration silence_timeout);

// The error number that an attempt ended with, or 0.
int ConnectError(int fd);

// For a connection: small messages leave at once, and a peer that is gone is noticed. Best effort.
void TuneConnection(int fd, Duration silence_timeout);

// One recv or send that does not wait and raises no signal. Negative: errno says why.
ssize_t ReceiveSome(int fd, char* to, size_t size);
ssize_t SendSome(int fd, std::string_view bytes);
inline bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_TCP_SOCKET_H_
