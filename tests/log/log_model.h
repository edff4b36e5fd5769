// What a log may hold after a crash: the state after some change that is no older than the last one
// that a sync acknowledged. A list of states says all of "acknowledged survives", "prefix only",
// "batches whole or absent" and "nothing comes back".
#ifndef WAVETANK_TESTS_LOG_LOG_MODEL_H_
#define WAVETANK_TESTS_LOG_LOG_MODEL_H_

#include <string>
#include <vector>

#include "tests/log/log_world.h"

namespace wt::test {

struct LogState {
  uint64_t base = 0;  // entries[0] has index base + 1
  Term base_term;
  std::vector<LogEntry> entries;
  uint64_t compacted = 0;  // what a compaction or reset allowed to go
  HardState hard_state;

  uint64_t last() const { return base + entries.size(); }
  Term last_term() const { return entries.empty() ? base_term : entries.back().term; }

  // Empty when `log` shows this state, else what is different.
  std::string Difference(LogStorage& log) const {
    const uint64_t first = log.first_index().value();
    if (log.last_index() != LogIndex(last())) {
      return absl::StrFormat("last index %d, want %d", log.last_index().value(), last());
    }
    if (first <= base || first > std::max(compacted, base) + 1) {
      return absl::StrFormat("first index %d, want %d .. %d", first, base + 1, compacted + 1);
    }
    if (log.last_term() != last_term()) return "last term";
    if (log.hard_state() != hard_state) return "hard state";
    const std::vector<LogEntry> want(entries.begin() + static_cast<ptrdiff_t>(first - base - 1),
                                     entries.end());
    return ContentOf(log) == want ? "" : "content";
  }
};

enum class OpKind { kAppend, kSync, kTruncate, kHardState, kCompact, kReset, kReopen, kCrash };

struct Op {
  OpKind kind;
  uint64_t n = 0;  // how many entries, how far back, or a seed
};

class LogModel {
 public:
  LogModel() : states_(1) {}

  const LogState& now() const { return states_.back(); }

  // Does one operation on both. False when the log gave an error.
  bool Do(LogStorage& log, const Op& op) {
    switch (op.kind) {
      case OpKind::kAppend:
        return Append(log, op.n);
      case OpKind::kSync:
        return Settle(log.Sync().ok());
      case OpKind::kTruncate:
        return Truncate(log, op.n);
      case OpKind::kHardState:
        return SetHardState(log, op.n);
      case OpKind::kCompact:
        return Compact(log, op.n);
      case OpKind::kReset:
        return Reset(log, op.n);
      default:
        return true;
    }
  }

  // After a restart: empty when `log` shows one of the states that it may show, and then that is
  // the only one from here on.
  std::string Settled(LogStorage& log) {
    std::string why;
    for (size_t i = states_.size(); i-- > durable_;) {
      const std::string difference = states_[i].Difference(log);
      if (difference.empty()) {
        states_ = {LogState(states_[i])};
        durable_ = 0;
        return "";
      }
      why += absl::StrFormat("[%d: %s] ", i, difference);
    }
    return why;
  }

 private:
  LogState& Change() {
    states_.push_back(states_.back());
    return states_.back();
  }
  bool Settle(bool ok) {
    if (ok) durable_ = states_.size() - 1;
    return ok;
  }

  bool Append(LogStorage& log, uint64_t n) {
    LogState& state = Change();
    const uint64_t count = 1 + n % 5;
    const Term term(std::max<uint64_t>(state.last_term().value(), 1) + (n % 7 == 0 ? 1 : 0));
    // Different content each time an index is written, so that nothing old passes for new.
    std::vector<LogEntry> entries = EntriesFrom(state.last() + 1, count, term.value(), n % 900);
    for (LogEntry& entry : entries) entry.command += absl::StrFormat("#%d", ++serial_);
    state.entries.insert(state.entries.end(), entries.begin(), entries.end());
    return log.AppendBatch(entries).ok();
  }
  bool Truncate(LogStorage& log, uint64_t n) {
    const LogState& before = now();
    const uint64_t first = log.first_index().value();
    const uint64_t from = std::max(first, before.last() + 1 - std::min(before.last(), n % 6));
    LogState& state = Change();
    state.entries.resize(std::min(state.entries.size(), from - state.base - 1));
    return log.Truncate(LogIndex(from)).ok();
  }
  bool SetHardState(LogStorage& log, uint64_t n) {
    LogState& state = Change();
    state.hard_state.term = state.hard_state.term + n % 2;
    state.hard_state.voted_for = n;
    return log.SetHardState(state.hard_state).ok();
  }
  bool Compact(LogStorage& log, uint64_t n) {
    // It syncs first; what it removes may or may not be gone after a crash.
    const uint64_t through = now().last() - std::min(now().last(), n % 12);
    for (LogState& state : states_) {
      state.compacted = std::max(state.compacted, std::min(through, state.last()));
    }
    return Settle(log.Compact(LogIndex(through)).ok());
  }
  bool Reset(LogStorage& log, uint64_t n) {
    LogState state;
    state.base = state.compacted = now().last() + n % 50;
    state.base_term = now().last_term() + 1;
    state.hard_state = now().hard_state;
    states_.push_back(state);
    return Settle(log.Reset(LogIndex(state.base), state.base_term).ok());
  }

  std::vector<LogState> states_;
  size_t durable_ = 0;
  uint64_t serial_ = 0;
};

}  // namespace wt::test

#endif  // WAVETANK_TESTS_LOG_LOG_MODEL_H_
