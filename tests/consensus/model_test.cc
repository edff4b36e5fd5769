// Thousands of random lives of a group, each judged at every step. The environment variables
// WAVETANK_MODEL_SEEDS (how many) and WAVETANK_MODEL_SEED (from which on) make it longer, or name
// one.
#include "tests/consensus/model.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace wt::testing {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

void RunSeeds(const ModelOptions& options, uint64_t usual) {
  const uint64_t first = FromEnvironment("WAVETANK_MODEL_SEED", 1);
  const uint64_t seeds = FromEnvironment("WAVETANK_MODEL_SEEDS", usual);
  ModelResult total;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    const ModelResult result = RunModel(seed, options);
    ASSERT_EQ(result.violation, "") << "seed " << seed;
    total.commits += result.commits;
    total.elections += result.elections;
    total.lies += result.lies;
    total.reads += result.reads;
  }
  std::printf("%d seeds: %d commits, %d elections, %d lies, %d reads\n", static_cast<int>(seeds),
              static_cast<int>(total.commits), static_cast<int>(total.elections),
              static_cast<int>(total.lies), static_cast<int>(total.reads));
  // It bites only where something happens.
  if (seeds < 100) return;
  EXPECT_GT(total.commits, seeds * 5);
  EXPECT_GT(total.lies, seeds / 20);
  if (!options.races) {
    EXPECT_GT(total.reads, seeds / 2);
  }
}

TEST(ModelTest, HoldsWithALyingMinorityOfDisks) { RunSeeds({.verified = true}, 2000); }

TEST(ModelTest, HoldsWithBelievedDisksWhoseLossesShow) { RunSeeds({.verified = false}, 2000); }

TEST(ModelTest, HoldsWhenRecallsRaceWithPromises) {
  RunSeeds({.steps = 500, .verified = true, .races = true}, 4000);
}

}  // namespace
}  // namespace wt::testing
