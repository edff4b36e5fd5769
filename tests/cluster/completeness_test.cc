// leader-completeness, at elections and ahead of them, on hand-made histories.
#include "scenarios/cluster/invariants/completeness.h"

#include <gtest/gtest.h>

#include "tests/cluster/group_bench.h"

namespace wt::scenarios {
namespace {

TEST(CompletenessTest, APrimaryWithEveryCommittedEntryPasses) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Completeness completeness(bench.judge, bench.ledger, bench.honesty);
              bench.Grow(1, {1, 1});
              bench.Grow(2, {1, 1});
              bench.Tell(completeness, 1, Committed(2, 1));
              bench.Tell(completeness, 2, Elected(2));
              EXPECT_EQ(bench.judge.evaluated().at("leader-completeness"), 2u);
            }),
            "");
}

TEST(CompletenessTest, APrimaryThatLacksACommittedEntryFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Completeness completeness(bench.judge, bench.ledger, bench.honesty);
              bench.Grow(1, {1, 1});
              bench.Grow(2, {1, 1});
              bench.Grow(3, {1});
              bench.Tell(completeness, 1, Committed(2, 1));
              bench.Tell(completeness, 3, Elected(2));
            }),
            "leader-completeness");
}

TEST(CompletenessTest, APrimaryWithAnotherEntryThereFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Completeness completeness(bench.judge, bench.ledger, bench.honesty);
              bench.Grow(1, {1, 2});
              bench.Grow(2, {1, 2});
              bench.Grow(3, {1, 1, 1});
              bench.Tell(completeness, 1, Committed(2, 2));
              bench.Tell(completeness, 3, Elected(3));
            }),
            "leader-completeness");
}

// It stood still while its votes came in, and a later primary has committed meanwhile.
TEST(CompletenessTest, ALateElectionInAnEarlierTermPasses) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Completeness completeness(bench.judge, bench.ledger, bench.honesty);
              bench.Grow(1, {2});
              bench.Grow(2, {2});
              bench.Tell(completeness, 1, Committed(1, 2));
              bench.Tell(completeness, 3, Elected(1));
            }),
            "");
}

TEST(CompletenessTest, CommittingWhatAMinorityHasDurablyFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Completeness completeness(bench.judge, bench.ledger, bench.honesty);
              bench.Grow(1, {1});
              bench.Tell(2, Appended(1, 1));  // not synced
              bench.Tell(completeness, 1, Committed(1, 1));
            }),
            "acked-writes-survive");
}

// Figure 8 (c) of the Raft paper: entry (2, term 2) is on three of five, and machine 5 with its
// entry of term 3 can still be elected by 2, 3 and 4.
TEST(CompletenessTest, CommittingAnEntryOfAnOlderTermByCountingFailsAtOnce) {
  EXPECT_EQ(GroupFailureOf(
                [](GroupBench& bench) {
                  Completeness completeness(bench.judge, bench.ledger, bench.honesty);
                  bench.Grow(1, {1, 2});
                  bench.Grow(2, {1, 2});
                  bench.Grow(3, {1, 2});
                  bench.Grow(4, {1});
                  bench.Grow(5, {1, 3});
                  bench.Tell(completeness, 1, Committed(2, 2));
                },
                5),
            "leader-completeness");
}

// The same with an entry of the present term behind it: machine 5 can no longer be elected.
TEST(CompletenessTest, AnEntryOfThePresentTermBehindItPasses) {
  EXPECT_EQ(GroupFailureOf(
                [](GroupBench& bench) {
                  Completeness completeness(bench.judge, bench.ledger, bench.honesty);
                  bench.Grow(1, {1, 2, 4});
                  bench.Grow(2, {1, 2, 4});
                  bench.Grow(3, {1, 2, 4});
                  bench.Grow(4, {1});
                  bench.Grow(5, {1, 3});
                  bench.Tell(completeness, 1, Committed(3, 4));
                  EXPECT_GE(bench.judge.evaluated().at("leader-completeness"), 2u);
                },
                5),
            "");
}

// A minority whose disks lost what they promised does not make the others' commit wrong.
TEST(CompletenessTest, WhatAHarmedMachineHasForgottenCounts) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Completeness completeness(bench.judge, bench.ledger, bench.honesty);
              bench.Grow(1, {1, 1});
              bench.Grow(2, {1, 1});
              bench.honesty.Harm(2);
              bench.Tell(2, Recovered(1, 1, 1));
              bench.Tell(completeness, 1, Committed(2, 1));
            }),
            "");
}

}  // namespace
}  // namespace wt::scenarios
