// The small parts of a real machine: its clocks, its chance, and where its events go.
#ifndef WAVETANK_ENGINE_POSIX_POSIX_SOURCES_H_
#define WAVETANK_ENGINE_POSIX_POSIX_SOURCES_H_

#include <functional>
#include <utility>

#include "engine/env/clock.h"
#include "engine/env/events.h"
#include "engine/env/random.h"

namespace wt {

class PosixClock : public Clock {
 public:
  Time Now() override;
  WallTime WallNow() override;
};

// The kernel's generator; `stream` and `site` make no difference here.
class PosixRandom : public Random {
 public:
  uint64_t Next(std::string_view stream) override;
  bool Rarely(std::string_view) override { return false; }
};

// Hands each event to the callback, on the thread that emitted it and perhaps with its locks held:
// the callback must be safe to call from several threads at once, and must not call the engine.
// Goals are a campaign's affair; natively nobody counts them.
class PosixEvents : public EventSink {
 public:
  // A null callback drops everything.
  explicit PosixEvents(std::function<void(const Event&)> callback)
      : callback_(std::move(callback)) {}

  void Emit(const Event& event) override {
    if (callback_ != nullptr) callback_(event);
  }
  void Reached(std::string_view) override {}

 private:
  const std::function<void(const Event&)> callback_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_POSIX_SOURCES_H_
