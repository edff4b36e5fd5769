#include "scenarios/explain/trials.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "scenarios/shrink/shrink.h"

namespace wt::scenarios {

Trials::Trials(const Tank& tank, const Plan& plan, const ExplainOptions& options)
    : tank_(tank), options_(options), pool_(tank, options.pool), plan_(plan) {
  WT_CHECK(options.runs > 0);
}

absl::StatusOr<Run> Trials::Begin() {
  absl::StatusOr<Run> run = pool_.RunOne(plan_, {.story = true, .routine = true});
  if (!run.ok()) return run;
  ++runs_;
  wanted_ = run->record;
  return run;
}

Duration Trials::LongestStorm() const {
  const Scenario* const scenario = FindIn(tank_.scenarios, plan_.scenario);
  return scenario == nullptr ? plan_.storm : std::max(plan_.storm, scenario->storm);
}

void Trials::BePatient() {
  const Scenario* const scenario = FindIn(tank_.scenarios, plan_.scenario);
  if (scenario == nullptr || scenario->calm <= plan_.calm || runs_ >= options_.runs) return;
  Plan patient = plan_;
  patient.calm = scenario->calm;
  const absl::StatusOr<Run> run = pool_.RunOne(patient, {});
  if (!run.ok()) return EndFor(run.status());
  ++runs_;
  if (run->record.digest == wanted_.digest && SameFailure(run->record, wanted_)) {
    plan_ = std::move(patient);
  }
}

uint64_t Trials::OtherSeed(uint64_t index) const {
  return index + (index + 1 >= plan_.seed && plan_.seed > 0 ? 2 : 1);
}

std::optional<Share> Trials::WithSeeds(const Plan& plan, uint64_t tries, uint64_t first) {
  const auto plan_at = [&](size_t index) {
    Plan other = plan;
    if (first + index > 0) other.seed = OtherSeed(first + index - 1);
    return other;
  };
  return Count(tries, plan_at, [](size_t) { return ExecuteOptions{}; });
}

std::optional<Share> Trials::ReseededAt(uint64_t record, uint64_t tries) {
  WT_CHECK(record > 0);
  return Count(
      tries, [&](size_t) { return plan_; },
      [&](size_t index) {
        return ExecuteOptions{.reseed = {.record = record, .seed = OtherSeed(index)}};
      });
}

std::optional<Share> Trials::Count(uint64_t tries, const PlanPool::PlanAt& plan_at,
                                   const PlanPool::OptionsAt& options_at) {
  WT_CHECK(tries > 0);
  if (over()) return std::nullopt;
  if (runs_ + tries > options_.runs) {
    end_ = ExplainEnd::kBudget;
    return std::nullopt;
  }
  Share share;
  const absl::Status status = pool_.InOrder(tries, plan_at, options_at, [&](size_t, Run run) {
    ++share.runs;
    share.failed += SameFailure(run.record, wanted_) ? 1 : 0;
    return true;
  });
  runs_ += share.runs;
  if (options_.on_progress) options_.on_progress(runs_, doing_);
  if (status.ok()) return share;
  EndFor(status);
  return std::nullopt;
}

void Trials::EndFor(const absl::Status& status) {
  WT_CHECK(!status.ok());
  const bool late = status.code() == absl::StatusCode::kDeadlineExceeded;
  end_ = late ? ExplainEnd::kTime : ExplainEnd::kInterrupted;
  if (!late && status.code() != absl::StatusCode::kAborted) problem_ = status;
}

}  // namespace wt::scenarios
