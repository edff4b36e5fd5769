// What the parts of a TcpNetwork share. References, not owners.
#ifndef WAVETANK_ENGINE_POSIX_TCP_TCP_PARTS_H_
#define WAVETANK_ENGINE_POSIX_TCP_TCP_PARTS_H_

#include <memory>

#include "engine/env/clock.h"
#include "engine/env/random.h"
#include "engine/env/tasks.h"
#include "engine/posix/tcp/doorbell.h"
#include "engine/posix/tcp/poller.h"
#include "engine/posix/tcp/tcp_counters.h"
#include "engine/posix/tcp/tcp_options.h"

namespace wt {

struct TcpParts {
  const TcpOptions& options;
  Clock& clock;
  Tasks& tasks;
  Random& random;
  TcpCounterCells& counters;
  Poller& poller;
  const std::shared_ptr<Doorbell>& doorbell;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_TCP_PARTS_H_
