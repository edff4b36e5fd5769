// Proves that the tree keeps the rules of the house, and that each rule finds what it forbids.
#include "tests/house/style_rules.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wt::house {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

template <typename Rule>
std::vector<std::string> OfTree(Rule rule) {
  std::vector<std::string> findings;
  for (const SourceFile& file : ReadSourceTree(WAVETANK_SOURCE_DIR)) {
    const std::vector<std::string> of_file = rule(file);
    findings.insert(findings.end(), of_file.begin(), of_file.end());
  }
  return findings;
}

std::vector<std::string> Words(std::string path, std::string_view content) {
  return WordFindings(MakeSource(std::move(path), content));
}

TEST(StyleRulesTest, FilesAreSmallAndLinesFit) {
  const auto findings = OfTree(SizeFindings);
  EXPECT_TRUE(findings.empty()) << Join(findings);
}

TEST(StyleRulesTest, IncludeGuardsAreNamedAfterTheirFile) {
  const auto findings = OfTree(GuardFindings);
  EXPECT_TRUE(findings.empty()) << Join(findings);
}

TEST(StyleRulesTest, ForbiddenWordsStandNowhere) {
  const auto findings = OfTree(WordFindings);
  EXPECT_TRUE(findings.empty()) << Join(findings);
}

TEST(StyleRulesTest, NothingIsLeftForLater) {
  const auto findings = OfTree(CommentFindings);
  EXPECT_TRUE(findings.empty()) << Join(findings);
}

TEST(StyleRulesTest, DrawsAreMadeInAnOrderThatTheSourceSays) {
  const auto findings = OfTree(DrawFindings);
  EXPECT_TRUE(findings.empty()) << Join(findings);
}

TEST(StyleRulesTest, TwoDrawsInOneListOfArgumentsAreFound) {
  const auto lines_of = [](std::string_view code) {
    return DrawFindings(MakeSource("sim/a.cc", code)).size();
  };
  EXPECT_EQ(lines_of("Place(draw.Below(3), draw.Below(4));\n"), 1u);
  EXPECT_EQ(lines_of("Place(draw.Below(3),\n      draw.Chance(4));\n"), 1u);
  EXPECT_EQ(lines_of("const int a = draw.Below(3);\nconst int b = draw.Below(4);\n"), 0u);
  EXPECT_EQ(lines_of("Place(first, draw.Below(4));\nif (draw.OneIn(2)) return draw.Next();\n"), 0u);
}

TEST(StyleRulesTest, SizesAreMeasuredInLinesAndCharacters) {
  std::string long_file;
  for (int i = 0; i < 601; ++i) long_file += "\n";
  EXPECT_THAT(SizeFindings(MakeSource("sim/a.cc", long_file)),
              ElementsAre(HasSubstr("sim/a.cc:601: more than 600 lines")));
  EXPECT_THAT(SizeFindings(MakeSource("sim/a.cc", std::string(100, 'x'))), IsEmpty());
  EXPECT_THAT(SizeFindings(MakeSource("sim/a.cc", "\n" + std::string(101, 'x'))),
              ElementsAre("sim/a.cc:2: 101 columns: wrap at 100"));
  std::string accents;
  for (int i = 0; i < 100; ++i) accents += "\xc3\xa9";
  EXPECT_THAT(SizeFindings(MakeSource("sim/a.cc", accents)), IsEmpty());
}

TEST(StyleRulesTest, GuardsOfAnotherFileAreFound) {
  const std::string good =
      "#ifndef WAVETANK_SIM_A_B_H_\n#define WAVETANK_SIM_A_B_H_\n#endif  // WAVETANK_SIM_A_B_H_\n";
  EXPECT_THAT(GuardFindings(MakeSource("sim/a_b.h", good)), IsEmpty());
  EXPECT_THAT(GuardFindings(MakeSource("sim/other.h", good)),
              ElementsAre(HasSubstr("WAVETANK_SIM_OTHER_H_")));
  EXPECT_THAT(GuardFindings(MakeSource("sim/a_b.h", good + "int late;\n")), SizeIs(1));
  EXPECT_THAT(GuardFindings(MakeSource("sim/a_b.cc", "")), IsEmpty());
}

TEST(StyleRulesTest, WordsAreFoundAsWords) {
  EXPECT_TRUE(HasWord("  throw x;", "throw"));
  EXPECT_FALSE(HasWord("rethrow(); throws;", "throw"));
  EXPECT_TRUE(HasWord("std::unordered_map<int, int> a;", "std::unordered_"));
  EXPECT_TRUE(HasWord("} catch (...) {", "catch (...)"));
  EXPECT_FALSE(HasWord("WT_CHECK(x)", "CHECK"));
  EXPECT_TRUE(HasWord("a_throw throw", "throw"));
}

// Each rule's first word is planted where the rule holds, and must be its finding.
TEST(StyleRulesTest, EveryRuleFindsWhatItForbids) {
  for (const WordRule& rule : WordRules()) {
    for (std::string_view word : rule.words) {
      const std::string line = std::string(word) + (word.ends_with('_') ? "map x;" : " x;");
      for (std::string_view folder : rule.folders) {
        EXPECT_THAT(Words(std::string(folder) + "/x/y.cc", "\n" + line),
                    Contains(HasSubstr(std::string(folder) + "/x/y.cc:2: " + std::string(word))));
      }
      for (std::string_view exempt : rule.exempt) {
        const std::string finding = std::string(word) + ": use " + std::string(rule.instead);
        EXPECT_THAT(Words(std::string(exempt), line), Not(Contains(HasSubstr(finding))));
      }
    }
  }
}

TEST(StyleRulesTest, CommentsAndTextMaySayForbiddenWords) {
  EXPECT_THAT(Words("engine/log/a.cc", "// no throw\nLog(\"throw\");\n"), IsEmpty());
}

TEST(StyleRulesTest, MarksOfUnfinishedWorkAreFound) {
  EXPECT_THAT(CommentFindings(MakeSource("sim/a.cc",
                                         "\n// TO"
                                         "DO: later\n")),
              ElementsAre(HasSubstr("sim/a.cc:2:")));
}

}  // namespace
}  // namespace wt::house
