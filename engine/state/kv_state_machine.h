// An ordered map from keys to values.
#ifndef WAVETANK_ENGINE_STATE_KV_STATE_MACHINE_H_
#define WAVETANK_ENGINE_STATE_KV_STATE_MACHINE_H_

#include "engine/state/table_state_machine.h"

namespace wt {

class KvStateMachine : public TableStateMachine {
 public:
  explicit KvStateMachine(StateOptions options = {})
      : TableStateMachine({CommandFamily::kKv}, options) {}
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_KV_STATE_MACHINE_H_
