#include "scenarios/explain/curve.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "engine/base/check.h"

namespace wt::scenarios {
namespace {

constexpr uint64_t kReseeds = 16;   // for each point
constexpr size_t kMostPoints = 14;  // between steps; a few more when records are halved

class Curve {
 public:
  Curve(Trials& trials, const Explanation& explanation)
      : trials_(trials), story_(explanation.story), end_(explanation.record.events) {
    for (const reports::Step& step : story_) {
      if (step.record > 1 && step.record < end_) steps_.insert(step.record);
    }
  }

  void Measure();
  std::vector<LikelihoodPoint> Points() const;

 private:
  bool MeasureAt(uint64_t record);
  // Between two points: the record in the middle of the steps that lie there; zero when none does.
  uint64_t MiddleStep(uint64_t from, uint64_t to) const;
  // Where the curve rises or falls the most, and has steps to look at.
  uint64_t NextStep() const;
  // The last point that is not certain, and the next, from which on all are.
  std::pair<uint64_t, uint64_t> Certainty() const;

  Trials& trials_;
  const std::vector<reports::Step>& story_;
  const uint64_t end_;  // the failure itself
  std::set<uint64_t> steps_;
  std::map<uint64_t, Share> shares_;
};

bool Curve::MeasureAt(uint64_t record) {
  const std::optional<Share> share = trials_.ReseededAt(record, kReseeds);
  if (share) shares_[record] = *share;
  return share.has_value();
}

uint64_t Curve::MiddleStep(uint64_t from, uint64_t to) const {
  const auto begin = steps_.upper_bound(from);
  const auto end = steps_.lower_bound(to);
  const auto count = std::distance(begin, end);
  return count <= 0 ? 0 : *std::next(begin, count / 2);
}

uint64_t Curve::NextStep() const {
  uint64_t best = 0;
  uint64_t highest = 0;
  for (auto at = shares_.begin(); std::next(at) != shares_.end(); ++at) {
    const auto next = std::next(at);
    const uint64_t a = at->second.failed;
    const uint64_t b = next->second.failed;
    const uint64_t rise = std::max(a, b) - std::min(a, b);
    const uint64_t middle = rise > highest ? MiddleStep(at->first, next->first) : 0;
    if (middle == 0) continue;
    highest = rise;
    best = middle;
  }
  return best;
}

std::pair<uint64_t, uint64_t> Curve::Certainty() const {
  uint64_t certain = end_;
  for (auto at = shares_.rbegin(); at != shares_.rend(); ++at) {
    if (!at->second.all()) return {at->first, certain};
    certain = at->first;
  }
  return {certain, certain};
}

void Curve::Measure() {
  if (end_ < 2) return;
  shares_[end_] = {.failed = kReseeds, .runs = kReseeds};  // it has happened
  if (!MeasureAt(1)) {
    shares_.clear();
    return;
  }
  while (shares_.size() < kMostPoints) {
    const uint64_t record = NextStep();
    if (record == 0) break;
    if (!MeasureAt(record)) return;
  }
  for (;;) {
    const auto [before, from] = Certainty();
    if (from - before < 2 || !MeasureAt(before + (from - before) / 2)) return;
  }
}

std::vector<LikelihoodPoint> Curve::Points() const {
  std::vector<LikelihoodPoint> points;
  for (const auto& [record, share] : shares_) {
    LikelihoodPoint point{.record = record, .share = share};
    for (const reports::Step& step : story_) {
      if (step.record <= record) point.step = step;
    }
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace

void MeasureLikelihood(Trials& trials, Explanation& explanation) {
  Curve curve(trials, explanation);
  curve.Measure();
  explanation.likelihood = curve.Points();
  const std::vector<LikelihoodPoint>& points = explanation.likelihood;
  for (size_t i = points.size(); i > 0 && points[i - 1].share.half(); --i) {
    explanation.likely = i - 1;
    if (points[i - 1].share.all() && (i == points.size() || explanation.inevitable == i)) {
      explanation.inevitable = i - 1;
    }
  }
  WT_CHECK(points.empty() || explanation.inevitable.has_value());
}

}  // namespace wt::scenarios
