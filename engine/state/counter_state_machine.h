// One counter, called "", that begins at a given count; further ones by name, from zero.
#ifndef WAVETANK_ENGINE_STATE_COUNTER_STATE_MACHINE_H_
#define WAVETANK_ENGINE_STATE_COUNTER_STATE_MACHINE_H_

#include "engine/state/table_state_machine.h"

namespace wt {

class CounterStateMachine : public TableStateMachine {
 public:
  // `initial_count` is part of the state: Restore replaces it. All replicas of a log must begin
  // with the same one.
  explicit CounterStateMachine(int64_t initial_count = 0, StateOptions options = {})
      : TableStateMachine({CommandFamily::kCounter}, options) {
    SetInitialCount(initial_count);
  }
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_COUNTER_STATE_MACHINE_H_
