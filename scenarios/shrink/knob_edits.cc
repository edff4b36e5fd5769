#include <bit>
#include <iterator>
#include <utility>

#include "scenarios/shrink/simpler.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

struct Knob {
  const char* name;
  void (*simplify)(Plan&);
  bool is_of_pace = false;
};

constexpr void OfGroup(Plan& plan, void (*simplify)(PlannedGroup&)) {
  if (plan.group) simplify(*plan.group);
}
constexpr void OfDatabase(Plan& plan, void (*simplify)(PlannedDatabase&)) {
  if (plan.database) simplify(*plan.database);
}

#define WT_OF_GROUP(field, value) \
  [](Plan& plan) { OfGroup(plan, [](PlannedGroup& group) { group.field = value; }); }
#define WT_OF_DATABASE(field, value) \
  [](Plan& plan) { OfDatabase(plan, [](PlannedDatabase& database) { database.field = value; }); }

// Plain is what a person would write down first, and small enough that a run still rolls segments,
// flushes tables and takes snapshots.
constexpr Knob kKnobs[] = {
    {"rarely_ppm", [](Plan& plan) { plan.knobs.rarely_ppm = 0; }},
    {"zeros_ahead_bytes", [](Plan& plan) { plan.knobs.zeros_ahead_bytes = 0; }},
    {"policy", [](Plan& plan) { plan.policy = sim::SchedulePolicy::kRoundRobin; }},
    {"pct_depth",
     [](Plan& plan) {
       if (plan.policy != sim::SchedulePolicy::kPct) plan.pct_depth = 3;
     }},
    {"group.loss_ppm", WT_OF_GROUP(loss_ppm, 0)},
    {"group.duplicate_ppm", WT_OF_GROUP(duplicate_ppm, 0)},
    {"group.reorder_ppm", WT_OF_GROUP(reorder_ppm, 0)},
    {"group.latency", WT_OF_GROUP(latency, {}), true},
    {"group.slow_sync", WT_OF_GROUP(slow_sync, 1)},
    {"group.weather", WT_OF_GROUP(weather, Weather::kAsWritten)},
    {"group.log_kept_bytes", WT_OF_GROUP(log_kept_bytes, 1 * kMiB)},
    {"group.store",
     [](Plan& plan) {
       OfGroup(plan, [](PlannedGroup& group) {
         group.store = StateStore::kMemory;
         group.memtable_bytes = 0;
       });
     }},
    {"group.memtable_bytes",
     [](Plan& plan) {
       OfGroup(plan, [](PlannedGroup& group) {
         if (group.store == StateStore::kLsm) group.memtable_bytes = 4 * kKiB;
       });
     }},
    {"group.election_timeout", WT_OF_GROUP(election_timeout, 500ms), true},
    {"group.heartbeat", WT_OF_GROUP(heartbeat, 50ms), true},
    {"group.figures", WT_OF_GROUP(figures, false), true},
    {"group.trust", WT_OF_GROUP(trust, DiskTrust::kVerified)},
    {"compress", [](Plan& plan) { plan.knobs.compress = false; }},
    {"incremental", [](Plan& plan) { plan.knobs.incremental = false; }},
    {"snapshots_kept", [](Plan& plan) { plan.knobs.snapshots_kept = 1; }},
    {"alignment", [](Plan& plan) { plan.knobs.alignment = 4096; }},
    {"segment_bytes", [](Plan& plan) { plan.knobs.segment_bytes = 64 * kKiB; }},
    {"snapshot_log_bytes", [](Plan& plan) { plan.knobs.snapshot_log_bytes = 1 * kMiB; }},
    {"database.verify_always", WT_OF_DATABASE(verify_always, false)},
    {"database.compaction_bytes_per_second", WT_OF_DATABASE(compaction_bytes_per_second, 0)},
    {"database.cache_bytes", WT_OF_DATABASE(cache_bytes, 0)},
    {"database.filter_bits", WT_OF_DATABASE(filter_bits, 0)},
    {"database.group_bytes", WT_OF_DATABASE(group_bytes, 64 * kKiB)},
    {"database.max_sealed", WT_OF_DATABASE(max_sealed, 1)},
    {"database.restart_interval", WT_OF_DATABASE(restart_interval, 16)},
    {"database.block_bytes", WT_OF_DATABASE(block_bytes, 1 * kKiB)},
    {"database.table_bytes", WT_OF_DATABASE(table_bytes, 8 * kKiB)},
    {"database.level0_trigger", WT_OF_DATABASE(level0_trigger, 4)},
    {"database.level1_bytes", WT_OF_DATABASE(level1_bytes, 64 * kKiB)},
    {"database.level_ratio", WT_OF_DATABASE(level_ratio, 4)},
    {"database.manifest_bytes", WT_OF_DATABASE(manifest_bytes, 64 * kKiB)},
    {"database.sync_interval", WT_OF_DATABASE(sync_interval, 100ms)},
    {"database.memtable_bytes", WT_OF_DATABASE(memtable_bytes, 16 * kKiB)},
};
#undef WT_OF_GROUP
#undef WT_OF_DATABASE

Plan Simplified(Plan plan, const Knob& knob) {
  knob.simplify(plan);
  return plan;
}

// Where the plainest does not do: the power of two below.
Plan WithRoundSizes(Plan plan) {
  plan.knobs.segment_bytes = std::bit_floor(plan.knobs.segment_bytes);
  plan.knobs.snapshot_log_bytes = std::bit_floor(plan.knobs.snapshot_log_bytes);
  if (plan.group) plan.group->log_kept_bytes = std::bit_floor(plan.group->log_kept_bytes);
  if (!plan.database) return plan;
  PlannedDatabase& database = *plan.database;
  for (uint64_t* size : {&database.memtable_bytes, &database.table_bytes, &database.block_bytes,
                         &database.level1_bytes, &database.manifest_bytes, &database.cache_bytes,
                         &database.restart_interval, &database.compaction_bytes_per_second}) {
    *size = std::bit_floor(*size);
  }
  return plan;
}

bool May(const Knob& knob, Pace pace) { return pace == Pace::kMayChange || !knob.is_of_pace; }

}  // namespace

std::vector<Edit> KnobEdits(const Plan&, Pace pace) {
  std::vector<Edit> edits;
  edits.push_back([pace](const Plan& plan) {
    Plan edited = plan;
    for (const Knob& knob : kKnobs) {
      if (May(knob, pace)) knob.simplify(edited);
    }
    return edited;
  });
  for (const Knob& knob : kKnobs) {
    if (May(knob, pace))
      edits.push_back([&knob](const Plan& plan) { return Simplified(plan, knob); });
  }
  edits.push_back(WithRoundSizes);
  return edits;
}

std::vector<PlainKnob> WithOneKnobPlain(const Plan& plan, Pace pace) {
  std::vector<PlainKnob> all;
  for (const Knob& knob : kKnobs) {
    if (!May(knob, pace)) continue;
    PlainKnob plain{knob.name, Simplified(plan, knob)};
    if (plain.plan != plan) all.push_back(std::move(plain));
  }
  return all;
}

std::vector<std::string> KnobsOfNote(const Plan& plan) {
  Plan bare = plan;  // what is compared
  bare.operations.clear();
  bare.faults.clear();
  std::vector<std::string> names;
  for (const Knob& knob : kKnobs) {
    if (Simplified(bare, knob) != bare) names.emplace_back(knob.name);
  }
  return names;
}

}  // namespace wt::scenarios
