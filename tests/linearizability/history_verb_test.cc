// Proves the contract of `wavetank history` on the built program: exit codes, table, window, JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "engine/base/check.h"

namespace wt {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kData[] = WAVETANK_SOURCE_DIR "/tests/linearizability/data/";

struct Result {
  int exit_code = -1;
  std::string out;
  std::string err;
};

class HistoryVerbTest : public ::testing::Test {
 protected:
  HistoryVerbTest() {
    std::string pattern = (fs::temp_directory_path() / "wavetank-XXXXXX").string();
    WT_CHECK(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
  }
  ~HistoryVerbTest() override { fs::remove_all(folder_); }

  std::string Slurp(const char* name) const {
    std::ifstream file(folder_ / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  // In the folder of the recorded histories.
  Result Run(const std::string& arguments, const std::string& environment = "") {
    const std::string to = folder_.string();
    const std::string command = "cd " + std::string(kData) + " && " + environment + " '" +
                                WAVETANK_FAKE_PROGRAM + "' history " + arguments + " >" + to +
                                "/out 2>" + to + "/err </dev/null";
    const int status = std::system(command.c_str());
    return {WEXITSTATUS(status), Slurp("out"), Slurp("err")};
  }

  fs::path folder_;
};

TEST_F(HistoryVerbTest, ExitCodesTellTheVerdict) {
  const std::pair<const char*, int> cases[] = {
      {"porcupine/c01-ok.txt --model kv", 0},
      {"porcupine/c01-ok.txt porcupine/c01-bad.txt --model kv", 1},
      {"porcupine/c10-ok.txt --model kv --budget 10", 3},
      {"porcupine/c10-ok.txt porcupine/c01-bad.txt --model kv --budget 30", 1},
      {"porcupine/c01-bad.txt missing.txt --model kv", 4},
      {"porcupine/etcd_000.log --model counter", 4},
      {"porcupine/c01-ok.txt", 2},
      {"--model kv", 2},
      {"porcupine/c01-ok.txt --model vk", 2},
      {"porcupine/c01-ok.txt --model kv --budget many", 2},
      {"written/nothing-happened.edn --model etcd", 0},
      {"--cases cases.tsv", 0},
      {"--cases cases.tsv --model kv", 2},
      {"--cases missing.tsv", 4},
      {"--cases cases.tsv --budget 20", 3},
  };
  for (const auto& [arguments, exit_code] : cases) {
    const Result result = Run(arguments);
    EXPECT_EQ(result.exit_code, exit_code) << arguments << "\n" << result.out << result.err;
  }
}

TEST_F(HistoryVerbTest, EveryFlagHasItsTwinInTheEnvironment) {
  EXPECT_EQ(Run("porcupine/c01-ok.txt", "WAVETANK_MODEL=kv").exit_code, 0);
  EXPECT_EQ(Run("porcupine/c10-ok.txt --model kv", "WAVETANK_BUDGET=10").exit_code, 3);
}

TEST_F(HistoryVerbTest, AWrongHistoryIsShownWithItsWindow) {
  const Result result = Run("written/rolled-back.edn --model cas-register");
  EXPECT_THAT(result.out, HasSubstr("not linearizable"));
  EXPECT_THAT(result.out,
              HasSubstr("the value (a register, at first 0): no order of these 2 operations "
                        "explains their results\n"
                        "  client 0  cas 0 -> 3  ok  line 2 .. line 3\n"
                        "  client 2  cas 0 -> 4  ok  line 6 .. line 7\n"));
  EXPECT_THAT(result.err, IsEmpty());
}

TEST_F(HistoryVerbTest, AMalformedFileIsNamedWithItsLine) {
  const Result result = Run("cases.tsv --model etcd");
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, HasSubstr("wavetank history: cases.tsv:1: no line here is an event"));
}

TEST_F(HistoryVerbTest, UnknownNamesAreAnsweredWithTheNearest) {
  EXPECT_THAT(Run("x --model etc").err, HasSubstr("did you mean etcd"));
  EXPECT_THAT(Run("x").err, HasSubstr("--model is missing; known: kv, register, etcd"));
}

TEST_F(HistoryVerbTest, JsonIsOneObjectALine) {
  const Result result = Run("written/rolled-back.edn --model cas-register --json");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out,
              HasSubstr("{\"kind\":\"history\",\"file\":\"written/rolled-back.edn\",\"model\":"
                        "\"cas-register\",\"verdict\":\"not linearizable\",\"operations\":3,"));
  EXPECT_THAT(result.out, HasSubstr("\"window\":[\"the value"));
  EXPECT_THAT(result.out, HasSubstr("{\"kind\":\"end\",\"files\":1,\"linearizable\":0,"
                                    "\"not_linearizable\":1,\"inconclusive\":0,\"errors\":0}\n"));
}

TEST_F(HistoryVerbTest, ATableIsComparedAndADisagreementIsAFinding) {
  const Result good = Run("--cases cases.tsv");
  EXPECT_THAT(good.out, HasSubstr("18 files: 10 linearizable, 8 not, 0 inconclusive; "
                                  "0 disagree with the table\n"));
  EXPECT_THAT(good.out, HasSubstr("in geometric mean"));
  std::ofstream(folder_ / "lies.tsv") << "file\tmodel\texpected_linearizable\n"
                                      << kData << "porcupine/c01-bad.txt\tkv\ttrue\n";
  const Result bad = Run("--cases " + (folder_ / "lies.tsv").string());
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.out, HasSubstr("DISAGREES"));
}

}  // namespace
}  // namespace wt
