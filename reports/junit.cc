#include "reports/junit.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_format.h"
#include "reports/utf8.h"

namespace wt::reports {
namespace {

using Result = JUnitCase::Result;

bool IsXmlCharacter(uint32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) ||
         (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

uint64_t CountOf(const JUnitSuite& suite, Result result) {
  return static_cast<uint64_t>(std::ranges::count(suite.cases, result, &JUnitCase::result));
}

std::string_view ElementOf(Result result) {
  if (result == Result::kSkipped) return "skipped";
  return result == Result::kError ? "error" : "failure";
}

std::string CaseXml(const JUnitCase& one) {
  const std::string head = absl::StrFormat("    <testcase classname=\"%s\" name=\"%s\"",
                                           XmlEscaped(one.classname), XmlEscaped(one.name));
  if (one.result == Result::kPassed) return head + "/>\n";
  const std::string_view element = ElementOf(one.result);
  std::string xml =
      head + absl::StrFormat(">\n      <%s message=\"%s\"", element, XmlEscaped(one.message));
  if (!one.type.empty()) xml += absl::StrFormat(" type=\"%s\"", XmlEscaped(one.type));
  xml += one.text.empty() ? "/>\n" : absl::StrFormat(">%s</%s>\n", XmlEscaped(one.text), element);
  return xml + "    </testcase>\n";
}

std::string Counts(const JUnitSuite& suite) {
  return absl::StrFormat("tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\"",
                         suite.cases.size(), CountOf(suite, Result::kFailed),
                         CountOf(suite, Result::kError), CountOf(suite, Result::kSkipped));
}

// The quickest of the findings that broke the invariant there; else anywhere: their runs look the
// same. Null when it is none of them.
const Finding* FindingOf(const Totals& totals, const std::string& scenario,
                         const std::string& invariant) {
  const Finding* elsewhere = nullptr;
  for (const Finding& finding : totals.findings) {
    if (finding.example.verdict != Verdict::kFail || finding.example.invariant != invariant) {
      continue;
    }
    if (finding.example.scenario == scenario) return &finding;
    if (elsewhere == nullptr) elsewhere = &finding;
  }
  return elsewhere;
}

// Every block of the scenario's findings with this invariant, one after the other.
std::string BlocksOf(const Totals& totals, const std::string& scenario,
                     const std::string& invariant, const BlockOptions& options) {
  std::string text;
  for (const Finding& finding : totals.findings) {
    const RunRecord& example = finding.example;
    if (example.verdict != Verdict::kFail || example.invariant != invariant) continue;
    if (example.scenario == scenario) text += FailureBlock(example, options);
  }
  const Finding* other = FindingOf(totals, scenario, invariant);
  if (text.empty() && other != nullptr) text = FailureBlock(other->example, options);
  return text;
}

JUnitCase InvariantCase(const ScenarioTotals& scenario, const std::string& invariant,
                        const Totals& totals, const BlockOptions& options) {
  JUnitCase one{.classname = scenario.promise.scenario, .name = invariant};
  const auto failed = scenario.failures.find(invariant);
  if (failed != scenario.failures.end()) {
    one.result = Result::kFailed;
    const Finding* finding = FindingOf(totals, one.classname, invariant);
    if (finding != nullptr) {
      one.type = finding->signature;
      one.message = absl::StrFormat("%s of %s: %s", WithThousands(failed->second),
                                    Plural(scenario.runs, "run"), finding->example.message);
      one.text = BlocksOf(totals, one.classname, invariant, options);
    }
    return one;
  }
  const auto seen = scenario.invariants.find(invariant);
  if (seen != scenario.invariants.end() && seen->second == 0) {
    one.result = Result::kFailed;
    one.type = "vacuous";
    one.message = "was evaluated on trivial state only";
  }
  return one;
}

JUnitCase CompleteCase(const ScenarioTotals& scenario, const Totals& totals,
                       const BlockOptions& options) {
  JUnitCase one{.classname = scenario.promise.scenario, .name = "runs-complete"};
  if (scenario.inconclusive + scenario.errors == 0 && scenario.runs > 0) return one;
  one.result = Result::kError;
  one.type = scenario.errors > 0 ? "error" : "inconclusive";
  one.message =
      absl::StrFormat("of %s, %d inconclusive, %d errors of the tank", Plural(scenario.runs, "run"),
                      scenario.inconclusive, scenario.errors);
  for (const Finding& finding : totals.findings) {
    const RunRecord& example = finding.example;
    const bool unclear = example.verdict != Verdict::kFail;
    if (unclear && example.scenario == one.classname) one.text += FailureBlock(example, options);
  }
  return one;
}

void AddGoals(const ScenarioTotals& scenario, JUnitSuite* suite) {
  const std::vector<std::string> missed = scenario.GoalsMissed();
  for (const std::string& goal : scenario.promise.goals) {
    JUnitCase one{.classname = scenario.promise.scenario, .name = "goal " + goal};
    if (std::ranges::find(missed, goal) != missed.end()) {
      one.result = Result::kFailed;
      one.type = "vacuous";
      one.message = "no run reached it";
    }
    suite->cases.push_back(std::move(one));
  }
}

void AddMismatches(const ScenarioTotals& scenario, const Totals& totals,
                   const BlockOptions& options, JUnitSuite* suite) {
  JUnitCase one{.classname = scenario.promise.scenario, .name = "same-seed-same-digest"};
  for (const Mismatch& mismatch : totals.mismatches) {
    if (mismatch.scenario != one.classname) continue;
    one.result = Result::kFailed;
    one.type = "not-deterministic";
    one.message = "two runs of one seed took different courses";
    one.text += absl::StrFormat("%s and %s  wavetank verify %s%s\n", HexDigest(mismatch.digests[0]),
                                HexDigest(mismatch.digests[1]),
                                RunName(mismatch.scenario, mismatch.seed), options.arguments);
  }
  if (one.result != Result::kPassed) suite->cases.push_back(std::move(one));
}

}  // namespace

std::string XmlEscaped(std::string_view text) {
  std::string xml;
  ForEachCharacter(text, [&](uint32_t c, std::string_view bytes) {
    if (!IsXmlCharacter(c)) {
      xml += kReplacement;
      return;
    }
    switch (c) {
      case '&':
        xml += "&amp;";
        return;
      case '<':
        xml += "&lt;";
        return;
      case '>':
        xml += "&gt;";
        return;
      case '"':
        xml += "&quot;";
        return;
      case '\t':
        xml += "&#9;";
        return;  // a parser makes spaces of these in attributes
      case '\n':
        xml += "&#10;";
        return;
      case '\r':
        xml += "&#13;";
        return;
      default:
        xml += bytes;
    }
  });
  return xml;
}

std::string JUnitXml(const std::vector<JUnitSuite>& suites) {
  JUnitSuite all;
  for (const JUnitSuite& suite : suites) {
    all.cases.insert(all.cases.end(), suite.cases.begin(), suite.cases.end());
  }
  std::string xml = absl::StrFormat(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"wavetank\" %s>\n",
      Counts(all));
  for (const JUnitSuite& suite : suites) {
    xml += absl::StrFormat("  <testsuite name=\"%s\" %s>\n", XmlEscaped(suite.name), Counts(suite));
    for (const JUnitCase& one : suite.cases) xml += CaseXml(one);
    xml += "  </testsuite>\n";
  }
  return xml + "</testsuites>\n";
}

JUnitSuite CampaignSuite(std::string name, const Totals& totals, Goals goals,
                         const BlockOptions& options) {
  BlockOptions plain = options;
  plain.look = {};
  JUnitSuite suite{.name = std::move(name)};
  for (const ScenarioTotals& scenario : totals.scenarios) {
    std::set<std::string> invariants;
    for (const auto& [invariant, times] : scenario.invariants) invariants.insert(invariant);
    for (const auto& [invariant, times] : scenario.failures) invariants.insert(invariant);
    for (const std::string& invariant : invariants) {
      suite.cases.push_back(InvariantCase(scenario, invariant, totals, plain));
    }
    suite.cases.push_back(CompleteCase(scenario, totals, plain));
    if (goals == Goals::kMustBeReached) AddGoals(scenario, &suite);
    AddMismatches(scenario, totals, plain, &suite);
  }
  return suite;
}

}  // namespace wt::reports
