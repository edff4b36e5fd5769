// One simulated server of a group: a machine that runs a replica, and the supervisor that starts it
// again whenever it dies.
#ifndef WAVETANK_SCENARIOS_CLUSTER_MEMBER_H_
#define WAVETANK_SCENARIOS_CLUSTER_MEMBER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/state/lsm_state_machine.h"
#include "replicas/replica.h"
#include "scenarios/supervisor.h"

namespace wt::scenarios {

class Member final : public Serving<Replica> {
 public:
  // Of an LSM that holds the state.
  static constexpr std::string_view kStateFolder = "state";

  // `chunk_bytes`: of its snapshots. `lsm`: where its state lies; none: in memory.
  Member(sim::Simulator& sim, sim::Machine& machine, ReplicaOptions options, uint64_t chunk_bytes,
         std::optional<LsmStateOptions> lsm)
      : Serving(sim, machine),
        options_(std::move(options)),
        chunk_bytes_(chunk_bytes),
        lsm_(std::move(lsm)) {}

  // Asks that somebody calls CloseIfAsked soon; it comes back `down_for` later. Does not suspend.
  void AskToClose(Duration down_for);
  // Closes the replica in an orderly way when that was asked for. Suspends.
  void CloseIfAsked();

  // From now on the machine stays off once it is off, until Release. A refused opening does not
  // hold it: a group waits for nobody's operator.
  void Hold() { held_ = true; }
  void Release() { held_ = false; }

  bool running() { return machine().state() == sim::Machine::State::kRunning; }
  uint32_t id() { return machine().id(); }

 private:
  void Main(Env env) override;
  void Serve(Env env, StateMachine& machine);
  void ServeFromLsm(Env env);
  bool Close() override;
  void OnBoot() override { close_asked_ = false; }
  bool held() const override { return held_; }

  const ReplicaOptions options_;
  const uint64_t chunk_bytes_;
  const std::optional<LsmStateOptions> lsm_;
  bool held_ = false;
  bool close_asked_ = false;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_MEMBER_H_
