// What a virtual device needs of the simulator that it lives in. Devices know nothing else of it,
// so that each can be tested alone with a host of a few lines.
#ifndef WAVETANK_SIM_HOST_H_
#define WAVETANK_SIM_HOST_H_

#include <cstdint>
#include <initializer_list>

#include "engine/base/random.h"
#include "engine/base/units.h"

namespace wt::sim {

// True simulated time since the start of the run (machines see their own clocks).
using SimTime = Duration;

// Longer than any run; longer waits are cut to it.
inline constexpr SimTime kForever = std::chrono::hours(24 * 365 * 50);

// What a trace record is about. Stable numbers: they are in every digest.
enum class TraceKind : uint16_t {
  kSchedule = 1,
  kTask = 2,
  kDisk = 3,
  kNetwork = 4,
  kEvent = 5,
  kMachine = 6,
  kClock = 7,
  kHarness = 8,
  kFault = 9,
  kRandom = 10,
};

class Host {
 public:
  virtual ~Host() = default;

  virtual uint64_t seed() const = 0;
  virtual SimTime now() const = 0;

  // The calling task waits `duration` of true time, during which anything may happen, its machine's
  // death included (then this does not return: it unwinds). Zero is a decision point all the same.
  // Outside a task (set-up, inspection) it returns at once.
  virtual void Pause(Duration duration) = 0;

  // Feeds the run's digest and, when somebody listens, its trace.
  virtual void Record(TraceKind kind, uint64_t what, std::initializer_list<uint64_t> words) = 0;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_HOST_H_
