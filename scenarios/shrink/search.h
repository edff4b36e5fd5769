// The smallest plan so far, and the trying of edits on it: several at once, the first in order that
// keeps the failure is taken.
#ifndef WAVETANK_SCENARIOS_SHRINK_SEARCH_H_
#define WAVETANK_SCENARIOS_SHRINK_SEARCH_H_

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "scenarios/campaign/plan_pool.h"
#include "scenarios/shrink/edits.h"
#include "scenarios/shrink/shrink.h"

namespace wt::scenarios {

class Search {
 public:
  Search(const Tank& tank, const Plan& plan, const ShrinkOptions& options);

  // Runs the plan as it was given. Errors: those of PlanPool.
  absl::Status Begin();
  bool fails() const { return first_.verdict == reports::Verdict::kFail; }

  // The first of the edits from `from` on that keeps the failure is applied, and its position given
  // back. Edits that change nothing, or lead to a plan that was tried before, cost no run.
  std::optional<size_t> TakeFirst(std::span<const Edit> edits, size_t from = 0);
  // Goes through all of them once, and takes each that keeps the failure.
  void TakeAll(std::span<const Edit> edits);

  const Plan& plan() const { return plan_; }
  const reports::RunRecord& record() const { return record_; }
  const reports::RunRecord& first_record() const { return first_; }
  uint64_t runs() const { return runs_; }
  uint64_t taken() const { return taken_; }  // edits
  bool over() const { return end_.has_value(); }
  ShrinkEnd end() const { return end_.value_or(ShrinkEnd::kMinimal); }
  // Unavailable, when that is why it is over.
  const absl::Status& problem() const { return problem_; }

 private:
  struct Attempt {
    size_t edit = 0;
    Plan plan;
    uint64_t key = 0;  // of the plan
  };

  // The next attempts from edit `*next` on, as many as are worth handing out at once.
  std::vector<Attempt> NextAttempts(std::span<const Edit> edits, size_t* next) const;
  void EndFor(const absl::Status& status);
  void Tell() const;

  const Tank& tank_;
  const ShrinkOptions& options_;
  PlanPool pool_;
  Plan plan_;
  reports::RunRecord record_;
  reports::RunRecord first_;
  std::set<uint64_t> tried_;  // keys of plans
  uint64_t runs_ = 0;
  uint64_t taken_ = 0;
  std::optional<ShrinkEnd> end_;
  absl::Status problem_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_SHRINK_SEARCH_H_
