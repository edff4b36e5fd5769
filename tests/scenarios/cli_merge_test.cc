// Proves that shards put together are what one process would have written, byte for byte, in any
// order and however often each is given; and that what is missing, other or damaged is told.
#include <gmock/gmock.h>

#include "absl/strings/str_format.h"
#include "tests/scenarios/cli_program.h"

namespace wt {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class MergeTest : public FakeProgram {
 protected:
  static constexpr char kCampaign[] = "run calm fails-often two-bugs --seeds 0..40 --verify 1/4";

  // The results of shard i of n, by name.
  std::string Shard(int i, int n, const std::string& campaign = kCampaign) {
    const std::string out = absl::StrFormat("s%d", i);
    (void)Run(campaign + absl::StrFormat(" --shard %d/%d --out %s", i, n, out));
    return out + "/latest/results.jsonl";
  }
};

TEST_F(MergeTest, FourShardsAreOneCampaign) {
  // A shard shrinks nothing by itself: it does not know the findings of the others.
  ASSERT_EQ(Run(std::string(kCampaign) + " --shrink 0 --out whole").exit_code, 1);
  std::string files;
  for (int i : {3, 1, 4, 2, 3}) files += " " + Shard(i, 4);
  const Result merged = Run("merge --expect-shards 4 --out merged" + files);
  EXPECT_EQ(merged.exit_code, 1) << merged.err;
  const std::string name = fs::read_symlink(folder_ / "whole/latest").string();
  EXPECT_EQ(fs::read_symlink(folder_ / "merged/latest").string(), name);
  for (const char* file : {"results.jsonl", "summary.md", "junit.xml", "matrix.json"}) {
    EXPECT_EQ(Read("merged/latest/" + std::string(file)), Read("whole/latest/" + std::string(file)))
        << file;
  }
  const std::string end = Read("whole/latest/results.jsonl");
  EXPECT_THAT(merged.out, HasSubstr(LinesOf(end).back()["digest"].get<std::string>()));
  for (const auto& folder : fs::directory_iterator(folder_ / "whole/latest/findings")) {
    const std::string story = "findings/" + folder.path().filename().string() + "/story.txt";
    EXPECT_EQ(Read("merged/latest/" + story), Read("whole/latest/" + story));
  }
}

TEST_F(MergeTest, TheMatrixOfAllShardsOrNone) {
  const std::string campaign = "run calm --seeds 0..40";
  const std::string first = Shard(1, 2, campaign);
  const std::string second = Shard(2, 2, campaign);
  ASSERT_EQ(Run("merge --out m " + first + " " + second).exit_code, 0);
  // 40 runs of 1, 2, 3, 1, ...
  const auto cells = nlohmann::json::parse(Read("m/latest/matrix.json"))["cells"];
  EXPECT_EQ(cells["fake-holds"]["power-loss"]["recovery"], 79);
  EXPECT_EQ(cells["fake-holds"]["none"]["quiet"], 200);

  Write("s1/latest/matrix.json", "{}");
  const Result damaged = Run("merge " + first + " " + second);
  EXPECT_EQ(damaged.exit_code, 4);
  EXPECT_THAT(damaged.err, HasSubstr("s1/latest/matrix.json: matrix: want kind, runs and cells"));

  fs::remove(folder_ / "s1/latest/matrix.json");
  ASSERT_EQ(Run("merge --out n " + first + " " + second).exit_code, 0);
  EXPECT_FALSE(fs::exists(folder_ / "n/latest/matrix.json"));
  EXPECT_THAT(Read("n/latest/summary.md"), Not(HasSubstr("## Matrix")));
}

TEST_F(MergeTest, AMissingShardIsInconclusive) {
  const std::string calm = "run calm --seeds 0..40";
  const std::string files = " " + Shard(1, 3, calm) + " " + Shard(3, 3, calm);
  const Result merged = Run("merge --expect-shards 3" + files);
  EXPECT_EQ(merged.exit_code, 3);
  EXPECT_THAT(merged.err, HasSubstr("missing: shard 2/3"));
  EXPECT_EQ(Run("merge" + files + " " + Shard(2, 3, calm)).exit_code, 0);
}

TEST_F(MergeTest, AnotherCampaignIsMisuse) {
  const Result merged = Run("merge " + Shard(1, 2, "run calm --seeds 0..40") + " " +
                            Shard(2, 2, "run calm --seeds 0..44"));
  EXPECT_EQ(merged.exit_code, 2);
  EXPECT_THAT(merged.err, HasSubstr("is of another campaign or build"));
}

TEST_F(MergeTest, OneRunWithTwoResultsIsNotDeterministic) {
  const std::string file = Shard(1, 1, "run calm --seeds 0..4");
  std::string text = Read(file);
  const size_t at = text.find("\"digest\":\"0x") + 12;
  text[at] = text[at] == '0' ? '1' : '0';
  Write("other.jsonl", text);
  const Result merged = Run("merge " + file + " other.jsonl");
  EXPECT_EQ(merged.exit_code, 5);
  EXPECT_THAT(merged.out, HasSubstr("NOT DETERMINISTIC  same-seed-same-digest  calm:0x0"));
}

TEST_F(MergeTest, DamageIsToldByLineAndWhatWasExpected) {
  const std::string file = Shard(1, 1, "run calm --seeds 0..4");
  const std::string text = Read(file);
  const auto replaced = [&](std::string_view from, std::string_view to) {
    std::string other = text;
    return other.replace(other.find(from), from.size(), to);
  };
  const std::pair<std::string, const char*> cases[] = {
      {"", "d.jsonl: line 1: is empty: want \"kind\":\"campaign\""},
      {text.substr(0, text.size() - 9), "d.jsonl: line 6: is cut off: want a newline"},
      {replaced("\"verdict\":\"pass\"", "\"verdict\":\"pess\""),
       "d.jsonl: line 2: \"verdict\": want pass, fail, inconclusive or error"},
      {replaced("\"events\":1000", "\"events\":-1"), "line 2: \"events\": want a number"},
      {replaced("{\"kind\":\"run\"", "\"kind\":\"run\""), "line 2: want a JSON object"},
      {text.substr(text.find('\n') + 1), "line 1: want \"kind\":\"campaign\" in the first line"},
      {text + text.substr(text.find("{\"kind\":\"run\"")), "line 7: want nothing behind"},
  };
  for (const auto& [damaged, complaint] : cases) {
    Write("d.jsonl", damaged);
    const Result merged = Run("merge d.jsonl");
    EXPECT_EQ(merged.exit_code, 4) << complaint;
    EXPECT_THAT(merged.err, HasSubstr(complaint));
  }
}

}  // namespace
}  // namespace wt
