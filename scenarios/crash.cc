#include "scenarios/crash.h"

#include <set>
#include <tuple>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "scenarios/crash_workload.h"

namespace wt::scenarios {
namespace {

constexpr size_t kMaxFailures = 16;  // beyond them it is the same story again

class Enumerator {
 public:
  // `other`: the plan of which CrashLie::kHistory says that it was this one.
  Enumerator(const Plan& plan, const Plan& other, const CrashOptions& options)
      : plan_(plan), other_(other), options_(options) {}

  CrashResult Run() {
    Recording recording = RecordWorkload(plan_, options_.lie);
    result_.digest = recording.digest;
    if (recording.failure.has_value()) {
      Report(*recording.failure, "the workload itself, without any crash");
      return std::move(result_);
    }
    if (options_.lie == CrashLie::kHistory) recording.truth = RecordWorkload(other_).truth;
    truth_ = recording.truth.get();
    if (!IsLieAboutStates()) {
      for (uint64_t point = 1; point <= recording.before_stop; ++point) {
        Suffer(point, Mishap::kKillThenCut, "killed");
        Suffer(point, Mishap::kFailedSync, "this sync fails");
      }
    }
    if (options_.lie == CrashLie::kOverwrite) return std::move(result_);
    for (const RecordedPoint& point : recording.points) Visit(point, 1, "");
    return std::move(result_);
  }

 private:
  // Mishaps would say nothing of it.
  bool IsLieAboutStates() const {
    return options_.lie != CrashLie::kNone && options_.lie != CrashLie::kOverwrite;
  }

  // Counts one more; false when there may be none.
  bool TakeState() {
    if (result_.states >= options_.max_states) {
      result_.complete = false;
      return false;
    }
    ++result_.states;
    return true;
  }

  bool Full() const {
    const size_t enough = options_.lie == CrashLie::kNone ? kMaxFailures : 1;
    return result_.failures.size() >= enough;
  }

  Bounds Told(Bounds bounds) const {
    if (options_.lie == CrashLie::kPromise) bounds.promised = bounds.appended + 1;
    if (options_.lie == CrashLie::kUnwritten) bounds.appended = LogIndex(0);
    return bounds;
  }

  void Visit(const RecordedPoint& point, uint32_t depth, const std::string& before) {
    if (Full() || !result_.complete) return;
    ++result_.points;
    const SubsetOptions subsets{
        .exhaustive_atoms = depth == 1 ? options_.exhaustive_atoms : options_.exhaustive_atoms / 2,
        .tears = depth == 1,
        .ghosts = depth == 1};
    ForEachSubset(point.point, subsets, [&](const sim::CrashSubset& subset) {
      return Try(point, subset, depth, before);
    });
  }

  // False to stop.
  bool Try(const RecordedPoint& point, const sim::CrashSubset& subset, uint32_t depth,
           const std::string& before) {
    if (!TakeState()) return false;
    if (options_.progress && result_.states % 64 == 0) {
      options_.progress(result_.points, result_.states, result_.distinct);
    }
    const sim::DiskImage image = point.point.Materialize(subset);
    const auto key = std::tuple(sim::HashImage(image), point.bounds.promised.value(),
                                point.bounds.appended.value(), depth);
    if (!seen_.insert(key).second) return true;
    ++result_.distinct;
    const bool deeper = depth < options_.depth;
    Probed probed = ProbeImage(image, Told(point.bounds), *truth_, plan_, deeper);
    result_.digest = Mix64(result_.digest ^ probed.digest);
    if (probed.failure.has_value()) {
      Report(*probed.failure, before + point.point.Describe(subset));
    } else if (deeper) {
      const std::string where = before + point.point.Describe(subset) + " => ";
      for (const RecordedPoint& nested : probed.points) Visit(nested, depth + 1, where);
    }
    return !Full();
  }

  void Suffer(uint64_t point, Mishap mishap, std::string_view what) {
    if (Full() || !TakeState()) return;
    ++result_.distinct;
    if (std::optional<CrashFailure> failure = TryMishap(plan_, point, mishap, options_.lie)) {
      Report(*failure, absl::StrFormat("point %d: %s, and the power is cut later", point, what));
    }
  }

  void Report(CrashFailure failure, std::string state) {
    failure.state = std::move(state);
    result_.failures.push_back(std::move(failure));
  }

  const Plan& plan_;
  const Plan& other_;
  const CrashOptions& options_;
  const Shadow* truth_ = nullptr;
  std::set<std::tuple<uint64_t, uint64_t, uint64_t, uint32_t>> seen_;
  CrashResult result_;
};

}  // namespace

CrashResult EnumerateCrashes(const Scenario& scenario, const CrashOptions& options) {
  WT_CHECK(scenario.crash);
  const Plan plan = DrawPlan(scenario, options.seed);
  const Plan other = DrawPlan(scenario, options.seed + 1);
  return Enumerator(plan, other, options).Run();
}

}  // namespace wt::scenarios
