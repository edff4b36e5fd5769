// Proves what becomes of segments that compaction has removed and that a failed sync of the folder
// brings back: a gap lies behind them, which is damage only for who misses what was in it.
#include <gtest/gtest.h>

#include "tests/log/log_world.h"

namespace wt::test {
namespace {

class CameBackTest : public testing::Test {
 protected:
  // Five segments of two entries each, a life each; all but the last are compacted away, and the
  // first comes back.
  void SetUp() override {
    for (uint64_t next = 1; next <= 9; next += 2) {
      log_ = world_.Open();
      if (next == 1) first_ = world_.Segments().back();
      ASSERT_TRUE(log_->AppendBatch(EntriesFrom(next, 2)).ok());
      ASSERT_TRUE(log_->Sync().ok());
      Crash();
    }
    content_ = *world_.base.disk.Content(first_);
    log_ = world_.Open();
    ASSERT_TRUE(log_->Compact(LogIndex(8)).ok());
    Crash();
    ASSERT_FALSE(world_.base.disk.Content(first_).has_value());
    world_.base.disk.Plant(first_, content_);
  }
  void Crash() {
    log_.reset();
    world_.base.disk.Crash(CrashKind::kLoseUnsynced);
  }
  uint64_t DamageTold() { return world_.base.events.Count(EventKind::kLogDamaged); }

  LogWorld world_;
  std::unique_ptr<LogStorage> log_;
  std::string first_;
  std::string content_;
};

TEST_F(CameBackTest, AGapThatIsAcceptedIsNoDamage) {
  world_.options.accept = [](const LogRecovery& found) {
    EXPECT_TRUE(absl::IsDataLoss(found.gap)) << found.gap;
    return absl::OkStatus();
  };
  log_ = world_.Open();
  EXPECT_EQ(log_->first_index(), LogIndex(9));
  EXPECT_EQ(world_.base.events.goals.count("log.removed_segments_came_back"), 1u);
  EXPECT_EQ(DamageTold(), 0u);
  EXPECT_FALSE(world_.base.disk.Content(first_).has_value());
}

TEST_F(CameBackTest, AGapThatIsRefusedIsToldAndNothingGoes) {
  world_.options.accept = [](const LogRecovery& found) { return found.gap; };
  EXPECT_TRUE(absl::IsDataLoss(world_.TryOpen().status()));
  EXPECT_EQ(DamageTold(), 1u);
  EXPECT_EQ(world_.base.disk.Content(first_), content_);
}

TEST_F(CameBackTest, NobodyToAskIsARefusal) {
  EXPECT_TRUE(absl::IsDataLoss(world_.TryOpen().status()));
  EXPECT_EQ(DamageTold(), 1u);
  EXPECT_EQ(world_.base.disk.Content(first_), content_);
}

}  // namespace
}  // namespace wt::test
