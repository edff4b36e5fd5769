// acked-writes-survive by mode, and no-phantom for what was refused, on hand-made histories.
#include "scenarios/cluster/invariants/promises.h"

#include <gtest/gtest.h>

#include "tests/cluster/group_bench.h"

namespace wt::scenarios {
namespace {

constexpr LogEnd kSecond = {Term(1), LogIndex(2)};

std::string FailureWith(const std::function<void(GroupBench&, Promises&)>& story) {
  return GroupFailureOf([&](GroupBench& bench) {
    Promises promises(bench.judge, bench.ledger);
    bench.Grow(1, {1, 1});
    bench.Grow(2, {1, 1});
    bench.Tell(3, Appended(1, 1));
    story(bench, promises);
    EXPECT_GT(bench.judge.evaluated().at("acked-writes-survive"), 0u);
  });
}

TEST(PromisesTest, EachModeKeptPasses) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, Promises& promises) {
              const Configuration members = bench.ledger.members(1);
              promises.OnAcknowledged(1, Ack::kAsync, kSecond, members);
              bench.Tell(1, Committed(2, 1));
              promises.OnAcknowledged(1, Ack::kQuorum, kSecond, members);
              bench.Grow(3, {1});
              promises.OnAcknowledged(1, Ack::kAll, kSecond, members);
            }),
            "");
}

TEST(PromisesTest, AsyncThatIsNotDurableThereFails) {
  EXPECT_EQ(FailureWith([](GroupBench&, Promises& promises) {
              promises.OnAcknowledged(3, Ack::kAsync, {Term(1), LogIndex(1)}, {});
            }),
            "acked-writes-survive");
}

TEST(PromisesTest, QuorumThatIsNotCommittedFails) {
  EXPECT_EQ(FailureWith([](GroupBench&, Promises& promises) {
              promises.OnAcknowledged(1, Ack::kQuorum, kSecond, {});
            }),
            "acked-writes-survive");
}

TEST(PromisesTest, AllThatOneMemberLacksFails) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, Promises& promises) {
              bench.Tell(1, Committed(2, 1));
              promises.OnAcknowledged(1, Ack::kAll, kSecond, bench.ledger.members(1));
            }),
            "acked-writes-survive");
}

TEST(PromisesTest, AnAsyncAcknowledgementUndoneIsCountedAndNoFailure) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Promises promises(bench.judge, bench.ledger);
              promises.OnSent(CommandOf(1, 1));
              promises.OnSent(CommandOf(1, 2));
              bench.Grow(1, {1});
              promises.OnAcknowledged(1, Ack::kAsync, {Term(1), LogIndex(1)}, {});
              bench.Grow(2, {2});
              bench.Grow(3, {2});
              bench.Tell(2, Committed(1, 2));
              EXPECT_EQ(promises.Settle(), 1u);
            }),
            "");
}

TEST(PromisesTest, WhatWasRefusedAndIsCommittedFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Promises promises(bench.judge, bench.ledger);
              promises.OnSent(CommandOf(1, 1));
              promises.OnRefused(CommandOf(1, 1));
              bench.Grow(1, {1});
              bench.Grow(2, {1});
              bench.Tell(1, Committed(1, 1));
              (void)promises.Settle();
            }),
            "no-phantom");
}

}  // namespace
}  // namespace wt::scenarios
