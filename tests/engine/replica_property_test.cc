// Any history of what a replica asks of its engine (append, truncate, vote, commit, snapshot,
// install, restart, crash) against a model: a list of the logs that may be there after a crash, the
// last of which is there now. The state is always that of the committed prefix.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/simulator.h"
#include "tests/engine/replica_bench.h"
#include "tests/support/memory_env.h"

namespace wt::test {
namespace {

struct Step {
  int kind = 0;
  uint64_t n = 0;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << step.kind << "/" << step.n;
}

// A log from entry 1 on, also where a snapshot took the place of its beginning.
struct LogNow {
  std::vector<LogEntry> entries;
  Term term;
  uint64_t vote = 0;

  uint64_t last() const { return entries.size(); }
  bool LeadsTo(const std::vector<LogEntry>& history) const {
    return last() >= history.size() && entries[history.size() - 1].term == history.back().term;
  }
};

class History {
 public:
  void Run(const std::vector<Step>& steps) {
    for (size_t i = 0; i < steps.size();) i = Live(steps, i);
    Live({}, 0);  // what is there at the end is there again
  }

 private:
  LogNow& now() { return logs_.back(); }
  LogNow& Change() {
    logs_.push_back(logs_.back());
    return logs_.back();
  }
  void Settle() { logs_.erase(logs_.begin(), logs_.end() - 1); }

  // One life, up to a restart or the end. Returns the step to go on with.
  size_t Live(const std::vector<Step>& steps, size_t i) {
    sim::Simulator sim({.seed = 5});
    std::string wrong;
    const sim::RunEnd end = sim.Run([&] {
      const Env env{parts_.clock,   sim.tasks(),   parts_.disk,
                    parts_.network, parts_.events, parts_.random};
      EngineOptions options = ReplicaOptions();
      options.log.segment_bytes = 8 * kKiB;
      absl::StatusOr<std::unique_ptr<Replica>> replica = Replica::Open(env, options);
      if (!replica.ok()) {
        wrong = "open: " + MessageOf(replica.status());
        return;
      }
      wrong = Recognise(**replica);
      for (; wrong.empty() && i < steps.size() && steps[i].kind < 10; ++i) {
        wrong = Do(**replica, steps[i]);
        if (wrong.empty()) wrong = Check(**replica);
      }
      if (i == steps.size() || steps[i].n % 3 == 0) {
        if (!(**replica)->Close().ok() && wrong.empty()) wrong = "close";
        if (wrong.empty()) Settle();
      } else {
        parts_.disk.DieAt(1);  // before the engine is let go of, which would close it
      }
    });
    RC_ASSERT(end.kind == sim::RunEnd::Kind::kFinished);
    if (!wrong.empty()) RC_FAIL(wrong);
    if (i < steps.size()) {
      const CrashKind kinds[] = {CrashKind::kKill, CrashKind::kLoseUnsynced, CrashKind::kMixed};
      parts_.disk.Crash(kinds[steps[i].n % 3], steps[i].n);
    }
    return i + 1;
  }

  // After an open: which of the logs that may be there is it?
  std::string Recognise(Replica& replica) {
    if (!replica->AwaitBarrier().ok()) return "barrier";
    for (size_t i = logs_.size(); i-- > 0;) {
      const HardState hard = replica->hard_state();
      if (hard.term != logs_[i].term || hard.voted_for != logs_[i].vote) continue;
      if (!Difference(replica, logs_[i]).empty()) continue;
      logs_ = {LogNow(logs_[i])};
      commit_ = replica->commit_index().value();
      if (commit_ < floor_) return "less is committed than a snapshot covers";
      return Check(replica);
    }
    return absl::StrFormat("none of %d logs: last %d, term %d; newest: %s", logs_.size(),
                           replica->last_log_index().value(), replica->hard_state().term.value(),
                           Difference(replica, now()));
  }

  static std::string Difference(Replica& replica, const LogNow& want) {
    const uint64_t first = replica->log().first_index().value();
    const uint64_t last = replica->last_log_index().value();
    if (last != want.last()) return absl::StrFormat("last %d, want %d", last, want.last());
    if (last > 0 && *replica->log().TermAt(LogIndex(last)) != want.entries.back().term)
      return "term";
    for (uint64_t i = first; i <= last; ++i) {
      if (*replica->log().Get(LogIndex(i)) != want.entries[i - 1]) return "entry";
    }
    return {};
  }

  std::string Check(Replica& replica) {
    if (std::string difference = Difference(replica, now()); !difference.empty()) return difference;
    if (replica->commit_index() != LogIndex(commit_)) return "commit index";
    if (replica->last_applied() > replica->commit_index()) return "applied";
    if (!replica->ApplyCommitted().ok()) return "apply";
    if (replica->last_applied() != LogIndex(commit_)) return "applied less";
    if (commit_ > 0 && replica->state_digest() != StateAfter(Prefix(commit_)).digest)
      return "state";
    return {};
  }

  std::vector<LogEntry> Prefix(uint64_t last) {
    return {now().entries.begin(), now().entries.begin() + static_cast<ptrdiff_t>(last)};
  }

  std::vector<LogEntry> Fresh(uint64_t from, uint64_t count) {
    std::vector<LogEntry> entries;
    for (uint64_t i = 0; i < count; ++i) {
      entries.push_back(PutAt(from + i, now().term.value(), (++serial_ * 37) % 700));
    }
    return entries;
  }

  std::string Do(Replica& replica, const Step& step) {
    switch (step.kind) {
      case 0:
      case 1:
      case 2: {
        const std::vector<LogEntry> entries = Fresh(now().last() + 1, 1 + step.n % 6);
        Change().entries.insert(now().entries.end(), entries.begin(), entries.end());
        return replica.Append(entries).ok() ? "" : "append";
      }
      case 3: {
        const uint64_t from = commit_ + 1 + step.n % (now().last() - commit_ + 1);
        // What comes next at these indices has a later term, as in any replica.
        if (std::string voted = Vote(replica, step.n); !voted.empty()) return voted;
        if (from <= now().last()) Change().entries.resize(from - 1);
        return replica->Truncate(LogIndex(from)).ok() ? "" : "truncate";
      }
      case 4:
        return Vote(replica, step.n);
      case 5:
        if (!replica->Sync().ok()) return "sync";
        Settle();
        return {};
      case 6:
        commit_ += step.n % (now().last() - commit_ + 1);
        replica->AdvanceCommit(LogIndex(commit_));
        return {};
      case 7:
        if (!replica->Sync().ok() || !replica->TakeSnapshot().ok()) return "snapshot";
        Settle();
        floor_ = commit_;
        return {};
      case 8:
        return Install(replica, Prefix(commit_ + step.n % (now().last() - commit_ + 1)));
      default: {
        std::vector<LogEntry> history = Prefix(commit_);
        if (std::string voted = Vote(replica, step.n); !voted.empty()) return voted;
        for (const LogEntry& entry : Fresh(commit_ + 1, step.n % 9)) history.push_back(entry);
        return Install(replica, history);
      }
    }
  }

  std::string Vote(Replica& replica, uint64_t n) {
    LogNow& log = Change();
    log.term = log.term + 1;
    log.vote = n % 4;
    return replica->SetVote(log.term, log.vote).ok() ? "" : "vote";
  }

  // Durable at once; with it, every log that does not lead there begins anew behind it.
  std::string Install(Replica& replica, const std::vector<LogEntry>& history) {
    if (history.empty()) return {};
    const bool is_ahead = history.size() > replica->last_applied().value();
    if (!replica.Install(StateAfter(history)).ok()) return "install";
    if (!is_ahead) return {};
    const bool resets = !now().LeadsTo(history);
    for (LogNow& log : logs_) {
      if (!log.LeadsTo(history)) log.entries = history;
    }
    if (resets) Settle();  // the new segment says the hard state too
    commit_ = std::max<uint64_t>(commit_, history.size());
    floor_ = history.size();
    return {};
  }

  MemoryEnv parts_;
  std::vector<LogNow> logs_ = std::vector<LogNow>(1);
  uint64_t commit_ = 0;
  uint64_t floor_ = 0;  // of commit_, by snapshots
  uint64_t serial_ = 0;
};

RC_GTEST_PROP(ReplicaPropertyTest, AnyHistoryLeavesAPrefixAndItsState, ()) {
  const auto steps = *rc::gen::container<std::vector<Step>>(
      rc::gen::build<Step>(rc::gen::set(&Step::kind, rc::gen::inRange(0, 12)),
                           rc::gen::set(&Step::n, rc::gen::inRange<uint64_t>(0, 1000))));
  // A vote comes first, so that the first entries have a term.
  std::vector<Step> all = {{.kind = 4, .n = 1}};
  all.insert(all.end(), steps.begin(), steps.end());
  History().Run(all);
}

}  // namespace
}  // namespace wt::test
