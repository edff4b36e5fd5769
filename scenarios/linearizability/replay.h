// The proof of a verdict "linearizable": the order that was found, executed again.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_REPLAY_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_REPLAY_H_

#include <algorithm>
#include <span>
#include <vector>

#include "scenarios/linearizability/models.h"

namespace wt::lin {

// Whether `order` (numbers in `operations`) has every operation that returned exactly once, none
// more than once, and none that returned before the call of one that precedes it.
bool KeepsRealTime(std::span<const Operation> operations, std::span<const uint32_t> order);

// Whether each operation answers, executed in this order, as it did: by the model's plain
// implementation where it has one.
template <Model M>
bool Replays(const M& model, std::span<const Operation> operations,
             std::span<const uint32_t> order) {
  if constexpr (requires { typename M::Plain; }) {
    typename M::Plain plain(model);
    return std::all_of(order.begin(), order.end(),
                       [&](uint32_t number) { return plain.Apply(operations[number]); });
  } else {
    uint64_t state = model.initial();
    return std::all_of(order.begin(), order.end(), [&](uint32_t number) {
      const std::optional<uint64_t> after = model.Step(state, operations[number]);
      state = after.value_or(state);
      return after.has_value();
    });
  }
}

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_REPLAY_H_
