// Holds the failure block to the byte: it is what people read first, what scripts grep, and the
// same on the console, in repro and in files.
#include "reports/failure_block.h"

#include <gtest/gtest.h>

namespace wt::reports {
namespace {

RunRecord Sample() {
  return {.scenario = "torn-tail",
          .seed = 0x51f0c2a7,
          .verdict = Verdict::kFail,
          .invariant = "acked-writes-survive",
          .message = "client 3 was told OK for SET k017=v412 (index 413) at 12.118s; after n1 "
                     "restarted, k017 is missing",
          .why = {{9'118'000, "n1", "log.synced upto 413", "lost-fsync #1"},
                  {12'204'000, "n1",
                   "power lost: 8 unsynced sectors, 3 kept, 1 torn (log/000007 sector 9)", ""},
                  {12'481'000, "", "engine.recovered upto 412", "late"}},
          .failed_at_us = 12'481'000,
          .virtual_us = 20'000'000,
          .events = 1867,
          .wall_us = 9'000};
}

TEST(FailureBlockTest, IsThisToTheByte) {
  EXPECT_EQ(FailureBlock(Sample(), {}),
            "FAIL  acked-writes-survive  torn-tail:0x51f0c2a7  t=12.481s  (1,867 events)\n"
            "  client 3 was told OK for SET k017=v412 (index 413) at 12.118s; after n1 restarted, "
            "k017 is missing\n"
            "  why    9.118s n1  log.synced upto 413         ← lost-fsync #1\n"
            "        12.204s n1  power lost: 8 unsynced sectors, 3 kept, 1 torn (log/000007 sector "
            "9)\n"
            "        12.481s     engine.recovered upto 412   ← late\n"
            "  reproduce  wavetank repro torn-tail:0x51f0c2a7\n");
}

TEST(FailureBlockTest, DoesNotDependOnHowLongTheRunTook) {
  RunRecord slow = Sample();
  slow.wall_us = 77'000'000;
  EXPECT_EQ(FailureBlock(slow, {}), FailureBlock(Sample(), {}));
}

TEST(FailureBlockTest, SaysHowToSeeItAgain) {
  const RunRecord record = Sample();
  EXPECT_EQ(ReproduceCommand(record, {.arguments = " --set storm=2s"}),
            "wavetank repro torn-tail:0x51f0c2a7 --set storm=2s");
  EXPECT_EQ(ReproduceCommand(record, {.target = "plan.json"}), "wavetank repro plan.json");
  EXPECT_EQ(ReproduceCommand(record, {.command = "wavetank crash x"}), "wavetank crash x");
}

TEST(FailureBlockTest, WhatIsNoFailureHasItsOwnWord) {
  RunRecord record{.scenario = "s", .seed = 7, .verdict = Verdict::kInconclusive,
                   .message = "the budget is used up", .virtual_us = 5'000'000, .events = 1};
  EXPECT_EQ(FailureBlock(record, {}),
            "INCONCLUSIVE  s:0x7  t=5.000s  (1 event)\n"
            "  the budget is used up\n"
            "  reproduce  wavetank repro s:0x7\n");
  record.verdict = Verdict::kError;
  EXPECT_EQ(FailureBlock(record, {}).substr(0, 5), "ERROR");
}

TEST(FailureBlockTest, ColourOnlyAddsEscapes) {
  std::string text = FailureBlock(Sample(), {.look = {.colour = true}});
  EXPECT_NE(text, FailureBlock(Sample(), {}));
  for (size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
    text.erase(at, text.find('m', at) - at + 1);
  }
  EXPECT_EQ(text, FailureBlock(Sample(), {}));
}

TEST(PassLineTest, IsOneLine) {
  EXPECT_EQ(PassLine({.scenario = "s", .seed = 7, .virtual_us = 60'000'000, .events = 81'234}, {}),
            "PASS  s:0x7  t=60.000s  (81,234 events)\n");
}

}  // namespace
}  // namespace wt::reports
