#include "reports/campaign_text.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "reports/ci.h"
#include "reports/table.h"

namespace wt::reports {
namespace {

constexpr size_t kMostMismatches = 5;

Cell Count(uint64_t number, Ink if_any) {
  return {WithThousands(number), number > 0 ? if_any : Ink::kPlain};
}

std::vector<Cell> Row(const ScenarioTotals& totals) {
  const uint64_t missed = totals.GoalsMissed().size();
  const std::string goals = totals.promise.goals.empty()
                                ? "-"
                                : absl::StrFormat("%d/%d", totals.promise.goals.size() - missed,
                                                  totals.promise.goals.size());
  return {{totals.promise.scenario},
          {WithThousands(totals.runs)},
          Count(totals.failed, Ink::kRed),
          Count(totals.inconclusive + totals.errors, Ink::kYellow),
          {WithThousands(totals.events)},
          {RoughTime(totals.virtual_us)},
          {WithThousands(totals.fault_count())},
          {goals, missed > 0 ? Ink::kYellow : Ink::kPlain}};
}

std::vector<Cell> TotalRow(const Totals& totals) {
  uint64_t faults = 0;
  for (const ScenarioTotals& scenario : totals.scenarios) faults += scenario.fault_count();
  return {{"total", Ink::kBold},           {WithThousands(totals.runs)},
          Count(totals.failed, Ink::kRed), Count(totals.inconclusive + totals.errors, Ink::kYellow),
          {WithThousands(totals.events)},  {RoughTime(totals.virtual_us)},
          {WithThousands(faults)},         {""}};
}

std::string HowOften(const Finding& finding) {
  if (finding.runs == 1) return "";
  std::string text = absl::StrFormat("  %s with this signature: %s", Plural(finding.runs, "run"),
                                     absl::StrJoin(finding.some, " "));
  if (finding.runs > finding.some.size()) text += " ...";
  return text + "\n";
}

// The words of a process that died; in the campaign's folder.
std::string WhereOutputIs(const Finding& finding) {
  if (finding.example.output.empty()) return "";
  return absl::StrFormat("  output     findings/%s/output.txt\n", finding.signature);
}

std::string MismatchBlock(const Mismatch& mismatch, const BlockOptions& options) {
  const std::string name = RunName(mismatch.scenario, mismatch.seed);
  return absl::StrFormat(
      "%s  same-seed-same-digest  %s\n  one seed, two digests: %s and %s\n"
      "  bisect     wavetank verify %s%s\n",
      Paint(options.look, Ink::kRed, "NOT DETERMINISTIC"), name, HexDigest(mismatch.digests[0]),
      HexDigest(mismatch.digests[1]), name, options.arguments);
}

std::string List(Look look, std::string_view title, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  return absl::StrFormat("%s  %s\n", Paint(look, Ink::kYellow, title), absl::StrJoin(names, ", "));
}

Cell VerdictOf(const Totals& totals, Goals goals) {
  if (totals.errors > 0) return {"ERROR", Ink::kRed};
  if (!totals.mismatches.empty()) return {"NOT DETERMINISTIC", Ink::kRed};
  if (totals.failed > 0) return {"FAIL", Ink::kRed};
  if (totals.Inconclusive(goals)) return {"INCONCLUSIVE", Ink::kYellow};
  return {"PASS", Ink::kGreen};
}

std::string Ratio(const Totals& totals, const CampaignSpeed& speed) {
  if (speed.wall_us == 0) return "-";
  return WithThousands(totals.virtual_us / speed.wall_us) + ":1";
}

}  // namespace

std::string ScenarioTable(const Totals& totals, Look look) {
  Table table({{"scenario"},
               {"runs", Align::kRight},
               {"failed", Align::kRight},
               {"unclear", Align::kRight},
               {"events", Align::kRight},
               {"virtual", Align::kRight},
               {"faults", Align::kRight},
               {"goals", Align::kRight}});
  for (const ScenarioTotals& scenario : totals.scenarios) table.AddRow(Row(scenario));
  if (totals.scenarios.size() > 1) table.AddRow(TotalRow(totals));
  return table.ToString(look);
}

std::string FindingBlocks(const Totals& totals, const BlockOptions& options) {
  std::string text;
  for (const Finding& finding : totals.findings) {
    if (!text.empty()) text += "\n";
    BlockOptions with_minimal = options;
    if (!finding.minimal.empty()) with_minimal.minimal = options.folder + finding.minimal;
    text +=
        FailureBlock(finding.example, with_minimal) + HowOften(finding) + WhereOutputIs(finding);
  }
  size_t shown = 0;
  for (const Mismatch& mismatch : totals.mismatches) {
    if (++shown > kMostMismatches) break;
    if (!text.empty()) text += "\n";
    text += MismatchBlock(mismatch, options);
  }
  if (shown > kMostMismatches) {
    text += absl::StrFormat("\n%s not deterministic in all\n",
                            Plural(totals.mismatches.size(), "seed"));
  }
  return text;
}

std::string MissedText(const Totals& totals, Look look) {
  return List(look, "goals missed     ", totals.GoalsMissed()) +
         List(look, "vacuous          ", totals.Vacuous()) +
         List(look, "faults never seen", totals.FaultsMissed());
}

std::string TotalsLine(const Totals& totals, Goals goals, const CampaignSpeed& speed, Look look) {
  const Cell verdict = VerdictOf(totals, goals);
  return absl::StrFormat("%s  %s in %s  (%s seeds/s, %s events/s, virtual:wall %s)%s\n",
                         Paint(look, verdict.ink, verdict.text), Plural(totals.runs, "run"),
                         RoughTime(speed.wall_us),
                         WithThousands(PerSecond(totals.runs, speed.wall_us)),
                         RoughNumber(PerSecond(totals.events, speed.wall_us)), Ratio(totals, speed),
                         speed.interrupted ? "  interrupted" : "");
}

std::string BoundText(uint64_t runs) {
  if (runs < 3) return "anything";
  const uint64_t millionths = (300 * 1'000'000 + runs - 1) / runs;  // of a percent, rounded up
  std::string digits = absl::StrFormat("%d.%06d", millionths / 1'000'000, millionths % 1'000'000);
  // Two digits that count, rounded up.
  const size_t first = digits.find_first_of("123456789");
  const size_t point = digits.find('.');
  const size_t end = std::max(first + 2 + (first < point && first + 2 > point), point + 1);
  if (end < digits.size() && digits.find_first_not_of('0', end) != digits.npos) {
    const size_t shown = end - point - 1;
    uint64_t unit = 1;
    for (size_t i = shown; i < 6; ++i) unit *= 10;
    const uint64_t up = (millionths + unit - 1) / unit * unit;
    digits = absl::StrFormat("%d.%06d", up / 1'000'000, up % 1'000'000);
  }
  digits.resize(end);
  if (digits.ends_with('.')) digits.pop_back();
  return "below " + digits + " %";
}

std::string BoundsMarkdown(const Totals& totals) {
  std::map<uint64_t, std::vector<std::string>> by_runs;
  for (const ScenarioTotals& scenario : totals.scenarios) {
    const bool clean = scenario.failed + scenario.errors == 0;
    if (clean && scenario.runs >= 3) by_runs[scenario.runs].push_back(scenario.promise.scenario);
  }
  if (by_runs.empty()) return "";
  std::string text =
      "No failure in n seeds bounds the share of those that fail by 3/n, at 95 %:\n\n";
  for (const auto& [runs, names] : by_runs) {
    text += absl::StrFormat(
        "- %s, after %s each: %s\n",
        names.size() > 3 ? Plural(names.size(), "scenario") : absl::StrJoin(names, ", "),
        Plural(runs, "run"), BoundText(runs));
  }
  if (totals.scenarios.size() > 1 && totals.failed + totals.errors == 0) {
    text += absl::StrFormat("- all together, after %s: %s\n", Plural(totals.runs, "run"),
                            BoundText(totals.runs));
  }
  return text;
}

std::string SummaryMarkdown(const CampaignHeader& header, const Totals& totals, Goals goals,
                            const BlockOptions& options, std::string_view matrix) {
  BlockOptions plain = options;
  plain.look = {};
  std::string text =
      absl::StrFormat("# %s: %s\n\n%s, seeds %s, build %s, digest %s.\n\n%s", header.name,
                      VerdictOf(totals, goals).text, Plural(totals.runs, "run"), header.seeds,
                      header.build, HexDigest(totals.digest), Fenced(ScenarioTable(totals, {})));
  const std::string missed = MissedText(totals, {});
  const std::string bounds = BoundsMarkdown(totals);
  if (!bounds.empty()) text += "\n" + bounds;
  if (!missed.empty()) text += "\n## Not seen\n\n" + Fenced(missed);
  if (!matrix.empty()) text += absl::StrFormat("\n%s", matrix);
  const std::string findings = FindingBlocks(totals, plain);
  if (!findings.empty()) text += "\n## Findings\n\n" + Fenced(findings);
  return Fitted(std::move(text));
}

}  // namespace wt::reports
