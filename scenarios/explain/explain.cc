#include "scenarios/explain/explain.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "scenarios/explain/chain.h"
#include "scenarios/explain/curve.h"
#include "scenarios/explain/parts.h"
#include "scenarios/explain/trials.h"
#include "scenarios/explain/windows.h"

namespace wt::scenarios {
namespace {

// How often a question is asked: enough that of the plan as it is, a few runs fail.
constexpr uint64_t kTries[] = {8, 32, 128};
constexpr uint64_t kEnough = 4;
constexpr uint64_t kPartsWorthIt = 5;
// A plan of that many is taken for small.
constexpr size_t kFewFaults = 6;
constexpr size_t kFewChores = 6;
constexpr size_t kFewOperations = 40;
// Faults of which pairs are tried.
constexpr size_t kFaultsToPair = 8;

class Explainer {
 public:
  Explainer(Trials& trials, Explanation& explanation)
      : trials_(trials), explanation_(explanation) {}

  void Run();

 private:
  void MeasureAsItIs();
  // In the order of the list, until it is over.
  void LeaveOut(std::vector<LeftOut> parts);
  void LeaveOutPairs();
  void LeaveOutTheRest();
  Need NeedOf(const Share& without) const;

  Trials& trials_;
  Explanation& explanation_;
};

void Explainer::MeasureAsItIs() {
  trials_.Doing("as it is");
  for (uint64_t tries : kTries) {
    // The better answer is not worth all that is left: each part is to be left out as often.
    const bool has_one = !explanation_.as_it_is.none();
    if (has_one && trials_.runs_left() < tries * kPartsWorthIt) return;
    const std::optional<Share> share = trials_.WithSeeds(explanation_.plan, tries);
    if (!share) return;
    explanation_.as_it_is = *share;
    if (share->failed >= kEnough) return;
  }
}

Need Explainer::NeedOf(const Share& without) const {
  if (without.none()) return Need::kNecessary;
  return 2 * without.failed <= explanation_.as_it_is.failed ? Need::kHelps : Need::kNot;
}

void Explainer::LeaveOut(std::vector<LeftOut> parts) {
  for (LeftOut& one : parts) {
    const std::optional<Share> share = trials_.WithSeeds(one.without, explanation_.as_it_is.runs);
    if (!share) return;
    one.part.without = *share;
    one.part.need = NeedOf(*share);
    explanation_.parts.push_back(std::move(one.part));
  }
}

// Where each fault can be done without, two of them may do the same.
void Explainer::LeaveOutPairs() {
  const std::vector<Part>& parts = explanation_.parts;
  const bool one_is = std::any_of(parts.begin(), parts.end(),
                                  [](const Part& part) { return part.need != Need::kNot; });
  const size_t faults = explanation_.plan.faults.size();
  if (one_is || faults < 2 || faults > kFaultsToPair) return;
  LeaveOut(PairsOfFaults(explanation_.plan));
  std::erase_if(explanation_.parts,
                [](const Part& part) { return part.at.size() == 2 && part.need == Need::kNot; });
}

void Explainer::LeaveOutTheRest() {
  const Plan& plan = explanation_.plan;
  trials_.Doing("without one chore, operation, knob");
  LeaveOut(ChoresOf(plan));
  LeaveOut(OperationsOf(plan));
  explanation_.operations_left = plan.operations.size() > kMostOperations;
  LeaveOut(KnobsOf(plan, explanation_.record.invariant == "converges"));
}

void Explainer::Run() {
  if (trials_.over()) return;
  MeasureAsItIs();
  if (trials_.over()) return;
  trials_.Doing("without one fault");
  LeaveOut(FaultsOf(explanation_.plan));
  LeaveOutPairs();
  trials_.Doing("when it became inevitable");
  MeasureLikelihood(trials_, explanation_);
  trials_.Doing("when faults may come");
  MeasureWindows(trials_, explanation_);
  LeaveOutTheRest();
}

}  // namespace

bool IsSmall(const Plan& plan) {
  return plan.faults.size() <= kFewFaults && plan.chores.size() <= kFewChores &&
         plan.operations.size() <= kFewOperations;
}

absl::StatusOr<Explanation> Explain(const Tank& tank, const Plan& plan,
                                    const ExplainOptions& options) {
  Trials trials(tank, plan, options);
  absl::StatusOr<Run> run = trials.Begin();
  if (!run.ok()) return run.status();
  Explanation explanation;
  explanation.record = std::move(run->record);
  explanation.story = std::move(run->story);
  const bool fails = explanation.record.verdict == reports::Verdict::kFail;
  if (fails) trials.BePatient();
  explanation.plan = trials.plan();
  if (fails) Explainer(trials, explanation).Run();
  if (!trials.problem().ok()) return trials.problem();
  explanation.chain = fails ? ChainOf(explanation) : explanation.record.why;
  explanation.runs = trials.runs();
  explanation.end = fails ? trials.end() : ExplainEnd::kNothingToDo;
  return explanation;
}

}  // namespace wt::scenarios
