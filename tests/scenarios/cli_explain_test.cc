// Proves what `wavetank explain` and `wavetank repro --records` promise on the command line: exit
// codes, JSON keys, which faults the text calls necessary, and one clear line where there is
// nothing to do. The fake's failure `planted` needs two of its three faults.
#include <gmock/gmock.h>

#include "tests/scenarios/cli_program.h"

namespace wt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

class ExplainProgramTest : public FakeProgram {
 protected:
  // `code`, nothing on stdout, and one line on stderr that has `told`.
  void ExpectRefused(const std::string& arguments, int code, const std::string& told) {
    const Result result = Run(arguments);
    EXPECT_EQ(result.exit_code, code) << arguments << result.err;
    EXPECT_EQ(result.out, "") << arguments;
    EXPECT_THAT(result.err, HasSubstr(told)) << arguments;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }

  static std::vector<std::string> FaultsThatAre(const std::string& need, const Json& explanation) {
    std::vector<std::string> names;
    for (const Json& part : explanation["parts"]) {
      if (part["part"] == "fault" && part["need"] == need) names.push_back(part["name"]);
    }
    return names;
  }
};

TEST_F(ExplainProgramTest, TheTextNamesWhatIsNecessary) {
  const Result result = Run("explain planted:1");
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, StartsWith("small: taken as it is\n"));
  EXPECT_THAT(result.out, HasSubstr("FAIL  acked-writes-survive  planted:0x1"));
  EXPECT_THAT(result.out, testing::ContainsRegex("lost-fsync #1 [^\n]* NECESSARY"));
  EXPECT_THAT(result.out, testing::ContainsRegex("power-loss #1 [^\n]* NECESSARY"));
  EXPECT_THAT(result.out, testing::ContainsRegex("slow-disk #1 [^\n]* not needed"));
  EXPECT_THAT(result.out, HasSubstr("explained with "));
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
}

TEST_F(ExplainProgramTest, JsonSaysTheSameInOneLine) {
  const Result result = Run("explain planted:1 --json");
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const std::vector<Json> lines = LinesOf(result.out);
  ASSERT_EQ(lines.size(), 1u);
  std::vector<std::string> keys;
  for (const auto& [key, value] : lines[0].items()) keys.push_back(key);
  EXPECT_THAT(
      keys, ElementsAre("as_it_is", "ended", "events", "failed_at_us", "inevitable_from_record",
                        "invariant", "kind", "likelihood", "likely_from_record", "message", "parts",
                        "plan", "reproduce", "runs", "scenario", "seed", "signature", "why"));
  EXPECT_EQ(lines[0]["kind"], "explanation");
  EXPECT_EQ(lines[0]["ended"], "done");
  EXPECT_THAT(FaultsThatAre("necessary", lines[0]), ElementsAre("lost-fsync #1", "power-loss #1"));
  EXPECT_THAT(FaultsThatAre("not", lines[0]), ElementsAre("slow-disk #1"));
  EXPECT_EQ(lines[0]["reproduce"], "wavetank repro planted:1");
}

TEST_F(ExplainProgramTest, APlanInAFileIsExplainedAsWell) {
  ASSERT_EQ(Run("repro planted:1 --plan plan.json").exit_code, 0);
  const Result result = Run("explain plan.json --as-is");
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, StartsWith("taken as it is\n"));
  EXPECT_THAT(result.out, HasSubstr("reproduce  wavetank repro plan.json"));
}

TEST_F(ExplainProgramTest, APlanThatIsTakenAsItIsIsWrittenWhereItIsAskedFor) {
  for (const std::string manner : {"", " --as-is"}) {
    const std::string file = "kept" + std::to_string(manner.size()) + ".json";
    const Result result = Run("explain planted:1" + manner + " --out " + file);
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_THAT(result.out, HasSubstr("reproduce  wavetank repro " + file));
    EXPECT_EQ(Run("repro " + file).exit_code, 1) << manner;
  }
  EXPECT_EQ(Run("explain calm:1 --out none.json").exit_code, 3);
  EXPECT_EQ(Run("repro none.json").exit_code, 2) << "there was nothing to write";
}

TEST_F(ExplainProgramTest, ABudgetThatEndsItIsTold) {
  const Result result = Run("explain planted:1 --runs 5");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("not all of it: the budget of runs is used up after"));
}

TEST_F(ExplainProgramTest, WhatCannotBeExplainedIsOneLine) {
  ExpectRefused("explain calm:1", 3, "calm:1 does not fail (pass): there is nothing to explain");
  ExpectRefused("explain broken:1", 4, "does not fail (error)");
  ExpectRefused("explain plantet:1", 2, "did you mean planted?");
  ExpectRefused("explain planted:x", 2, "\"x\" is not a seed");
  ExpectRefused("explain directed:1", 2, "there is nothing to leave out");
  ExpectRefused("explain gone.json", 2, "gone.json: No such file");
}

TEST_F(ExplainProgramTest, ReproPrintsTheRecordsOfAWindow) {
  const Result result = Run("repro calm:1 --records 10..13");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\n10 word 10\n11 word 11\n12 word 12\n\nPASS"));
  EXPECT_THAT(Run("repro calm:1").out, Not(HasSubstr("word")));
  std::vector<std::string> records;
  for (const Json& line : LinesOf(Run("repro calm:1 --records 398..500 --json").out)) {
    if (line["kind"] == "record") records.push_back(line["text"]);
  }
  EXPECT_THAT(records, ElementsAre("398 word 398", "399 word 399")) << "there are 400";
}

TEST_F(ExplainProgramTest, AWindowThatIsNoneIsMisuse) {
  ExpectRefused("repro calm:1 --records ten..12", 2, "--records");
  ExpectRefused("repro calm:1 --records 12..10", 2, "--records");
}

}  // namespace
}  // namespace wt
