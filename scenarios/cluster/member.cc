#include "scenarios/cluster/member.h"

#include "engine/state/composite_state_machine.h"
#include "engine/storage/file_storage.h"

namespace wt::scenarios {

void Member::Main(Env env) {
  if (lsm_.has_value()) return ServeFromLsm(env);
  CompositeStateMachine machine(StateOptions{.target_chunk_bytes = chunk_bytes_});
  Serve(env, machine);
}

void Member::ServeFromLsm(Env env) {
  absl::StatusOr<std::unique_ptr<Storage>> storage =
      OpenFileStorage(env, {.folder = std::string(kStateFolder)});
  if (!storage.ok()) return (void)NoteOpening(storage.status());
  auto machine = LsmStateMachine::Open(env, *std::move(storage), *lsm_);
  if (!machine.ok()) return (void)NoteOpening(machine.status());
  Serve(env, **machine);
  (void)(*machine)->Close();
}

void Member::Serve(Env env, StateMachine& machine) {
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
