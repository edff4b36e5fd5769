// Proves that an aim hits: the plan of a seed is what it draws and a few faults more, of the kind
// and at moments of the phase that was aimed at, on machines that its faults may strike.
#include "scenarios/aim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/catalog.h"
#include "scenarios/circumstances.h"
#include "scenarios/execute.h"
#include "scenarios/matrix_axes.h"

namespace wt::scenarios {
namespace {

using ::testing::IsSupersetOf;

Scenario Aimed(std::string_view name, FaultKind fault, Phase phase) {
  const Scenario* found = FindScenario(name);
  WT_CHECK(found != nullptr);
  Scenario scenario = *found;
  scenario.aim = Aim{.fault = fault, .phase = phase};
  return scenario;
}

// Those of the second that the first has not.
std::vector<faults::Fault> Added(const Plan& plain, const Plan& aimed) {
  std::vector<faults::Fault> added;
  for (const faults::Fault& fault : aimed.faults) {
    if (std::ranges::find(plain.faults, fault) == plain.faults.end()) added.push_back(fault);
  }
  return added;
}

TEST(AimTest, TheFirstFaultHitsThePhaseAsItTookPlace) {
  const Scenario scenario = Aimed("torn-tail", FaultKind::kPowerLoss, Phase::kRoll);
  int hits = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const Plan plain = DrawPlan(scenario, seed);
    const Plan aimed = PlanOf(scenario, seed);
    const std::vector<Moment> moments = Execute(plain, {}).moments;
    const std::vector<faults::Fault> added = Added(plain, aimed);
    EXPECT_THAT(aimed.faults, IsSupersetOf(plain.faults));
    EXPECT_LE(added.size(), 3u);
    if (added.empty()) continue;
    const faults::Fault& first = added.front();
    EXPECT_EQ(first.kind, FaultKind::kPowerLoss);
    EXPECT_EQ(first.aim, Duration(0));
    hits += std::ranges::any_of(moments, [&](const Moment& moment) {
      return moment.phase == Phase::kRoll && moment.from <= first.at && first.at <= moment.to;
    });
    EXPECT_EQ(aimed, PlanOf(scenario, seed)) << "the same seed, the same plan";
  }
  EXPECT_GE(hits, 8);
}

TEST(AimTest, WithoutThePhaseNothingIsAdded) {
  const Scenario scenario = Aimed("torn-tail", FaultKind::kPowerLoss, Phase::kElection);
  EXPECT_EQ(PlanOf(scenario, 1), DrawPlan(scenario, 1));
}

TEST(AimTest, HarmStaysWithTheVictims) {
  const Scenario scenario = Aimed("replicated-everything", FaultKind::kBitRot, Phase::kRoll);
  int added = 0;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    const Plan plain = DrawPlan(scenario, seed);
    const Plan aimed = PlanOf(scenario, seed);
    const faults::Fleet fleet = FleetOf(scenario, aimed);
    const std::set<uint32_t> victims = VictimsOf(fleet, seed);
    for (const faults::Fault& fault : Added(plain, aimed)) {
      ++added;
      EXPECT_TRUE(BearsHarm(aimed, fleet));
      EXPECT_TRUE(victims.contains(fault.machine)) << "seed " << seed;
    }
  }
  EXPECT_GT(added, 10);
}

// How many of some seeds evaluated anything with that fault in that phase.
int Seen(const Scenario& scenario, const Aim& aim) {
  int seen = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Run run = Execute(scenario, seed, {});
    const size_t corner = ColumnOf(aim.fault) * kPhases + static_cast<size_t>(aim.phase);
    seen += std::ranges::any_of(run.record.matrix, [&](const auto& cell) {
      return cell.first % (MatrixColumns() * kPhases) == corner;
    });
  }
  return seen;
}

TEST(AimTest, AimedSeedsSeeWhatBlindOnesHardlyDo) {
  const std::tuple<const char*, FaultKind, Phase> corners[] = {
      {"everything", FaultKind::kKill, Phase::kSnapshot},
      {"everything", FaultKind::kFullDisk, Phase::kRoll},
      {"lsm-everything", FaultKind::kDropCache, Phase::kRecovery},
      {"replicated-everything", FaultKind::kPause, Phase::kElection},
  };
  for (const auto& [name, fault, phase] : corners) {
    const Scenario aimed = Aimed(name, fault, phase);
    EXPECT_GT(Seen(aimed, *aimed.aim), 3 * Seen(*FindScenario(name), *aimed.aim) / 2)
        << name << " " << faults::InfoOf(fault).name << "@"
        << kPhaseNames[static_cast<size_t>(phase)];
  }
}

}  // namespace
}  // namespace wt::scenarios
