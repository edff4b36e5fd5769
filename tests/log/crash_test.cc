// A fixed story of appends, syncs, truncations, compactions and resets over small segments, cut off
// at every single call to the disk, with every kind of crash, and again at every call of the
// recovery that follows. Whatever is left must be a state that the model allows.
#include <gtest/gtest.h>

#include "tests/log/log_model.h"

namespace wt::test {
namespace {

const std::vector<Op> kStory = {
    {OpKind::kAppend, 3},   {OpKind::kSync},        {OpKind::kHardState, 1}, {OpKind::kAppend, 400},
    {OpKind::kAppend, 401}, {OpKind::kSync},        {OpKind::kTruncate, 3},  {OpKind::kAppend, 802},
    {OpKind::kSync},        {OpKind::kAppend, 804}, {OpKind::kAppend, 803},  {OpKind::kSync},
    {OpKind::kCompact, 6},  {OpKind::kTruncate, 5}, {OpKind::kAppend, 7},    {OpKind::kSync},
    {OpKind::kReset, 20},   {OpKind::kAppend, 10},  {OpKind::kHardState, 3}, {OpKind::kSync},
    {OpKind::kAppend, 854}, {OpKind::kAppend, 854}, {OpKind::kSync},         {OpKind::kCompact, 0},
};

struct CrashCase {
  CrashKind kind;
  uint64_t seed;
};
constexpr CrashCase kCrashes[] = {{CrashKind::kKill, 0},
                                  {CrashKind::kLoseUnsynced, 0},
                                  {CrashKind::kMixed, 1},
                                  {CrashKind::kMixed, 2},
                                  {CrashKind::kMixed, 3}};

class CrashTest : public testing::TestWithParam<bool> {
 protected:
  static void Prepare(LogWorld& world) {
    world.options.segment_bytes = 8 * kKiB;
    if (GetParam()) world.base.random.armed = {"log.write_early", "log.read_little"};
  }

  // Runs the story until an error. The log is gone afterwards, as after a crash.
  static void Tell(LogWorld& world, LogModel& model) {
    auto log = world.TryOpen();
    if (!log.ok()) return;
    for (const Op& op : kStory) {
      if (!model.Do(**log, op)) return;
    }
  }

  static uint64_t CallsOfStory() {
    LogWorld world;
    Prepare(world);
    LogModel model;
    Tell(world, model);
    EXPECT_GE(world.base.events.Count(EventKind::kLogSegmentRemoved), 2u);
    return world.base.disk.calls();
  }

  static void CrashAt(LogWorld& world, LogModel& model, uint64_t call, const CrashCase& crash) {
    Prepare(world);
    world.base.disk.DieAt(call);
    Tell(world, model);
    world.base.disk.Crash(crash.kind, crash.seed * 1000 + call);
  }

  static void ExpectAllowed(LogWorld& world, LogModel& model) {
    auto log = world.TryOpen();
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_EQ(model.Settled(**log), "");
    // And it goes on from there, with other content than before.
    for (uint64_t n : {11, 12, 13}) ASSERT_TRUE(model.Do(**log, {OpKind::kAppend, n}));
    ASSERT_TRUE(model.Do(**log, {OpKind::kSync}));
    log->reset();
    world.base.disk.Crash(CrashKind::kLoseUnsynced);
    log = world.TryOpen();
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_EQ(model.Settled(**log), "");
  }
};

TEST_P(CrashTest, EveryCrashLeavesAnAllowedState) {
  const uint64_t calls = CallsOfStory();
  ASSERT_GT(calls, 70u);
  for (const CrashCase& crash : kCrashes) {
    for (uint64_t call = 1; call <= calls + 1; ++call) {
      SCOPED_TRACE(absl::StrFormat("crash %d/%d at call %d", static_cast<int>(crash.kind),
                                   crash.seed, call));
      LogWorld world;
      LogModel model;
      CrashAt(world, model, call, crash);
      ExpectAllowed(world, model);
      if (HasFailure()) return;
    }
  }
}

TEST_P(CrashTest, ACrashDuringRecoveryLeavesAnAllowedState) {
  const uint64_t calls = CallsOfStory();
  for (uint64_t call = 7; call <= calls; call += 5) {
    for (uint64_t nested = 1; nested < 40; ++nested) {
      SCOPED_TRACE(absl::StrFormat("crash at call %d, then at %d of recovery", call, nested));
      LogWorld world;
      LogModel model;
      CrashAt(world, model, call, {nested % 2 ? CrashKind::kMixed : CrashKind::kKill, nested});
      world.base.disk.DieAt(nested);
      const bool survived = world.TryOpen().ok();
      world.base.disk.Crash(CrashKind::kMixed, nested);
      ExpectAllowed(world, model);
      if (HasFailure()) return;
      if (survived) break;  // recovery took fewer calls
    }
  }
}

// After a failed sync the cache may show what the disk has lost: the log must stop, and what it
// acknowledged before must be there.
TEST_P(CrashTest, EveryFailedCallLeavesAnAllowedState) {
  const uint64_t calls = CallsOfStory();
  for (FailureEffect effect : {FailureEffect::kNone, FailureEffect::kDone}) {
    for (uint64_t call = 1; call <= calls; ++call) {
      SCOPED_TRACE(absl::StrFormat("failure %d at call %d", static_cast<int>(effect), call));
      LogWorld world;
      LogModel model;
      Prepare(world);
      world.base.disk.FailAt(call, Unavailable("device error"), effect);
      Tell(world, model);
      world.base.disk.Crash(CrashKind::kMixed, call);
      ExpectAllowed(world, model);
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, CrashTest, testing::Bool(), [](const auto& info) {
  return info.param ? "WrittenEarly" : "WrittenAtSync";
});

}  // namespace
}  // namespace wt::test
