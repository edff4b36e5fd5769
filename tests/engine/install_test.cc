// A snapshot from another replica, in every world: the state changes at one stroke and only when
// the snapshot is durable, the log goes on behind it, and whatever is wrong leaves everything as it
// was.
#include <gtest/gtest.h>

#include <atomic>

#include "absl/strings/str_format.h"
#include "engine/snapshot/names.h"
#include "tests/engine/replica_bench.h"

namespace wt::test {
namespace {

class InstallTest : public WorldTest {};
INSTANTIATE_TEST_SUITE_P(Worlds, InstallTest, testing::ValuesIn(Worlds()), NameOf);

struct Seen {
  LogIndex first;
  LogIndex last;
  LogIndex commit;
  LogIndex applied;
  Hash128 digest;
  std::vector<std::string> snapshots;
  bool operator==(const Seen&) const = default;
};

Seen Look(Replica& replica) {
  Seen seen = {replica->log().first_index(), replica->last_log_index(), replica->commit_index(),
               replica->last_applied(),      replica->state_digest(),   {}};
  for (const Snapshot& snapshot : replica->snapshots().List())
    seen.snapshots.push_back(snapshot.id);
  return seen;
}

TEST_P(InstallTest, AnEmptyReplicaBecomesWhatItIsSent) {
  InWorld([](Rig& rig) {
    const PeerState state = StateAfter(PutsFrom(1, 200, 3));
    {
      auto replica = Replica::MustOpen(rig.env);
      ASSERT_TRUE(replica->Install(state).ok());
      EXPECT_EQ((*replica)->state_digest(), state.digest);
      EXPECT_EQ((*replica)->last_applied(), LogIndex(200));
      EXPECT_EQ((*replica)->commit_index(), LogIndex(200));
      EXPECT_EQ((*replica)->last_log_index(), LogIndex(200));
      EXPECT_EQ((*replica)->log().first_index(), LogIndex(201));
      EXPECT_EQ(*(*replica)->log().TermAt(LogIndex(200)), Term(3));
      EXPECT_EQ(replica->Get(77)->substr(0, 14), "v77 of term 3|");
      EXPECT_EQ(rig.events.Count(EventKind::kSnapshotInstalled), 1u);
      EXPECT_EQ(rig.events.LastA(EventKind::kSnapshotInstalled), 200u);
      ASSERT_TRUE(replica->Commit(PutsFrom(201, 205, 3)).ok());
    }
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE((*replica)->AwaitBarrier().ok());
    EXPECT_EQ((*replica)->last_applied(), LogIndex(205));
    EXPECT_EQ((*replica)->state_digest(), StateAfter(PutsFrom(1, 205, 3)).digest);
    EXPECT_FALSE((*replica)->recovery().behind_snapshot);
  });
}

// What was received may yet be given up: the log must not begin behind it before it is installed.
TEST_P(InstallTest, ASnapshotThatIsNotInstalledYetIsNoneToRelyOn) {
  InWorld([](Rig& rig) {
    EngineOptions options = ReplicaOptions();
    options.snapshots_kept = 1;
    const PeerState ahead = StateAfter(PutsFrom(1, 100));
    {
      auto replica = Replica::MustOpen(rig.env, options);
      ASSERT_TRUE(replica->Commit(PutsFrom(1, 10)).ok());
      SentState source = ahead.Source();
      ASSERT_TRUE(
          (*replica)->snapshots().Create(ahead.index, ahead.term, ahead.digest, source).ok());
      ASSERT_TRUE((*replica)->TakeSnapshot().ok());
      EXPECT_EQ((*replica)->snapshots().List().size(), 2u);
      ASSERT_TRUE((*replica)->snapshots().Delete(SnapshotId({ahead.index, ahead.term})).ok());
    }
    auto replica = Replica::MustOpen(rig.env, options);
    ASSERT_TRUE((*replica)->AwaitBarrier().ok());
    EXPECT_EQ((*replica)->last_applied(), LogIndex(10));
  });
}

// The same where there is no other snapshot, and the disk is full: then the log is all there is.
TEST_P(InstallTest, TheLogStaysWhereOnlyASnapshotThatIsNotInstalledCoversIt) {
  InWorld([](Rig& rig) {
    EngineOptions options = ReplicaOptions();
    options.snapshot_needed = [] { return LogIndex(0); };
    const PeerState ahead = StateAfter(PutsFrom(1, 200));
    {
      auto replica = Replica::MustOpen(rig.env, options);
      for (uint64_t i = 1; i <= 100; ++i) {
        ASSERT_TRUE(replica->Commit({PutAt(i, 1, 500)}).ok());
      }
      SentState source = ahead.Source();
      ASSERT_TRUE(
          (*replica)->snapshots().Create(ahead.index, ahead.term, ahead.digest, source).ok());
      (*replica)->LetGoSoon();
      for (int i = 0; i < 200; ++i) rig.Wait();
      EXPECT_EQ((*replica)->log().first_index(), LogIndex(1));
      ASSERT_TRUE((*replica)->snapshots().Delete(SnapshotId({ahead.index, ahead.term})).ok());
    }
    auto replica = Replica::MustOpen(rig.env, options);
    ASSERT_TRUE((*replica)->AwaitBarrier().ok());
    EXPECT_EQ((*replica)->last_log_index(), LogIndex(100));
  });
}

TEST_P(InstallTest, WhatTheLogHasBehindTheSameEntryStays) {
  InWorld([](Rig& rig) {
    const std::vector<LogEntry> all = PutsFrom(1, 30);
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE(replica->Append(all).ok());
    ASSERT_TRUE((*replica)->Sync().ok());
    ASSERT_TRUE(replica->Install(StateAfter(PutsFrom(1, 20))).ok());
    EXPECT_EQ((*replica)->last_log_index(), LogIndex(30));
    EXPECT_EQ((*replica)->commit_index(), LogIndex(20));
    EXPECT_EQ((*replica)->last_applied(), LogIndex(20));
    (*replica)->AdvanceCommit(LogIndex(30));
    ASSERT_TRUE((*replica)->ApplyCommitted().ok());
    EXPECT_EQ((*replica)->state_digest(), StateAfter(all).digest);
  });
}

TEST_P(InstallTest, AConflictingLogIsBegunAnew) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE(replica->Commit(PutsFrom(1, 5)).ok());
    ASSERT_TRUE(replica->Append(PutsFrom(6, 30)).ok());
    std::vector<LogEntry> other = PutsFrom(1, 5);
    for (const LogEntry& entry : PutsFrom(6, 20, 2)) other.push_back(entry);
    ASSERT_TRUE(replica->Install(StateAfter(other)).ok());
    EXPECT_EQ((*replica)->last_log_index(), LogIndex(20));
    EXPECT_EQ((*replica)->log().last_term(), Term(2));
    ASSERT_TRUE(replica->Commit(PutsFrom(21, 22, 2)).ok());
    for (const LogEntry& entry : PutsFrom(21, 22, 2)) other.push_back(entry);
    EXPECT_EQ((*replica)->state_digest(), StateAfter(other).digest);
  });
}

TEST_P(InstallTest, OneThatIsNotAheadHasNoEffect) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE(replica->Commit(PutsFrom(1, 10)).ok());
    const Seen before = Look(*replica);
    for (uint64_t last : {1, 9, 10}) {
      ASSERT_TRUE(replica->Install(StateAfter(PutsFrom(1, last))).ok());
      EXPECT_EQ(Look(*replica), before);
    }
    EXPECT_EQ(rig.events.Count(EventKind::kSnapshotInstalled), 0u);
  });
}

TEST_P(InstallTest, OneThatContradictsWhatIsCommittedIsRefused) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE((*replica)->AwaitBarrier().ok());  // the replay applies nothing any more
    ASSERT_TRUE(replica->Append(PutsFrom(1, 10)).ok());
    (*replica)->AdvanceCommit(LogIndex(10));  // and nothing is applied yet
    const Seen before = Look(*replica);
    EXPECT_TRUE(absl::IsInvalidArgument(replica->Install(StateAfter(PutsFrom(1, 8, 2)))));
    EXPECT_EQ(Look(*replica), before);
    ASSERT_TRUE((*replica)->ApplyCommitted().ok());
    EXPECT_EQ((*replica)->state_digest(), StateAfter(PutsFrom(1, 10)).digest);
  });
}

TEST_P(InstallTest, ADamagedOrBrokenOffStateLeavesEverythingAsItWas) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE(replica->Commit(PutsFrom(1, 10, 1, 900)).ok());
    ASSERT_TRUE((*replica)->TakeSnapshot().ok());
    ASSERT_TRUE(replica->Append(PutsFrom(11, 13)).ok());
    const Seen before = Look(*replica);
    const PeerState good = StateAfter(PutsFrom(1, 300, 2, 900));
    ASSERT_GT(good.chunks.size(), 3u);

    const auto refused = [&](const PeerState& state, absl::StatusCode code) {
      EXPECT_EQ(replica->Install(state).code(), code);
      EXPECT_EQ(Look(*replica), before);
    };
    PeerState bad = good;
    bad.digest.low ^= 1;
    refused(bad, absl::StatusCode::kDataLoss);
    bad = good;
    bad.chunks.pop_back();
    refused(bad, absl::StatusCode::kDataLoss);
    bad = good;
    bad.chunks[1][bad.chunks[1].size() / 2] ^= 4;
    refused(bad, absl::StatusCode::kDataLoss);
    bad = good;
    bad.index = bad.index + 1;
    refused(bad, absl::StatusCode::kDataLoss);
    bad = good;
    bad.chunks[0] = std::string(kMaxChunkBytes + 1, 'x');
    refused(bad, absl::StatusCode::kInvalidArgument);
    SentState broken_off = good.Source();
    broken_off.before_next = [](size_t number) {
      return number < 2 ? absl::OkStatus() : Aborted("the peer is gone");
    };
    EXPECT_TRUE(absl::IsAborted(
        (*replica)->InstallSnapshot(good.index, good.term, good.digest, broken_off)));
    EXPECT_EQ(Look(*replica), before);

    ASSERT_TRUE(replica->Install(good).ok()) << "and it can be sent again";
    EXPECT_EQ((*replica)->state_digest(), good.digest);
  });
}

TEST_P(InstallTest, WhatIsThereAlreadyIsNotWrittenAgain) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE(replica->Commit(PutsFrom(1, 200, 1, 900)).ok());
    ASSERT_TRUE((*replica)->TakeSnapshot().ok());
    ASSERT_TRUE(replica->Install(StateAfter(PutsFrom(1, 202, 1, 900))).ok());
    const Snapshot newest = (*replica)->snapshots().List().front();
    EXPECT_EQ(newest.index, LogIndex(202));
    EXPECT_GT(newest.reused_bytes, newest.bytes / 2);
  });
}

TEST_P(InstallTest, OneThatLiesReadyIsTakenAsItIs) {
  InWorld([](Rig& rig) {
    EngineOptions options = ReplicaOptions();
    options.snapshots_kept = 1;
    auto replica = Replica::MustOpen(rig.env, options);
    ASSERT_TRUE(replica->Commit(PutsFrom(1, 50, 3)).ok());
    const PeerState state = StateAfter(PutsFrom(1, 200, 3));
    SentState sent = state.Source();
    ASSERT_TRUE((*replica)->snapshots().Create(state.index, state.term, state.digest, sent).ok());
    // It lies beyond the log, which goes on until it is installed.
    ASSERT_TRUE((*replica)->TakeSnapshot().ok());
    ASSERT_TRUE(replica->Commit(PutsFrom(51, 60, 3)).ok());
    SentState unread = state.Source();
    unread.before_next = [](size_t) { return absl::UnavailableError("not to be read"); };
    ASSERT_TRUE((*replica)->InstallSnapshot(state.index, state.term, state.digest, unread).ok());
    EXPECT_EQ((*replica)->last_applied(), LogIndex(200));
    EXPECT_EQ((*replica)->state_digest(), state.digest);
    EXPECT_EQ((*replica)->log().first_index(), LogIndex(201));
  });
}

TEST_P(InstallTest, OlderSnapshotsAreLetGoOf) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    for (uint64_t last : {50, 100, 150, 200}) {
      ASSERT_TRUE(replica->Install(StateAfter(PutsFrom(1, last))).ok());
    }
    EXPECT_EQ(Look(*replica).snapshots,
              (std::vector<std::string>{"snapshot_200_1", "snapshot_150_1"}));
  });
}

// While the chunks come in, and they come slowly, everything else goes on.
TEST_P(InstallTest, NobodyWaitsWhileTheStateComesIn) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE(replica->Commit(PutsFrom(1, 5)).ok());
    const PeerState state = StateAfter(PutsFrom(1, 400, 1, 300));
    SentState source = state.Source();
    uint64_t next = 6;
    source.before_next = [&](size_t) {
      // From within: whoever waited for the install here would wait for ever.
      EXPECT_TRUE(replica->Commit(PutsFrom(next, next + 1, 1, 300)).ok());
      EXPECT_EQ((*replica)->last_applied(), LogIndex(next + 1));
      EXPECT_NE(replica->Get(next), std::nullopt);
      EXPECT_TRUE((*replica)->SetVote(Term(next), 0).ok());
      next += 2;
      return absl::OkStatus();
    };
    ASSERT_TRUE((*replica)->InstallSnapshot(state.index, state.term, state.digest, source).ok());
    EXPECT_GT(next, 10u);
    EXPECT_EQ((*replica)->last_applied(), LogIndex(400));
    EXPECT_EQ((*replica)->state_digest(), state.digest);
  });
}

TEST_P(InstallTest, OneThatTheLogOvertakesChangesNothingBackwards) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    const PeerState state = StateAfter(PutsFrom(1, 20));
    SentState source = state.Source();
    source.before_next = [&](size_t number) {
      return number == 0 ? replica->Commit(PutsFrom(1, 25)) : absl::OkStatus();
    };
    ASSERT_TRUE((*replica)->InstallSnapshot(state.index, state.term, state.digest, source).ok());
    EXPECT_EQ((*replica)->last_applied(), LogIndex(25));
    EXPECT_EQ((*replica)->last_log_index(), LogIndex(25));
    EXPECT_EQ((*replica)->state_digest(), StateAfter(PutsFrom(1, 25)).digest);
    ASSERT_TRUE((*replica)->TakeSnapshot().ok());
  });
}

// Readers see the state before or the state behind, never a mixture: all keys have one term.
TEST_P(InstallTest, ReadersSeeOneStateWhole) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE(replica->Commit(PutsFrom(1, 50)).ok());
    std::atomic<bool> done = false;
    std::atomic<int> behind = 0;
    std::vector<std::unique_ptr<Task>> readers;
    for (int i = 0; i < 3; ++i) {
      readers.push_back(rig.env.tasks.Spawn("reader", [&] {
        while (!done) {
          absl::StatusOr<ReadResult> read = (*replica)->Query(EncodeCommand(KvGet{"k500"}));
          ASSERT_TRUE(read.ok());
          const bool is_new = read->value != EncodeResult(KvGetResult{});
          ASSERT_EQ(is_new, read->at >= LogIndex(500)) << read->at.value();
          behind += is_new ? 1 : 0;
          rig.Wait();
        }
      }));
    }
    auto snapshots = rig.env.tasks.Spawn("snapshots", [&] {
      while (!done) {
        ASSERT_TRUE((*replica)->TakeSnapshot().ok());
        rig.Wait();
      }
    });
    ASSERT_TRUE(replica->Install(StateAfter(PutsFrom(1, 500, 1, 200))).ok());
    while (behind == 0) rig.Wait();
    done = true;
    for (auto& reader : readers) reader->Join();
    snapshots->Join();
    EXPECT_EQ((*replica)->state_digest(), StateAfter(PutsFrom(1, 500, 1, 200)).digest);
  });
}

TEST_P(InstallTest, AClosingEngineBreaksItOff) {
  InWorld([](Rig& rig) {
    class Endless : public ChunkSource {
     public:
      explicit Endless(Rig& rig) : rig_(rig) {}
      absl::StatusOr<std::string> Next() override {
        begun = true;
        rig_.Wait();
        return "more";
      }
      std::atomic<bool> begun = false;

     private:
      Rig& rig_;
    };
    auto replica = Replica::MustOpen(rig.env);
    Endless source(rig);
    auto task = rig.env.tasks.Spawn("install", [&] {
      const absl::Status status = (*replica)->InstallSnapshot(LogIndex(9), Term(1), {}, source);
      EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    });
    while (!source.begun) rig.Wait();
    EXPECT_TRUE((*replica)->Close().ok());
    task->Join();
    replica.reset();
    auto again = Replica::MustOpen(rig.env);
    EXPECT_TRUE((*again)->AwaitBarrier().ok());
  });
}

// The new beginning of the log needs room that is not there: the old state is put back.
TEST_P(InstallTest, WithoutRoomForTheLogTheStateIsTakenBack) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE(replica->Commit(PutsFrom(1, 5)).ok());
    const Seen before = Look(*replica);
    const PeerState state = StateAfter(PutsFrom(1, 40));
    rig.disk.SetNoRoomForLog(true);
    EXPECT_TRUE(absl::IsResourceExhausted(replica->Install(state)));
    Seen after = Look(*replica);
    EXPECT_EQ(after.snapshots, std::vector{SnapshotId({state.index, state.term})});
    after.snapshots.clear();
    EXPECT_EQ(after, before);
    rig.disk.SetNoRoomForLog(false);
    ASSERT_TRUE(replica->Commit(PutsFrom(6, 8)).ok());
    EXPECT_EQ((*replica)->state_digest(), StateAfter(PutsFrom(1, 8)).digest);
    ASSERT_TRUE(replica->Install(state).ok());
    EXPECT_EQ((*replica)->state_digest(), state.digest);
  });
}

// Whoever tries again has the state still, however often there was no room.
TEST_P(InstallTest, WhatLiesReadyStaysUntilThereIsRoom) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE(replica->Commit(PutsFrom(1, 5)).ok());
    const PeerState state = StateAfter(PutsFrom(1, 40));
    SentState source = state.Source();
    rig.disk.SetNoRoomForLog(true);
    for (int attempt = 0; attempt < 4; ++attempt) {
      const absl::Status installed =
          (*replica)->InstallSnapshot(state.index, state.term, state.digest, source);
      EXPECT_TRUE(absl::IsResourceExhausted(installed)) << installed;
    }
    rig.disk.SetNoRoomForLog(false);
    ASSERT_TRUE((*replica)->InstallSnapshot(state.index, state.term, state.digest, source).ok());
    EXPECT_EQ((*replica)->state_digest(), state.digest);
  });
}

// A snapshot ahead of the log, as a crash in an install leaves it.
void LeaveInstallUnfinished(Rig& rig, const PeerState& state) {
  auto snapshots = OpenSnapshotManager(rig.env, ReplicaOptions().snapshot);
  SentState source = state.Source();
  ASSERT_TRUE((*snapshots)->Create(state.index, state.term, state.digest, source).ok());
}

TEST_P(InstallTest, OpeningFinishesWhatACrashCutOff) {
  InWorld([](Rig& rig) {
    { ASSERT_TRUE(Replica::MustOpen(rig.env)->Commit(PutsFrom(1, 5)).ok()); }
    const PeerState state = StateAfter(PutsFrom(1, 40, 2));
    LeaveInstallUnfinished(rig, state);
    for (int life = 0; life < 3; ++life) {
      auto replica = Replica::MustOpen(rig.env);
      EXPECT_EQ((*replica)->recovery().behind_snapshot, life == 0);
      ASSERT_TRUE((*replica)->AwaitBarrier().ok());
      EXPECT_EQ((*replica)->state_digest(), state.digest);
      EXPECT_EQ((*replica)->last_log_index(), LogIndex(40));
      EXPECT_EQ((*replica)->commit_index(), LogIndex(40));
      EXPECT_EQ((*replica)->log().last_term(), Term(2));
    }
  });
}

TEST_P(InstallTest, OpeningDropsALogThatDoesNotLeadToTheSnapshot) {
  InWorld([](Rig& rig) {
    {
      auto replica = Replica::MustOpen(rig.env);
      ASSERT_TRUE(replica->Commit(PutsFrom(1, 5)).ok());
      ASSERT_TRUE(replica->Append(PutsFrom(6, 60)).ok());
      ASSERT_TRUE((*replica)->Sync().ok());
    }
    const PeerState state = StateAfter(PutsFrom(1, 40, 2));
    LeaveInstallUnfinished(rig, state);
    auto replica = Replica::MustOpen(rig.env);
    EXPECT_FALSE((*replica)->recovery().behind_snapshot) << "nothing can be missing";
    EXPECT_EQ((*replica)->last_log_index(), LogIndex(40));
    EXPECT_EQ((*replica)->state_digest(), state.digest);
  });
}

TEST_P(InstallTest, OpeningRefusesASnapshotThatContradictsWhatIsCommitted) {
  InWorld([](Rig& rig) {
    { ASSERT_TRUE(Replica::MustOpen(rig.env)->Commit(PutsFrom(1, 60)).ok()); }
    LeaveInstallUnfinished(rig, StateAfter(PutsFrom(1, 40, 2)));
    EXPECT_TRUE(absl::IsDataLoss(Replica::Open(rig.env).status()));
  });
}

TEST_P(InstallTest, OneNodeAloneStillRefusesALogBehindItsSnapshot) {
  InWorld([](Rig& rig) {
    { ASSERT_TRUE(Replica::MustOpen(rig.env)->Commit(PutsFrom(1, 5)).ok()); }
    LeaveInstallUnfinished(rig, StateAfter(PutsFrom(1, 40, 2)));
    EngineOptions options = ReplicaOptions();
    options.commit_rule = CommitRule::kDurable;
    const std::map<std::string, std::string> before = FilesOf(rig.disk);
    EXPECT_TRUE(absl::IsDataLoss(Replica::Open(rig.env, options).status()));
    EXPECT_EQ(FilesOf(rig.disk), before);
  });
}

// Folders of two histories: what of each was put together by hand.
TEST_P(InstallTest, OneNodeAloneRefusesASnapshotOfAnotherHistory) {
  InWorld([](Rig& rig) {
    EngineOptions options = ReplicaOptions();
    options.commit_rule = CommitRule::kDurable;
    { ASSERT_TRUE(Replica::MustOpen(rig.env, options)->Commit(PutsFrom(1, 50, 3)).ok()); }
    LeaveInstallUnfinished(rig, StateAfter(PutsFrom(1, 40, 2)));
    const std::map<std::string, std::string> before = FilesOf(rig.disk);
    const absl::Status refused = Replica::Open(rig.env, options).status();
    EXPECT_TRUE(absl::IsDataLoss(refused)) << refused;
    EXPECT_EQ(FilesOf(rig.disk), before);
  });
}

}  // namespace
}  // namespace wt::test
