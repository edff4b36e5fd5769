#include "scenarios/crash_probe.h"

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/state/command.h"
#include "engine/state/result.h"
#include "scenarios/database/crash.h"
#include "scenarios/node.h"
#include "sim/machine.h"
#include "sim/trace.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 500us;
constexpr Duration kPatience = 10s;
constexpr std::string_view kProbeKey = "crash.probe";

class Prober final : public sim::DiskObserver, public sim::EventObserver {
 public:
  Prober(const Bounds& bounds, const Shadow& truth, const EngineKnobs& knobs, bool record)
      : bounds_(bounds),
        truth_(truth),
        sim_({.seed = 1, .policy = sim::SchedulePolicy::kRoundRobin}),
        machine_(sim_.AddMachine("n1")),
        node_(sim_, machine_, knobs),
        recording_(record) {
    machine_.disk().AddObserver(this);
    sim_.AddObserver(this);
  }

  Probed Run(const sim::DiskImage& image) {
    machine_.disk().LoadImage(image);
    const sim::RunEnd end = sim_.Run([this] { Harness(); });
    if (end.kind != sim::RunEnd::Kind::kFinished && !probed_.failure.has_value()) {
      probed_.failure =
          CrashFailure{.invariant = end.invariant.empty() ? "converges" : end.invariant,
                       .message = end.message,
                       .state = {}};
    }
    probed_.digest = sim_.trace().digest();
    return std::move(probed_);
  }

  void OnBarrier(std::string_view path) override {
    if (!recording_) return;
    probed_.points.push_back(
        {CrashPoint(machine_.disk(),
                    absl::StrFormat("recovery sync %d (%s)", probed_.points.size() + 1, path)),
         bounds_});
  }

  void OnEvent(sim::Machine&, sim::SimTime, const Event& event) override {
    if (event.kind == EventKind::kSnapshotDamaged) damaged_ = event.text;
  }

 private:
  void Harness() {
    node_.Start();
    if (!AwaitServing()) return;
    recording_ = false;
    if (!CheckState()) return;
    if (!WriteAndCut()) return;
    if (!AwaitServing()) return;
    CheckNothingLost();
    node_.Stop();
  }

  bool Fail(std::string_view invariant, std::string message) {
    probed_.failure = CrashFailure{std::string(invariant), std::move(message), {}};
    return false;
  }

  bool AwaitServing() {
    const sim::SimTime deadline = sim_.now() + kPatience;
    while (!node_.serving()) {
      if (!node_.opening().ok() || node_.refused()) {
        return Fail("refuse-not-lie", "a crash alone left this disk, and it is refused: " +
                                          MessageOf(node_.opening()));
      }
      if (sim_.now() >= deadline) return Fail("converges", "the engine does not open");
      sim_.SleepFor(kLook);
    }
    return true;
  }

  bool CheckState() {
    uint64_t digest = 0;
    node_.WithEngine("check", [&](Standalone& engine) {
      (void)engine.engine().AwaitBarrier();
      last_ = engine.engine().last_applied();
      digest = engine.engine().state_digest().low;
    });
    if (last_ < bounds_.promised) {
      return Fail("acked-writes-survive",
                  absl::StrFormat("entry %d was durable; recovered, the log ends with %d",
                                  bounds_.promised.value(), last_.value()));
    }
    if (last_ > bounds_.appended) {
      return Fail("no-phantom",
                  absl::StrFormat("only %d entries were ever appended; recovered, the "
                                  "log ends with %d",
                                  bounds_.appended.value(), last_.value()));
    }
    // The engine may have got by without it; and yet it must be whole or absent.
    if (!damaged_.empty()) {
      return Fail("atomic-commit",
                  "a crash alone left this disk, and a snapshot on it is damaged: " + damaged_);
    }
    if (truth_.DigestAt(last_) != digest) {
      return Fail("snapshot-equivalence",
                  absl::StrFormat("recovered to entry %d, the state is not what a full replay "
                                  "gives",
                                  last_.value()));
    }
    return true;
  }

  // Content of its own, so that bytes of the first life that come back are seen.
  bool WriteAndCut() {
    bool written = false;
    node_.WithEngine("write", [&](Standalone& engine) {
      absl::StatusOr<Committed> done =
          engine.Propose(EncodeCommand(KvSet{std::string(kProbeKey), "second life"}));
      written = done.ok() && done->index == last_ + 1;
      digest_ = engine.engine().state_digest();
    });
    if (!written) return Fail("converges", "the recovered engine takes no write");
    node_.CutPower(0ns);
    return true;
  }

  void CheckNothingLost() {
    node_.WithEngine("check again", [&](Standalone& engine) {
      (void)engine.engine().AwaitBarrier();
      const LogIndex last = engine.engine().last_applied();
      if (last != last_ + 1 || engine.engine().state_digest() != digest_) {
        Fail("acked-writes-survive",
             absl::StrFormat("entry %d was acknowledged after recovery; after one more power cut "
                             "the log ends with %d%s",
                             (last_ + 1).value(), last.value(),
                             last == last_ + 1 ? " and another state" : ""));
      }
    });
  }

  const Bounds bounds_;
  const Shadow& truth_;
  sim::Simulator sim_;
  sim::Machine& machine_;
  Node node_;
  bool recording_;
  LogIndex last_;
  std::string damaged_;
  Hash128 digest_;
  Probed probed_;
};

}  // namespace

Probed ProbeImage(const sim::DiskImage& image, const Bounds& bounds, const Shadow& truth,
                  const Plan& plan, bool record_points) {
  if (plan.database.has_value()) {
    return ProbeDatabase(image, bounds, truth, plan, record_points);
  }
  return Prober(bounds, truth, plan.knobs, record_points).Run(image);
}

}  // namespace wt::scenarios
