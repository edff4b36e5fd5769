// Proves that what a campaign left on the disk may be damaged in any way: it is read, or refused
// with what is wrong with it, and nothing throws or stops the program. Damage is of bytes, and of
// values that are of another type than they should be.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_split.h"
#include "reports/campaign.h"
#include "reports/json_lines.h"
#include "reports/matrix.h"
#include "reports/results.h"

namespace wt::reports {
namespace {

using Json = nlohmann::json;

MatrixAxes Axes() {
  MatrixAxes axes{.invariants = {"a", "b"},
                  .faults = {{"none", "none"}, {"kill", "process"}},
                  .phases = {"quiet", "recovery"}};
  axes.possible.assign(axes.cells(), true);
  return axes;
}

Json AnyValue() {
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
      return Json();
    case 1:
      return *rc::gen::arbitrary<bool>();
    case 2:
      return *rc::gen::arbitrary<int64_t>();
    case 3:
      return *rc::gen::arbitrary<uint64_t>();
    case 4:
      return 0.5;
    case 5:
      return *rc::gen::element<std::string>("", "matrix", "run", "0x", "0x1", "1/2", "9999:1");
    case 6:
      return Json::array({1, "x", Json::object()});
    default:
      return Json{{"x", 1}, {"quiet", Json::array()}};
  }
}

// One of the values in it is another, is gone, or has another name.
void DamageValue(Json& json) {
  Json* at = &json;
  while (at->is_structured() && !at->empty() && *rc::gen::inRange(0, 4) != 0) {
    at = &std::next(at->begin(), *rc::gen::inRange<int64_t>(0, at->size())).value();
  }
  if (!at->is_object() || at->empty()) {
    *at = AnyValue();
    return;
  }
  const std::string key = std::next(at->begin(), *rc::gen::inRange<int64_t>(0, at->size())).key();
  if (*rc::gen::arbitrary<bool>()) (*at)[key + "'"] = (*at)[key];
  at->erase(key);
}

std::string DamagedBytes(std::string text) {
  const auto at = *rc::gen::inRange<size_t>(0, text.size());
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      text[at] = *rc::gen::arbitrary<char>();
      break;
    case 1:
      text.erase(at, *rc::gen::inRange<size_t>(1, 20));
      break;
    default:
      text.insert(at, *rc::gen::element<std::string>("{", "}", "[", "1", "\"", ",", "\n", "-"));
  }
  return text;
}

std::string Damaged(const std::string& text) {
  if (*rc::gen::arbitrary<bool>()) return DamagedBytes(text);
  Json json = Json::parse(text);
  DamageValue(json);
  return json.dump() + "\n";
}

TEST(DamageTest, AKindThatIsNoTextIsDataLoss) {
  for (const char* text :
       {R"({"kind":1})", R"({"kind":null,"runs":1,"cells":{}})", "1", "[]", ""}) {
    EXPECT_TRUE(absl::IsDataLoss(MatrixFromJson(Axes(), text).status())) << text;
  }
}

RC_GTEST_PROP(DamagePropertyTest, AMatrixIsReadOrRefused, ()) {
  const MatrixAxes axes = Axes();
  const std::string whole = MatrixToJson(axes, {{0, 3}, {3, 1}, {6, 9}}, 7);
  const absl::StatusOr<MatrixFile> file = MatrixFromJson(axes, Damaged(whole));
  if (!file.ok()) {
    RC_ASSERT(absl::IsDataLoss(file.status()));
    return;
  }
  // What was taken can be worked with.
  RC_ASSERT(MatrixFromJson(axes, MatrixToJson(axes, file->counts, file->runs)).ok());
  RC_ASSERT(ShareOf(axes, file->counts).seen <= axes.cells());
}

std::string AFile() {
  const CampaignHeader header{.name = "calm-0..4-00000001",
                              .scenarios = {"calm"},
                              .seeds = "0..4",
                              .shard = "1/2",
                              .overrides = {},
                              .build = "0x1"};
  RunRecord failing{.scenario = "calm", .seed = 2, .events = 9, .goals = {{"g", 1}}, .digest = 4};
  failing.verdict = Verdict::kFail;
  failing.invariant = "no-phantom";
  failing.message = "a ghost";
  failing.signature = "no-phantom-1";
  failing.why = {{5, "n1", "log.synced", "lost-fsync #1"}};
  Tally tally(std::vector<Promise>{{.scenario = "calm"}});
  tally.Add(failing);
  const Totals totals = tally.totals();
  std::string text = CampaignLine(header) + "\n" + RunLine(failing, HostFigures::kOmit) + "\n";
  for (const Finding& finding : totals.findings) text += FindingLine(finding, "x") + "\n";
  return text + EndLine(totals, {}, HostFigures::kOmit) + "\n";
}

RC_GTEST_PROP(DamagePropertyTest, ResultsAreReadOrRefused, ()) {
  const std::vector<std::string> lines = absl::StrSplit(AFile(), '\n', absl::SkipEmpty());
  const auto bad = *rc::gen::inRange<size_t>(0, lines.size());
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) {
    text += i == bad ? Damaged(lines[i]) : lines[i] + "\n";
  }
  const absl::StatusOr<Results> results = ReadResults("f", text);
  if (!results.ok()) {
    RC_ASSERT(!results.status().message().empty());
    return;
  }
  const absl::StatusOr<Merged> merged = Merge({*results}, 2);
  if (!merged.ok()) return;
  Tally tally(std::vector<Promise>{{.scenario = "calm"}});
  for (const Results::Line& run : merged->runs) tally.Add(run.record);
  RC_ASSERT(tally.totals().runs == merged->runs.size());
}

}  // namespace
}  // namespace wt::reports
