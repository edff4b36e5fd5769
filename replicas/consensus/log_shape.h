// What consensus must know of a log: where it begins and ends, and the term at each index. Terms
// change rarely, so a run of equal terms is one element: a log of millions of entries takes a few
// words. The entries themselves never pass through here.
#ifndef WAVETANK_REPLICAS_CONSENSUS_LOG_SHAPE_H_
#define WAVETANK_REPLICAS_CONSENSUS_LOG_SHAPE_H_

#include <optional>
#include <vector>

#include "engine/base/units.h"

namespace wt {

// The last entry of a log, and how logs compare: the later term, then the longer one, is the more
// up to date (Raft, 5.4.1).
struct LogEnd {
  Term term;
  LogIndex index;
  auto operator<=>(const LogEnd&) const = default;
};

class LogShape {
 public:
  // An empty log behind (index, term): (0, 0), or what a snapshot ends with.
  explicit LogShape(LogEnd base = {}) : base_(base), last_(base.index) {}

  LogIndex first() const { return base_.index + 1; }
  LogIndex last() const { return last_; }
  LogEnd end() const { return {LastTerm(), last_}; }
  LogEnd base() const { return base_; }

  // Requires: index == last() + 1, term >= the last term.
  void Append(LogIndex index, Term term);
  // Requires: from >= first().
  void Truncate(LogIndex from);
  // Entries up to `through` are gone from the log. Requires: through <= last().
  void Compact(LogIndex through);
  // Empty, behind `base`.
  void Reset(LogEnd base);

  // Of an entry, or of first() - 1. Nothing outside.
  std::optional<Term> TermAt(LogIndex index) const;
  Term LastTerm() const;
  // The first index of the run of equal terms that holds `index`. Requires: TermAt(index).
  LogIndex StartOfRun(LogIndex index) const;
  // The largest index <= `index` whose term is <= `term`; first() - 1 when there is none.
  LogIndex LastAtOrBelow(LogIndex index, Term term) const;

 private:
  struct Run {
    LogIndex first;
    Term term;
  };
  LogEnd base_;
  LogIndex last_;
  std::vector<Run> runs_;  // ascending
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_CONSENSUS_LOG_SHAPE_H_
