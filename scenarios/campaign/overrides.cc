#include "scenarios/campaign/overrides.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "scenarios/campaign/nearest.h"
#include "scenarios/campaign/values.h"

namespace wt::scenarios {
namespace {

using Setter = absl::Status (*)(std::string_view value, Scenario* scenario);

absl::Status Set(std::string_view text, uint32_t* to) {
  WT_ASSIGN_OR_RETURN(const uint64_t number, ParseNumber(text));
  if (number > std::numeric_limits<uint32_t>::max()) {
    return InvalidArgument("\"%s\" does not fit 32 bits", text);
  }
  *to = static_cast<uint32_t>(number);
  return absl::OkStatus();
}
absl::Status Set(std::string_view text, Duration* to) {
  WT_ASSIGN_OR_RETURN(*to, ParseDuration(text));
  return absl::OkStatus();
}
absl::Status Set(std::string_view text, bool* to) {
  WT_ASSIGN_OR_RETURN(*to, ParseSwitch(text));
  return absl::OkStatus();
}
absl::Status Set(std::string_view text, Range<uint64_t>* to) {
  WT_ASSIGN_OR_RETURN(*to, ParseSizeRange(text));
  return absl::OkStatus();
}
absl::Status Set(std::string_view text, Range<Duration>* to) {
  WT_ASSIGN_OR_RETURN(*to, ParseDurationRange(text));
  return absl::OkStatus();
}

absl::Status AtLeast(uint64_t least, std::string_view key, const Range<uint64_t>& range) {
  if (range.low >= least) return absl::OkStatus();
  return InvalidArgument("database.%s: at least %d", key, least);
}

// What a store refuses to open with.
absl::Status Sane(const DatabaseSetup& database) {
  WT_RETURN_IF_ERROR(AtLeast(1, "memtable_bytes", database.memtable_bytes));
  WT_RETURN_IF_ERROR(AtLeast(1, "table_bytes", database.table_bytes));
  WT_RETURN_IF_ERROR(AtLeast(1, "block_bytes", database.block_bytes));
  WT_RETURN_IF_ERROR(AtLeast(1, "level0_trigger", database.level0_trigger));
  WT_RETURN_IF_ERROR(AtLeast(1, "sync_interval_ms", database.sync_interval_ms));
  return AtLeast(2, "level_ratio", database.level_ratio);
}

// What must hold for a scenario to mean anything; the rest is the caller's business.
absl::Status Sane(const Scenario& scenario) {
  if (scenario.workload.clients == 0) return InvalidArgument("workload.clients: at least 1");
  if (scenario.workload.keys == 0) return InvalidArgument("workload.keys: at least 1");
  if (scenario.storm <= Duration::zero()) return InvalidArgument("storm: longer than nothing");
  if (scenario.aim.has_value()) {
    const bool has = std::ranges::any_of(scenario.faults, [&](const FaultSpec& spec) {
      return spec.kind == scenario.aim->fault;
    });
    if (!has) return InvalidArgument("aim: its kind is not among the faults that are kept");
  }
  if (scenario.database) return Sane(*scenario.database);
  return absl::OkStatus();
}

struct Field {
  std::string_view key;
  std::string_view form;
  Setter set;
};

#define WT_FIELD(key, form, member)                                                              \
  {                                                                                              \
    key, form,                                                                                   \
        [](std::string_view value, Scenario* scenario) { return Set(value, &scenario->member); } \
  }

// Of a scenario with a database only.
#define WT_DATABASE_FIELD(key, form, member)                                  \
  {                                                                           \
    "database." key, form, [](std::string_view value, Scenario* scenario) {   \
      if (scenario->database) return Set(value, &scenario->database->member); \
      return InvalidArgument("%s has no database", scenario->name);           \
    }                                                                         \
  }

constexpr Field kFields[] = {
    WT_FIELD("storm", "duration", storm),
    WT_FIELD("calm", "duration", calm),
    WT_FIELD("swarm", "on or off", swarm),
    WT_FIELD("workload.clients", "number", workload.clients),
    WT_FIELD("workload.operations", "number", workload.operations),
    WT_FIELD("workload.keys", "number", workload.keys),
    WT_FIELD("workload.value_bytes", "size, or A..B of them", workload.value_bytes),
    WT_FIELD("workload.think", "duration, or A..B of them", workload.think),
    WT_FIELD("workload.mix.put", "weight", workload.mix.put),
    WT_FIELD("workload.mix.get", "weight", workload.mix.get),
    WT_FIELD("workload.mix.remove", "weight", workload.mix.remove),
    WT_FIELD("workload.mix.batch", "weight", workload.mix.batch),
    WT_FIELD("workload.mix.increment", "weight", workload.mix.increment),
    WT_FIELD("workload.mix.compare_and_set", "weight", workload.mix.compare_and_set),
    WT_FIELD("knobs.segment_bytes", "size, or A..B of them", knobs.segment_bytes),
    WT_FIELD("knobs.snapshot_log_bytes", "size, or A..B of them", knobs.snapshot_log_bytes),
    WT_FIELD("knobs.snapshots_kept", "number, or A..B", knobs.snapshots_kept),
    WT_FIELD("knobs.small_alignment_ppm", "parts per million", knobs.small_alignment_ppm),
    WT_FIELD("knobs.zeros_ahead_ppm", "parts per million", knobs.zeros_ahead_ppm),
    WT_FIELD("knobs.compress_ppm", "parts per million", knobs.compress_ppm),
    WT_FIELD("knobs.incremental_ppm", "parts per million", knobs.incremental_ppm),
    WT_FIELD("knobs.rarely_ppm", "parts per million", knobs.rarely_ppm),
    WT_DATABASE_FIELD("memtable_bytes", "size, or A..B of them", memtable_bytes),
    WT_DATABASE_FIELD("table_bytes", "size, or A..B of them", table_bytes),
    WT_DATABASE_FIELD("block_bytes", "size, or A..B of them", block_bytes),
    WT_DATABASE_FIELD("level0_trigger", "number, or A..B", level0_trigger),
    WT_DATABASE_FIELD("level1_bytes", "size, or A..B of them", level1_bytes),
    WT_DATABASE_FIELD("level_ratio", "number, or A..B", level_ratio),
    WT_DATABASE_FIELD("manifest_bytes", "size, or A..B of them", manifest_bytes),
    WT_DATABASE_FIELD("sync_interval_ms", "number, or A..B", sync_interval_ms),
    WT_DATABASE_FIELD("room_patience_ms", "number, or A..B", room_patience_ms),
    WT_DATABASE_FIELD("no_filter_ppm", "parts per million", no_filter_ppm),
    WT_DATABASE_FIELD("no_cache_ppm", "parts per million", no_cache_ppm),
    WT_DATABASE_FIELD("verify_always_ppm", "parts per million", verify_always_ppm),
    WT_DATABASE_FIELD("alone_ppm", "parts per million", alone_ppm),
    WT_DATABASE_FIELD("paced_ppm", "parts per million", paced_ppm),
    WT_DATABASE_FIELD("buffered_ppm", "parts per million", buffered_ppm),
    WT_DATABASE_FIELD("view_held", "duration, or A..B of them", view_held),
};
#undef WT_DATABASE_FIELD
#undef WT_FIELD

constexpr std::string_view kFaultsForm = "none, or kinds to keep: kill,power-loss";
constexpr std::string_view kAimForm =
    "KIND@PHASE[/INVARIANT]: up to three faults more of that kind, at moments at which the run was "
    "in that phase (and that invariant was evaluated): power-loss@roll";
constexpr std::string_view kFaultForm =
    "fault.KIND.every|lasts (durations), .amount|cut_clients_ppm (numbers), .on (any, minority, "
    "primary or every): of all specs of that kind";

std::vector<std::string> KindsOf(const Scenario& scenario) {
  std::vector<std::string> kinds;
  for (const FaultSpec& spec : scenario.faults) {
    kinds.emplace_back(faults::InfoOf(spec.kind).name);
  }
  return kinds;
}

absl::Status KeepFaults(std::string_view value, Scenario* scenario) {
  std::vector<std::string> keep;
  if (value != "none") {
    keep = absl::StrSplit(absl::string_view(value.data(), value.size()), ',');
  }
  const std::vector<std::string> kinds = KindsOf(*scenario);
  for (const std::string& kind : keep) {
    if (std::ranges::find(kinds, kind) == kinds.end()) {
      return InvalidArgument("%s: %s", scenario->name, UnknownName("fault", kind, kinds));
    }
  }
  std::erase_if(scenario->faults, [&](const FaultSpec& spec) {
    return std::ranges::find(keep, faults::InfoOf(spec.kind).name) == keep.end();
  });
  return absl::OkStatus();
}

// "power-loss@roll", "power-loss@roll/read-barrier": a kind that the scenario has, a phase, an
// invariant, of which others have the list.
absl::Status SetAim(std::string_view value, Scenario* scenario) {
  const size_t at = value.find('@');
  if (at == value.npos) return InvalidArgument("\"%s\" is not KIND@PHASE", value);
  const std::string_view kind = value.substr(0, at);
  const size_t slash = std::min(value.find('/', at), value.size());
  const std::string_view phase = value.substr(at + 1, slash - at - 1);
  const std::vector<std::string> kinds = KindsOf(*scenario);
  if (std::ranges::find(kinds, kind) == kinds.end()) {
    return InvalidArgument("%s: %s", scenario->name, UnknownName("fault", kind, kinds));
  }
  const auto* const found = std::ranges::find(kPhaseNames, phase);
  if (found == std::end(kPhaseNames)) {
    const std::vector<std::string> known(std::begin(kPhaseNames), std::end(kPhaseNames));
    return InvalidArgument("%s", UnknownName("phase", phase, known));
  }
  scenario->aim = Aim{.fault = faults::FaultNamed(kind).value(),
                      .phase = static_cast<Phase>(found - std::begin(kPhaseNames)),
                      .invariant = std::string(value.substr(std::min(slash + 1, value.size())))};
  return absl::OkStatus();
}

absl::Status Set(std::string_view text, faults::Scope* to) {
  const auto found = std::ranges::find(faults::kScopeNames, text);
  if (found == std::end(faults::kScopeNames)) {
    const std::vector<std::string> names(std::begin(faults::kScopeNames),
                                         std::end(faults::kScopeNames));
    return InvalidArgument("%s", UnknownName("scope", text, names));
  }
  *to = static_cast<faults::Scope>(found - std::begin(faults::kScopeNames));
  return absl::OkStatus();
}

absl::Status SetProperty(std::string_view member, std::string_view value, FaultSpec* spec) {
  if (member == "every") return Set(value, &spec->every);
  if (member == "lasts") return Set(value, &spec->lasts);
  if (member == "amount") return Set(value, &spec->amount);
  if (member == "on") return Set(value, &spec->on);
  if (member == "cut_clients_ppm") return Set(value, &spec->cut_clients_ppm);
  return InvalidArgument("%s", UnknownName("property of a fault", member,
                                           std::vector<std::string>{"every", "lasts", "amount",
                                                                    "on", "cut_clients_ppm"}));
}

// What a draw requires of a spec.
absl::Status SaneSpec(const FaultSpec& spec) {
  const faults::FaultInfo& info = faults::InfoOf(spec.kind);
  if (spec.cut_clients_ppm > 0 && info.area != faults::Area::kPartition) {
    return InvalidArgument("cut_clients_ppm: %s is no partition", info.name);
  }
  if (spec.on == faults::Scope::kEvery && faults::TakesTwo(spec.kind)) {
    return InvalidArgument("on: %s takes two machines, not every one", info.name);
  }
  return absl::OkStatus();
}

// "power-loss.every" with its value: of all specs of that kind.
absl::Status SetFault(std::string_view key, std::string_view value, Scenario* scenario) {
  const size_t point = key.find('.');
  const std::string_view kind = key.substr(0, point);
  const std::string_view member = point == key.npos ? "" : key.substr(point + 1);
  bool found = false;
  for (FaultSpec& spec : scenario->faults) {
    if (faults::InfoOf(spec.kind).name != kind) continue;
    found = true;
    WT_RETURN_IF_ERROR(SetProperty(member, value, &spec));
    WT_RETURN_IF_ERROR(SaneSpec(spec));
  }
  if (found) return absl::OkStatus();
  const std::vector<std::string> kinds = KindsOf(*scenario);
  return InvalidArgument("%s: %s", scenario->name, UnknownName("fault", kind, kinds));
}

absl::Status SetField(std::string_view key, std::string_view value, Scenario* scenario) {
  constexpr std::string_view kFault = "fault.";
  if (key == "faults") return KeepFaults(value, scenario);
  if (key == "aim") return Annotate(SetAim(value, scenario), key);
  if (key.starts_with(kFault)) return SetFault(key.substr(kFault.size()), value, scenario);
  for (const Field& field : kFields) {
    if (field.key == key) return Annotate(field.set(value, scenario), key);
  }
  return InvalidArgument("%s", UnknownName("key", key, OverrideKeys()));
}

}  // namespace

std::vector<std::string> OverrideKeys() {
  std::vector<std::string> keys;
  for (const Field& field : kFields) keys.emplace_back(field.key);
  keys.emplace_back("faults");
  keys.emplace_back("fault.KIND.every");
  keys.emplace_back("aim");
  return keys;
}

std::string_view OverrideForm(std::string_view key) {
  for (const Field& field : kFields) {
    if (field.key == key) return field.form;
  }
  if (key == "aim") return kAimForm;
  return key == "faults" ? kFaultsForm : kFaultForm;
}

absl::Status ApplyOverride(std::string_view assignment, Scenario* scenario) {
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    return InvalidArgument("\"%s\" is not key=value", assignment);
  }
  WT_RETURN_IF_ERROR(
      SetField(assignment.substr(0, equals), assignment.substr(equals + 1), scenario));
  return Sane(*scenario);
}

absl::Status ApplyOverrides(std::span<const std::string> assignments, Scenario* scenario) {
  for (const std::string& assignment : assignments) {
    WT_RETURN_IF_ERROR(ApplyOverride(assignment, scenario));
  }
  return absl::OkStatus();
}

}  // namespace wt::scenarios
