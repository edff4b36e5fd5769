// Proves that the gate goes red, and under which name, for each kind of thing that can be wrong,
// and that it is green only when everything that was promised was seen.
#include <gmock/gmock.h>

#include "tests/scenarios/cli_program.h"

namespace wt {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class GateTest : public FakeProgram {
 protected:
  GateTest() { WT_CHECK(Run("corpus add calm:1 --corpus c").exit_code == 0); }

  // A gate over these scenarios. Seed 3 reaches calm's goal.
  Result Gate(const std::string& scenarios, const std::string& more = "",
              const std::string& environment = "") {
    return Run("gate --base-seed 0 --corpus c " + more,
               "FAKE_SCENARIOS='" + scenarios + "' " + environment);
  }
};

TEST_F(GateTest, IsGreenWhenEverythingWasSeen) {
  const Result gate = Gate("calm crash-ok");
  EXPECT_EQ(gate.exit_code, 0) << gate.out << gate.err;
  EXPECT_THAT(gate.out, HasSubstr("canaries      1 run in which the harness lies"));
  EXPECT_THAT(gate.out, HasSubstr("PASS  gate ci, seeds from 0x0 (0)"));
  // 3/150 and 3/300.
  EXPECT_THAT(gate.out, HasSubstr("below 2.0 % of each scenario's seeds, below 1.0 % of all"));
}

TEST_F(GateTest, IsRedForWhateverIsWrong) {
  const std::tuple<const char*, const char*, int, const char*> cases[] = {
      {"calm crash-ok fails-often", "", 1, "FAIL  acked-writes-survive  fails-often:0x11"},
      {"calm crash-ok segfaults", "", 1, "FAIL  no-crash  segfaults:0x4"},
      {"calm crash-bad", "", 1, "reproduce  wavetank crash crash-bad --seed 1 --depth 1"},
      {"calm crash-ok wavers", "", 5, "NOT DETERMINISTIC  same-seed-same-digest"},
      {"calm crash-ok unsure", "", 3, "1 unclear"},
      {"calm crash-ok broken", "", 4, "ERROR"},
      {"calm crash-ok vacuous", "", 3, "vacuous/fake.never"},
      {"calm", "", 3, "nothing to enumerate"},
      {"calm crash-ok", "FAKE_CANARY=silent", 3, "CANARY NOT CAUGHT  canary-fake"},
      {"calm crash-ok", "FAKE_MATRIX=poor", 3, "  fake-holds × power-loss: quiet, recovery\n"},
      {"calm crash-ok", "FAKE_CANARY=other", 3, "no-phantom objected instead of index-order"},
  };
  for (const auto& [scenarios, environment, code, told] : cases) {
    const Result gate = Gate(scenarios, "", environment);
    EXPECT_EQ(gate.exit_code, code) << scenarios << environment << gate.out << gate.err;
    EXPECT_THAT(gate.out, HasSubstr(told)) << scenarios << environment;
    EXPECT_THAT(gate.out, Not(HasSubstr("PASS  gate")));
  }
}

TEST_F(GateTest, TheMatrixIsInTheSummaryWithItsEmptiestRows) {
  const Result gate = Gate("calm crash-ok", "--summary s.md", "FAKE_MATRIX=poor");
  EXPECT_THAT(gate.out, HasSubstr("1 of 4 possible cells seen (25.00 %)"));
  EXPECT_THAT(gate.out, HasSubstr("below its floor"));
  EXPECT_THAT(Read("s.md"), HasSubstr("fake-holds  1 of 4 possible cells seen (25.00 %)"));
}

TEST_F(GateTest, EmptyCellsDrawMoreSeeds) {
  const Result gate = Gate("calm crash-ok", "", "FAKE_MATRIX=steered");
  EXPECT_EQ(gate.exit_code, 0) << gate.out << gate.err;
  // Calm alone has that fault.
  EXPECT_THAT(gate.out, HasSubstr("2 runs at empty cells, 2 filled"));
  EXPECT_THAT(gate.out, HasSubstr("4 of 4 possible cells seen (100.00 %)"));
  const Result poor = Gate("calm crash-ok", "", "FAKE_MATRIX=poor");
  EXPECT_THAT(poor.out, HasSubstr("1 run at empty cells, 0 filled")) << "and no more";
}

TEST_F(GateTest, WhatFailsWhereItIsSentIsReproducedThere) {
  const Result gate = Gate("calm crash-ok fails-aimed", "--junit j.xml", "FAKE_MATRIX=steered");
  EXPECT_EQ(gate.exit_code, 1) << gate.out << gate.err;
  EXPECT_THAT(gate.out, HasSubstr("FAIL  no-leak  fails-aimed:0x"));
  EXPECT_THAT(gate.out, HasSubstr("failed, 0 unclear"));
  const size_t at = gate.out.find("repro fails-aimed:");
  ASSERT_NE(at, std::string::npos);
  const std::string again = gate.out.substr(at, gate.out.find('\n', at) - at);
  EXPECT_THAT(again, HasSubstr(" --set aim=power-loss@"));
  EXPECT_THAT(Read("j.xml"), HasSubstr("<testsuite name=\"steering\""));
  EXPECT_EQ(Run(again).exit_code, 1);
  EXPECT_EQ(Run(again.substr(0, again.find(" --set"))).exit_code, 0);
}

TEST_F(GateTest, NothingIsSteeredWhereTheMatrixIsNotJudged) {
  for (const char* how : {"--for 100ms", "--seeds 40"}) {
    const Result gate = Gate("calm crash-ok fails-aimed", how, "FAKE_MATRIX=steered");
    EXPECT_EQ(gate.exit_code, 0) << gate.out << gate.err;
    EXPECT_THAT(gate.out, HasSubstr("not done with"));
  }
}

TEST_F(GateTest, WhatIsDeclaredImpossibleAndSeenIsTold) {
  const Result gate = Gate("calm crash-ok", "", "FAKE_MATRIX=odd");
  EXPECT_EQ(gate.exit_code, 0) << gate.out;
  EXPECT_THAT(gate.out,
              HasSubstr("seen, though declared impossible: index-order × none × quiet\n"));
}

TEST_F(GateTest, TheFloorIsNotForALimitOfTime) {
  const Result gate = Gate("calm crash-ok", "--for 100ms", "FAKE_MATRIX=poor");
  EXPECT_EQ(gate.exit_code, 0) << gate.out;
  EXPECT_THAT(gate.out, HasSubstr("not judged with --for"));
}

TEST_F(GateTest, FewerSeedsAreNoPromiseOfGoalsAndMatrix) {
  const Result gate = Gate("calm crash-ok vacuous", "--seeds 40", "FAKE_MATRIX=poor");
  EXPECT_EQ(gate.exit_code, 0) << gate.out;
  EXPECT_THAT(gate.out, HasSubstr("120 runs of 3 scenarios"));
  EXPECT_THAT(gate.out, HasSubstr("not judged with fewer seeds"));
  EXPECT_EQ(Gate("calm crash-ok fails-often", "--seeds 8").exit_code, 1);
  EXPECT_EQ(Gate("calm crash-ok vacuous", "--seeds 150").exit_code, 3) << "as many are enough";
}

TEST_F(GateTest, AFailingPlanOfTheCorpusMakesItRed) {
  ASSERT_EQ(Run("corpus add fails-often:7 --corpus c").exit_code, 0);
  const Result gate = Gate("calm crash-ok fails-often", "--json");
  EXPECT_EQ(gate.exit_code, 1);
  EXPECT_EQ(LinesOf(gate.out).front()["file"], "c/fails-often-acked-writes-survive-b5d9.json");
}

TEST_F(GateTest, AMissedGoalIsSoughtFurtherOnAndNeverForgiven) {
  // 150 seeds from 0x8000... on do not hold seed 3, nor do those behind them.
  const Result gate = Run("gate --base-seed 1000 --corpus c", "FAKE_SCENARIOS='calm crash-ok'");
  EXPECT_EQ(gate.exit_code, 3);
  EXPECT_THAT(gate.out, HasSubstr("calm/fake.reached"));
  EXPECT_THAT(gate.out, HasSubstr("some sought in 1,200 more runs"));
}

TEST_F(GateTest, ALimitOfTimeBoundsTheSearchForGoalsAndIsNeverGreenForIt) {
  const Result gate =
      Run("gate --base-seed 1000 --corpus c --for 1ms", "FAKE_SCENARIOS='calm crash-ok'");
  EXPECT_EQ(gate.exit_code, 3) << gate.out << gate.err;
  EXPECT_THAT(gate.out, HasSubstr("the search was cut after 1ms"));
}

TEST_F(GateTest, FilesAreTheSameWhateverTheJobs) {
  ASSERT_EQ(Gate("calm crash-ok fails-often", "--jobs 1 --junit a.xml --summary a.md").exit_code,
            1);
  ASSERT_EQ(Gate("calm crash-ok fails-often", "--jobs 3 --junit b.xml --summary b.md").exit_code,
            1);
  EXPECT_EQ(Read("a.xml"), Read("b.xml"));
  EXPECT_EQ(Read("a.md"), Read("b.md"));
  EXPECT_THAT(Read("a.xml"), HasSubstr("<testcase classname=\"fails-often\" "
                                       "name=\"acked-writes-survive\">"));
  EXPECT_THAT(Read("a.md"), HasSubstr("# gate ci: FAIL"));
}

TEST_F(GateTest, GitHubIsToldOnStandardError) {
  const Result gate = Gate("calm crash-ok fails-often", "--json", "GITHUB_ACTIONS=true");
  EXPECT_THAT(gate.err, HasSubstr("::error title=acked-writes-survive fails-often%3A0x11::key k017 "
                                  "is missing%0Awavetank repro fails-often:0x11"));
  EXPECT_THAT(gate.out, Not(HasSubstr("::error")));
}

TEST_F(GateTest, TheCommitIsTheBaseSeed) {
  const Result gate =
      Run("gate --json --corpus c --base-seed 0123456789abcdef0123456789abcdef01234567",
          "FAKE_SCENARIOS='calm crash-ok'");
  EXPECT_EQ(LinesOf(gate.out).back()["base_seed"], "0x1234567");
}

TEST_F(GateTest, MisuseIsTold) {
  EXPECT_THAT(Run("gate --profile nihgtly").err, HasSubstr("did you mean nightly?"));
  EXPECT_THAT(Run("gate --base-seed x").err, HasSubstr("--base-seed: \"x\" is not a seed"));
  EXPECT_THAT(Run("gate --seeds 0 --corpus c").err, HasSubstr("--seeds: at least 1"));
  EXPECT_THAT(Run("gate --seeds 3 --for 1s --corpus c").err, HasSubstr("either --seeds or --for"));
  EXPECT_EQ(Run("gate --base-seed 0").exit_code, 2);  // no corpus here
  const Result described = Run("gate --describe");
  EXPECT_EQ(described.exit_code, 0);
  EXPECT_THAT(described.out, HasSubstr("nightly"));
}

}  // namespace
}  // namespace wt
