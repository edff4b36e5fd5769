// A plan: everything that a run does, written down. A seed draws it from a scenario; it prints as
// JSON, and replays without the seed being drawn again. What remains keyed by `seed` inside a run
// is the scheduler's choices and the disk's (which sectors survive a cut).
#ifndef WAVETANK_SCENARIOS_PLAN_H_
#define WAVETANK_SCENARIOS_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "faults/fault.h"
#include "scenarios/scenario.h"
#include "sim/simulator.h"

namespace wt::scenarios {

inline constexpr uint32_t kPlanVersion = 1;

enum class OpKind : uint8_t {
  kPut,
  kGet,
  kRemove,
  kBatch,
  kIncrement,
  kCompareAndSet,
  kScan,  // from here on: of a database only
  kWalk,
  kView,
  kFlush,
  kCompact,
  kVerify,
};

struct ClientOp {
  uint32_t client = 0;
  OpKind kind = OpKind::kPut;
  uint32_t key = 0;  // k000, k001, ...; a batch takes `span` keys from here on
  uint32_t span = 1;
  uint32_t value_bytes = 0;
  Duration think{};  // before it
  // Of a group only:
  Ack ack = Ack::kQuorum;
  ReadFrom from = ReadFrom::kPrimary;
  bool once = false;  // idempotent: tried again until it is answered
  // Of a database only:
  bool buffered = false;  // answered before it is synced
  Duration held{};        // of a view
  bool operator==(const ClientOp&) const = default;
};

struct EngineKnobs {
  uint64_t segment_bytes = 0;
  uint64_t alignment = 4096;
  uint64_t zeros_ahead_bytes = 0;
  uint64_t snapshot_log_bytes = 0;
  uint64_t snapshots_kept = 1;
  bool compress = true;
  bool incremental = true;
  uint32_t rarely_ppm = 0;
  bool operator==(const EngineKnobs&) const = default;
};

struct Plan {
  std::string why;       // a comment for people
  std::string scenario;  // where it was drawn from
  uint64_t seed = 0;
  uint32_t machines = 1;
  sim::SchedulePolicy policy = sim::SchedulePolicy::kRandomWalk;
  uint32_t pct_depth = 3;
  EngineKnobs knobs;
  Duration storm{};
  Duration calm{};
  std::optional<PlannedGroup> group;  // of replicas; else one engine
  std::optional<PlannedDatabase> database;
  std::vector<Chore> chores;          // in order of time
  std::vector<ClientOp> operations;   // each client does its own in order
  std::vector<faults::Fault> faults;  // in order of time
  bool operator==(const Plan&) const = default;
};

// Of a directed scenario only knobs and policy are drawn: its story does the rest. A pure function.
Plan DrawPlan(const Scenario& scenario, uint64_t seed);

// The machines of a plan, and how few of them may vote at any time.
faults::Fleet FleetOf(const Scenario& scenario, const Plan& plan);
// Whether harmful faults may be drawn for it: one or two have no majority without the one that
// lies, and who believes its disk, as Raft does, needs an honest one.
bool BearsHarm(const Plan& plan, const faults::Fleet& fleet);

std::string ToJson(const Plan& plan);
// Errors: InvalidArgument with line and what was expected; an unknown key or version is an error.
absl::StatusOr<Plan> PlanFromJson(std::string_view text);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_PLAN_H_
