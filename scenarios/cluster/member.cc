#include "scenarios/cluster/member.h"

#include "engine/state/composite_state_machine.h"

namespace wt::scenarios {

void Member::Main(Env env) {
  CompositeStateMachine machine(StateOptions{.target_chunk_bytes = chunk_bytes_});
  absl::StatusOr<std::unique_ptr<Replica>> replica = Replica::Open(env, options_, machine);
  if (!NoteOpening(replica.status())) return;
  {
    const Scope scope(*this, replica->get());
    (void)(*replica)->AwaitStopped();
  }
  (void)(*replica)->Close();
  Drain(env);
}

bool Member::Close() {
  return With("close", [](Replica& replica) { (void)replica.Close(); });
}

void Member::AskToClose(Duration down_for) {
  Down(down_for);
  close_asked_ = true;
}

void Member::CloseIfAsked() {
  if (!close_asked_ || !serving()) return;
  close_asked_ = false;
  (void)Close();
}

}  // namespace wt::scenarios
