// What must hold of a group at every moment, watched from outside: from what its members write,
// send, commit and answer. A violation is a line of text; the first one is kept.
#ifndef WAVETANK_TESTS_CONSENSUS_LEDGER_H_
#define WAVETANK_TESTS_CONSENSUS_LEDGER_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "engine/base/units.h"
#include "replicas/consensus/consensus.h"

namespace wt::testing {

class Ledger {
 public:
  // `node` has `entry` in its log, behind an entry of `prev_term`. log-matching.
  void Entry(NodeId node, const LogEntry& entry, Term prev_term);
  // state-machine-safety, acked-writes-survive. Returns whether it is news.
  bool Committed(NodeId node, LogIndex index, Term term);
  // index-order.
  void CommitMoved(NodeId node, LogIndex from, LogIndex to);
  // A message leaves. election-safety: `life` is what remembers the vote: 0 for an honest disk, for
  // ever; the session for one that may lie.
  void Released(const ReplicaMessage& message, uint64_t life);
  // election-safety, leader-completeness.
  void Primary(NodeId node, Term term, uint64_t session, const LogShape& log);
  // linearizable.
  void ReadAnswered(NodeId node, LogIndex index, LogIndex committed_when_asked);

  LogIndex highest() const { return committed_.empty() ? LogIndex(0) : committed_.rbegin()->first; }
  const std::map<LogIndex, Term>& committed() const { return committed_; }
  uint64_t primaries() const { return primaries_.size(); }
  bool ok() const { return violation_.empty(); }
  const std::string& violation() const { return violation_; }
  void Fail(std::string what) {
    if (violation_.empty()) violation_ = std::move(what);
  }

 private:
  void Voted(NodeId voter, uint64_t life, Term term, NodeId candidate);

  struct Known {
    Term prev_term;
    LogEntry entry;
  };
  std::map<std::pair<LogIndex, Term>, Known> entries_;
  std::map<LogIndex, Term> committed_;
  std::map<std::tuple<NodeId, uint64_t, Term>, NodeId> votes_;
  std::map<Term, std::pair<NodeId, uint64_t>> primaries_;
  std::string violation_;
};

}  // namespace wt::testing

#endif  // WAVETANK_TESTS_CONSENSUS_LEDGER_H_
