#include "scenarios/crash_workload.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "scenarios/clients.h"
#include "scenarios/database/crash.h"
#include "scenarios/history.h"
#include "scenarios/invariants/append_only.h"
#include "scenarios/invariants/index_order.h"
#include "scenarios/invariants/replay.h"
#include "scenarios/invariants/survival.h"
#include "scenarios/invariants/whole_snapshots.h"
#include "scenarios/judge.h"
#include "scenarios/node.h"
#include "sim/machine.h"
#include "sim/trace.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 1ms;

class WorkloadRun final : public sim::DiskObserver, public sim::EventObserver {
 public:
  explicit WorkloadRun(const Plan& plan)
      : plan_(plan),
        sim_({.seed = plan.seed, .policy = plan.policy}),
        machine_(sim_.AddMachine("n1")),
        judge_(sim_),
        shadow_(std::make_unique<Shadow>()),
        node_(sim_, machine_, plan.knobs),
        index_order_(judge_),
        replay_(judge_, *shadow_),
        survival_(judge_, machine_, *shadow_, history_),
        append_only_(judge_),
        faults_contained_(judge_),
        whole_snapshots_(judge_, machine_),
        clients_(judge_, node_, *shadow_, history_, plan) {
    for (sim::EventObserver* observer : std::initializer_list<sim::EventObserver*>{
             this, &survival_, &index_order_, &replay_, &faults_contained_, &whole_snapshots_}) {
      sim_.AddObserver(observer);
    }
    machine_.disk().AddObserver(&append_only_);
    machine_.disk().AddObserver(&faults_contained_);
    machine_.disk().AddObserver(&whole_snapshots_);
    machine_.disk().AddObserver(this);
  }

  Recording Record() {
    recording_ = true;
    Recording recording;
    recording.failure = Finish(sim_.Run([this] {
      node_.Start();
      clients_.Start();
      while (!clients_.Done()) sim_.SleepFor(kLook);
      node_.Stop();
    }));
    recording.points = std::move(points_);
    recording.truth = std::move(shadow_);
    recording.digest = sim_.trace().digest();
    return recording;
  }

  std::optional<CrashFailure> Suffer(uint64_t point, Mishap mishap) {
    mishap_at_ = point;
    mishap_ = mishap;
    return Finish(sim_.Run([this] {
      node_.Start();
      clients_.Start();
      while (!clients_.Done() && !struck_) sim_.SleepFor(kLook);
      AfterMishap();
      clients_.GiveUpAfter(sim_.now());
      while (!clients_.Done()) sim_.SleepFor(kLook);
      node_.Stop();
    }));
  }

  // sim::DiskObserver
  void OnBarrier(std::string_view path) override {
    ++barriers_;
    if (recording_) {
      points_.push_back(
          {CrashPoint(machine_.disk(), absl::StrFormat("point %d (sync %s)", barriers_, path)),
           Bounds{std::max(history_.last_acknowledged(), committed_), shadow_->last()}});
    }
    if (mishap_ == Mishap::kKillThenCut && barriers_ == mishap_at_) struck_ = true;
    // The one before: so that the next sync is the one that fails.
    if (mishap_ == Mishap::kFailedSync && barriers_ == mishap_at_) {
      machine_.disk().FailNextSyncs(1);
      struck_ = true;
    }
  }

  // sim::EventObserver
  void OnEvent(sim::Machine&, sim::SimTime, const Event& event) override {
    if (event.kind == EventKind::kCommitAdvanced) {
      committed_ = std::max(committed_, LogIndex(event.a));
    }
  }

 private:
  // Lets the engine start again and answer, then cuts the power: what it answered must be there.
  void AfterMishap() {
    if (mishap_ == Mishap::kKillThenCut) node_.Kill(0ns);
    for (int life = 0; life < 2; ++life) {
      AwaitServing();
      clients_.CheckEverything();
      if (life == 0) node_.CutPower(0ns);
    }
  }

  void AwaitServing() {
    const sim::SimTime deadline = sim_.now() + 10s;
    while (!node_.serving() || !clients_.Put("crash.probe", "alive")) {
      if (node_.refused() || sim_.now() > deadline) {
        judge_.Fail("refuse-not-lie", "the engine does not come back from an honest crash: " +
                                          MessageOf(node_.opening()));
      }
      sim_.SleepFor(kLook);
    }
  }

  static std::optional<CrashFailure> Finish(const sim::RunEnd& end) {
    if (end.kind == sim::RunEnd::Kind::kFinished) return std::nullopt;
    return CrashFailure{end.invariant.empty() ? "converges" : end.invariant, end.message, {}};
  }

  const Plan& plan_;
  sim::Simulator sim_;
  sim::Machine& machine_;
  Judge judge_;
  std::unique_ptr<Shadow> shadow_;
  History history_;
  Node node_;
  IndexOrder index_order_;
  Replay replay_;
  Survival survival_;
  AppendOnly append_only_;
  FaultsContained faults_contained_;
  WholeSnapshots whole_snapshots_;
  Clients clients_;
  std::vector<RecordedPoint> points_;
  LogIndex committed_;
  bool recording_ = false;
  bool struck_ = false;
  uint64_t barriers_ = 0;
  uint64_t mishap_at_ = 0;
  std::optional<Mishap> mishap_;
};

}  // namespace

Recording RecordWorkload(const Plan& plan) {
  if (plan.database.has_value()) return RecordDatabase(plan);
  return WorkloadRun(plan).Record();
}

std::optional<CrashFailure> TryMishap(const Plan& plan, uint64_t point, Mishap mishap) {
  if (plan.database.has_value()) return TryMishapOnDatabase(plan, point, mishap);
  return WorkloadRun(plan).Suffer(point, mishap);
}

}  // namespace wt::scenarios
