// Proves that the few steps that are shown are those that have to do with the failure: where the
// necessary faults begin, the deaths and recoveries of the machines concerned, the votes of the
// term in question; and not merely the last ones.
#include "scenarios/explain/chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;
using faults::FaultKind;
using reports::Step;
using testing::ElementsAre;

std::vector<std::string> WhatOf(const std::vector<Step>& chain) {
  std::vector<std::string> what;
  for (const Step& step : chain) what.push_back(step.what);
  return what;
}

Part Necessary(size_t fault) {
  return {.kind = PartKind::kFault, .at = {fault}, .need = Need::kNecessary};
}

TEST(ChainTest, FaultsAreMarkedWhereTheyBeginAndADeathWhereItIs) {
  Explanation explanation;
  explanation.record.message = "after n1 restarted, k017 (index 3) is missing";
  explanation.plan.faults = {{.kind = FaultKind::kLostSync, .at = 1s, .amount = 7},
                             {.kind = FaultKind::kPowerLoss, .at = 2s}};
  explanation.parts = {Necessary(0), Necessary(1)};
  explanation.story = {
      {0, "n1", "engine.opening", "", 5},
      {500'000, "n1", "fault: lost-fsync 1 syncs", "", 7},
      {1'000'000, "n1", "fault: lost-fsync 7 syncs", "", 10},
      {1'100'000, "n1", "log.synced segment 1 from 0 to 90 last_index 2", "", 14},
      {1'200'000, "n1", "log.synced segment 1 from 90 to 180 last_index 3", "", 20},
      {1'300'000, "n1", "snapshot.started index 2", "", 21},
      {2'000'000, "n1", "fault: power-loss", "", 30},
      {2'000'000, "n1", "power lost: 3 unsynced sectors and names", "", 30},
      {2'100'000, "n1", "engine.opening", "", 40},
      {2'200'000, "n1", "log.segment_created segment 2", "", 44},
      {2'300'000, "n1", "engine.recovered last_applied 2", "", 50},
      {2'300'000, "n1", "read.served last_applied 2", "", 52},
  };
  const std::vector<Step> chain = ChainOf(explanation);
  EXPECT_THAT(
      WhatOf(chain),
      ElementsAre("fault: lost-fsync 7 syncs", "log.synced segment 1 from 90 to 180 last_index 3",
                  "power lost: 3 unsynced sectors and names", "engine.recovered last_applied 2",
                  "read.served last_applied 2"));
  EXPECT_EQ(chain[0].note, "lost-fsync #1   NECESSARY");
  EXPECT_EQ(chain[1].note, "");
  EXPECT_EQ(chain[2].note, "power-loss #1   NECESSARY");
}

TEST(ChainTest, BothVotesOfTheTermAreShown) {
  Explanation explanation;
  explanation.record.message = "n2 voted for two in term 4";
  explanation.story = {
      {10, "n2", "vote.released term 3 candidate 1", "", 1},
      {20, "n2", "vote.released term 4 candidate 1", "", 2},
      {30, "n1", "primary.elected term 4", "", 3},
      {40, "n3", "log.segment_created segment 2", "", 4},
      {50, "n3", "log.synced last_index 9", "", 5},
      {60, "n3", "commit.advanced", "", 6},
      {70, "n3", "snapshot.created index 3", "", 7},
      {80, "n2", "vote.released term 4 candidate 3", "", 8},
  };
  const std::vector<Step> chain = ChainOf(explanation);
  EXPECT_THAT(WhatOf(chain), testing::IsSupersetOf({"vote.released term 4 candidate 1",
                                                    "vote.released term 4 candidate 3",
                                                    "primary.elected term 4"}));
  EXPECT_EQ(chain.back().what, "vote.released term 4 candidate 3");
}

TEST(ChainTest, AFaultThatOnlyHelpsSaysSo) {
  Explanation explanation;
  explanation.plan.faults = {{.kind = FaultKind::kSlowDisk, .at = 1s, .lasts = 10ms, .amount = 2}};
  explanation.parts = {{.kind = PartKind::kFault, .at = {0}, .need = Need::kHelps}};
  explanation.story = {{1'000'000, "n1", "fault: slow-disk 2 factor for 10 ms", "", 3}};
  ASSERT_EQ(ChainOf(explanation).size(), 1u);
  EXPECT_EQ(ChainOf(explanation)[0].note, "slow-disk #1   makes it likelier");
}

TEST(ChainTest, AnEmptyStoryHasAnEmptyChain) { EXPECT_TRUE(ChainOf({}).empty()); }

}  // namespace
}  // namespace wt::scenarios
