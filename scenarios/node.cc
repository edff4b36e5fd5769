#include "scenarios/node.h"

#include <memory>

#include "engine/state/composite_state_machine.h"

namespace wt::scenarios {

EngineOptions OptionsFrom(const EngineKnobs& knobs) {
  EngineOptions options;
  options.log.segment_bytes = knobs.segment_bytes;
  options.log.alignment = static_cast<uint32_t>(knobs.alignment);
  options.log.zeros_ahead_bytes = knobs.zeros_ahead_bytes;
  options.log.buffer_bytes = 64 * kKiB;
  options.snapshot.compress = knobs.compress;
  options.snapshot.incremental = knobs.incremental;
  options.snapshot_log_bytes = knobs.snapshot_log_bytes;
  options.snapshots_kept = knobs.snapshots_kept;
  return options;
}

void Node::Main(Env env) {
  CompositeStateMachine machine;
  absl::StatusOr<std::unique_ptr<Standalone>> engine =
      Standalone::Open(env, OptionsFrom(knobs_), machine);
  if (!NoteOpening(engine.status())) return;
  {
    const Scope scope(*this, engine->get());
    (void)(*engine)->engine().AwaitStopped();
  }
  Drain(env);
  (void)(*engine)->Close();
}

bool Node::Close() {
  return With("stop", [](Standalone& engine) { (void)engine.Close(); });
}

}  // namespace wt::scenarios
