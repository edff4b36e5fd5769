// Runs that ask one question: does it still fail? Several seeds a question, within a budget.
#ifndef WAVETANK_SCENARIOS_EXPLAIN_TRIALS_H_
#define WAVETANK_SCENARIOS_EXPLAIN_TRIALS_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "scenarios/campaign/plan_pool.h"
#include "scenarios/explain/explain.h"

namespace wt::scenarios {

class Trials {
 public:
  Trials(const Tank& tank, const Plan& plan, const ExplainOptions& options);

  // Runs the plan itself, with its whole story. Errors: those of PlanPool.
  absl::StatusOr<Run> Begin();

  // A calm that was made as short as the failure leaves no time to what goes otherwise, which would
  // then fail for that. From now on the explained plan has the calm of its scenario, as long as its
  // run stays the same to the last record.
  void BePatient();
  const Plan& plan() const { return plan_; }
  // How long the storm is that the plan was drawn from; no less than that of the plan.
  Duration LongestStorm() const;

  // `plan` with `tries` seeds, from number `first` on: its own, then 1, 2, ... without that.
  // Nothing when it is over before.
  std::optional<Share> WithSeeds(const Plan& plan, uint64_t tries, uint64_t first = 0);
  // The explained plan, as it was up to `record`, then with `tries` other seeds.
  std::optional<Share> ReseededAt(uint64_t record, uint64_t tries);

  // What is being asked, for who waits.
  void Doing(std::string_view what) { doing_ = what; }

  uint64_t runs() const { return runs_; }
  uint64_t runs_left() const { return options_.runs - runs_; }
  bool over() const { return end_.has_value(); }
  ExplainEnd end() const { return end_.value_or(ExplainEnd::kDone); }
  // Unavailable, when that is why it is over.
  const absl::Status& problem() const { return problem_; }

 private:
  std::optional<Share> Count(uint64_t tries, const PlanPool::PlanAt& plan_at,
                             const PlanPool::OptionsAt& options_at);
  // The `index`th seed that is not the plan's own: 1, 2, ...
  uint64_t OtherSeed(uint64_t index) const;
  void EndFor(const absl::Status& status);

  const Tank& tank_;
  const ExplainOptions& options_;
  PlanPool pool_;
  Plan plan_;
  reports::RunRecord wanted_;
  std::string_view doing_;
  uint64_t runs_ = 0;
  std::optional<ExplainEnd> end_;
  absl::Status problem_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_EXPLAIN_TRIALS_H_
