// What a replica asks of its engine beside appending: truncation, votes, and what opening found.
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "tests/engine/replica_bench.h"

namespace wt::test {
namespace {

class ReplicaCallsTest : public WorldTest {};
INSTANTIATE_TEST_SUITE_P(Worlds, ReplicaCallsTest, testing::ValuesIn(Worlds()), NameOf);

TEST_P(ReplicaCallsTest, TruncatedEntriesAreNeverApplied) {
  InWorld([](Rig& rig) {
    {
      auto replica = Replica::MustOpen(rig.env);
      ASSERT_TRUE(replica->Commit(PutsFrom(1, 3)).ok());
      ASSERT_TRUE(replica->Append(PutsFrom(4, 9)).ok());
      ASSERT_TRUE((*replica)->Truncate(LogIndex(5)).ok());
      EXPECT_EQ((*replica)->last_log_index(), LogIndex(4));
      ASSERT_TRUE(replica->Append(PutsFrom(5, 6, 2)).ok());
      ASSERT_TRUE((*replica)->Truncate(LogIndex(9)).ok()) << "nothing there";
      ASSERT_TRUE((*replica)->Sync().ok());
      (*replica)->AdvanceCommit(LogIndex(6));
      ASSERT_TRUE((*replica)->ApplyCommitted().ok());
      EXPECT_EQ(replica->Get(4)->substr(0, 12), "v4 of term 1");
      EXPECT_EQ(replica->Get(5)->substr(0, 12), "v5 of term 2");
      EXPECT_EQ(replica->Get(7), std::nullopt);
      EXPECT_EQ((*replica)->state_digest(), StateAfter([] {
                                              std::vector<LogEntry> entries = PutsFrom(1, 4);
                                              for (const LogEntry& entry : PutsFrom(5, 6, 2))
                                                entries.push_back(entry);
                                              return entries;
                                            }())
                                                .digest);
    }
    auto replica = Replica::MustOpen(rig.env);
    EXPECT_EQ((*replica)->last_log_index(), LogIndex(6));
    EXPECT_EQ((*replica)->log().last_term(), Term(2));
  });
}

TEST_P(ReplicaCallsTest, OnlyWhatWasSaidToBeCommittedIsAppliedAfterAnOpen) {
  InWorld([](Rig& rig) {
    {
      auto replica = Replica::MustOpen(rig.env);
      ASSERT_TRUE(replica->Commit(PutsFrom(1, 3)).ok());
      ASSERT_TRUE(replica->Append(PutsFrom(4, 6)).ok());
      ASSERT_TRUE((*replica)->Sync().ok());
    }
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE((*replica)->AwaitBarrier().ok());
    EXPECT_EQ((*replica)->last_log_index(), LogIndex(6));
    EXPECT_EQ((*replica)->commit_index(), LogIndex(3));
    EXPECT_EQ((*replica)->last_applied(), LogIndex(3));
    EXPECT_EQ(replica->Get(4), std::nullopt);
    EXPECT_FALSE((*replica)->recovery().tail_cut);
    EXPECT_EQ((*replica)->recovery().last_index, LogIndex(6));
    EXPECT_FALSE((*replica)->recovery().behind_snapshot);
  });
}

TEST_P(ReplicaCallsTest, TermVoteAndCommitAreDurableWithTheNextSync) {
  InWorld([](Rig& rig) {
    {
      auto replica = Replica::MustOpen(rig.env);
      ASSERT_TRUE((*replica)->SetVote(Term(3), 2).ok());
      ASSERT_TRUE(replica->Commit(PutsFrom(1, 2, 3)).ok());
      ASSERT_TRUE((*replica)->SetVote(Term(4), 0).ok());
      ASSERT_TRUE((*replica)->SetVote(Term(4), 1).ok());
      ASSERT_TRUE((*replica)->SetVote(Term(4), 1).ok()) << "the same again";
      ASSERT_TRUE((*replica)->Sync().ok());
    }
    auto replica = Replica::MustOpen(rig.env);
    const HardState want = {.term = Term(4), .voted_for = 1, .commit_index = LogIndex(2)};
    EXPECT_EQ((*replica)->hard_state(), want);
  });
}

// Each reads, changes and writes the whole hard state: neither may bring back what the other had.
TEST_P(ReplicaCallsTest, VotesAndCommitsAtOnceDoNotUndoEachOther) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE(replica->Append(PutsFrom(1, 60)).ok());
    auto voter = rig.env.tasks.Spawn("voter", [&] {
      for (uint64_t term = 1; term <= 60; ++term) {
        ASSERT_TRUE((*replica)->SetVote(Term(term), term).ok());
        rig.env.tasks.Yield();
      }
    });
    auto committer = rig.env.tasks.Spawn("committer", [&] {
      for (uint64_t index = 1; index <= 60; ++index) {
        (*replica)->AdvanceCommit(LogIndex(index));
        rig.env.tasks.Yield();
      }
    });
    LogIndex commit;
    Term term;
    while (commit < LogIndex(60) || term < Term(60)) {
      const HardState now = (*replica)->hard_state();
      ASSERT_GE(now.commit_index, commit);
      ASSERT_GE(now.term, term);
      ASSERT_EQ(now.voted_for, now.term.value());
      commit = now.commit_index;
      term = now.term;
      rig.Wait();
    }
    voter->Join();
    committer->Join();
  });
}

// With no room for another segment the commit index waits for the log, and nobody for it.
TEST_P(ReplicaCallsTest, AStoppedEngineTakesNoVoteAndTruncatesNothing) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE(replica->Append(PutsFrom(1, 4)).ok());
    rig.disk.FailNextLogSyncs(1);
    EXPECT_TRUE(absl::IsUnavailable((*replica)->Sync()));
    EXPECT_TRUE(absl::IsFailedPrecondition((*replica)->SetVote(Term(9), 1)));
    EXPECT_TRUE(absl::IsFailedPrecondition((*replica)->Truncate(LogIndex(2))));
    EXPECT_TRUE(absl::IsFailedPrecondition(replica->Install(StateAfter(PutsFrom(1, 9)))));
    EXPECT_TRUE(absl::IsFailedPrecondition((*replica)->Repair(PutAt(1))));
  });
}

TEST_P(ReplicaCallsTest, WhoeverMustRememberWhatOpeningFoundIsAskedBeforeAnythingChanges) {
  InWorld([](Rig& rig) {
    { (void)Replica::MustOpen(rig.env)->Commit(PutsFrom(1, 3)); }
    const std::map<std::string, std::string> before = FilesOf(rig.disk);
    EngineOptions options = ReplicaOptions();
    int asked = 0;
    options.log.accept = [&](const LogRecovery& found) -> absl::Status {
      ++asked;
      EXPECT_EQ(found.last_index, LogIndex(3));
      return FailedPrecondition("not now");
    };
    EXPECT_TRUE(absl::IsFailedPrecondition(Replica::Open(rig.env, options).status()));
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(FilesOf(rig.disk), before);
  });
}

}  // namespace
}  // namespace wt::test
