#include "reports/json_lines.h"

#include <charconv>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/matrix.h"
#include "reports/signature.h"
#include "reports/text.h"

namespace wt::reports {
namespace {

using Json = nlohmann::ordered_json;

// Messages may hold bytes of a damaged disk; a line is valid UTF-8 all the same.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json OrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json ToJson(const std::map<std::string, uint64_t>& counts) {
  Json json = Json::object();
  for (const auto& [name, count] : counts) json[name] = count;
  return json;
}

Json NamesOf(const std::map<std::string, uint64_t>& counts) {
  Json json = Json::array();
  for (const auto& [name, count] : counts) {
    if (count > 0) json.push_back(name);
  }
  return json;
}

Json ToJson(const Step& step) {
  return Json{{"at_us", step.at_us},
              {"machine", step.machine},
              {"what", step.what},
              {"note", step.note},
              {"record", step.record}};
}

Json ToJson(const std::vector<Step>& steps) {
  Json json = Json::array();
  for (const Step& step : steps) json.push_back(ToJson(step));
  return json;
}

// Reads one object member by member, and remembers the first thing that was not as expected.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {
    if (!json.is_object()) problem_ = "not an object";
  }

  void Read(const char* key, std::string* to) {
    if (const Json* value = Find(key, &Json::is_string)) *to = value->get<std::string>();
  }
  void Read(const char* key, uint64_t* to) {
    if (const Json* value = Find(key, &Json::is_number_unsigned)) *to = value->get<uint64_t>();
  }
  void Read(const char* key, std::map<std::string, uint64_t>* to) {
    const Json* value = Find(key, &Json::is_object);
    if (value == nullptr) return;
    for (const auto& [name, count] : value->items()) {
      if (count.is_number_unsigned()) (*to)[name] = count.get<uint64_t>();
      else Complain(key);
    }
  }
  void ReadHex(const char* key, uint64_t* to) {
    std::string text;
    Read(key, &text);
    if (!problem_.empty()) return;
    const char* end = text.data() + text.size();
    if (!text.starts_with("0x") ||
        std::from_chars(text.data() + 2, end, *to, 16).ptr != end) Complain(key);
  }
  void Read(const char* key, std::vector<Step>* to);

  absl::Status status() const {
    if (problem_.empty()) return absl::OkStatus();
    return InvalidArgument("run record: %s", problem_);
  }

 private:
  const Json* Find(const char* key, bool (Json::*is_right)() const noexcept) {
    if (!problem_.empty()) return nullptr;
    const auto found = json_.find(key);
    if (found != json_.end() && ((*found).*is_right)()) return &*found;
    Complain(key);
    return nullptr;
  }
  void Complain(const char* key) {
    problem_ = absl::StrFormat("\"%s\" is missing or of the wrong type", key);
  }

  const Json& json_;
  std::string problem_;
};

absl::StatusOr<Step> StepFrom(const Json& json) {
  Step step;
  Reader reader(json);
  reader.Read("at_us", &step.at_us);
  reader.Read("machine", &step.machine);
  reader.Read("what", &step.what);
  reader.Read("note", &step.note);
  reader.Read("record", &step.record);
  WT_RETURN_IF_ERROR(reader.status());
  return step;
}

void Reader::Read(const char* key, std::vector<Step>* to) {
  const Json* value = Find(key, &Json::is_array);
  if (value == nullptr) return;
  for (const Json& element : *value) {
    absl::StatusOr<Step> step = StepFrom(element);
    if (!step.ok()) return Complain(key);
    to->push_back(*std::move(step));
  }
}

}  // namespace

uint64_t PerSecond(uint64_t count, uint64_t wall_us) {
  if (wall_us == 0) return 0;
  return static_cast<uint64_t>(static_cast<unsigned __int128>(count) * 1'000'000 / wall_us);
}

std::string CampaignLine(const CampaignHeader& header) {
  return Dump(Json{{"kind", "campaign"},
                   {"campaign", header.name},
                   {"scenarios", header.scenarios},
                   {"seeds", header.seeds},
                   {"shard", OrNull(header.shard)},
                   {"set", header.overrides},
                   {"build", header.build}});
}

std::string RunLine(const RunRecord& record, HostFigures figures) {
  Json json{{"kind", "run"},
            {"scenario", record.scenario},
            {"seed", Hex(record.seed)},
            {"verdict", std::string(NameOf(record.verdict))},
            {"invariant", OrNull(record.invariant)},
            {"virtual_us", record.virtual_us},
            {"events", record.events},
            {"faults", ToJson(record.faults)},
            {"goals", NamesOf(record.goals)},
            {"invariants", ToJson(record.invariants)},
            {"digest", HexDigest(record.digest)}};
  if (!record.message.empty()) json["message"] = record.message;
  if (record.verdict != Verdict::kPass) json["signature"] = FolderOf(record);
  if (figures == HostFigures::kInclude) json["wall_us"] = record.wall_us;
  return Dump(json);
}

std::string FindingLine(const Finding& finding, std::string_view reproduce) {
  WT_CHECK(finding.runs > 0);
  const RunRecord& example = finding.example;
  Json json{{"kind", "finding"},
                   {"signature", finding.signature},
                   {"verdict", std::string(NameOf(example.verdict))},
                   {"invariant", OrNull(example.invariant)},
                   {"message", example.message},
                   {"scenario", example.scenario},
                   {"seed", Hex(example.seed)},
                   {"failed_at_us", example.failed_at_us},
                   {"events", example.events},
                   {"why", ToJson(example.why)},
                   {"runs", finding.runs},
                   {"some", finding.some},
                   {"reproduce", std::string(reproduce)}};
  if (!finding.minimal.empty()) json["minimal"] = finding.minimal;
  return Dump(json);
}

std::string MismatchLine(const Mismatch& mismatch, std::string_view arguments) {
  const std::string name = RunName(mismatch.scenario, mismatch.seed);
  return Dump(Json{{"kind", "finding"},
                   {"signature", "not-deterministic"},
                   {"verdict", "not-deterministic"},
                   {"invariant", "same-seed-same-digest"},
                   {"message", "two runs of one seed took different courses"},
                   {"scenario", mismatch.scenario},
                   {"seed", Hex(mismatch.seed)},
                   {"digests", {HexDigest(mismatch.digests[0]), HexDigest(mismatch.digests[1])}},
                   {"reproduce", "wavetank verify " + name + std::string(arguments)}});
}

std::string StepLine(const Step& step) {
  Json json{{"kind", "step"}};
  json.update(ToJson(step));
  return Dump(json);
}

std::string TraceLine(std::string_view record) {
  return Dump(Json{{"kind", "record"}, {"text", std::string(record)}});
}

std::string StoppedLine(uint64_t record, uint64_t at_us, std::string_view view) {
  return Dump(Json{
      {"kind", "stopped"}, {"record", record}, {"at_us", at_us}, {"view", std::string(view)}});
}

std::string EndLine(const Totals& totals, const CampaignSpeed& speed, HostFigures figures) {
  Json json{{"kind", "end"},
            {"runs", totals.runs},
            {"failed", totals.failed},
            {"inconclusive", totals.inconclusive},
            {"errors", totals.errors},
            {"not_deterministic", totals.mismatches.size()},
            {"events", totals.events},
            {"virtual_us", totals.virtual_us}};
  if (figures == HostFigures::kInclude) {
    json["wall_us"] = speed.wall_us;
    json["seeds_per_s"] = PerSecond(totals.runs, speed.wall_us);
    json["events_per_s"] = PerSecond(totals.events, speed.wall_us);
  }
  json["goals_missed"] = totals.GoalsMissed();
  json["vacuous"] = totals.Vacuous();
  json["faults_missed"] = totals.FaultsMissed();
  json["interrupted"] = speed.interrupted;
  json["digest"] = HexDigest(totals.digest);
  return Dump(json);
}

std::string RecordToJson(const RunRecord& record) {
  return Dump(Json{{"scenario", record.scenario},
                   {"seed", Hex(record.seed)},
                   {"verdict", std::string(NameOf(record.verdict))},
                   {"invariant", record.invariant},
                   {"message", record.message},
                   {"signature", record.signature},
                   {"why", ToJson(record.why)},
                   {"failed_at_us", record.failed_at_us},
                   {"virtual_us", record.virtual_us},
                   {"events", record.events},
                   {"faults", ToJson(record.faults)},
                   {"goals", ToJson(record.goals)},
                   {"invariants", ToJson(record.invariants)},
                   {"matrix", ToText(record.matrix)},
                   {"digest", Hex(record.digest)},
                   {"wall_us", record.wall_us},
                   {"output", record.output}});
}

absl::StatusOr<RunRecord> RecordFromJson(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  RunRecord record;
  std::string verdict;
  Reader reader(json);
  reader.Read("scenario", &record.scenario);
  reader.ReadHex("seed", &record.seed);
  reader.Read("verdict", &verdict);
  reader.Read("invariant", &record.invariant);
  reader.Read("message", &record.message);
  reader.Read("signature", &record.signature);
  reader.Read("why", &record.why);
  reader.Read("failed_at_us", &record.failed_at_us);
  reader.Read("virtual_us", &record.virtual_us);
  reader.Read("events", &record.events);
  reader.Read("faults", &record.faults);
  reader.Read("goals", &record.goals);
  reader.Read("invariants", &record.invariants);
  std::string matrix;
  reader.Read("matrix", &matrix);
  reader.ReadHex("digest", &record.digest);
  reader.Read("wall_us", &record.wall_us);
  reader.Read("output", &record.output);
  WT_RETURN_IF_ERROR(reader.status());
  const std::optional<Verdict> known = VerdictNamed(verdict);
  if (!known) return InvalidArgument("run record: unknown verdict \"%s\"", verdict);
  record.verdict = *known;
  WT_ASSIGN_OR_RETURN(record.matrix, MatrixCountsFrom(matrix));
  return record;
}

std::string StepsToJson(const std::vector<Step>& steps) { return Dump(ToJson(steps)); }

absl::StatusOr<std::vector<Step>> StepsFromJson(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_array()) return InvalidArgument("steps: not an array");
  std::vector<Step> steps;
  for (const Json& element : json) {
    WT_ASSIGN_OR_RETURN(Step step, StepFrom(element));
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace wt::reports
