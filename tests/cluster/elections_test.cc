// election-safety on hand-made histories.
#include "scenarios/cluster/invariants/elections.h"

#include <gtest/gtest.h>

#include "tests/cluster/group_bench.h"

namespace wt::scenarios {
namespace {

struct Said {
  uint32_t machine;
  Event event;
};
Event Vote(uint64_t term, uint64_t candidate, uint64_t session, uint64_t epoch) {
  return {.kind = EventKind::kVoteReleased, .a = term, .b = candidate, .c = session, .d = epoch};
}

std::string FailureOfAll(const std::vector<Said>& history, bool harmed = false) {
  return GroupFailureOf([&](GroupBench& bench) {
    if (harmed) bench.honesty.Harm(1);
    Elections elections(bench.judge, bench.honesty);
    for (const Said& said : history) bench.Tell(elections, said.machine, said.event);
    EXPECT_EQ(bench.judge.evaluated().at("election-safety"), history.size());
  });
}

TEST(ElectionsTest, OneVoteATermAndOnePrimaryPass) {
  EXPECT_EQ(FailureOfAll({{1, Vote(1, 2, 7, 1)},
                          {1, Vote(1, 2, 7, 1)},  // sent again
                          {2, Vote(1, 2, 8, 1)},
                          {2, Elected(1)},
                          {1, Vote(2, 3, 7, 1)},
                          {3, Elected(2)}}),
            "");
}

TEST(ElectionsTest, TwoVotesInOneTermFail) {
  EXPECT_EQ(FailureOfAll({{1, Vote(1, 2, 7, 1)}, {1, Vote(1, 3, 7, 1)}}), "election-safety");
}

TEST(ElectionsTest, ASecondVoteAfterARestartFailsOnAHealthyDisk) {
  const std::vector<Said> history = {{1, Vote(1, 2, 7, 1)}, {1, Vote(1, 3, 8, 2)}};
  EXPECT_EQ(FailureOfAll(history), "election-safety");
  EXPECT_EQ(FailureOfAll(history, true), "");  // it may have forgotten; nobody counts both
}

TEST(ElectionsTest, ASecondVoteOfTheSameLifeFailsOnAnyDisk) {
  EXPECT_EQ(FailureOfAll({{1, Vote(1, 2, 7, 1)}, {1, Vote(1, 3, 7, 1)}}, true), "election-safety");
}

TEST(ElectionsTest, TwoPrimariesInOneTermFail) {
  EXPECT_EQ(FailureOfAll({{1, Elected(4)}, {2, Elected(4)}}), "election-safety");
  EXPECT_EQ(FailureOfAll({{1, Elected(4)}, {1, Elected(4)}}), "election-safety");
}

}  // namespace
}  // namespace wt::scenarios
