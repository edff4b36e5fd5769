// Plans with less in them. Every edit is a pure function of a plan, and gives back a plan that can
// be read again when the one given can; where there is nothing to be done, the same plan.
#ifndef WAVETANK_SCENARIOS_SHRINK_EDITS_H_
#define WAVETANK_SCENARIOS_SHRINK_EDITS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "engine/base/units.h"
#include "scenarios/plan.h"

namespace wt::scenarios {

using Edit = std::function<Plan(const Plan&)>;

// Without those of [begin, end). Whatever a client does afterwards stays where it was in time: who
// comes next of that client thinks for as much longer.
Plan WithoutOperations(const Plan& plan, size_t begin, size_t end);
Plan WithoutClient(const Plan& plan, uint32_t client);
Plan WithoutFaults(const Plan& plan, size_t begin, size_t end);
Plan WithoutChores(const Plan& plan, size_t begin, size_t end);

// Without these machines (from 1), whatever they were; the others close ranks. What was to happen
// to one of them is left out. With fewer than three voters left, so are all harmful faults: such a
// group owes nothing to who harms one of its disks. Requires: plan.group, and a voter that stays.
Plan WithoutMachines(const Plan& plan, const std::set<uint32_t>& machines);
// Sets of machines whose absence leaves an odd number of voters: all learners, each of them, pairs
// of voters, or single ones when they are even. Nothing for a single machine.
std::vector<std::set<uint32_t>> MachinesToSpare(const Plan& plan);

// Without all that begins later than `at`; a storm that would go on is over then, too.
Plan CutAfter(const Plan& plan, Duration at);
// Everything so much sooner, as far as it can be.
Plan Earlier(const Plan& plan, Duration by);
// All faults so much later, or sooner when that is negative; the storm lasts for as much longer.
Plan WithFaultsShifted(const Plan& plan, Duration by);
// Everything in a `divisor`-th of the time. Requires: above zero.
Plan Faster(const Plan& plan, uint32_t divisor);

// Only the last `count` operations that begin by `at`, each by a client of its own, all of them
// `lead` before it.
Plan Bunched(const Plan& plan, size_t count, Duration at, Duration lead);
// One client does everything, in the order in which it would begin if answers took no time.
Plan WithOneClient(const Plan& plan);
// Clients 0, 1, ... and keys 0, 1, ... without gaps.
Plan Renumbered(const Plan& plan);

// When each operation begins, if answers took no time; in order of plan.operations.
std::vector<Duration> StartsOf(const Plan& plan);
// When the first of operations, faults and chores begins; zero when there is none.
Duration FirstStart(const Plan& plan);
// When the last of them begins, or ends if `with_faults_over`.
Duration LastStart(const Plan& plan, bool with_faults_over);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_SHRINK_EDITS_H_
