// Proves the contract of the command line on the built program, with a fake tank in it: exit codes,
// JSON keys, what goes to stdout and what to stderr, and files that are equal byte for byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "faults/fault.h"

namespace wt {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

std::string Slurp(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Result {
  int exit_code = -1;
  std::string out;
  std::string err;
};

std::vector<Json> LinesOf(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(Json::parse(line));
  return lines;
}

class ProgramTest : public ::testing::Test {
 protected:
  ProgramTest() {
    std::string pattern = (fs::temp_directory_path() / "wavetank-XXXXXX").string();
    WT_CHECK(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
  }
  ~ProgramTest() override { fs::remove_all(folder_); }

  // In a folder of its own, without this environment's flags.
  Result Run(const std::string& arguments, const std::string& environment = "") {
    const std::string command = "cd " + folder_.string() + " && " + environment + " '" +
                                WAVETANK_FAKE_PROGRAM + "' " + arguments + " >out 2>err </dev/null";
    const int status = std::system(command.c_str());
    return {WEXITSTATUS(status), Slurp(folder_ / "out"), Slurp(folder_ / "err")};
  }

  fs::path folder_;
};

TEST_F(ProgramTest, ExitCodesTellTheVerdict) {
  const std::pair<const char*, int> cases[] = {
      {"run calm", 0},
      {"run fails-often --seeds 0..8", 1},
      {"run segfaults --seeds 4..5", 1},
      {"run hangs --seed 2 --timeout 200ms", 1},
      {"run unsure --seeds 0..3", 3},
      {"run vacuous --seeds 0..3", 3},
      {"run calm --seeds 0..3", 3},  // the goal is reached by seed 3
      {"run calm --seed 0", 0},      // one seed is not judged by goals
      {"run calm --shard 1/50", 0},
      {"run broken --seeds 0..2", 4},
      {"run broken fails-often wavers --verify 1 --seeds 0..8", 4},
      {"run wavers fails-often --verify 1 --seeds 0..8", 5},
      {"run fails-often unsure --seeds 0..8", 1},
      {"repro calm:3", 0},
      {"repro fails-often:7", 1},
      {"repro unsure:1", 3},
      {"repro broken:1", 4},
      {"repro calm:3 --until 1.5s", 3},
      {"shrink fails-often:7", 1},
      {"shrink segfaults:4", 1},
      {"shrink calm:3", 3},   // it passes: nothing was shrunk
      {"shrink unsure:1", 3},
      {"shrink broken:1", 4},
      {"shrink directed:1", 2},
      {"verify calm:3", 0},
      {"verify wavers:3", 5},
      {"crash crash-ok", 0},
      {"crash crash-bad", 1},
      {"crash crash-dies", 1},
      {"crash crash-ok --max-states 10", 3},
      {"list", 0},
      {"describe calm", 0},
      {"--help", 0},
      {"run --help", 0},
      {"--version", 0},
  };
  for (const auto& [arguments, code] : cases) {
    EXPECT_EQ(Run(arguments).exit_code, code) << arguments;
  }
}

TEST_F(ProgramTest, MisuseIsOneLineOnStderrWithTheNearestNames) {
  const std::pair<const char*, const char*> cases[] = {
      {"rnu", "wavetank: unknown verb \"rnu\"; did you mean run?"},
      {"run clam", "wavetank run: unknown scenario \"clam\"; did you mean calm? (wavetank list)"},
      {"run calm --sedes 0..3", "unknown flag \"--sedes\"; did you mean --seeds, --seed?"},
      {"repro calm:3 --records abc", "--records: \"abc\" is not a range of records such as 0..100"},
      {"run calm --seeds 5", "--seeds: \"5\" is not a range of seeds such as 0..100"},
      {"run calm --seeds=3..3", "--seeds: \"3..3\" is empty; A..B holds B-A seeds"},
      {"run calm --seed x", "--seed: \"x\" is not a seed"},
      {"run calm --seed 1 --seeds 0..3", "either --seeds or --seed, not both"},
      {"run calm --all", "either names or --all, not both"},
      {"run calm --jobs 0", "--jobs: 1 to 4096"},
      {"shrink calm:3 --jobs 0", "--jobs: 1 to 4096"},
      {"shrink calm:3 --runs 0", "--runs: at least 1"},
      {"shrink calm:3 --for 0", "--for: longer than nothing"},
      {"shrink directed:1", "directed is directed: its story says what is done"},
      {"run calm --shard 3/2", "--shard: \"3/2\" is not a shard"},
      {"run calm --set strom=3s", "--set: unknown key \"strom\"; did you mean storm"},
      {"run directed --set storm=3s", "directed"},
      {"run calm --for fast", "--for: \"fast\" is not a duration"},
      {"repro calm", "\"calm\" is not SCENARIO:SEED"},
      {"repro nothing.json", "nothing.json: No such file"},
      {"crash calm", "calm is not for crash enumeration; these are: crash-ok"},
      {"list scenrios", "unknown list \"scenrios\"; did you mean scenarios?"},
      {"repro", "run is required"},
      {"worker", "is started by"},
      {"run calm --config nothing", "nothing: No such file"},
  };
  for (const auto& [arguments, complaint] : cases) {
    const Result result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments;
    EXPECT_THAT(result.err, HasSubstr(complaint)) << arguments;
    EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
    EXPECT_THAT(result.out, IsEmpty()) << arguments;
  }
}

TEST_F(ProgramTest, RunWithJsonPrintsOnlyTheContractsLines) {
  const Result result = Run("run fails-often --seeds 6..8 --json");
  EXPECT_THAT(result.err, IsEmpty());
  const std::vector<Json> lines = LinesOf(result.out);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0]["kind"], "campaign");
  const Json& run = lines[2];
  EXPECT_EQ(run["kind"], "run");
  EXPECT_EQ(run["seed"], "0x7");
  EXPECT_EQ(run["verdict"], "fail");
  EXPECT_EQ(run["invariant"], "acked-writes-survive");
  EXPECT_TRUE(lines[1]["invariant"].is_null());
  EXPECT_EQ(run["faults"], (Json{{"power-loss", 2}}));
  EXPECT_TRUE(run.contains("wall_us") && run.contains("goals") && run.contains("virtual_us"));
  EXPECT_EQ(lines[3]["kind"], "finding");
  const Json& end = lines[4];
  EXPECT_EQ(end["kind"], "end");
  for (const char* key : {"runs", "failed", "inconclusive", "errors", "not_deterministic", "events",
                          "virtual_us", "wall_us", "seeds_per_s", "events_per_s", "goals_missed",
                          "digest"}) {
    EXPECT_TRUE(end.contains(key)) << key;
  }
  EXPECT_EQ(end["runs"], 2);
  EXPECT_EQ(end["failed"], 1);
}

TEST_F(ProgramTest, CampaignFilesAreEqualByteForByteWhateverTheJobs) {
  const std::string arguments = "run calm two-bugs segfaults --seeds 0..30 --verify 1/5";
  std::map<std::string, std::string> files[2];
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Run(arguments + (i == 0 ? " --jobs 1" : " --jobs 4")).exit_code, 1);
    ASSERT_TRUE(fs::is_symlink(folder_ / "tank-out" / "latest"));
    const fs::path latest = fs::canonical(folder_ / "tank-out" / "latest");
    for (const auto& entry : fs::recursive_directory_iterator(latest)) {
      const std::string name = fs::relative(entry.path(), latest).string();
      if (entry.is_regular_file() && name != "host.json") {
        files[i][latest.filename().string() + "/" + name] = Slurp(entry.path());
      }
    }
  }
  EXPECT_EQ(files[0], files[1]);
  // results, summary, junit, matrix; story, plan and minimal plan each; output
  EXPECT_EQ(files[0].size(), 4u + 3u * 3u + 1u);
}

// What a block has when its failure was shrunk.
std::string MinimalLines(const std::string& path) {
  return "  minimal    wavetank repro " + path + "\n" +
         "  keep       wavetank corpus add " + path + "\n";
}

TEST_F(ProgramTest, ACampaignShrinksItsFirstFindings) {
  const Result campaign = Run("run fails-often two-bugs hangs --seeds 2..8 --timeout 200ms");
  for (const char* invariant : {"acked-writes-survive", "index-order", "no-phantom"}) {
    size_t found = 0;
    const fs::path findings = folder_ / "tank-out" / "latest" / "findings";
    for (const auto& entry : fs::directory_iterator(findings)) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with(invariant)) continue;
      ++found;
      EXPECT_TRUE(fs::exists(entry.path() / "minimal.json")) << name;
      const std::string path = "tank-out/latest/findings/" + name + "/minimal.json";
      EXPECT_THAT(campaign.out, HasSubstr(MinimalLines(path)));
      EXPECT_EQ(Run("repro " + path).exit_code, 1);
    }
    EXPECT_EQ(found, 1u) << invariant;
  }
  EXPECT_THAT(Run("run fails-often --seed 7 --shrink 0").out, Not(HasSubstr("minimal")));
  const std::vector<Json> lines = LinesOf(Run("run fails-often --seed 7 --json").out);
  EXPECT_THAT(lines[2]["minimal"].get<std::string>(), EndsWith("/minimal.json"));
}

TEST_F(ProgramTest, ShrinkWritesThePlanWhereItsFindingIs) {
  const Result alone = Run("shrink fails-often:7");
  EXPECT_EQ(alone.err, "");
  EXPECT_THAT(alone.out, HasSubstr("FAIL  acked-writes-survive  fails-often:0x7"));
  EXPECT_THAT(alone.out, HasSubstr("reproduce  wavetank repro fails-often:7\n  minimal    "
                                   "wavetank repro tank-out/shrunk/acked-writes-survive-"));
  EXPECT_THAT(alone.out, EndsWith("minimal after 1 run\n"));
  Run("run fails-often --seed 7 --shrink 0");
  const Result known = Run("shrink fails-often:7 --json");
  const std::vector<Json> lines = LinesOf(known.out);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["kind"], "finding");
  EXPECT_EQ(lines[0]["reproduce"], "wavetank repro fails-often:7");
  const std::string path = lines[0]["minimal"];
  EXPECT_THAT(path, StartsWith("tank-out/latest/findings/acked-writes-survive-"));
  EXPECT_EQ(lines[1]["kind"], "end");
  EXPECT_EQ(lines[1]["ended"], "minimal");
  EXPECT_EQ(lines[1]["before"], lines[1]["after"]);
  EXPECT_THAT(Run("shrink " + path + " --out small.json --test small_test.cc").out,
              HasSubstr(MinimalLines("small.json") + "  test       small_test.cc\n"));
  EXPECT_EQ(Run("repro small.json").exit_code, 1);
  EXPECT_THAT(Slurp(folder_ / "small_test.cc"), HasSubstr("TEST(FailsOftenTest, "));
}

TEST_F(ProgramTest, ReproPrintsTheCampaignsBlockByteForByte) {
  const Result campaign = Run("run fails-often --seeds 0..10 --set storm=3s");
  const Result repro = Run("repro fails-often:7 --set storm=3s");
  const std::string block = repro.out.substr(repro.out.find("FAIL"));
  EXPECT_THAT(block, HasSubstr("reproduce  wavetank repro fails-often:0x7 --set storm=3s\n"));
  EXPECT_THAT(campaign.out, HasSubstr(block));
  const std::string story = Slurp(folder_ / "tank-out" / "latest" / "findings" /
                                  "acked-writes-survive-b5d9" / "story.txt");
  EXPECT_THAT(story, StartsWith(block));
  EXPECT_THAT(story, HasSubstr("power lost"));
}

TEST_F(ProgramTest, ReproTakesAPlanAndWritesOne) {
  EXPECT_EQ(Run("repro fails-often:7 --plan plan.json --trace trace.json").exit_code, 1);
  const Result again = Run("repro plan.json");
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.out, HasSubstr("reproduce  wavetank repro plan.json\n"));
  EXPECT_EQ(Json::parse(Slurp(folder_ / "trace.json"))["traceEvents"].size(), 4u);
  std::ofstream(folder_ / "plan.json") << "{\n";
  const Result damaged = Run("repro plan.json");
  EXPECT_EQ(damaged.exit_code, 4);
  EXPECT_EQ(damaged.err, "wavetank repro: plan.json: line 2: want \"seed\"\n");
}

TEST_F(ProgramTest, ReproShowsTheStackOfARunThatKillsItsProcess) {
  const Result result = Run("repro aborts:4");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("FAIL  no-crash  aborts:0x4"));
  EXPECT_THAT(result.out, HasSubstr("died of SIGABRT; stack:"));
}

TEST_F(ProgramTest, CrashEndsWithTheCounts) {
  EXPECT_EQ(Run("crash crash-ok").out,
            "412 points, 9,870 states, 3,114 distinct, all recovered\n");
  const std::vector<Json> lines = LinesOf(Run("crash crash-bad --json --seed 0x9").out);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[2]["points"], 412);
  EXPECT_EQ(lines[2]["states"], 9870);
  EXPECT_EQ(lines[2]["distinct"], 3114);
  EXPECT_EQ(lines[2]["failed"], 2);
  EXPECT_EQ(lines[2]["seed"], "0x9");
}

TEST_F(ProgramTest, VerifyNamesTheFirstDifference) {
  const Result result = Run("verify wavers:3 calm:1");
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.out, HasSubstr("NOT DETERMINISTIC  same-seed-same-digest  wavers:0x3\n"));
  EXPECT_THAT(result.out, HasSubstr("first difference at trace record 137\n"));
  EXPECT_THAT(result.out, HasSubstr("same  calm:0x1"));
  EXPECT_THAT(result.out, EndsWith("2 seeds verified, 1 not deterministic\n"));
}

TEST_F(ProgramTest, ListScenariosAsJson) {
  const std::vector<Json> lines = LinesOf(Run("list scenarios --json").out);
  ASSERT_EQ(lines.size(), 18u);
  EXPECT_EQ(lines[0]["name"], "calm");
  EXPECT_EQ(lines[0]["kind"], "random");
  EXPECT_EQ(lines[0]["machines"], 1);
  EXPECT_EQ(lines[12]["kind"], "directed");
  EXPECT_EQ(lines[13]["crash"], true);
  EXPECT_EQ(lines[16]["name"], "grouped");
  EXPECT_EQ(lines[16]["machines"], 5) << "the most that a seed may draw";
  EXPECT_THAT(Run("list").out, HasSubstr("1, 3, 5"));
  EXPECT_EQ(LinesOf(Run("list faults --json").out).size(), faults::AllFaults().size());
  EXPECT_EQ(LinesOf(Run("list invariants --json").out).size(), 2u);
  EXPECT_EQ(LinesOf(Run("list goals --json").out).size(), 2u);
}

TEST_F(ProgramTest, AnAimAtAnInvariantThatNobodyJudgesIsRefused) {
  EXPECT_EQ(Run("repro calm:1 --set aim=power-loss@roll/fake-holds").exit_code, 0);
  const Result result = Run("repro calm:1 --set aim=power-loss@roll/fake-hold");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--set: aim: unknown invariant \"fake-hold\"; did you mean"));
}

TEST_F(ProgramTest, DescribeSaysItInWords) {
  const Result result = Run("describe calm --set storm=7s");
  EXPECT_THAT(result.out, HasSubstr("A storm of 7s"));
  EXPECT_THAT(result.out, HasSubstr("power-loss  200ms to 3s  0s to 1s"));
  EXPECT_THAT(result.out, HasSubstr("wavetank run calm --seeds 0..1000"));
  EXPECT_EQ(LinesOf(Run("describe calm --json").out).size(), 1u);
}

TEST_F(ProgramTest, DescribeSaysWhatAGroupMayBe) {
  const Result result = Run("describe grouped");
  EXPECT_THAT(result.out, HasSubstr("1, 3 or 5 machines"));
  EXPECT_THAT(result.out, HasSubstr("Replicas, of which 1, 3, 5 vote."));
  EXPECT_THAT(result.out, HasSubstr("Disks are verified at each"));
  EXPECT_THAT(result.out, HasSubstr("  calm        hardly any fault"));
  EXPECT_THAT(result.out, HasSubstr("  tiny-files  a segment and a snapshot every few entries"));
  const std::vector<Json> lines = LinesOf(Run("describe grouped --json").out);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["group"]["voters"], Json({3, 5, 3, 1}));
  EXPECT_EQ(lines[0]["group"]["weathers"], Json({"calm", "tiny-files"}));
}

TEST_F(ProgramTest, AFlagWinsOverTheEnvironmentWhichWinsOverTheFile) {
  std::ofstream(folder_ / "tank.toml") << "# a comment\nseeds = \"0..3\"\njson = true\n";
  const auto runs = [&](const std::string& flags, const std::string& environment) {
    return LinesOf(Run("run calm --json " + flags, environment).out).back()["runs"].get<int>();
  };
  EXPECT_EQ(runs("--config tank.toml", ""), 3);
  EXPECT_EQ(runs("", "WAVETANK_CONFIG=tank.toml"), 3);
  EXPECT_EQ(runs("--config=tank.toml", "WAVETANK_SEEDS=0..4"), 4);
  EXPECT_EQ(runs("--config tank.toml --seeds 0..5", "WAVETANK_SEEDS=0..4"), 5);
  std::ofstream(folder_ / "bad.toml") << "\nsedes = 3\n";
  const Result bad = Run("run calm --config bad.toml");
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_THAT(bad.err, HasSubstr("bad.toml:2: unknown flag \"sedes\"; did you mean seeds"));
}

TEST_F(ProgramTest, OutputToAFileHasNoEscapes) {
  const Result result = Run("run fails-often --seeds 0..10");
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(result.err, Not(HasSubstr("\r")));
}

TEST_F(ProgramTest, AnUnwritableFolderIsTheEnvironmentsFault) {
  std::ofstream(folder_ / "file") << "x";
  const Result result = Run("run calm --out file");
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, HasSubstr("file"));
}

// Interrupts a campaign that would go on for an hour, once it has written something.
TEST_F(ProgramTest, AnInterruptFlushesWhatIsDoneAndExitsWith130) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    [[maybe_unused]] const int moved = ::chdir(folder_.c_str());
    ::execl(WAVETANK_FAKE_PROGRAM, "wavetank", "run", "calm", "--for", "1h", "--json", nullptr);
    ::_exit(99);
  }
  ::close(ends[1]);
  std::string out;
  char buffer[4096];
  bool interrupted = false;
  for (ssize_t got; (got = ::read(ends[0], buffer, sizeof(buffer))) > 0;) {
    out.append(buffer, static_cast<size_t>(got));
    if (interrupted || out.find("\"kind\":\"run\"") == std::string::npos) continue;
    ::kill(child, SIGINT);
    interrupted = true;
  }
  ::close(ends[0]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 130);
  const std::vector<Json> lines = LinesOf(out);
  EXPECT_EQ(lines.back()["kind"], "end");
  EXPECT_EQ(lines.back()["interrupted"], true);
  const fs::path latest = folder_ / "tank-out" / "latest";
  EXPECT_EQ(LinesOf(Slurp(latest / "results.jsonl")).size(), lines.size());
}

}  // namespace
}  // namespace wt
