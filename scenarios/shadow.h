// The truth about one log: every entry that was ever appended, by (index, term); which of them are
// live; and the state after each of them, replayed from entry 1 on a state machine of its own and
// on the model. What the engine does is compared with this, index by index.
#ifndef WAVETANK_SCENARIOS_SHADOW_H_
#define WAVETANK_SCENARIOS_SHADOW_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/state/state_machine.h"
#include "scenarios/model.h"

namespace wt::scenarios {

// A difference: which invariant, and one sentence.
struct Violation {
  std::string invariant;
  std::string message;
};
using MaybeViolation = std::optional<Violation>;

class Shadow {
 public:
  // What the engine runs; a fresh one at each call.
  using MakeMachine = std::function<std::unique_ptr<StateMachine>()>;

  Shadow();
  explicit Shadow(MakeMachine make);

  // Makes the command known before it is proposed, so that log.appended (which has only its hash)
  // can be understood.
  void Register(const std::string& command) { Register(EntryType::kCommand, command); }
  void Register(EntryType type, const std::string& command);
  // An entry whose bytes hash to `hash` does what `command` does: for logs that hold it otherwise.
  void RegisterAs(uint64_t hash, const std::string& command);
  bool IsKnown(uint64_t hash) const { return commands_.contains(hash); }

  // The events of the engine.
  MaybeViolation OnAppended(LogIndex index, Term term, WallTime timestamp, uint64_t command_hash);
  MaybeViolation OnApplied(LogIndex index, Term term, uint64_t result_hash, uint64_t digest);

  // Applies what is live up to `index`, for who knows that it is committed.
  // Requires: index <= last().
  MaybeViolation ApplyThrough(LogIndex index);

  // After a restart the log ends with `last`: what was behind it is no more.
  void OnRecovered(LogIndex last);

  // The log lost entries that the ledger forgives: go on from `last`.
  void Rewind(LogIndex last);

  // An older disk took the place of this log's: what is behind `last` may be written again with
  // the same index and term.
  void ForgetFuture(LogIndex last);

  LogIndex last() const { return LogIndex(live_.size()); }
  LogIndex applied() const { return model_.last(); }
  // Of the state after `index`; `index` must have been applied.
  std::optional<uint64_t> DigestAt(LogIndex index) const;
  // What the proposer of `index` must be told, encoded; empty when it was not applied.
  std::string_view ResultAt(LogIndex index) const;
  const Model& model() const { return model_; }
  // Whether entry `index`, applied or not, has an operation that gives `key` this value.
  bool Writes(LogIndex index, std::string_view key, const std::optional<std::string>& value) const;
  // "SET k017=c3.12" and the like; for messages.
  std::string Describe(LogIndex index) const;
  // Entry `index` is for the state machine. Others open a term (nobody registers these) or name the
  // members.
  bool IsCommand(LogIndex index) const;

  // Replays the whole applied log on a fresh machine, each entry applied to two copies: results and
  // states must be equal, and equal to what the engine did.
  MaybeViolation ReplayAll() const;

 private:
  struct Live {
    Term term;
    WallTime timestamp;
    uint64_t hash = 0;
  };
  struct After {
    uint64_t digest = 0;
    std::string result;
  };

  LogEntry EntryAt(LogIndex index) const;
  MaybeViolation ApplyNext();

  struct Known {
    EntryType type = EntryType::kNoop;
    std::string command;
  };

  MakeMachine make_;
  std::map<uint64_t, Known> commands_;                    // by hash
  std::map<std::pair<LogIndex, Term>, uint64_t> ledger_;  // every entry ever, its hash
  std::vector<Live> live_;                                // entry i is at i - 1
  std::vector<After> after_;                              // the same, for applied entries
  std::unique_ptr<StateMachine> machine_;
  Model model_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_SHADOW_H_
