// Proves that what is written for CI parses, by expat, whatever bytes a message holds; that each
// invariant is a test case; and that whatever makes a campaign not green makes a case not green.
#include "reports/junit.h"

#include <expat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <vector>

namespace wt::reports {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Result = JUnitCase::Result;

struct Parsed {
  std::string error;
  std::vector<std::map<std::string, std::string>> elements;  // attributes; "<" is the name
  std::string text;
};

Parsed Parse(const std::string& xml) {
  Parsed parsed;
  XML_Parser parser = XML_ParserCreate(nullptr);
  XML_SetUserData(parser, &parsed);
  XML_SetStartElementHandler(parser, [](void* to, const char* name, const char** attributes) {
    auto& element = static_cast<Parsed*>(to)->elements.emplace_back();
    element["<"] = name;
    for (; *attributes != nullptr; attributes += 2) element[attributes[0]] = attributes[1];
  });
  XML_SetCharacterDataHandler(parser, [](void* to, const char* text, int size) {
    static_cast<Parsed*>(to)->text.append(text, static_cast<size_t>(size));
  });
  if (XML_Parse(parser, xml.data(), static_cast<int>(xml.size()), 1) != XML_STATUS_OK) {
    parsed.error = XML_ErrorString(XML_GetErrorCode(parser));
  }
  XML_ParserFree(parser);
  return parsed;
}

std::string Xml(const std::string& text) {
  return JUnitXml({{.name = text,
                    .cases = {{.classname = text,
                               .name = text,
                               .result = Result::kFailed,
                               .type = text,
                               .message = text,
                               .text = text}}}});
}

RunRecord Failing(const std::string& scenario, const std::string& invariant) {
  return {.scenario = scenario,
          .seed = 7,
          .verdict = Verdict::kFail,
          .invariant = invariant,
          .message = "k007 <is> \"missing\" & \x01\xff",
          .events = 10};
}

RC_GTEST_PROP(JUnitXmlTest, ParsesWhateverBytesThereAre, (const std::string& text)) {
  RC_ASSERT(Parse(Xml(text)).error == "");
}

TEST(JUnitXmlTest, BytesThatXmlHasNoCharacterForAreReplaced) {
  const std::pair<std::string, std::string> cases[] = {
      {"plain", "plain"},
      {"<&>\"'", "<&>\"'"},
      {"a\tb\nc\rd", "a\tb\nc\rd"},
      {std::string("\0", 1), "\xef\xbf\xbd"},
      {"\x1b[31m", "\xef\xbf\xbd[31m"},
      {"\xc3\xa4\xe2\x86\x90\xf0\x9f\x8c\x8a", "\xc3\xa4\xe2\x86\x90\xf0\x9f\x8c\x8a"},
      {"\xc3", "\xef\xbf\xbd"},                                  // cut off
      {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                  // overlong
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},  // a surrogate
      {"\xef\xbf\xbe", "\xef\xbf\xbd"},                          // U+FFFE
      {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"]]>", "]]>"},
  };
  for (const auto& [bytes, expected] : cases) {
    const Parsed parsed = Parse(Xml(bytes));
    ASSERT_EQ(parsed.error, "") << bytes;
    EXPECT_EQ(parsed.elements.at(3).at("message"), expected);
    EXPECT_THAT(parsed.text, HasSubstr(expected));
  }
}

TEST(JUnitXmlTest, EachInvariantIsACaseAndWhatBrokeItsFailure) {
  Tally tally(std::vector<Promise>{{.scenario = "torn-tail", .goals = {"log.tail_cut"}},
                                   {.scenario = "quiet"}});
  RunRecord good{.scenario = "torn-tail", .events = 5, .invariants = {{"index-order", 3}}};
  tally.Add(good);
  tally.Add(Failing("torn-tail", "acked-writes-survive"));
  tally.Add({.scenario = "quiet",
             .verdict = Verdict::kInconclusive,
             .events = 1,
             .invariants = {{"no-leak", 0}}});
  const Totals totals = tally.totals();
  const JUnitSuite suite = CampaignSuite("x", totals, Goals::kMustBeReached, {});
  std::map<std::string, Result> results;
  for (const JUnitCase& one : suite.cases) results[one.classname + "/" + one.name] = one.result;
  const std::map<std::string, Result> expected = {
      {"torn-tail/index-order", Result::kPassed},
      {"torn-tail/acked-writes-survive", Result::kFailed},
      {"torn-tail/runs-complete", Result::kPassed},
      {"torn-tail/goal log.tail_cut", Result::kFailed},
      {"quiet/no-leak", Result::kFailed},
      {"quiet/runs-complete", Result::kError}};
  EXPECT_EQ(results, expected);
  const Parsed parsed = Parse(JUnitXml({suite}));
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.elements.at(0).at("failures"), "3");
  EXPECT_EQ(parsed.elements.at(0).at("errors"), "1");
  EXPECT_THAT(parsed.text, HasSubstr("reproduce  wavetank repro torn-tail:0x7"));
}

TEST(JUnitXmlTest, OneSignatureInTwoScenariosFailsInBoth) {
  Tally tally(std::vector<Promise>{{.scenario = "a"}, {.scenario = "b"}});
  tally.Add(Failing("a", "no-phantom"));
  tally.Add(Failing("b", "no-phantom"));
  ASSERT_EQ(tally.totals().findings.size(), 1u);
  uint64_t failed = 0;
  for (const JUnitCase& one : CampaignSuite("x", tally.totals(), Goals::kAreNotJudged, {}).cases) {
    failed += one.name == "no-phantom" && one.result == Result::kFailed && !one.text.empty();
  }
  EXPECT_EQ(failed, 2u);
}

TEST(JUnitXmlTest, TwoDigestsOfOneSeedFail) {
  Tally tally(std::vector<Promise>{{.scenario = "a"}});
  tally.Add({.scenario = "a", .events = 1});
  tally.AddMismatch({.scenario = "a", .seed = 3, .digests = {1, 2}});
  const std::string xml = JUnitXml({CampaignSuite("x", tally.totals(), Goals::kAreNotJudged, {})});
  EXPECT_THAT(xml, HasSubstr("<failure message=\"two runs of one seed took different courses\" "
                             "type=\"not-deterministic\">"));
  EXPECT_THAT(xml, Not(HasSubstr("time=")));
}

}  // namespace
}  // namespace wt::reports
