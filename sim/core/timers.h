// Deadlines in true simulated time, ordered by (deadline, order of setting).
#ifndef WAVETANK_SIM_CORE_TIMERS_H_
#define WAVETANK_SIM_CORE_TIMERS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/host.h"

namespace wt::sim {

// Something that happens at an instant. Embed it; destroying a set timer is a failed check.
class Timer {
 public:
  Timer() = default;
  virtual ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  bool is_set() const { return slot_ != kUnset; }
  SimTime deadline() const { return deadline_; }

  // Called by the scheduler, outside any task. Does not suspend. May set or destroy this timer.
  virtual void Fire() = 0;

 private:
  friend class TimerQueue;
  static constexpr size_t kUnset = ~size_t{0};
  SimTime deadline_{};
  uint64_t sequence_ = 0;
  size_t slot_ = kUnset;
};

// A binary heap whose members know their slots, so that cancelling is exact and nothing is
// allocated per timer.
class TimerQueue {
 public:
  // Requires: not set.
  void Set(Timer& timer, SimTime deadline);
  // Nothing happens when it is not set.
  void Cancel(Timer& timer);

  bool empty() const { return heap_.empty(); }
  SimTime first_deadline() const { return heap_.front()->deadline_; }
  // Takes the first one out. Requires: not empty.
  Timer& TakeFirst();

 private:
  static bool Before(const Timer& a, const Timer& b) {
    return a.deadline_ != b.deadline_ ? a.deadline_ < b.deadline_ : a.sequence_ < b.sequence_;
  }
  void Place(Timer& timer, size_t slot);
  void SiftUp(size_t slot);
  void SiftDown(size_t slot);

  std::vector<Timer*> heap_;
  uint64_t next_sequence_ = 0;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_TIMERS_H_
