#include "scenarios/explain/windows.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "scenarios/campaign/values.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kTriesAtOnce = 8;  // at each time, until one of them fails
constexpr uint64_t kMostTries = 32;
constexpr Duration kFirstStride = 100us;
constexpr int64_t kGrowth = 4;
constexpr int64_t kFineness =
    16;  // an edge is known to a part of its distance, or the first stride

class Mover {
 public:
  Mover(Trials& trials, const Explanation& explanation, size_t fault)
      : trials_(trials),
        plan_(explanation.plan),
        fault_(fault),
        tries_(std::min(kMostTries, explanation.as_it_is.runs)) {
    WT_CHECK_LT(fault, plan_.faults.size());
  }

  // The farthest time on the way to `limit` up to which it fails. Nothing when it was over before.
  std::optional<Duration> EdgeTowards(Duration limit);

  Duration at() const { return plan_.faults[fault_].at; }
  // When its neighbours in time come, in whatever order a plan names them.
  Duration earliest() const;
  Duration latest() const;

 private:
  std::optional<bool> FailsAt(Duration time);

  Trials& trials_;
  const Plan& plan_;
  const size_t fault_;
  const uint64_t tries_;
};

Duration Mover::earliest() const {
  Duration found{0};
  for (size_t i = 0; i < plan_.faults.size(); ++i) {
    const Duration time = plan_.faults[i].at;
    if (std::pair(time, i) < std::pair(at(), fault_)) found = std::max(found, time);
  }
  return found;
}

Duration Mover::latest() const {
  std::optional<Duration> found;
  for (size_t i = 0; i < plan_.faults.size(); ++i) {
    const Duration time = plan_.faults[i].at;
    if (std::pair(time, i) > std::pair(at(), fault_)) found = std::min(found.value_or(time), time);
  }
  return found.value_or(std::max(trials_.LongestStorm(), at()));
}

std::optional<bool> Mover::FailsAt(Duration time) {
  Plan moved = plan_;
  moved.faults[fault_].at = time;
  if (time > at()) moved.storm += time - at();  // it would not come when the storm was over
  for (uint64_t done = 0; done < tries_; done += kTriesAtOnce) {
    const std::optional<Share> share = trials_.WithSeeds(moved, kTriesAtOnce, done);
    if (!share) return std::nullopt;
    if (!share->none()) return true;
  }
  return false;
}

std::optional<Duration> Mover::EdgeTowards(Duration limit) {
  const int64_t sign = limit < at() ? -1 : 1;
  const Duration most = sign * (limit - at());
  Duration good{0};
  Duration bad = most;
  for (Duration stride = kFirstStride;; stride *= kGrowth) {
    const Duration distance = std::min(stride, most);
    if (distance == good) return limit;
    const std::optional<bool> fails = FailsAt(at() + sign * distance);
    if (!fails) return std::nullopt;
    if (!*fails) {
      bad = distance;
      break;
    }
    good = distance;
  }
  while (bad - good > std::max(kFirstStride, good / kFineness)) {
    const Duration middle = good + (bad - good) / 2;
    const std::optional<bool> fails = FailsAt(at() + sign * middle);
    if (!fails) return std::nullopt;
    (*fails ? good : bad) = middle;
  }
  return at() + sign * good;
}

}  // namespace

void MeasureWindows(Trials& trials, Explanation& explanation) {
  for (Part& part : explanation.parts) {
    if (part.kind != PartKind::kFault || part.need != Need::kNecessary || part.at.size() != 1) {
      continue;
    }
    Mover mover(trials, explanation, part.at[0]);
    const std::optional<Duration> from = mover.EdgeTowards(mover.earliest());
    const std::optional<Duration> to = mover.EdgeTowards(mover.latest());
    if (from && to) part.window = {.from_us = Micros(*from), .to_us = Micros(*to)};
  }
}

}  // namespace wt::scenarios
