// One simulated server of a group: a machine that runs a replica, and the supervisor that starts it
// again whenever it dies, as an init system would.
#ifndef WAVETANK_SCENARIOS_CLUSTER_MEMBER_H_
#define WAVETANK_SCENARIOS_CLUSTER_MEMBER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "replicas/replica.h"
#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::scenarios {

// What became of a call to a machine.
enum class Reached : uint8_t {
  kYes,      // the body has run
  kNobody,   // nothing was there that could run it
  kNoAnswer  // it may have run, or a part of it, or not
};

class Member {
 public:
  // `chunk_bytes`: of its snapshots.
  Member(sim::Simulator& sim, sim::Machine& machine, ReplicaOptions options, uint64_t chunk_bytes);

  // Starts the supervisor, which boots the machine. For harness tasks. Suspends.
  void Start();
  // Closes the replica in an orderly way and keeps the machine off. Afterwards Start again.
  // Suspends.
  void Stop();

  // ---- These do not suspend. The machine comes back `down_for` later.

  void CutPower(Duration down_for);
  void Kill(Duration down_for);
  // Asks that somebody calls CloseIfAsked soon.
  void AskToClose(Duration down_for);
  // From now on the machine stays off once it is off, until Release.
  void Hold() { held_ = true; }
  void Release() { held_ = false; }

  // Closes the replica in an orderly way when that was asked for. Suspends.
  void CloseIfAsked();

  // Runs `body` on the machine with the serving replica. Suspends.
  Reached WithReplica(std::string_view what, const std::function<void(Replica&)>& body);

  bool serving() const { return serving_ != nullptr; }
  bool running() const { return machine_.state() == sim::Machine::State::kRunning; }
  // Why the last opening failed; OK when it did not.
  const absl::Status& opening() const { return opening_; }
  // Openings that failed in a row.
  uint64_t failed_openings() const { return failed_openings_; }
  void ForgetFailedOpenings() { failed_openings_ = 0; }
  uint64_t boots() const { return boots_; }
  uint32_t id() const { return machine_.id(); }
  sim::Machine& machine() { return machine_; }

 private:
  class ServingScope;

  void Supervise();
  void WaitUntilStartable();
  void Main(Env env);
  void Down(Duration down_for);

  sim::Simulator& sim_;
  sim::Machine& machine_;
  const ReplicaOptions options_;
  const uint64_t chunk_bytes_;
  std::unique_ptr<Task> supervisor_;
  Replica* serving_ = nullptr;  // on the stack of the machine's main task
  uint64_t in_flight_ = 0;      // calls that use serving_
  sim::SimTime down_until_{};
  bool held_ = false;
  bool stopping_ = false;
  bool close_asked_ = false;
  absl::Status opening_;
  uint64_t failed_openings_ = 0;
  uint64_t boots_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_MEMBER_H_
