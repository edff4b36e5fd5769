// The timer heap against a sorted list: any mix of setting, cancelling and taking gives the same
// order, ties by order of setting.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "sim/core/timers.h"

namespace wt::sim {
namespace {

struct Tick final : Timer {
  void Fire() override {}
};

RC_GTEST_PROP(TimerQueuePropertyTest, FollowsASortedList, ()) {
  TimerQueue queue;
  std::deque<Tick> ticks(32);
  std::vector<Tick*> model;  // in order of setting
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1000));
  for (int step : steps) {
    Tick& tick = ticks[step % ticks.size()];
    if (step % 5 == 0 && !model.empty()) {
      const auto first = std::min_element(
          model.begin(), model.end(),
          [](const Tick* a, const Tick* b) { return a->deadline() < b->deadline(); });
      RC_ASSERT(queue.first_deadline() == (*first)->deadline());
      RC_ASSERT(&queue.TakeFirst() == *first);
      model.erase(first);
    } else if (tick.is_set()) {
      queue.Cancel(tick);
      std::erase(model, &tick);
    } else {
      queue.Set(tick, SimTime(step / 50));
      model.push_back(&tick);
    }
    RC_ASSERT(queue.empty() == model.empty());
  }
  for (Tick* tick : model) queue.Cancel(*tick);
  RC_ASSERT(queue.empty());
}

}  // namespace
}  // namespace wt::sim
