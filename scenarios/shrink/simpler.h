// What can be made simpler in a plan without anything being left out of it: knobs at their
// plainest, values and times that are small and round, faults that are shorter and weaker. Each
// edit goes one way only, so that they come to an end.
#ifndef WAVETANK_SCENARIOS_SHRINK_SIMPLER_H_
#define WAVETANK_SCENARIOS_SHRINK_SIMPLER_H_

#include <string>
#include <vector>

#include "engine/base/units.h"
#include "scenarios/plan.h"
#include "scenarios/shrink/edits.h"

namespace wt::scenarios {

// How patient the replicas are. A failure to come to rest is about that: it must stay then, or any
// plan would fail.
enum class Pace { kMayChange, kMustStay };

// First all knobs at once, then one by one. The first few make runs alike: no draws of rare paths,
// no schedule but the turn of each, no losses of messages.
std::vector<Edit> KnobEdits(const Plan& plan, Pace pace);
// The names of those that are not as plain as they could be: "compress", "database.cache_bytes".
std::vector<std::string> KnobsOfNote(const Plan& plan);

// A plan with one of those at its plainest. What belongs to it may be of note then: a depth of a
// schedule that is none any more.
struct PlainKnob {
  std::string name;
  Plan plan;
};
std::vector<PlainKnob> WithOneKnobPlain(const Plan& plan, Pace pace);

std::vector<Edit> OperationEdits(const Plan& plan);
std::vector<Edit> FaultEdits(const Plan& plan);
std::vector<Edit> ChoreEdits(const Plan& plan);
// The calm stays as it was: in none, nobody converges, and the plan would fail for ever.
std::vector<Edit> TimeEdits(const Plan& plan);

// Shorter and rounder, the shortest first: of 237.4ms it is 0, 1ms, 10ms, 100ms, 200ms, 230ms,
// 237ms.
std::vector<Duration> RounderThan(Duration duration);
std::vector<uint64_t> RounderThan(uint64_t amount);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_SHRINK_SIMPLER_H_
