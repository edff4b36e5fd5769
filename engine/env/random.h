// Chance as the engine may use it. In the simulator every draw is keyed (seed, machine, stream,
// ordinal within the stream); natively it comes from the system.
#ifndef WAVETANK_ENGINE_ENV_RANDOM_H_
#define WAVETANK_ENGINE_ENV_RANDOM_H_

#include <cstdint>
#include <string_view>

namespace wt {

class Random {
 public:
  virtual ~Random() = default;

  // The next number of the stream called `stream` ("log.salt", "election.timeout").
  virtual uint64_t Next(std::string_view stream) = 0;

  // A legal but rare choice: "may I flush now, roll the segment now, take the slow path?". Always
  // false natively. In the simulator a seed arms some sites and draws at those.
  virtual bool Rarely(std::string_view site) = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_ENV_RANDOM_H_
