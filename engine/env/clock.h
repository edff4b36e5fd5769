// Time as the engine may know it. Nothing that is safety may depend on either clock.
#ifndef WAVETANK_ENGINE_ENV_CLOCK_H_
#define WAVETANK_ENGINE_ENV_CLOCK_H_

#include "engine/base/units.h"

namespace wt {

class Clock {
 public:
  virtual ~Clock() = default;

  // Never goes back; may stall. Only differences mean anything.
  virtual Time Now() = 0;

  // Since the Unix epoch. May be wrong, and may jump forward or back at any time.
  virtual WallTime WallNow() = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_ENV_CLOCK_H_
