// Which tables are merged next: the fullest level first, whole key ranges, in turn, and no more
// than needed.
#include "engine/lsm/compaction_plan.h"

#include <gtest/gtest.h>

#include "engine/base/check.h"

namespace wt {
namespace {

// Levels of tables that are only planned with, never read.
class Shelf {
 public:
  Shelf& Add(uint32_t level, std::string smallest, std::string largest, uint64_t bytes = 100) {
    auto table = std::make_shared<LiveTable>();
    const uint64_t number = ++last_;
    table->record = {.identity = {.number = number},
                     .bytes = bytes,
                     .max_version = LogIndex(number),
                     .smallest_key = std::move(smallest),
                     .largest_key = std::move(largest)};
    edit_.added.push_back({level, table->record});
    tables_.push_back(std::move(table));
    return *this;
  }
  std::shared_ptr<const Levels> levels() const { return *Levels().With(edit_, tables_); }
  absl::Status status() const { return Levels().With(edit_, tables_).status(); }

 private:
  uint64_t last_ = 0;
  ManifestEdit edit_;
  TableList tables_;
};

LsmOptions Options() {
  LsmOptions options;
  options.level0_trigger = 2;
  options.level1_bytes = 1000;
  options.level_ratio = 10;
  return options;
}

std::vector<uint64_t> Numbers(const CompactionPlan& plan) {
  std::vector<uint64_t> numbers;
  for (const RemovedTable& removed : plan.Removed()) numbers.push_back(removed.number);
  return numbers;
}

TEST(CompactionPlanTest, NothingToDoBelowTheTriggers) {
  CompactionCursors cursors;
  const auto levels = Shelf().Add(0, "a", "z").Add(1, "a", "c", 999).levels();
  EXPECT_FALSE(PlanCompaction(*levels, Options(), cursors).has_value());
  EXPECT_FALSE(PlanFullCompaction(Levels()).has_value());
}

TEST(CompactionPlanTest, LevelZeroGivesAllItHasWithWhatItsKeysTouch) {
  CompactionCursors cursors;
  const auto levels = Shelf()
                          .Add(0, "d", "f")
                          .Add(0, "c", "e")
                          .Add(1, "a", "b")
                          .Add(1, "c", "d")
                          .Add(1, "f", "g")
                          .Add(1, "h", "i")
                          .levels();
  const auto plan = PlanCompaction(*levels, Options(), cursors);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->output_level, 1u);
  EXPECT_FALSE(plan->is_move);
  EXPECT_EQ(Numbers(*plan), (std::vector<uint64_t>{2, 1, 4, 5})) << "the newest first";
}

TEST(CompactionPlanTest, LaterLevelsGiveOneTableInTurn) {
  CompactionCursors cursors;
  const auto levels = Shelf()
                          .Add(1, "a", "b", 600)
                          .Add(1, "c", "d", 600)
                          .Add(2, "a", "c")
                          .Add(2, "x", "z")
                          .levels();
  EXPECT_EQ(Numbers(*PlanCompaction(*levels, Options(), cursors)), (std::vector<uint64_t>{1, 3}));
  EXPECT_EQ(Numbers(*PlanCompaction(*levels, Options(), cursors)), (std::vector<uint64_t>{2, 3}));
  EXPECT_EQ(Numbers(*PlanCompaction(*levels, Options(), cursors)), (std::vector<uint64_t>{1, 3}));
}

TEST(CompactionPlanTest, ATableThatTouchesNothingIsMoved) {
  CompactionCursors cursors;
  const auto levels = Shelf().Add(1, "m", "n", 2000).Add(2, "a", "b").levels();
  const auto plan = PlanCompaction(*levels, Options(), cursors);
  ASSERT_TRUE(plan.has_value());
  EXPECT_TRUE(plan->is_move);
  EXPECT_EQ(plan->output_level, 2u);
}

TEST(CompactionPlanTest, TheFullestLevelComesFirst) {
  CompactionCursors cursors;
  const auto levels = Shelf()
                          .Add(0, "a", "z")
                          .Add(0, "a", "z")
                          .Add(1, "a", "b", 5000)
                          .Add(2, "x", "z", 9000)
                          .levels();
  EXPECT_EQ(PlanCompaction(*levels, Options(), cursors)->output_level, 2u);
}

TEST(CompactionPlanTest, AFullOneTakesEverythingToTheDeepestLevelInUse) {
  const auto levels = Shelf().Add(0, "a", "b").Add(1, "a", "b").Add(3, "c", "d").levels();
  const auto plan = PlanFullCompaction(*levels);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->output_level, 3u);
  EXPECT_EQ(plan->Removed().size(), 3u);
  EXPECT_EQ(PlanFullCompaction(*Shelf().Add(0, "a", "b").levels())->output_level, 1u);
}

TEST(LevelsTest, AnOverlapWithinALevelIsRefused) {
  EXPECT_TRUE(absl::IsDataLoss(Shelf().Add(1, "a", "c").Add(1, "b", "d").status()));
  EXPECT_TRUE(absl::IsDataLoss(Shelf().Add(1, "a", "c").Add(1, "c", "d").status()))
      << "one user key in two tables";
  EXPECT_TRUE(Shelf().Add(0, "a", "c").Add(0, "b", "d").status().ok());
}

TEST(LevelsTest, AnEditThatDoesNotFitIsRefused) {
  const auto levels = Shelf().Add(1, "a", "c").levels();
  EXPECT_TRUE(absl::IsDataLoss(levels->With({.removed = {{1, 99}}}, {}).status()));
  EXPECT_TRUE(absl::IsDataLoss(levels->With({.removed = {{2, 1}}}, {}).status()));
  ManifestEdit unknown;
  unknown.added.push_back({1, {.identity = {.number = 50}}});
  EXPECT_TRUE(absl::IsDataLoss(levels->With(unknown, {}).status()));
}

TEST(LevelsTest, WhatMayLieBelowAKey) {
  const auto levels = Shelf().Add(1, "a", "c").Add(3, "b", "d").levels();
  EXPECT_TRUE(levels->MayBeBelow(0, "a"));
  EXPECT_FALSE(levels->MayBeBelow(1, "a"));
  EXPECT_TRUE(levels->MayBeBelow(1, "b"));
  EXPECT_FALSE(levels->MayBeBelow(3, "b"));
}

TEST(CompactionPlanTest, TheTimeToWriteIsRightForAnyNumberOfBytes) {
  using namespace std::chrono_literals;
  EXPECT_EQ(TimeToWrite(0, 1), 0s);
  EXPECT_EQ(TimeToWrite(3 * kMiB, 2 * kMiB), 1500ms);
  EXPECT_EQ(TimeToWrite(1, 3), 333'333'333ns);
  EXPECT_EQ(TimeToWrite(20'000'000'000, 10'000'000), 2000s);  // x 10^9 is beyond 64 bits
  EXPECT_EQ(TimeToWrite(~uint64_t{0}, ~uint64_t{0}), 1s);
  EXPECT_EQ(TimeToWrite(~uint64_t{0}, 1), std::chrono::hours(100 * 365 * 24));
}

}  // namespace
}  // namespace wt
