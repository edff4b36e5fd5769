#include "scenarios/explain/explain_text.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "reports/json_lines.h"
#include "reports/signature.h"
#include "reports/table.h"
#include "reports/text.h"

namespace wt::scenarios {
namespace {

using Json = nlohmann::ordered_json;
using reports::Align;
using reports::Ink;
using reports::Look;
using reports::Seconds;

std::string TextOf(const Share& share) {
  return absl::StrFormat("%d of %d", share.failed, share.runs);
}

std::string Indented(const std::string& lines) {
  std::string text;
  for (size_t begin = 0; begin < lines.size();) {
    const size_t end = lines.find('\n', begin);
    WT_CHECK(end != std::string::npos);
    text += "  " + lines.substr(begin, end - begin + 1);
    begin = end + 1;
  }
  return text;
}

reports::Cell NeedCell(Need need) {
  switch (need) {
    case Need::kNecessary:
      return {"NECESSARY", Ink::kYellow};
    case Need::kHelps:
      return {"makes it likelier"};
    case Need::kNot:
      return {"not needed", Ink::kDim};
  }
  WT_CHECK(false);
}

std::string WindowOf(const Part& part) {
  if (!part.window) return "";
  return absl::StrFormat("[%s, %s]", Seconds(part.window->from_us), Seconds(part.window->to_us));
}

// How many operations in a row have the same to be said of them.
constexpr size_t kAlike = 3;  // more of them share a line
size_t AlikeFrom(const std::vector<Part>& parts, size_t from) {
  size_t end = from;
  while (end < parts.size() && parts[end].kind == PartKind::kOperation &&
         parts[end].need == parts[from].need && parts[end].without == parts[from].without) {
    ++end;
  }
  return std::max<size_t>(1, end - from);
}

std::string PartsTable(const Explanation& explanation, Look look) {
  if (explanation.as_it_is.runs == 0) return "";
  reports::Table table({{"without"},
                        {"", Align::kLeft, 50},
                        {"it fails", Align::kRight},
                        {""},
                        {"it may come within"}});
  table.AddRow({{"(nothing)"},
                {"as it is, and with other seeds"},
                {TextOf(explanation.as_it_is)},
                {""},
                {""}});
  const std::vector<Part>& parts = explanation.parts;
  for (size_t i = 0, alike = 1; i < parts.size(); i += alike) {
    const Part& part = parts[i];
    alike = AlikeFrom(parts, i);
    const bool is_many = alike > kAlike;
    if (!is_many) alike = 1;
    table.AddRow({{is_many ? reports::Plural(alike, "operation") : part.name},
                  {is_many ? "each by itself" : part.details},
                  {TextOf(part.without)},
                  NeedCell(part.need),
                  {WindowOf(part)}});
  }
  std::string text = table.ToString(look);
  if (explanation.operations_left) {
    text += absl::StrFormat("(%s, not left out one by one)\n",
                            reports::Plural(explanation.plan.operations.size(), "operation"));
  }
  return text;
}

// As much as a table has room for; the whole of it is in the story.
std::string Shortened(const std::string& text) {
  constexpr size_t kMost = 56;
  if (text.size() <= kMost) return text;
  return text.substr(0, text.rfind(' ', kMost)) + " ...";
}

std::string PlaceOf(const LikelihoodPoint& point) {
  if (point.step.what.empty()) return "the beginning";
  std::string place = (point.step.machine.empty() ? "" : point.step.machine + " ");
  return place + Shortened(point.step.what);
}

// What the likelihood says in one sentence.
std::string Verdict(const Explanation& explanation) {
  if (!explanation.inevitable) return "";
  const std::vector<LikelihoodPoint>& points = explanation.likelihood;
  const size_t at = *explanation.inevitable;
  if (at == 0) {
    return "inevitable from the beginning: it fails whatever scheduler, disk and network choose\n";
  }
  const LikelihoodPoint& point = points[at];
  if (at + 1 == points.size()) {
    return absl::StrFormat("not certain before it happens (%s just before)\n",
                           TextOf(points[at - 1].share));
  }
  return absl::StrFormat("inevitable from %s (record %d): %s\n", Seconds(point.step.at_us),
                         point.record, PlaceOf(point));
}

// Points that say something: the first, where it turns, and of those at one step the last.
bool IsShown(const Explanation& explanation, size_t i) {
  const std::vector<LikelihoodPoint>& points = explanation.likelihood;
  const size_t certain = explanation.inevitable.value_or(points.size());
  if (i == 0 || i == certain || i == explanation.likely) return true;
  if (i > certain) return false;
  return points[i].step != points[i + 1].step && points[i].share != points[i - 1].share;
}

std::string LikelihoodTable(const Explanation& explanation, Look look) {
  const std::vector<LikelihoodPoint>& points = explanation.likelihood;
  if (points.empty() || explanation.inevitable == 0) return "";
  reports::Table table({{"with the same choices up to", Align::kLeft, 72},
                        {"time", Align::kRight},
                        {"it fails", Align::kRight},
                        {""}});
  for (size_t i = 0; i < points.size(); ++i) {
    if (!IsShown(explanation, i)) continue;
    const bool is_certain = i == explanation.inevitable;
    const bool is_likely = i == explanation.likely && i > 0;
    const bool is_end = i + 1 == points.size();
    table.AddRow({{is_end ? "the failure" : PlaceOf(points[i])},
                  {Seconds(is_end ? explanation.record.failed_at_us : points[i].step.at_us)},
                  {TextOf(points[i].share)},
                  {is_certain  ? "inevitable"
                   : is_likely ? "more likely than not"
                               : "",
                   Ink::kYellow}});
  }
  return table.ToString(look);
}

std::string EndOf(const Explanation& explanation) {
  const std::string runs = reports::Plural(explanation.runs, "run");
  switch (explanation.end) {
    case ExplainEnd::kNothingToDo:
    case ExplainEnd::kDone:
      return "explained with " + runs + "\n";
    case ExplainEnd::kBudget:
      return "not all of it: the budget of runs is used up after " + runs + " (--runs)\n";
    case ExplainEnd::kTime:
      return "not all of it: the time is up after " + runs + " (--for)\n";
    case ExplainEnd::kInterrupted:
      return "not all of it: interrupted after " + runs + "\n";
  }
  WT_CHECK(false);
}

Json ToJson(const Share& share) { return {{"failed", share.failed}, {"runs", share.runs}}; }

Json ToJson(const Part& part) {
  static constexpr std::string_view kKinds[] = {"fault", "chore", "operation", "knob"};
  static constexpr std::string_view kNeeds[] = {"necessary", "helps", "not"};
  Json json{{"part", kKinds[static_cast<size_t>(part.kind)]},
            {"name", part.name},
            {"details", part.details},
            {"at", part.at},
            {"without", ToJson(part.without)},
            {"need", kNeeds[static_cast<size_t>(part.need)]}};
  if (part.window) json["window_us"] = {part.window->from_us, part.window->to_us};
  return json;
}

Json ToJson(const LikelihoodPoint& point) {
  return {{"record", point.record},
          {"at_us", point.step.at_us},
          {"machine", point.step.machine},
          {"what", point.step.what},
          {"share", ToJson(point.share)}};
}

template <typename Items>
Json ListOf(const Items& items) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(ToJson(item));
  return list;
}

reports::RunRecord WithChain(const Explanation& explanation) {
  reports::RunRecord record = explanation.record;
  record.why = explanation.chain;
  return record;
}

}  // namespace

std::string ExplanationText(const Explanation& explanation, const reports::BlockOptions& block) {
  std::string text = FailureBlock(WithChain(explanation), block);
  const std::string parts = PartsTable(explanation, block.look);
  if (!parts.empty()) text += "\n" + Indented(parts);
  const std::string likelihood = LikelihoodTable(explanation, block.look);
  if (!likelihood.empty()) text += "\n" + Indented(likelihood);
  const std::string verdict = Verdict(explanation);
  if (!verdict.empty()) text += "\n" + Indented(verdict);
  return text + "\n" + EndOf(explanation);
}

std::string ExplanationLine(const Explanation& explanation, const reports::BlockOptions& block,
                            const std::string& plan) {
  static constexpr std::string_view kEnds[] = {"nothing-to-do", "done", "budget", "time",
                                               "interrupted"};
  const reports::RunRecord& record = explanation.record;
  Json json{{"kind", "explanation"},
            {"scenario", record.scenario},
            {"seed", reports::Hex(record.seed)},
            {"invariant", record.invariant},
            {"message", record.message},
            {"signature", reports::FolderOf(record)},
            {"failed_at_us", record.failed_at_us},
            {"events", record.events}};
  json["why"] = Json::parse(reports::StepsToJson(explanation.chain));
  json["as_it_is"] = ToJson(explanation.as_it_is);
  json["parts"] = ListOf(explanation.parts);
  json["likelihood"] = ListOf(explanation.likelihood);
  const auto record_of = [&](const std::optional<size_t>& point) {
    return point ? Json(explanation.likelihood[*point].record) : Json();
  };
  json["likely_from_record"] = record_of(explanation.likely);
  json["inevitable_from_record"] = record_of(explanation.inevitable);
  json["plan"] = plan;
  json["reproduce"] = ReproduceCommand(record, block);
  json["runs"] = explanation.runs;
  json["ended"] = kEnds[static_cast<size_t>(explanation.end)];
  return json.dump();
}

}  // namespace wt::scenarios
