// Asks the system for the addresses of a host, on a thread of its own: the answer may take a
// minute, and neither a sender nor the network's thread nor its end may wait for it.
#ifndef WAVETANK_ENGINE_POSIX_TCP_RESOLVER_H_
#define WAVETANK_ENGINE_POSIX_TCP_RESOLVER_H_

#include <memory>

#include "engine/posix/tcp/doorbell.h"

namespace wt {

// The answer arrives as an errand at `doorbell`, with `peer` and `question`. Also when no thread
// could be had: then it is an error, and arrives before this returns.
void ResolveInBackground(std::shared_ptr<Doorbell> doorbell, HostPort where, PeerId peer,
                         uint64_t question);

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_RESOLVER_H_
