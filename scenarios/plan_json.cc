// Plans as JSON: one operation or fault a line, so that a diff of two plans reads.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "engine/base/status.h"
#include "scenarios/plan.h"

namespace wt::scenarios {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kOpNames[] = {
    "put",  "get",  "remove", "batch", "increment", "compare-and-set",
    "scan", "walk", "view",   "flush", "compact",   "verify"};
constexpr std::string_view kPolicyNames[] = {"random-walk", "pct", "round-robin"};

int64_t ToNs(Duration duration) { return duration.count(); }

constexpr std::string_view kAckNames[] = {"async", "quorum", "all"};
constexpr std::string_view kFromNames[] = {"primary", "replica", "stale", "lease"};
constexpr std::string_view kTrustNames[] = {"verified", "believed"};
constexpr std::string_view kChoreNames[] = {"transfer", "members"};
constexpr std::string_view kShapeNames[] = {"fixed", "uniform", "exponential", "bimodal"};

Json OpToJson(const ClientOp& op) {
  return {{"client", op.client},
          {"op", kOpNames[static_cast<int>(op.kind)]},
          {"key", op.key},
          {"span", op.span},
          {"value_bytes", op.value_bytes},
          {"think_ns", ToNs(op.think)}};
}

// What only a group has is left out of the plan of one machine.
Json GroupOpToJson(const ClientOp& op) {
  Json json = OpToJson(op);
  json["ack"] = kAckNames[static_cast<int>(op.ack)];
  json["from"] = kFromNames[static_cast<int>(op.from)];
  json["once"] = op.once;
  return json;
}

Json DatabaseOpToJson(const ClientOp& op) {
  Json json = OpToJson(op);
  json["buffered"] = op.buffered;
  if (op.kind == OpKind::kView) json["held_ns"] = ToNs(op.held);
  return json;
}

Json DatabaseToJson(const PlannedDatabase& database) {
  return {{"memtable_bytes", database.memtable_bytes},
          {"table_bytes", database.table_bytes},
          {"block_bytes", database.block_bytes},
          {"restart_interval", database.restart_interval},
          {"max_sealed", database.max_sealed},
          {"level0_trigger", database.level0_trigger},
          {"level1_bytes", database.level1_bytes},
          {"level_ratio", database.level_ratio},
          {"manifest_bytes", database.manifest_bytes},
          {"filter_bits", database.filter_bits},
          {"cache_bytes", database.cache_bytes},
          {"group_bytes", database.group_bytes},
          {"compaction_bytes_per_second", database.compaction_bytes_per_second},
          {"sync_interval_ns", ToNs(database.sync_interval)},
          {"room_patience_ns", ToNs(database.room_patience)},
          {"verify_always", database.verify_always}};
}

// A state in memory is left out, so that a plan of such a group is what it always was.
Json GroupToJson(const PlannedGroup& group) {
  Json json = {{"voters", group.voters},
               {"learners", group.learners},
               {"trust", kTrustNames[static_cast<int>(group.trust)]},
               {"weather", NameOf(group.weather)},
               {"election_timeout_ns", ToNs(group.election_timeout)},
               {"heartbeat_ns", ToNs(group.heartbeat)},
               {"latency", kShapeNames[static_cast<int>(group.latency.shape)]},
               {"latency_low_ns", ToNs(group.latency.low)},
               {"latency_high_ns", ToNs(group.latency.high)},
               {"latency_slow_ppm", group.latency.slow_ppm},
               {"loss_ppm", group.loss_ppm},
               {"duplicate_ppm", group.duplicate_ppm},
               {"reorder_ppm", group.reorder_ppm},
               {"slow_sync", group.slow_sync},
               {"log_kept_bytes", group.log_kept_bytes},
               {"figures", group.figures}};
  if (group.store == StateStore::kMemory) return json;
  json["store"] = kStateStoreNames[static_cast<int>(group.store)];
  json["memtable_bytes"] = group.memtable_bytes;
  return json;
}

Json ChoreToJson(const Chore& chore) {
  return {{"chore", kChoreNames[static_cast<int>(chore.kind)]},
          {"at_ns", ToNs(chore.at)},
          {"to", chore.to},
          {"voters", chore.voters},
          {"learners", chore.learners}};
}

// What most faults do not need is left out.
Json FaultToJson(const faults::Fault& fault) {
  Json json = {{"fault", faults::InfoOf(fault.kind).name},
               {"at_ns", ToNs(fault.at)},
               {"lasts_ns", ToNs(fault.lasts)},
               {"amount", fault.amount},
               {"salt", fault.salt},
               {"machine", fault.machine}};
  if (fault.other != 0) json["other"] = fault.other;
  if (fault.target != faults::Target::kMachine) {
    json["target"] = faults::kTargetNames[static_cast<int>(fault.target)];
  }
  if (fault.cuts_clients) json["cuts_clients"] = true;
  if (fault.aim > Duration(0)) json["aim_ns"] = ToNs(fault.aim);
  return json;
}

Json KnobsToJson(const EngineKnobs& knobs) {
  Json json{{"segment_bytes", knobs.segment_bytes},
            {"alignment", knobs.alignment},
            {"snapshot_log_bytes", knobs.snapshot_log_bytes},
            {"snapshots_kept", knobs.snapshots_kept},
            {"compress", knobs.compress},
            {"incremental", knobs.incremental},
            {"rarely_ppm", knobs.rarely_ppm}};
  if (knobs.zeros_ahead_bytes != 0) json["zeros_ahead_bytes"] = knobs.zeros_ahead_bytes;
  return json;
}

template <typename Items, typename Convert>
std::string LinesOf(const Items& items, Convert convert) {
  std::string text = "[";
  for (const auto& item : items) {
    text += text.size() == 1 ? "\n    " : ",\n    ";
    text += convert(item).dump();
  }
  return text + (items.empty() ? "]" : "\n  ]");
}

// Reads the fields of one object; the first problem is kept, with its place. Every field must be
// there, and no other.
class Fields {
 public:
  Fields(const Json& object, std::string place, absl::Status& status)
      : object_(object), place_(std::move(place)), status_(status) {
    if (!object.is_object()) Fail("want an object");
  }

  template <typename T>
  void Number(const char* key, T& out) {
    ++seen_;
    const Json* value = Find(key);
    if (value == nullptr) return;
    if (!value->is_number_integer() || (std::is_unsigned_v<T> && !value->is_number_unsigned())) {
      return Fail(absl::StrFormat("%s: want a whole number, found %s", key, value->dump()));
    }
    const auto wide = value->is_number_unsigned() ? value->get<uint64_t>()
                                                  : static_cast<uint64_t>(value->get<int64_t>());
    out = static_cast<T>(wide);
    if (static_cast<uint64_t>(out) != wide) {
      Fail(absl::StrFormat("%s: %s does not fit", key, value->dump()));
    }
  }
  void Time(const char* key, Duration& out) {
    uint64_t ns = 0;
    Number(key, ns);
    if (ns > static_cast<uint64_t>(sim::kForever.count())) {
      return Fail(absl::StrFormat("%s: %d ns is too long", key, ns));
    }
    out = Duration(static_cast<int64_t>(ns));
  }
  void Bool(const char* key, bool& out) {
    ++seen_;
    const Json* value = Find(key);
    if (value == nullptr) return;
    if (!value->is_boolean()) return Fail(absl::StrFormat("%s: want true or false", key));
    out = value->get<bool>();
  }
  void Text(const char* key, std::string& out) {
    ++seen_;
    const Json* value = Find(key);
    if (value == nullptr) return;
    if (!value->is_string()) return Fail(absl::StrFormat("%s: want a string", key));
    out = value->get<std::string>();
  }
  // The position of a name in a table.
  template <typename Enum, typename Names>
  void Name(const char* key, const Names& names, Enum& out) {
    std::string name;
    Text(key, name);
    if (!status_.ok()) return;
    const auto found = std::find(std::begin(names), std::end(names), name);
    if (found == std::end(names)) {
      return Fail(absl::StrFormat("%s: unknown name \"%s\"", key, name));
    }
    out = static_cast<Enum>(found - std::begin(names));
  }
  // Of machines: whole numbers in a list.
  void Numbers(const char* key, std::vector<uint32_t>& out) {
    const Json* list = List(key);
    if (list == nullptr) return;
    for (const Json& item : *list) {
      if (!item.is_number_unsigned() || item.get<uint64_t>() > ~uint32_t{0}) {
        return Fail(absl::StrFormat("%s: want machines, found %s", key, item.dump()));
      }
      out.push_back(item.get<uint32_t>());
    }
  }
  bool Has(const char* key) const { return status_.ok() && object_.contains(key); }
  const Json* Find(const char* key) {
    if (!status_.ok()) return nullptr;
    const auto found = object_.find(key);
    if (found != object_.end()) return &*found;
    Fail(absl::StrFormat("\"%s\" is missing", key));
    return nullptr;
  }
  const Json* Child(const char* key) {
    ++seen_;
    return Find(key);
  }
  const Json* List(const char* key) {
    const Json* list = Child(key);
    if (list != nullptr && !list->is_array()) Fail(absl::StrFormat("%s: want a list", key));
    return status_.ok() ? list : nullptr;
  }
  void Done() {
    if (status_.ok() && object_.size() != seen_) {
      Fail(absl::StrFormat("%d fields, want %d: one is unknown", object_.size(), seen_));
    }
  }
  void Fail(const std::string& what) {
    if (status_.ok()) status_ = InvalidArgument("%s: %s", place_, what);
  }

 private:
  const Json& object_;
  std::string place_;
  absl::Status& status_;
  size_t seen_ = 0;
};

void ReadKnobs(const Json& json, EngineKnobs& knobs, absl::Status& status) {
  Fields fields(json, "knobs", status);
  fields.Number("segment_bytes", knobs.segment_bytes);
  fields.Number("alignment", knobs.alignment);
  fields.Number("snapshot_log_bytes", knobs.snapshot_log_bytes);
  fields.Number("snapshots_kept", knobs.snapshots_kept);
  fields.Bool("compress", knobs.compress);
  fields.Bool("incremental", knobs.incremental);
  fields.Number("rarely_ppm", knobs.rarely_ppm);
  if (fields.Has("zeros_ahead_bytes")) {
    fields.Number("zeros_ahead_bytes", knobs.zeros_ahead_bytes);
  }
  fields.Done();
  if (knobs.snapshots_kept == 0) fields.Fail("snapshots_kept: want at least 1");
  if (knobs.alignment != 512 && knobs.alignment != 4096) fields.Fail("alignment: want 512 or 4096");
}

PlannedDatabase ReadDatabase(const Json& json, absl::Status& status) {
  PlannedDatabase database;
  Fields fields(json, "database", status);
  fields.Number("memtable_bytes", database.memtable_bytes);
  fields.Number("table_bytes", database.table_bytes);
  fields.Number("block_bytes", database.block_bytes);
  fields.Number("restart_interval", database.restart_interval);
  fields.Number("max_sealed", database.max_sealed);
  fields.Number("level0_trigger", database.level0_trigger);
  fields.Number("level1_bytes", database.level1_bytes);
  fields.Number("level_ratio", database.level_ratio);
  fields.Number("manifest_bytes", database.manifest_bytes);
  fields.Number("filter_bits", database.filter_bits);
  fields.Number("cache_bytes", database.cache_bytes);
  fields.Number("group_bytes", database.group_bytes);
  fields.Number("compaction_bytes_per_second", database.compaction_bytes_per_second);
  fields.Time("sync_interval_ns", database.sync_interval);
  // Plans that are older than this knob do without.
  if (fields.Has("room_patience_ns")) fields.Time("room_patience_ns", database.room_patience);
  fields.Bool("verify_always", database.verify_always);
  fields.Done();
  const std::pair<const char*, uint64_t> at_least_one[] = {
      {"memtable_bytes", database.memtable_bytes},     {"table_bytes", database.table_bytes},
      {"restart_interval", database.restart_interval}, {"max_sealed", database.max_sealed},
      {"level0_trigger", database.level0_trigger},     {"group_bytes", database.group_bytes}};
  for (const auto& [name, value] : at_least_one) {
    if (value == 0) fields.Fail(absl::StrFormat("%s: want at least 1", name));
  }
  if (database.level_ratio < 2) fields.Fail("level_ratio: want at least 2");
  return database;
}

ClientOp ReadOp(const Json& json, std::string place, const Plan& plan, absl::Status& status) {
  ClientOp op;
  Fields fields(json, std::move(place), status);
  fields.Number("client", op.client);
  fields.Name("op", kOpNames, op.kind);
  fields.Number("key", op.key);
  fields.Number("span", op.span);
  fields.Number("value_bytes", op.value_bytes);
  fields.Time("think_ns", op.think);
  if (plan.database) {
    fields.Bool("buffered", op.buffered);
    if (op.kind == OpKind::kView) fields.Time("held_ns", op.held);
  }
  if (plan.group) {
    fields.Name("ack", kAckNames, op.ack);
    fields.Name("from", kFromNames, op.from);
    fields.Bool("once", op.once);
  }
  fields.Done();
  if (op.span == 0) fields.Fail("span: want at least 1");
  const bool is_of_states = op.kind == OpKind::kIncrement || op.kind == OpKind::kCompareAndSet;
  if (plan.database ? is_of_states : op.kind >= OpKind::kScan) {
    fields.Fail(absl::StrFormat("op: no \"%s\" here", kOpNames[static_cast<int>(op.kind)]));
  }
  return op;
}

PlannedGroup ReadGroup(const Json& json, uint32_t machines, absl::Status& status) {
  PlannedGroup group;
  Fields fields(json, "group", status);
  fields.Number("voters", group.voters);
  fields.Number("learners", group.learners);
  fields.Name("trust", kTrustNames, group.trust);
  fields.Name("weather", WeatherNames(), group.weather);
  fields.Time("election_timeout_ns", group.election_timeout);
  fields.Time("heartbeat_ns", group.heartbeat);
  fields.Name("latency", kShapeNames, group.latency.shape);
  fields.Time("latency_low_ns", group.latency.low);
  fields.Time("latency_high_ns", group.latency.high);
  fields.Number("latency_slow_ppm", group.latency.slow_ppm);
  fields.Number("loss_ppm", group.loss_ppm);
  fields.Number("duplicate_ppm", group.duplicate_ppm);
  fields.Number("reorder_ppm", group.reorder_ppm);
  fields.Number("slow_sync", group.slow_sync);
  fields.Number("log_kept_bytes", group.log_kept_bytes);
  fields.Bool("figures", group.figures);
  if (fields.Has("store")) {
    fields.Name("store", kStateStoreNames, group.store);
    fields.Number("memtable_bytes", group.memtable_bytes);
    if (group.memtable_bytes == 0) fields.Fail("memtable_bytes: want at least 1");
  }
  fields.Done();
  if (group.voters == 0) fields.Fail("voters: want at least 1");
  if (uint64_t{group.voters} + group.learners != machines) {
    fields.Fail(absl::StrFormat("voters and learners: want %d in all, the machines", machines));
  }
  if (group.latency.low > group.latency.high) fields.Fail("latency_low_ns: above latency_high_ns");
  return group;
}

Chore ReadChore(const Json& json, std::string place, uint32_t machines, absl::Status& status) {
  Chore chore;
  Fields fields(json, std::move(place), status);
  fields.Name("chore", kChoreNames, chore.kind);
  fields.Time("at_ns", chore.at);
  fields.Number("to", chore.to);
  fields.Numbers("voters", chore.voters);
  fields.Numbers("learners", chore.learners);
  fields.Done();
  for (const std::vector<uint32_t>* list : {&chore.voters, &chore.learners}) {
    for (uint32_t machine : *list) {
      if (machine == 0 || machine > machines) {
        fields.Fail(absl::StrFormat("machine %d, want 1 to %d", machine, machines));
      }
    }
  }
  if (chore.to > machines) fields.Fail(absl::StrFormat("to: %d, want 1 to %d", chore.to, machines));
  return chore;
}

faults::Fault ReadFault(const Json& json, std::string place, const Plan& plan,
                        absl::Status& status) {
  faults::Fault fault;
  std::string kind;
  Fields fields(json, std::move(place), status);
  fields.Text("fault", kind);
  fields.Time("at_ns", fault.at);
  fields.Time("lasts_ns", fault.lasts);
  fields.Number("amount", fault.amount);
  fields.Number("salt", fault.salt);
  fields.Number("machine", fault.machine);
  if (fields.Has("other")) fields.Number("other", fault.other);
  if (fields.Has("target")) fields.Name("target", faults::kTargetNames, fault.target);
  if (fields.Has("cuts_clients")) fields.Bool("cuts_clients", fault.cuts_clients);
  if (fields.Has("aim_ns")) fields.Time("aim_ns", fault.aim);
  fields.Done();
  if (!status.ok()) return fault;
  const std::optional<FaultKind> named = faults::FaultNamed(kind);
  if (!named.has_value()) fields.Fail(absl::StrFormat("unknown fault \"%s\"", kind));
  fault.kind = named.value_or(FaultKind::kPowerLoss);
  const std::string problem = faults::ProblemOf(fault, plan.machines);
  if (!problem.empty()) fields.Fail(problem);
  return fault;
}

void ReadPlan(const Json& json, Plan& plan, absl::Status& status) {
  uint32_t version = 0;
  Fields fields(json, "top", status);
  fields.Number("wavetank_plan", version);
  if (status.ok() && version != kPlanVersion) {
    return fields.Fail(absl::StrFormat("version %d, this build reads %d", version, kPlanVersion));
  }
  fields.Text("why", plan.why);
  fields.Text("scenario", plan.scenario);
  fields.Number("seed", plan.seed);
  fields.Number("machines", plan.machines);
  if (plan.machines == 0) fields.Fail("machines: want at least 1");
  fields.Name("policy", kPolicyNames, plan.policy);
  fields.Number("pct_depth", plan.pct_depth);
  fields.Time("storm_ns", plan.storm);
  fields.Time("calm_ns", plan.calm);
  if (const Json* knobs = fields.Child("knobs")) ReadKnobs(*knobs, plan.knobs, status);
  if (fields.Has("group")) {
    plan.group = ReadGroup(*fields.Child("group"), plan.machines, status);
    if (const Json* list = fields.List("chores")) {
      for (size_t i = 0; i < list->size() && status.ok(); ++i) {
        plan.chores.push_back(
            ReadChore((*list)[i], absl::StrFormat("chores[%d]", i), plan.machines, status));
      }
    }
  }
  if (fields.Has("database")) plan.database = ReadDatabase(*fields.Child("database"), status);
  if (plan.database && plan.group) fields.Fail("database: not of a group");
  if (!plan.group && plan.machines != 1) {
    fields.Fail(
        absl::StrFormat("machines: %d, but a plan without \"group\" is of one machine: a "
                        "plan for another topology",
                        plan.machines));
  }
  if (const Json* list = fields.List("faults")) {
    for (size_t i = 0; i < list->size() && status.ok(); ++i) {
      plan.faults.push_back(ReadFault((*list)[i], absl::StrFormat("faults[%d]", i), plan, status));
    }
  }
  if (const Json* list = fields.List("operations")) {
    for (size_t i = 0; i < list->size() && status.ok(); ++i) {
      plan.operations.push_back(
          ReadOp((*list)[i], absl::StrFormat("operations[%d]", i), plan, status));
    }
  }
  fields.Done();
}

// The line where the object begins that `problem` is about: "faults[3]: amount: ...".
int64_t LineOf(std::string_view text, std::string_view problem) {
  const std::string_view place = problem.substr(0, problem.find(':'));
  const size_t bracket = place.find('[');
  const std::string name = absl::StrFormat("\"%s\"", place.substr(0, bracket));
  size_t at = text.find(name);
  if (at == std::string_view::npos) return 1;
  if (bracket != std::string_view::npos) {
    uint64_t ordinal = 0;
    (void)absl::SimpleAtoi(std::string(place.substr(bracket + 1, place.size() - bracket - 2)),
                           &ordinal);
    for (uint64_t i = 0; i <= ordinal && at != std::string_view::npos; ++i) {
      at = text.find('{', at + 1);
    }
    at = std::min(at, text.size());
  }
  return 1 + std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(at), '\n');
}

}  // namespace

std::string ToJson(const Plan& plan) {
  // What is not UTF-8 is replaced: a comment must not stand in the way of keeping a plan.
  const auto quoted = [](const std::string& text) {
    return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  std::string out = "{\n";
  out +=
      absl::StrFormat("  \"wavetank_plan\": %d,\n  \"why\": %s,\n", kPlanVersion, quoted(plan.why));
  out += absl::StrFormat("  \"scenario\": %s,\n  \"seed\": %d,\n  \"machines\": %d,\n",
                         quoted(plan.scenario), plan.seed, plan.machines);
  out += absl::StrFormat("  \"policy\": \"%s\",\n  \"pct_depth\": %d,\n",
                         kPolicyNames[static_cast<int>(plan.policy)], plan.pct_depth);
  out += absl::StrFormat("  \"storm_ns\": %d,\n  \"calm_ns\": %d,\n", ToNs(plan.storm),
                         ToNs(plan.calm));
  out += absl::StrFormat("  \"knobs\": %s,\n", KnobsToJson(plan.knobs).dump());
  if (plan.group) {
    out += absl::StrFormat("  \"group\": %s,\n", GroupToJson(*plan.group).dump());
    out += absl::StrFormat("  \"chores\": %s,\n", LinesOf(plan.chores, ChoreToJson));
  }
  if (plan.database) {
    out += absl::StrFormat("  \"database\": %s,\n", DatabaseToJson(*plan.database).dump());
  }
  out += absl::StrFormat("  \"faults\": %s,\n", LinesOf(plan.faults, FaultToJson));
  const auto convert = plan.group ? GroupOpToJson : plan.database ? DatabaseOpToJson : OpToJson;
  out += absl::StrFormat("  \"operations\": %s\n}\n", LinesOf(plan.operations, convert));
  return out;
}

absl::StatusOr<Plan> PlanFromJson(std::string_view text) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    const auto before = text.substr(0, std::min<size_t>(error.byte, text.size()));
    return InvalidArgument("plan: line %d: not JSON: %s",
                           1 + std::count(before.begin(), before.end(), '\n'), error.what());
  } catch (const Json::exception& error) {
    return InvalidArgument("plan: not JSON: %s", error.what());  // a number beyond all bounds
  }
  Plan plan;
  absl::Status status;
  ReadPlan(json, plan, status);
  if (!status.ok()) {
    return InvalidArgument("plan: line %d: %s", LineOf(text, MessageOf(status)), MessageOf(status));
  }
  return plan;
}

}  // namespace wt::scenarios
