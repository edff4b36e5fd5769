// One node that decides alone: what is durable is committed. Many proposers share one sync.
//
//   WT_ASSIGN_OR_RETURN(auto node, Standalone::Open(env, options, machine));
//   WT_ASSIGN_OR_RETURN(Committed done, node->Propose(command));   // durable and applied
//
// Each opening is a term of its own, so that an entry lost with an unsynced tail and another one
// written later at its index never share (index, term).
#ifndef WAVETANK_ENGINE_STANDALONE_H_
#define WAVETANK_ENGINE_STANDALONE_H_

#include <map>
#include <memory>
#include <string>

#include "engine/engine.h"

namespace wt {

struct Committed {
  LogIndex index;
  Term term;
  std::string result;  // the state machine's, encoded
};

class Standalone {
 public:
  // Errors: as Engine::Open.
  static absl::StatusOr<std::unique_ptr<Standalone>> Open(Env env, EngineOptions options,
                                                          StateMachine& machine);

  // Appends, syncs, applies, and returns the command's result. Suspends.
  // Errors: Unavailable = the outcome is unknown, it may have happened or may yet;
  //   every other code = it has not happened and will not: InvalidArgument, ResourceExhausted
  //   (no room now), FailedPrecondition (stopped or closed).
  absl::StatusOr<Committed> Propose(std::string command);

  // See Engine::Query: linearizable, since every acknowledged command is applied. Suspends.
  absl::StatusOr<ReadResult> Query(std::string_view command) { return engine_->Query(command); }

  Engine& engine() { return *engine_; }
  Term term() const { return term_; }
  absl::Status Close() { return engine_->Close(); }

 private:
  struct Outcome {
    bool known = false;
    std::string result;
  };

  explicit Standalone(Env env) : env_(env), order_mu_(env.tasks), outcomes_mu_(env.tasks) {}
  absl::Status BeginTerm();
  absl::StatusOr<LogEntry> AppendNext(std::string command, std::shared_ptr<Outcome> outcome);
  absl::Status MakeDurableAndApply();
  void OnApplied(LogIndex index, std::string result);
  void Forget(LogIndex index);

  Env env_;
  Term term_;
  Mutex order_mu_;  // index assigned and appended in one step; before outcomes_mu_
  Mutex outcomes_mu_;
  std::map<LogIndex, std::shared_ptr<Outcome>> outcomes_ ABSL_GUARDED_BY(outcomes_mu_);
  std::unique_ptr<Engine> engine_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STANDALONE_H_
