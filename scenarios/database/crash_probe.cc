#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "scenarios/crash_run.h"
#include "scenarios/database/crash.h"
#include "scenarios/database/leaks.h"
#include "scenarios/database/node.h"
#include "scenarios/database/reads.h"
#include "scenarios/judge.h"
#include "sim/machine.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

using State = std::map<std::string, std::string>;

constexpr std::string_view kProbeKey = "crash.probe";
constexpr std::string_view kProbeValue = "second life";

class DatabaseProber final : public CrashProber {
 public:
  DatabaseProber(const Bounds& bounds, const Shadow& truth, const Plan& plan, bool record)
      : CrashProber(bounds, truth, record), judge_(sim_), node_(sim_, machine_, plan) {}

 private:
  Supervisor& node() override { return node_; }

  LogIndex LastApplied() override {
    LogIndex last;
    node_.With("check", [&](Database& database) { last = database.last_applied(); });
    return last;
  }

  bool CheckState() override { return CheckContent(Reads(judge_, truth_).StateAt(last())); }

  absl::Status Write() override {
    absl::Status written = Unavailable("no answer");
    node_.With("write",
               [&](Database& database) { written = database.Write(kProbeKey, kProbeValue); });
    return written;
  }

  bool CheckNothingLost() override {
    const LogIndex now = LastApplied();
    if (now != last() + 1) return FailLost(now, "");
    State state = Reads(judge_, truth_).StateAt(last());
    state[std::string(kProbeKey)] = kProbeValue;
    return CheckContent(state) && CheckFiles();
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
                                last().value(), forward ? "backward" : "forward",
                                found[forward ? 1 : 0].size(), expected.size()));
  }

  static bool Same(const std::pair<std::string, std::string>& found,
                   const State::value_type& expected) {
    return found.first == expected.first && found.second == expected.second;
  }

  bool CheckFiles() {
    const sim::SimTime deadline = sim_.now() + 10s;
    std::vector<std::string> leaks = {"nobody answered"};
    while (!leaks.empty() && sim_.now() < deadline) {
      node_.With("count files", [&](Database& database) {
        (void)database.Compact();
        leaks = LeaksIn(machine_.disk().CachedImage(), database);
      });
      if (!leaks.empty()) sim_.SleepFor(5ms);
    }
    return leaks.empty() || Fail("no-leak", leaks.front());
  }

  Judge judge_;
  DatabaseNode node_;
};

}  // namespace

Probed ProbeDatabase(const sim::DiskImage& image, const Bounds& bounds, const Shadow& truth,
                     const Plan& plan, bool record_points) {
  return DatabaseProber(bounds, truth, plan, record_points).Run(image);
}

}  // namespace wt::scenarios
