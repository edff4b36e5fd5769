#include <algorithm>
#include <map>
#include <memory>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "scenarios/database/crash.h"
#include "scenarios/database/leaks.h"
#include "scenarios/database/node.h"
#include "scenarios/database/reads.h"
#include "scenarios/judge.h"
#include "sim/machine.h"
#include "sim/trace.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

using State = std::map<std::string, std::string>;

constexpr Duration kLook = 500us;
constexpr Duration kPatience = 10s;
constexpr std::string_view kProbeKey = "crash.probe";
constexpr std::string_view kProbeValue = "second life";

class Prober final : public sim::DiskObserver {
 public:
  Prober(const Bounds& bounds, const Shadow& truth, const Plan& plan, bool record)
      : bounds_(bounds),
        truth_(truth),
        sim_({.seed = 1, .policy = sim::SchedulePolicy::kRoundRobin}),
        machine_(sim_.AddMachine("n1")),
        judge_(sim_),
        node_(sim_, machine_, plan),
        recording_(record) {
    machine_.disk().AddObserver(this);
  }

  Probed Run(const sim::DiskImage& image) {
    machine_.disk().LoadImage(image);
    const sim::RunEnd end = sim_.Run([this] { Harness(); });
    if (end.kind != sim::RunEnd::Kind::kFinished && !probed_.failure.has_value()) {
      probed_.failure =
          CrashFailure{end.invariant.empty() ? "converges" : end.invariant, end.message, {}};
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

 private:
  void Harness() {
    node_.Start();
    if (!AwaitServing()) return;
    recording_ = false;
    if (!CheckBounds() || !CheckContent(Reads(judge_, truth_).StateAt(last_))) return;
    if (!WriteAndCut() || !AwaitServing()) return;
    State now = Reads(judge_, truth_).StateAt(last_);
    now[std::string(kProbeKey)] = kProbeValue;
    if (!CheckNothingLost() || !CheckContent(now) || !CheckFiles()) return;
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
      if (sim_.now() >= deadline) return Fail("converges", "the database does not open");
      sim_.SleepFor(kLook);
    }
    return true;
  }

  bool CheckBounds() {
    node_.With("check", [&](Database& database) { last_ = database.last_applied(); });
    if (last_ < bounds_.promised) {
      return Fail("acked-writes-survive",
                  absl::StrFormat("entry %d was durable; recovered, the database ends with %d",
                                  bounds_.promised.value(), last_.value()));
    }
    if (last_ > bounds_.appended) {
      return Fail("no-phantom", absl::StrFormat("only %d entries were ever appended; recovered, "
                                                "the database ends with %d",
                                                bounds_.appended.value(), last_.value()));
    }
    return true;
  }

  // By a scan each way; and every table is whole.
  bool CheckContent(const State& expected) {
    absl::Status status = Unavailable("no answer");
    KeyValues found[2];
    node_.With("check", [&](Database& database) {
      status = database.Verify();
      for (int way = 0; way < 2 && status.ok(); ++way) {
        absl::StatusOr<KeyValues> scan = database.RangeScan({.backward = way == 1});
        status = scan.status();
        if (scan.ok()) found[way] = *std::move(scan);
      }
    });
    if (!status.ok()) {
      return Fail("refuse-not-lie",
                  "a crash alone left this disk, and it cannot be read: " + MessageOf(status));
    }
    const bool forward = std::ranges::equal(found[0], expected, Same);
    const bool backward =
        std::equal(found[1].rbegin(), found[1].rend(), expected.begin(), expected.end(), Same);
    if (forward && backward) return true;
    return Fail(forward ? "ordered-scan" : "atomic-commit",
                absl::StrFormat("recovered to entry %d, a scan %s shows %d keys, and not what the "
                                "model has, %d keys",
                                last_.value(), forward ? "backward" : "forward",
                                found[forward ? 1 : 0].size(), expected.size()));
  }

  static bool Same(const std::pair<std::string, std::string>& found,
                   const State::value_type& expected) {
    return found.first == expected.first && found.second == expected.second;
  }

  // Content of its own, so that bytes of the first life that come back are seen.
  bool WriteAndCut() {
    absl::Status written = Unavailable("no answer");
    node_.With("write",
               [&](Database& database) { written = database.Write(kProbeKey, kProbeValue); });
    if (!written.ok()) {
      return Fail("converges", "the recovered database takes no write: " + MessageOf(written));
    }
    node_.CutPower(0ns);
    return true;
  }

  bool CheckNothingLost() {
    LogIndex last;
    node_.With("check again", [&](Database& database) { last = database.last_applied(); });
    if (last == last_ + 1) return true;
    return Fail(
        "acked-writes-survive",
        absl::StrFormat("entry %d was acknowledged after recovery; after one more power cut "
                        "the database ends with %d",
                        (last_ + 1).value(), last.value()));
  }

  bool CheckFiles() {
    const sim::SimTime deadline = sim_.now() + kPatience;
    std::vector<std::string> leaks = {"nobody answered"};
    while (!leaks.empty() && sim_.now() < deadline) {
      node_.With("count files", [&](Database& database) {
        (void)database.Compact();
        leaks = LeaksIn(machine_.disk().CachedImage(), database);
      });
      if (!leaks.empty()) sim_.SleepFor(10 * kLook);
    }
    return leaks.empty() || Fail("no-leak", leaks.front());
  }

  const Bounds bounds_;
  const Shadow& truth_;
  sim::Simulator sim_;
  sim::Machine& machine_;
  Judge judge_;
  DatabaseNode node_;
  bool recording_;
  LogIndex last_;
  Probed probed_;
};

}  // namespace

Probed ProbeDatabase(const sim::DiskImage& image, const Bounds& bounds, const Shadow& truth,
                     const Plan& plan, bool record_points) {
  return Prober(bounds, truth, plan, record_points).Run(image);
}

}  // namespace wt::scenarios
