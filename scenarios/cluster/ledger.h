// The truth about a group: every entry that anybody ever appended, by (index, term); what each
// machine's log holds and has made durable, as its events tell it; and the sequence that is
// committed, with the state after each entry of it (the shadow).
//
// An entry knows the term of the one before it, so that (index, term) names a whole log: that is
// log matching, and whoever contradicts it is found when it appends.
#ifndef WAVETANK_SCENARIOS_CLUSTER_LEDGER_H_
#define WAVETANK_SCENARIOS_CLUSTER_LEDGER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/units.h"
#include "replicas/consensus/configuration.h"
#include "replicas/consensus/log_shape.h"
#include "scenarios/shadow.h"
#include "sim/host.h"

namespace wt::scenarios {

// "{1 2 4 | was 1 2 3, learning 5}", as Configuration::ToString writes it.
std::optional<Configuration> ParseConfiguration(std::string_view text);

// What every replica runs, fresh: the group's own state around the machine of the workload.
std::unique_ptr<StateMachine> NewGroupMachine();

// The log of one machine.
class MachineLog {
 public:
  LogIndex base() const { return base_; }
  LogIndex last() const { return base_ + terms_.size(); }
  LogIndex durable() const { return durable_; }
  LogEnd end() const { return EndAt(last()); }
  LogEnd durable_end() const { return EndAt(durable_); }
  // The term of an entry, or of base(). Nothing outside.
  std::optional<Term> TermAt(LogIndex index) const;

 private:
  friend class Ledger;
  LogEnd EndAt(LogIndex index) const;
  void Begin(LogEnd base);

  LogIndex base_;
  Term base_term_;
  std::vector<Term> terms_;  // of base_ + 1, ...
  LogIndex durable_;
  std::optional<LogEnd> removed_;      // the first entry that the latest override removed
  std::map<LogIndex, Term> promised_;  // every entry that it ever said was durable, the latest term
  Configuration members_;
  Configuration previous_members_;
  sim::SimTime members_since_{};
};

class Ledger {
 public:
  Ledger(uint32_t machines, Configuration members);

  void Register(const std::string& command) { shadow_.Register(command); }

  // ---- What events tell. `machine` counts from 1.

  MaybeViolation OnAppended(uint32_t machine, LogIndex index, Term term, WallTime timestamp,
                            uint64_t hash);
  // Entries up to `last` are durable.
  void OnSynced(uint32_t machine, LogIndex last);
  MaybeViolation OnOverridden(uint32_t machine, LogIndex from);
  MaybeViolation OnReset(uint32_t machine, LogIndex index, Term term);
  void OnCompacted(uint32_t machine, LogIndex through);
  // A snapshot of `index` is durable: whatever it covers is.
  void OnInstalled(uint32_t machine, LogIndex index);
  // A start found entries first .. last, the last of `term`. `honest`: its disk never lied, so that
  // everything durable must be there.
  MaybeViolation OnRecovered(uint32_t machine, LogIndex first, LogIndex last, Term term,
                             bool honest);
  // The machine begins with an empty log: its folders were set aside.
  void OnSetAside(uint32_t machine) { logs_[machine - 1].Begin({}); }
  void OnConfiguration(uint32_t machine, const Configuration& members, sim::SimTime at);
  // The primary of `term` says that entries up to `index` are committed: the one of its own term
  // there, and all before it. It may not have written it itself.
  MaybeViolation OnCommitted(uint32_t machine, LogIndex index, Term term);

  // ---- What is so.

  const MachineLog& log(uint32_t machine) const { return logs_[machine - 1]; }
  uint32_t machines() const { return static_cast<uint32_t>(logs_.size()); }
  const Configuration& members(uint32_t machine) const { return log(machine).members_; }
  // The members of whom a decision of this instant may have counted a majority: those in force, and
  // those that gave way at the same instant.
  std::vector<Configuration> DecidingMembers(uint32_t machine, sim::SimTime now) const;

  LogIndex committed() const { return LogIndex(committed_.size()); }
  std::optional<Term> CommittedTerm(LogIndex index) const;
  // Of the command. Requires: 1 <= index <= committed().
  uint64_t CommittedHash(LogIndex index) const;
  // Whether the log that ends so holds every committed entry.
  bool HoldsAllCommitted(LogEnd end) const;
  // Whether the entry is in the machine's log; what lies before its base is taken as committed.
  bool Holds(uint32_t machine, LogEnd entry) const;
  bool HoldsDurably(uint32_t machine, LogEnd entry) const;
  // Whether it ever said so, lost or not.
  bool Promised(uint32_t machine, LogEnd entry) const;
  // Of the voters of `members`, in both halves: as many as a decision needs satisfy `has`.
  static bool IsMajority(const Configuration& members, const std::function<bool(uint32_t)>& has);

  const Shadow& shadow() const { return shadow_; }
  std::string Describe(LogIndex index) const { return shadow_.Describe(index); }
  uint64_t entries() const { return count_; }

 private:
  struct Entry {
    Term term;
    Term previous;  // of the entry before it
    WallTime timestamp;
    uint64_t hash = 0;
  };

  const Entry* Find(LogIndex index, Term term) const;
  MaybeViolation CheckRemoval(uint32_t machine, LogIndex from) const;
  bool Contains(LogEnd end, LogIndex index, Term term) const;

  std::vector<MachineLog> logs_;
  std::vector<std::vector<Entry>> entries_;  // by index - 1
  std::vector<Term> committed_;              // entry i is at i - 1
  Shadow shadow_;
  uint64_t count_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_LEDGER_H_
