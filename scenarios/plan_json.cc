// Plans as JSON: one operation or fault a line, so that a diff of two plans reads.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "engine/base/status.h"
#include "scenarios/plan.h"

namespace wt::scenarios {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kOpNames[] = {"put",   "get",       "remove",
                                         "batch", "increment", "compare-and-set"};
constexpr std::string_view kPolicyNames[] = {"random-walk", "pct", "round-robin"};

int64_t ToNs(Duration duration) { return duration.count(); }

Json OpToJson(const ClientOp& op) {
  return {{"client", op.client},
          {"op", kOpNames[static_cast<int>(op.kind)]},
          {"key", op.key},
          {"span", op.span},
          {"value_bytes", op.value_bytes},
          {"think_ns", ToNs(op.think)}};
}

Json FaultToJson(const faults::Fault& fault) {
  return {{"fault", faults::InfoOf(fault.kind).name},
          {"at_ns", ToNs(fault.at)},
          {"lasts_ns", ToNs(fault.lasts)},
          {"amount", fault.amount},
          {"salt", fault.salt},
          {"machine", fault.machine}};
}

Json KnobsToJson(const EngineKnobs& knobs) {
  return {{"segment_bytes", knobs.segment_bytes},
          {"alignment", knobs.alignment},
          {"snapshot_log_bytes", knobs.snapshot_log_bytes},
          {"snapshots_kept", knobs.snapshots_kept},
          {"compress", knobs.compress},
          {"incremental", knobs.incremental},
          {"rarely_ppm", knobs.rarely_ppm}};
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
  fields.Done();
  if (knobs.snapshots_kept == 0) fields.Fail("snapshots_kept: want at least 1");
  if (knobs.alignment != 512 && knobs.alignment != 4096) fields.Fail("alignment: want 512 or 4096");
}

ClientOp ReadOp(const Json& json, std::string place, absl::Status& status) {
  ClientOp op;
  Fields fields(json, std::move(place), status);
  fields.Number("client", op.client);
  fields.Name("op", kOpNames, op.kind);
  fields.Number("key", op.key);
  fields.Number("span", op.span);
  fields.Number("value_bytes", op.value_bytes);
  fields.Time("think_ns", op.think);
  fields.Done();
  if (op.span == 0) fields.Fail("span: want at least 1");
  return op;
}

faults::Fault ReadFault(const Json& json, std::string place, uint32_t machines,
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
  fields.Done();
  if (!status.ok()) return fault;
  const std::optional<FaultKind> named = faults::FaultNamed(kind);
  if (!named.has_value()) fields.Fail(absl::StrFormat("unknown fault \"%s\"", kind));
  fault.kind = named.value_or(FaultKind::kPowerLoss);
  if (fault.machine == 0 || fault.machine > machines) {
    fields.Fail(absl::StrFormat("machine: %d, want 1 to %d", fault.machine, machines));
  }
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
  if (const Json* list = fields.List("faults")) {
    for (size_t i = 0; i < list->size() && status.ok(); ++i) {
      plan.faults.push_back(
          ReadFault((*list)[i], absl::StrFormat("faults[%d]", i), plan.machines, status));
    }
  }
  if (const Json* list = fields.List("operations")) {
    for (size_t i = 0; i < list->size() && status.ok(); ++i) {
      plan.operations.push_back(ReadOp((*list)[i], absl::StrFormat("operations[%d]", i), status));
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
  out += absl::StrFormat("  \"faults\": %s,\n", LinesOf(plan.faults, FaultToJson));
  out += absl::StrFormat("  \"operations\": %s\n}\n", LinesOf(plan.operations, OpToJson));
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
