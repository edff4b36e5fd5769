// log-matching, deterministic-apply, state-machine-safety and snapshot-equivalence, as events of an
// engine beside the truth.
#include "scenarios/invariants/replay.h"

#include <gtest/gtest.h>

#include "tests/scenarios/invariant_bench.h"

namespace wt::scenarios {
namespace {

// An engine that tells the truth, unless told to lie once.
class Engine {
 public:
  Engine(Bench& bench, Replay& replay) : bench_(bench), replay_(replay) {}

  void Append(uint64_t index, uint64_t term = 1) {
    bench_.shadow.Register(Bench::CommandOf(index));
    bench_.Tell(replay_, Bench::Appended(index, term));
  }
  void Apply(uint64_t index, uint64_t lie = 0) {
    const std::string result =
        machine_.Apply({.term = Term(1),
                        .index = LogIndex(index),
                        .timestamp = WallTime(Duration(static_cast<int64_t>(1000 + index))),
                        .command = Bench::CommandOf(index)});
    bench_.Tell(replay_, {.kind = EventKind::kEntryApplied,
                          .a = index,
                          .b = 1,
                          .c = Hash64(result),
                          .d = machine_.Digest().low + lie});
  }
  void Restore(uint64_t index, uint64_t lie = 0) {
    bench_.Tell(replay_, {.kind = EventKind::kSnapshotRestored,
                          .a = index,
                          .b = 1,
                          .d = machine_.Digest().low + lie,
                          .text = "snapshot_x"});
  }

 private:
  Bench& bench_;
  Replay& replay_;
  CompositeStateMachine machine_;
};

std::string ReplayFailure(const std::function<void(Bench&, Engine&)>& story) {
  return FailureOf([&](Bench& bench) {
    Replay replay(bench.judge, bench.shadow);
    Engine engine(bench, replay);
    for (uint64_t i = 1; i <= 3; ++i) {
      engine.Append(i);
      engine.Apply(i);
    }
    story(bench, engine);
  });
}

TEST(ReplayTest, TheTruthPassesAndWasLookedAt) {
  EXPECT_EQ(ReplayFailure([](Bench& bench, Engine& engine) {
              engine.Restore(3);
              for (const char* invariant : {"log-matching", "deterministic-apply",
                                            "state-machine-safety", "snapshot-equivalence"}) {
                EXPECT_TRUE(bench.judge.evaluated().contains(invariant)) << invariant;
              }
            }),
            "");
}

TEST(ReplayTest, AGapFailsAsLogMatching) {
  EXPECT_EQ(ReplayFailure([](Bench&, Engine& engine) { engine.Append(5); }), "log-matching");
}

TEST(ReplayTest, AWrongStateFailsAsDeterministicApply) {
  EXPECT_EQ(ReplayFailure([](Bench&, Engine& engine) {
              engine.Append(4);
              engine.Apply(4, 1);
            }),
            "deterministic-apply");
}

TEST(ReplayTest, AWrongStateAfterARestartFailsAsSnapshotEquivalence) {
  EXPECT_EQ(FailureOf([](Bench& bench) {
              Replay replay(bench.judge, bench.shadow);
              Engine first(bench, replay);
              for (uint64_t i = 1; i <= 3; ++i) {
                first.Append(i);
                first.Apply(i);
              }
              Engine second(bench, replay);
              second.Apply(1);
              second.Apply(2, 1);
            }),
            "snapshot-equivalence");
}

TEST(ReplayTest, ASnapshotOfAnotherStateFails) {
  EXPECT_EQ(ReplayFailure([](Bench&, Engine& engine) { engine.Restore(3, 1); }),
            "snapshot-equivalence");
}

TEST(ReplayTest, ASnapshotOfTheWrongIndexFails) {
  EXPECT_EQ(ReplayFailure([](Bench&, Engine& engine) { engine.Restore(2); }),
            "snapshot-equivalence");
}

TEST(ReplayTest, ASnapshotOfWhatWasNeverAppliedFails) {
  EXPECT_EQ(ReplayFailure([](Bench&, Engine& engine) { engine.Restore(4); }),
            "snapshot-equivalence");
}

}  // namespace
}  // namespace wt::scenarios
