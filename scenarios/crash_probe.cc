#include "scenarios/crash_probe.h"

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/state/command.h"
#include "engine/state/result.h"
#include "scenarios/crash_run.h"
#include "scenarios/database/crash.h"
#include "scenarios/node.h"

namespace wt::scenarios {
namespace {

class EngineProber final : public CrashProber, public sim::EventObserver {
 public:
  EngineProber(const Bounds& bounds, const Shadow& truth, const EngineKnobs& knobs, bool record)
      : CrashProber(bounds, truth, record), node_(sim_, machine_, knobs) {
    sim_.AddObserver(this);
  }

  // sim::EventObserver
  void OnEvent(sim::Machine&, sim::SimTime, const Event& event) override {
    if (event.kind == EventKind::kSnapshotDamaged) damaged_ = event.text;
  }

 private:
  Supervisor& node() override { return node_; }

  LogIndex LastApplied() override {
    LogIndex last;
    node_.With("check", [&](Standalone& engine) {
      (void)engine.engine().AwaitBarrier();
      last = engine.engine().last_applied();
      digest_ = engine.engine().state_digest();
    });
    return last;
  }

  bool CheckState() override {
    // The engine may have got by without it; and yet it must be whole or absent.
    if (!damaged_.empty()) {
      return Fail("atomic-commit",
                  "a crash alone left this disk, and a snapshot on it is damaged: " + damaged_);
    }
    if (truth_.DigestAt(last()) == digest_.low) return true;
    return Fail("snapshot-equivalence",
                absl::StrFormat("recovered to entry %d, the state is not what a full replay gives",
                                last().value()));
  }

  absl::Status Write() override {
    absl::Status written = Unavailable("no answer");
    node_.With("write", [&](Standalone& engine) {
      absl::StatusOr<Committed> done =
          engine.Propose(EncodeCommand(KvSet{"crash.probe", "second life"}));
      written = done.status();
      if (done.ok() && done->index != last() + 1) {
        written = DataLoss("it became entry %d", done->index.value());
      }
      written_digest_ = engine.engine().state_digest();
    });
    return written;
  }

  bool CheckNothingLost() override {
    const LogIndex now = LastApplied();
    if (now != last() + 1) return FailLost(now, "");
    return digest_ == written_digest_ || FailLost(now, " and another state");
  }

  Node node_;
  std::string damaged_;
  Hash128 digest_;  // of LastApplied
  Hash128 written_digest_;
};

}  // namespace

Probed ProbeImage(const sim::DiskImage& image, const Bounds& bounds, const Shadow& truth,
                  const Plan& plan, bool record_points) {
  if (plan.database.has_value()) {
    return ProbeDatabase(image, bounds, truth, plan, record_points);
  }
  return EngineProber(bounds, truth, plan.knobs, record_points).Run(image);
}

}  // namespace wt::scenarios
