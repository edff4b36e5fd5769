#include "scenarios/database/reads.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"

namespace wt::scenarios {
namespace {

using State = std::map<std::string, std::string>;

std::string Shown(const std::optional<std::string>& value) {
  if (!value.has_value()) return "nothing";
  return value->size() <= 24 ? *value : value->substr(0, 21) + "...";
}

KeyValues ScanOf(const State& state, const ScanOptions& options) {
  KeyValues found;
  for (const auto& [key, value] : state) {
    if (options.range.lower && key < *options.range.lower) continue;
    if (options.range.upper && key >= *options.range.upper) continue;
    found.emplace_back(key, value);
  }
  if (options.backward) std::ranges::reverse(found);
  if (found.size() > options.limit) found.resize(options.limit);
  return found;
}

std::string KeyOfStep(uint64_t key) { return absl::StrFormat("k%03d", key); }

}  // namespace

State Reads::StateAt(LogIndex at) const {
  WT_CHECK_LE(at, shadow_.applied());
  State state;
  for (const auto& [key, versions] : shadow_.model().keys()) {
    if (std::optional<std::string> value = shadow_.model().ValueAt(key, at)) {
      state.emplace(key, *std::move(value));
    }
  }
  return state;
}

// Requires: the read is wrong.
std::string Reads::Invariant(const PointRead& read, LogIndex at) const {
  // Half a batch: of the entry that comes next, or not yet all of the last.
  const auto is_batch = [&](LogIndex index) {
    return shadow_.Describe(index).starts_with("BATCH");
  };
  if (is_batch(at + 1) && shadow_.Writes(at + 1, read.key, read.value)) return "atomic-commit";
  const bool is_late =
      at > LogIndex(0) && is_batch(at) && read.value == shadow_.model().ValueAt(read.key, at - 1);
  if (is_late) return "atomic-commit";
  return read.value.has_value() ? "no-phantom" : "acked-writes-survive";
}

bool Reads::IsRight(const PointRead& read, LogIndex at) const {
  return read.value == shadow_.model().ValueAt(read.key, at);
}

void Reads::Check(const PointRead& read, LogIndex at, Blame blame) {
  for (std::string_view name : {"no-phantom", "atomic-commit", "acked-writes-survive"}) {
    judge_.Evaluated(name);
  }
  if (IsRight(read, at)) return;
  judge_.Fail(
      blame == Blame::kHeldView ? "repeatable-view" : Invariant(read, at),
      absl::StrFormat("%s is %s as of entry %d, but was read as %s", read.key,
                      Shown(shadow_.model().ValueAt(read.key, at)), at.value(), Shown(read.value)));
}

std::optional<std::string> Reads::DoubtIn(const ScanOptions& options, const KeyValues& found,
                                          LogIndex from, LogIndex to) const {
  for (LogIndex at = from + 1; at <= to; at = at + 1) {
    if (ScanOf(StateAt(at), options) == found) return std::nullopt;
  }
  const KeyValues expected = ScanOf(StateAt(from), options);
  const auto [here, there] = std::ranges::mismatch(found, expected);
  if (here == found.end() && there == expected.end()) return std::nullopt;
  if (here == found.end()) return there->first;
  if (there == expected.end()) return here->first;
  const bool here_first =
      options.backward ? here->first > there->first : here->first < there->first;
  return here_first ? here->first : there->first;
}

void Reads::Check(const KeyValues& found, LogIndex at, const std::optional<PointRead>& doubt,
                  Blame blame) {
  judge_.Evaluated("ordered-scan");
  judge_.Evaluated("atomic-commit");
  if (!doubt.has_value()) return;
  Check(*doubt, at, blame);
  const auto shown =
      std::ranges::find(found, doubt->key, [](const auto& one) { return one.first; });
  judge_.Fail(
      "ordered-scan",
      absl::StrFormat("a scan as of entry %d went wrong at %s: read by itself it is %s, the "
                      "scan shows %s there",
                      at.value(), doubt->key, Shown(doubt->value),
                      shown == found.end() ? "nothing" : Shown(shown->second)));
}

void Reads::CheckWithin(const PointRead& read, LogIndex from, LogIndex to) {
  judge_.Evaluated("linearizable");
  for (LogIndex at = from; at <= to; at = at + 1) {
    if (IsRight(read, at)) return;
  }
  judge_.Fail(Invariant(read, to),
              absl::StrFormat("%s was read as %s, which it is not as of any entry from %d to %d; "
                              "as of the last it is %s",
                              read.key, Shown(read.value), from.value(), to.value(),
                              Shown(shadow_.model().ValueAt(read.key, to))));
}

// ---- Walks

std::vector<WalkStep> WalkAbout(KeyValueIterator& it, Draw& draw, uint32_t steps, uint32_t keys) {
  using Kind = WalkStep::Kind;
  std::vector<WalkStep> walk;
  for (uint32_t i = 0; i < steps && it.status().ok(); ++i) {
    WalkStep step;
    const uint64_t seek = draw.Below(12);
    const bool moves = it.Valid() && seek >= 4;
    if (moves) {
      step.kind = draw.OneIn(2) ? Kind::kNext : Kind::kPrev;
      step.kind == Kind::kNext ? it.Next() : it.Prev();
    } else if (seek % 4 == 0) {
      step.kind = Kind::kFirst;
      it.SeekToFirst();
    } else if (seek % 4 == 1) {
      step.kind = Kind::kLast;
      it.SeekToLast();
    } else {
      step.kind = seek % 4 == 2 ? Kind::kSeek : Kind::kSeekForPrev;
      step.target = KeyOfStep(draw.Below(keys));
      step.kind == Kind::kSeek ? it.Seek(step.target) : it.SeekForPrev(step.target);
    }
    if (!it.status().ok()) break;
    if (it.Valid()) step.position.emplace(it.key(), it.value());
    walk.push_back(std::move(step));
  }
  return walk;
}

void Reads::Check(const std::vector<WalkStep>& walk, LogIndex at) {
  using Kind = WalkStep::Kind;
  const State state = StateAt(at);
  judge_.Evaluated("ordered-scan");
  auto now = state.end();
  for (size_t i = 0; i < walk.size(); ++i) {
    const WalkStep& step = walk[i];
    const auto before = [&](State::const_iterator one) {
      return one == state.begin() ? state.end() : std::prev(one);
    };
    switch (step.kind) {
      case Kind::kFirst:
        now = state.begin();
        break;
      case Kind::kLast:
        now = before(state.end());
        break;
      case Kind::kSeek:
        now = state.lower_bound(step.target);
        break;
      case Kind::kSeekForPrev:
        now = before(state.upper_bound(step.target));
        break;
      case Kind::kNext:
        ++now;
        break;
      case Kind::kPrev:
        now = before(now);
        break;
    }
    const bool right = step.position.has_value()
                           ? now != state.end() && step.position->first == now->first &&
                                 step.position->second == now->second
                           : now == state.end();
    if (right) continue;
    return judge_.Fail(
        "ordered-scan",
        absl::StrFormat("step %d of a walk as of entry %d is at %s, and should be at %s", i + 1,
                        at.value(), step.position ? step.position->first : "no key",
                        now == state.end() ? "no key" : now->first));
  }
}

}  // namespace wt::scenarios
