#include "replicas/consensus/log_shape.h"

#include <algorithm>

#include "engine/base/check.h"

namespace wt {

void LogShape::Append(LogIndex index, Term term) {
  WT_CHECK_EQ(index, last_ + 1);
  WT_CHECK_GE(term, LastTerm());
  if (runs_.empty() || runs_.back().term != term) runs_.push_back({index, term});
  last_ = index;
}

void LogShape::Truncate(LogIndex from) {
  WT_CHECK_GE(from, first());
  if (from > last_) return;
  while (!runs_.empty() && runs_.back().first >= from) runs_.pop_back();
  last_ = from - 1;
}

void LogShape::Compact(LogIndex through) {
  WT_CHECK_LE(through, last_);
  if (through <= base_.index) return;
  base_ = {*TermAt(through), through};
  const auto keep = std::partition_point(runs_.begin(), runs_.end(),
                                         [&](const Run& run) { return run.first <= through; });
  // The run that holds `through` goes on behind it, unless the next one begins there.
  auto from = keep - 1;
  from->first = through + 1;
  if (keep == runs_.end() ? through == last_ : keep->first == through + 1) ++from;
  runs_.erase(runs_.begin(), from);
}

void LogShape::Reset(LogEnd base) {
  runs_.clear();
  base_ = base;
  last_ = base.index;
}

std::optional<Term> LogShape::TermAt(LogIndex index) const {
  if (index == base_.index) return base_.term;
  if (index < base_.index || index > last_) return std::nullopt;
  const auto behind = std::partition_point(runs_.begin(), runs_.end(),
                                           [&](const Run& run) { return run.first <= index; });
  WT_CHECK(behind != runs_.begin());
  return std::prev(behind)->term;
}

Term LogShape::LastTerm() const { return runs_.empty() ? base_.term : runs_.back().term; }

LogIndex LogShape::StartOfRun(LogIndex index) const {
  WT_CHECK(TermAt(index).has_value());
  const auto behind = std::partition_point(runs_.begin(), runs_.end(),
                                           [&](const Run& run) { return run.first <= index; });
  return behind == runs_.begin() ? index : std::prev(behind)->first;
}

LogIndex LogShape::LastAtOrBelow(LogIndex index, Term term) const {
  index = std::min(index, last_);
  // Terms ascend: behind the last run of a small enough term, everything is above it.
  const auto above = std::partition_point(runs_.begin(), runs_.end(),
                                          [&](const Run& run) { return run.term <= term; });
  if (above == runs_.begin()) return base_.index;
  const LogIndex end_of_run = above == runs_.end() ? last_ : above->first - 1;
  return std::max(base_.index, std::min(index, end_of_run));
}

}  // namespace wt
