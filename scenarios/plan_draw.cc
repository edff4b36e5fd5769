#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "scenarios/plan.h"

namespace wt::scenarios {
namespace {

// Every choice has a key of its own (a name), so that adding one moves no other.
class PlanDraw {
 public:
  explicit PlanDraw(uint64_t seed) : seed_(seed) {}

  wt::Draw For(std::string_view what, uint64_t ordinal = 0) const {
    return wt::Draw(seed_, {KeyOf("plan"), KeyOf(what), ordinal});
  }
  uint64_t In(std::string_view what, const Range<uint64_t>& range) const {
    return For(what).Between(range.low, range.high);
  }
  bool Chance(std::string_view what, uint32_t ppm) const { return For(what).Chance(ppm); }

 private:
  uint64_t seed_;
};

sim::SchedulePolicy DrawPolicy(const PlanDraw& draw) {
  // Mostly the random walk; PCT reaches orderings that it hardly ever does.
  switch (draw.For("policy").Below(8)) {
    case 0:
      return sim::SchedulePolicy::kRoundRobin;
    case 1:
    case 2:
      return sim::SchedulePolicy::kPct;
    default:
      return sim::SchedulePolicy::kRandomWalk;
  }
}

EngineKnobs DrawKnobs(const PlanDraw& draw, const Knobs& knobs) {
  EngineKnobs drawn;
  drawn.segment_bytes = draw.In("segment_bytes", knobs.segment_bytes) / 4096 * 4096;
  drawn.alignment = draw.Chance("alignment", knobs.small_alignment_ppm) ? 512 : 4096;
  drawn.snapshot_log_bytes = draw.In("snapshot_log_bytes", knobs.snapshot_log_bytes);
  drawn.snapshots_kept = draw.In("snapshots_kept", knobs.snapshots_kept);
  drawn.compress = draw.Chance("compress", knobs.compress_ppm);
  drawn.incremental = draw.Chance("incremental", knobs.incremental_ppm);
  drawn.rarely_ppm = draw.Chance("rarely", knobs.rarely_ppm) ? 50'000 : 0;
  return drawn;
}

OpKind DrawKind(wt::Draw& draw, const Mix& mix) {
  const std::pair<uint32_t, OpKind> weights[] = {{mix.put, OpKind::kPut},
                                                 {mix.get, OpKind::kGet},
                                                 {mix.remove, OpKind::kRemove},
                                                 {mix.batch, OpKind::kBatch},
                                                 {mix.increment, OpKind::kIncrement},
                                                 {mix.compare_and_set, OpKind::kCompareAndSet}};
  uint64_t total = 0;
  for (const auto& [weight, kind] : weights) total += weight;
  WT_CHECK(total > 0);
  uint64_t at = draw.Below(total);
  for (const auto& [weight, kind] : weights) {
    if (at < weight) return kind;
    at -= weight;
  }
  return OpKind::kPut;
}

// A quarter of the accesses go to a handful of keys: contention and overwrites.
uint32_t DrawKey(wt::Draw& draw, uint32_t keys) {
  const uint32_t hot = std::max<uint32_t>(1, keys / 20);
  const bool to_hot = draw.OneIn(4);
  return static_cast<uint32_t>(draw.Below(to_hot ? hot : keys));
}

ClientOp DrawOp(const PlanDraw& plan, const Workload& work, uint32_t ordinal, Duration storm) {
  wt::Draw draw = plan.For("operation", ordinal);
  ClientOp op{.client = ordinal % work.clients};
  op.kind = DrawKind(draw, work.mix);
  op.key = DrawKey(draw, work.keys);
  op.span = op.kind == OpKind::kBatch
                ? static_cast<uint32_t>(draw.Between(2, std::min<uint64_t>(8, work.keys)))
                : 1;
  op.value_bytes = static_cast<uint32_t>(draw.Between(work.value_bytes.low, work.value_bytes.high));
  // Zero think time means: spread over the storm, on average, with bursts.
  Range<Duration> think = work.think;
  if (think.high == Duration(0)) think.high = storm * work.clients * 2 / (work.operations + 1);
  const bool burst = draw.OneIn(3);
  op.think = burst ? Duration(0)
                   : Duration(draw.Between(static_cast<uint64_t>(think.low.count()),
                                           static_cast<uint64_t>(think.high.count())));
  return op;
}

// Swarm (Groce et al., ISSTA 2012): each seed leaves out about half of the kinds, and scales the
// rest, since faults mask each other.
std::vector<FaultSpec> DrawSpecs(const PlanDraw& plan, const Scenario& scenario) {
  if (!scenario.swarm) return scenario.faults;
  std::vector<FaultSpec> chosen;
  for (const FaultSpec& spec : scenario.faults) {
    wt::Draw draw = plan.For("swarm", static_cast<uint64_t>(spec.kind));
    if (draw.OneIn(2)) continue;
    FaultSpec scaled = spec;
    const uint64_t pace = draw.Between(1, 4);
    scaled.every.low = spec.every.low * pace / 2;
    scaled.every.high = spec.every.high * pace / 2;
    chosen.push_back(scaled);
  }
  return chosen;
}

}  // namespace

Plan DrawPlan(const Scenario& scenario, uint64_t seed) {
  const PlanDraw draw(seed);
  Plan plan;
  plan.scenario = scenario.name;
  plan.seed = seed;
  plan.machines = scenario.machines;
  plan.policy = DrawPolicy(draw);
  plan.pct_depth = static_cast<uint32_t>(draw.For("pct_depth").Between(1, 5));
  plan.knobs = DrawKnobs(draw, scenario.knobs);
  plan.storm = scenario.storm;
  plan.calm = scenario.calm;
  if (scenario.directed) return plan;
  for (uint32_t i = 0; i < scenario.workload.operations; ++i) {
    plan.operations.push_back(DrawOp(draw, scenario.workload, i, scenario.storm));
  }
  const std::vector<FaultSpec> specs = DrawSpecs(draw, scenario);
  plan.faults = faults::Draw(specs, scenario.machines, scenario.storm, seed);
  return plan;
}

}  // namespace wt::scenarios
