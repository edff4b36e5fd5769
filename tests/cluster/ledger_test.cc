// The ledger on hand-made histories: what it knows of logs, and what it refuses to believe.
#include "scenarios/cluster/ledger.h"

#include <gtest/gtest.h>

#include "tests/cluster/group_bench.h"

namespace wt::scenarios {
namespace {

TEST(LedgerTest, MembersAreReadAsTheyAreWritten) {
  Configuration members = Voters({1, 2, 4});
  EXPECT_EQ(ParseConfiguration(members.ToString()), members);
  members.old_voters = {NodeId(1), NodeId(2), NodeId(3)};
  EXPECT_EQ(ParseConfiguration(members.ToString()), members);
  members.learners = {NodeId(5), NodeId(6)};
  EXPECT_EQ(ParseConfiguration(members.ToString()), members);
  members.old_voters.clear();
  EXPECT_EQ(ParseConfiguration(members.ToString()), members);
  EXPECT_EQ(ParseConfiguration("{1 two}"), std::nullopt);
  EXPECT_EQ(ParseConfiguration("1 2 3"), std::nullopt);
}

TEST(LedgerTest, ALogIsWhatItsEventsSay) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              bench.Tell(1, Appended(1, 1));
              bench.Tell(1, Appended(2, 1));
              bench.Tell(1, Synced(1));
              EXPECT_EQ(bench.ledger.log(1).last(), LogIndex(2));
              EXPECT_EQ(bench.ledger.log(1).durable(), LogIndex(1));
              EXPECT_TRUE(bench.ledger.Holds(1, {Term(1), LogIndex(2)}));
              EXPECT_FALSE(bench.ledger.HoldsDurably(1, {Term(1), LogIndex(2)}));
              bench.Tell(1, Overridden(2));
              bench.Tell(1, Appended(2, 3));
              bench.Tell(1, Synced(2));
              EXPECT_TRUE(bench.ledger.HoldsDurably(1, {Term(3), LogIndex(2)}));
              EXPECT_FALSE(bench.ledger.Promised(1, {Term(1), LogIndex(2)}));
            }),
            "");
}

TEST(LedgerTest, ARecoveredLogIsFoundByItsEnd) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              bench.Grow(1, {1, 1, 2});
              bench.Tell(1, Appended(4, 2));  // not synced: lost
              bench.Tell(1, Recovered(1, 3, 2));
              EXPECT_EQ(bench.ledger.log(1).end(), (LogEnd{Term(2), LogIndex(3)}));
              EXPECT_EQ(bench.ledger.log(1).TermAt(LogIndex(2)), Term(1));
              bench.Tell(1, Recovered(3, 3, 2));  // the first two were compacted
              EXPECT_EQ(bench.ledger.log(1).base(), LogIndex(2));
              EXPECT_EQ(bench.ledger.log(1).TermAt(LogIndex(2)), Term(1));
            }),
            "");
}

TEST(LedgerTest, AnUnsyncedOverrideMayBeUndoneByACrash) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              bench.Grow(1, {1, 1, 1});
              bench.Tell(1, Overridden(2));
              bench.Tell(1, Recovered(1, 3, 1));
            }),
            "");
}

TEST(LedgerTest, LosingWhatWasDurableFailsOnAHealthyDiskAlone) {
  const auto lose = [](GroupBench& bench) {
    bench.Grow(1, {1, 1, 1});
    bench.Tell(1, Recovered(1, 2, 1));
  };
  EXPECT_EQ(GroupFailureOf(lose), "acked-writes-survive");
  EXPECT_EQ(GroupFailureOf([&](GroupBench& bench) {
              bench.honesty.Harm(1);
              lose(bench);
              EXPECT_TRUE(bench.ledger.Promised(1, {Term(1), LogIndex(3)}));
            }),
            "");
}

TEST(LedgerTest, AnEntryThatNobodyAppendedFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              bench.Grow(1, {1});
              bench.Tell(1, Recovered(1, 2, 1));
            }),
            "no-phantom");
}

TEST(LedgerTest, AGapOrAnOlderTermFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) { bench.Tell(1, Appended(2, 1)); }),
            "log-matching");
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) { bench.Grow(1, {2, 1}); }), "log-matching");
}

TEST(LedgerTest, OneIndexAndTermWithTwoContentsFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              bench.Grow(1, {1});
              Event other = Appended(1, 1);
              other.c ^= 1;
              bench.Tell(2, other);
            }),
            "log-matching");
}

TEST(LedgerTest, OneIndexAndTermBehindTwoPastsFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              bench.Grow(1, {1, 3});
              bench.Grow(2, {2, 3});
            }),
            "log-matching");
}

TEST(LedgerTest, RemovingAnEntryToAppendItAgainFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              bench.Grow(1, {1, 1, 1});
              bench.Tell(1, Overridden(2));
              bench.Tell(1, Appended(2, 1));
            }),
            "acked-writes-survive");
}

TEST(LedgerTest, RemovingWhatIsCommittedFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              bench.Grow(1, {1, 1});
              bench.Grow(2, {1, 1});
              bench.Tell(1, Committed(2, 1));
              bench.Tell(2, Overridden(2));
            }),
            "acked-writes-survive");
}

TEST(LedgerTest, AConflictIsOverridden) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              bench.Grow(1, {1, 2});
              bench.Grow(2, {1, 1});
              bench.Grow(3, {1, 2});
              bench.Tell(1, Committed(2, 2));
              bench.Tell(2, Overridden(2));
              bench.Tell(2, Appended(2, 2));
            }),
            "");
}

TEST(LedgerTest, ALogBegunAnewBehindWhatIsNotCommittedFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              bench.Grow(1, {1, 1});
              bench.Tell(2, {.kind = EventKind::kLogReset, .a = 2, .b = 1});
            }),
            "log-matching");
}

TEST(LedgerTest, ALogBegunAnewGoesOnBehindTheSnapshot) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              bench.Grow(1, {1, 1});
              bench.Grow(2, {1, 1});
              bench.Tell(1, Committed(2, 1));
              bench.Tell(3, {.kind = EventKind::kLogReset, .a = 2, .b = 1});
              bench.Tell(3, Appended(3, 2));
              EXPECT_TRUE(bench.ledger.HoldsDurably(3, {Term(1), LogIndex(1)}));
              EXPECT_EQ(bench.ledger.log(3).end(), (LogEnd{Term(2), LogIndex(3)}));
            }),
            "");
}

TEST(LedgerTest, CommittingAnotherEntryAtAnIndexFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              bench.Grow(1, {1});
              bench.Tell(1, Committed(1, 1));
              bench.Grow(2, {2, 2});
              bench.Tell(2, Committed(2, 2));
            }),
            "state-machine-safety");
}

TEST(LedgerTest, CommittingWhatNobodyHasFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) { bench.Tell(1, Committed(1, 1)); }),
            "acked-writes-survive");
}

TEST(LedgerTest, ThePrimaryNeedNotHaveWrittenItItself) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              bench.Grow(2, {1, 1});
              bench.Grow(3, {1, 1});
              bench.Tell(1, Committed(2, 1));
              EXPECT_EQ(bench.ledger.committed(), LogIndex(2));
              EXPECT_EQ(bench.ledger.CommittedTerm(LogIndex(1)), Term(1));
              EXPECT_TRUE(bench.ledger.shadow().DigestAt(LogIndex(2)).has_value());
            }),
            "");
}

TEST(LedgerTest, JointMembersNeedBothMajorities) {
  Configuration joint = Voters({1, 2, 3});
  joint.old_voters = {NodeId(3), NodeId(4), NodeId(5)};
  const auto has = [](std::initializer_list<uint32_t> those) {
    return [those = std::vector<uint32_t>(those)](uint32_t machine) {
      return std::find(those.begin(), those.end(), machine) != those.end();
    };
  };
  EXPECT_FALSE(Ledger::IsMajority(joint, has({1, 2, 3})));
  EXPECT_TRUE(Ledger::IsMajority(joint, has({1, 3, 5})));
  EXPECT_FALSE(Ledger::IsMajority(Voters({1, 2, 3, 4}), has({1, 2})));
}

}  // namespace
}  // namespace wt::scenarios
