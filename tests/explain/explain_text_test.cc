// Proves that an explanation reads as it should, to people and to scripts: rates, needs, windows,
// and the one sentence about when the failure became certain.
#include "scenarios/explain/explain_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace wt::scenarios {
namespace {

using testing::HasSubstr;
using testing::Not;

Explanation Example() {
  Explanation explanation;
  explanation.record = {.scenario = "torn-tail",
                        .seed = 7,
                        .verdict = reports::Verdict::kFail,
                        .invariant = "acked-writes-survive",
                        .message = "k017 is missing",
                        .failed_at_us = 2'300'000,
                        .events = 900};
  explanation.chain = {
      {1'000'000, "n1", "fault: lost-fsync 7 syncs", "lost-fsync #1   NECESSARY", 10},
      {2'300'000, "n1", "engine.recovered", "", 890}};
  explanation.as_it_is = {.failed = 6, .runs = 8};
  explanation.parts = {{.kind = PartKind::kFault,
                        .at = {0},
                        .name = "lost-fsync #1",
                        .details = "n1 at 1.000s, 7 syncs",
                        .without = {.failed = 0, .runs = 8},
                        .need = Need::kNecessary,
                        .window = Window{.from_us = 900'000, .to_us = 1'250'000}},
                       {.kind = PartKind::kOperation,
                        .at = {1},
                        .name = "get k003",
                        .details = "client 0",
                        .without = {.failed = 8, .runs = 8},
                        .need = Need::kNot}};
  explanation.likelihood = {
      {.record = 1, .share = {.failed = 3, .runs = 16}},
      {.record = 10,
       .share = {.failed = 9, .runs = 16},
       .step = {1'000'000, "n1", "fault: lost-fsync 7 syncs", "", 10}},
      {.record = 412,
       .share = {.failed = 16, .runs = 16},
       .step = {2'000'000, "n1", "power lost", "", 410}},
      {.record = 900, .share = {.failed = 16, .runs = 16}, .step = {2'300'000, "", "end", "", 890}},
  };
  explanation.likely = 1;
  explanation.inevitable = 2;
  explanation.runs = 321;
  return explanation;
}

TEST(ExplainTextTest, SaysWhatIsNecessaryAndWhenItWasCertain) {
  const std::string text = ExplanationText(Example(), {});
  EXPECT_THAT(text, HasSubstr("FAIL  acked-writes-survive  torn-tail:0x7  t=2.300s"));
  EXPECT_THAT(text, HasSubstr("← lost-fsync #1   NECESSARY\n"));
  EXPECT_THAT(text, HasSubstr("(nothing)      as it is, and with other seeds    6 of 8"));
  EXPECT_THAT(text,
              HasSubstr("lost-fsync #1  n1 at 1.000s, 7 syncs             0 of 8  NECESSARY   "
                        "[0.900s, 1.250s]\n"));
  EXPECT_THAT(text,
              HasSubstr("get k003       client 0                          8 of 8  not needed\n"));
  EXPECT_THAT(text, HasSubstr("the beginning"));
  EXPECT_THAT(text, HasSubstr("9 of 16  more likely than not\n"));
  EXPECT_THAT(text, HasSubstr("inevitable from 2.000s (record 412): n1 power lost\n"));
  EXPECT_THAT(text, HasSubstr("explained with 321 runs\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << "no colour unless it is asked for";
}

TEST(ExplainTextTest, SaysSoWhenChanceHasNoPart) {
  Explanation explanation = Example();
  explanation.likely = explanation.inevitable = 0;
  const std::string text = ExplanationText(explanation, {});
  EXPECT_THAT(text, HasSubstr("inevitable from the beginning: it fails whatever"));
  EXPECT_THAT(text, Not(HasSubstr("more likely than not")));
}

TEST(ExplainTextTest, SaysSoWhenChanceDecidesToTheEnd) {
  Explanation explanation = Example();
  explanation.likelihood.erase(explanation.likelihood.begin() + 2);
  explanation.inevitable = 2;
  EXPECT_THAT(ExplanationText(explanation, {}),
              HasSubstr("not certain before it happens (9 of 16 just before)\n"));
}

TEST(ExplainTextTest, ManyOperationsAlikeShareALine) {
  Explanation explanation = Example();
  explanation.parts.insert(explanation.parts.end(), 2, explanation.parts[1]);
  EXPECT_THAT(ExplanationText(explanation, {}), HasSubstr("get k003"));
  explanation.parts.push_back(explanation.parts[1]);
  EXPECT_THAT(ExplanationText(explanation, {}), Not(HasSubstr("get k003")));
  EXPECT_THAT(ExplanationText(explanation, {}),
              HasSubstr("4 operations   each by itself                    8 of 8  not needed\n"));
  explanation.parts[2].need = Need::kHelps;
  EXPECT_THAT(ExplanationText(explanation, {}), HasSubstr("get k003"));
}

TEST(ExplainTextTest, SaysWhyThereIsNoMore) {
  Explanation explanation = Example();
  explanation.end = ExplainEnd::kBudget;
  EXPECT_THAT(ExplanationText(explanation, {}), HasSubstr("the budget of runs is used up"));
  explanation.end = ExplainEnd::kTime;
  EXPECT_THAT(ExplanationText(explanation, {}), HasSubstr("the time is up"));
  explanation.likelihood.clear();
  explanation.parts.clear();
  explanation.as_it_is = {};
  explanation.likely = explanation.inevitable = {};
  EXPECT_THAT(ExplanationText(explanation, {}), Not(HasSubstr("without")));
}

TEST(ExplainTextTest, OneJsonObjectHasItAll) {
  const std::string line = ExplanationLine(Example(), {.target = "min.json"}, "min.json");
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["kind"], "explanation");
  EXPECT_EQ(json["seed"], "0x7");
  EXPECT_EQ(json["invariant"], "acked-writes-survive");
  EXPECT_EQ(json["as_it_is"]["failed"], 6);
  EXPECT_EQ(json["parts"][0]["need"], "necessary");
  EXPECT_EQ(json["parts"][0]["window_us"], (std::vector<uint64_t>{900'000, 1'250'000}));
  EXPECT_FALSE(json["parts"][1].contains("window_us"));
  EXPECT_EQ(json["likelihood"].size(), 4u);
  EXPECT_EQ(json["likely_from_record"], 10);
  EXPECT_EQ(json["inevitable_from_record"], 412);
  EXPECT_EQ(json["why"].size(), 2u);
  EXPECT_EQ(json["reproduce"], "wavetank repro min.json");
  EXPECT_EQ(json["plan"], "min.json");
  EXPECT_EQ(json["ended"], "done");
}

}  // namespace
}  // namespace wt::scenarios
