// Key-value, counters and idempotent commands over one log: what a node runs unless told otherwise.
#ifndef WAVETANK_ENGINE_STATE_COMPOSITE_STATE_MACHINE_H_
#define WAVETANK_ENGINE_STATE_COMPOSITE_STATE_MACHINE_H_

#include "engine/state/table_state_machine.h"

namespace wt {

class CompositeStateMachine : public TableStateMachine {
 public:
  explicit CompositeStateMachine(StateOptions options = {})
      : TableStateMachine({CommandFamily::kKv, CommandFamily::kCounter, CommandFamily::kOnce},
                          options) {}
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_COMPOSITE_STATE_MACHINE_H_
