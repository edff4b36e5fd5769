#include <algorithm>
#include <initializer_list>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "scenarios/database/clients.h"
#include "scenarios/database/crash.h"
#include "scenarios/history.h"
#include "scenarios/invariants/append_only.h"
#include "scenarios/invariants/index_order.h"
#include "scenarios/invariants/survival.h"
#include "scenarios/judge.h"
#include "sim/machine.h"
#include "sim/trace.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 1ms;

class WorkloadRun final : public sim::DiskObserver {
 public:
  explicit WorkloadRun(const Plan& plan)
      : sim_({.seed = plan.seed, .policy = plan.policy}),
        machine_(sim_.AddMachine("n1")),
        judge_(sim_),
        shadow_(std::make_unique<Shadow>()),
        node_(sim_, machine_, plan),
        writes_(judge_, *shadow_),
        index_order_(judge_),
        survival_(judge_, machine_, *shadow_, history_, Owed::kSynced),
        append_only_(judge_),
        faults_contained_(judge_, Owed::kSynced),
        clients_(judge_, node_, *shadow_, writes_, history_, plan,
                 [this] { return survival_.MayRefuse(); }) {
    for (sim::EventObserver* observer : std::initializer_list<sim::EventObserver*>{
             &survival_, &index_order_, &writes_, &faults_contained_}) {
      sim_.AddObserver(observer);
    }
    machine_.disk().AddObserver(&append_only_);
    machine_.disk().AddObserver(&faults_contained_);
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

  void OnBarrier(std::string_view path) override {
    ++barriers_;
    if (recording_) {
      points_.push_back(
          {CrashPoint(machine_.disk(), absl::StrFormat("point %d (sync %s)", barriers_, path)),
           Bounds{std::max(history_.last_acknowledged(), writes_.synced()), shadow_->last()}});
    }
    if (barriers_ != mishap_at_ || !mishap_.has_value()) return;
    // The one before: so that the next sync is the one that fails.
    if (mishap_ == Mishap::kFailedSync) machine_.disk().FailNextSyncs(1);
    struck_ = true;
  }

 private:
  // Lets the database start again and answer, then cuts the power: what it answered must be there.
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
        judge_.Fail("refuse-not-lie", "the database does not come back from an honest crash: " +
                                          MessageOf(node_.opening()));
      }
      sim_.SleepFor(kLook);
    }
  }

  static std::optional<CrashFailure> Finish(const sim::RunEnd& end) {
    if (end.kind == sim::RunEnd::Kind::kFinished) return std::nullopt;
    return CrashFailure{end.invariant.empty() ? "converges" : end.invariant, end.message, {}};
  }

  sim::Simulator sim_;
  sim::Machine& machine_;
  Judge judge_;
  std::unique_ptr<Shadow> shadow_;
  History history_;
  DatabaseNode node_;
  Writes writes_;
  IndexOrder index_order_;
  Survival survival_;
  AppendOnly append_only_;
  FaultsContained faults_contained_;
  DatabaseClients clients_;
  std::vector<RecordedPoint> points_;
  bool recording_ = false;
  bool struck_ = false;
  uint64_t barriers_ = 0;
  uint64_t mishap_at_ = 0;
  std::optional<Mishap> mishap_;
};

}  // namespace

Recording RecordDatabase(const Plan& plan) { return WorkloadRun(plan).Record(); }

std::optional<CrashFailure> TryMishapOnDatabase(const Plan& plan, uint64_t point, Mishap mishap) {
  return WorkloadRun(plan).Suffer(point, mishap);
}

}  // namespace wt::scenarios
