// Proves that the corpus keeps what failed under a name that says what it found, takes nothing
// twice and nothing damaged, and that running it is green only when every plan passes.
#include <gmock/gmock.h>

#include "tests/scenarios/cli_program.h"

namespace wt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CorpusTest : public FakeProgram {};

constexpr char kKept[] = "c/fails-often-acked-writes-survive-b5d9.json";

TEST_F(CorpusTest, AFailingPlanIsNamedAndToldByWhatItFound) {
  const Result added = Run("corpus add fails-often:7 --corpus c --why 'a lost write'");
  EXPECT_EQ(added.exit_code, 0) << added.err;
  EXPECT_THAT(added.out, HasSubstr(kKept));
  EXPECT_THAT(Read(kKept), HasSubstr("a lost write; acked-writes-survive: key k007 is missing "
                                     "(fails-often:0x7)"));
}

TEST_F(CorpusTest, RunIsRedAsLongAsOnePlanFails) {
  ASSERT_EQ(Run("corpus add calm:1 --corpus c").exit_code, 0);
  EXPECT_EQ(Run("corpus run --corpus c").exit_code, 0);
  ASSERT_EQ(Run("corpus add fails-often:7 --corpus c").exit_code, 0);
  const Result run = Run("corpus run --corpus c --jobs 2");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, HasSubstr(std::string("reproduce  wavetank repro ") + kKept));
  EXPECT_THAT(run.out, HasSubstr("2 plans in c: 1 failed, 0 unclear"));
}

TEST_F(CorpusTest, AWorkerThatDiesOfAPlanIsAFinding) {
  ASSERT_EQ(Run("corpus add segfaults:4 --corpus c").exit_code, 0);
  const Result run = Run("corpus run --corpus c --json");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(LinesOf(run.out).front()["invariant"], "no-crash");
}

TEST_F(CorpusTest, NothingIsKeptTwice) {
  ASSERT_EQ(Run("corpus add fails-often:7 --corpus c").exit_code, 0);
  const Result same = Run("corpus add fails-often:7 --corpus c --why 'in other words'");
  EXPECT_EQ(same.exit_code, 2);
  EXPECT_THAT(same.err, HasSubstr(std::string("the same plan is kept already: ") + kKept));
  const Result alike = Run("corpus add fails-often:27 --corpus c");
  EXPECT_EQ(alike.exit_code, 2);
  EXPECT_THAT(alike.err, HasSubstr("same scenario and signature is kept already"));
}

TEST_F(CorpusTest, WhatIsNoPlanOfOursIsTheTanksFaultAndMisuseIsTheCallers) {
  Write("damaged.json", "{}");
  Write("foreign.json", "{\"scenario\": \"clam\",\n \"seed\": 3}\n");
  Write("directed.json", "{\"scenario\": \"directed\",\n \"seed\": 3}\n");
  const std::tuple<const char*, int, const char*> cases[] = {
      {"corpus add damaged.json --corpus c", 4, "damaged.json: line 2: want \"seed\""},
      {"corpus add foreign.json --corpus c", 4, "unknown scenario \"clam\"; did you mean calm?"},
      {"corpus add directed.json --corpus c", 4, "directed is directed"},
      {"corpus add nothing.json --corpus c", 2, "nothing.json: No such file"},
      {"corpus add directed:1 --corpus c", 2, "directed is directed: it has no plan"},
      {"corpus add broken:1 --corpus c", 2, "the run is error, no regression test"},
      {"corpus add", 2, "add what?"},
      {"corpus add calm:1", 2, "no folder tests/corpus here or above"},
      {"corpus lisst --corpus c", 2, "did you mean list?"},
      {"corpus run --corpus nowhere", 2, "nowhere: No such file"},
  };
  for (const auto& [arguments, code, complaint] : cases) {
    const Result result = Run(arguments);
    EXPECT_EQ(result.exit_code, code) << arguments;
    EXPECT_THAT(result.err, HasSubstr(complaint)) << arguments;
  }
}

TEST_F(CorpusTest, ADamagedEntryIsToldAndAnEmptyCorpusIsVacuous) {
  ASSERT_EQ(Run("corpus add calm:1 --corpus c").exit_code, 0);
  std::filesystem::create_directories(folder_ / "empty");
  EXPECT_EQ(Run("corpus run --corpus empty").exit_code, 3);
  Write("c/zzz.json", "{\"scenario\": \"calm\"}");
  const Result run = Run("corpus run --corpus c");
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_THAT(run.err, HasSubstr("c/zzz.json: line 2"));
}

TEST_F(CorpusTest, TheUsualFolderIsFoundFromBelow) {
  std::filesystem::create_directories(folder_ / "tests/corpus");
  ASSERT_EQ(Run("corpus add calm:1").exit_code, 0);
  const Result list = Run("corpus list --json");
  ASSERT_EQ(LinesOf(list.out).size(), 1u);
  EXPECT_EQ(LinesOf(list.out)[0]["scenario"], "calm");
  EXPECT_EQ(LinesOf(list.out)[0]["file"].get<std::string>().rfind("tests/corpus/calm-", 0), 0u);
}

}  // namespace
}  // namespace wt
