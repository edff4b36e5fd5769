// Proves the checker on histories that nobody here made: each verdict of data/cases.tsv.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "scenarios/linearizability/check.h"
#include "scenarios/linearizability/recorded/cases.h"
#include "scenarios/linearizability/window.h"

namespace wt::lin {
namespace {

constexpr char kFolder[] = WAVETANK_SOURCE_DIR "/tests/linearizability/data/";

std::string Slurp(const std::string& name) {
  std::ifstream file(kFolder + name);
  EXPECT_TRUE(file.is_open()) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(RecordedTest, EveryKnownVerdictIsFound) {
  const auto cases = ReadCases("cases.tsv", Slurp("cases.tsv"));
  ASSERT_TRUE(cases.ok()) << cases.status();
  int wrong = 0;
  for (const RecordedCase& one : *cases) {
    const auto history = ReadHistory(one.file, Slurp(one.file), *one.model);
    ASSERT_TRUE(history.ok()) << history.status();
    const Outcome outcome = Check(*history, {.steps = 200'000});
    EXPECT_EQ(outcome.verdict,
              one.linearizable ? Verdict::kLinearizable : Verdict::kNotLinearizable)
        << one.file;
    if (outcome.verdict != Verdict::kNotLinearizable) continue;
    ++wrong;
    const std::string message = Explain(*history, outcome);
    EXPECT_LE(std::count(message.begin(), message.end(), '\n'), 12) << message;
  }
  EXPECT_EQ(cases->size(), 18u);
  EXPECT_EQ(wrong, 8);
}

TEST(CasesTest, ColumnsAreFoundByName) {
  const auto cases = ReadCases("t",
                               "# known\nx_us\tmodel\tfile\texpected_linearizable\r\n"
                               "1.5\tkv\ta\ttrue\r\n\n\tetcd x\tb\tfalse\n");
  ASSERT_TRUE(cases.ok()) << cases.status();
  ASSERT_EQ(cases->size(), 2u);
  EXPECT_EQ((*cases)[0].file, "a");
  EXPECT_EQ((*cases)[0].reference_us, 1.5);
  EXPECT_FALSE((*cases)[1].linearizable);
  EXPECT_FALSE((*cases)[1].reference_us.has_value());
}

TEST(CasesTest, ErrorsNameTheLine) {
  const auto error = [](std::string_view text) { return ReadCases("t", text).status().ToString(); };
  const std::string head = "file\tmodel\texpected_linearizable\tus\n";
  EXPECT_NE(error("").find("empty"), std::string::npos);
  EXPECT_NE(error("file\tmodel\n").find("t:1: want columns"), std::string::npos);
  EXPECT_NE(error(head + "a\tqueue\ttrue\n").find("t:2: unknown model \"queue\""),
            std::string::npos);
  EXPECT_NE(error(head + "a\tkv\tmaybe\n").find("want true or false"), std::string::npos);
  EXPECT_NE(error(head + "\tkv\ttrue\n").find("no file"), std::string::npos);
}

}  // namespace
}  // namespace wt::lin
