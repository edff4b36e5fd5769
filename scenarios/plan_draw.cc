#include <algorithm>
#include <map>

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
  drawn.zeros_ahead_bytes = draw.Chance("zeros_ahead", knobs.zeros_ahead_ppm) ? 16 * kKiB : 0;
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
                                                 {mix.compare_and_set, OpKind::kCompareAndSet},
                                                 {mix.scan, OpKind::kScan},
                                                 {mix.walk, OpKind::kWalk},
                                                 {mix.view, OpKind::kView},
                                                 {mix.flush, OpKind::kFlush},
                                                 {mix.compact, OpKind::kCompact},
                                                 {mix.verify, OpKind::kVerify}};
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

Ack DrawAck(wt::Draw& draw, const AckMix& mix) {
  const uint64_t at = draw.Below(mix.async + mix.quorum + mix.all);
  if (at < mix.async) return Ack::kAsync;
  return at < mix.async + mix.quorum ? Ack::kQuorum : Ack::kAll;
}

ReadFrom DrawFrom(wt::Draw& draw, const ReadMix& mix) {
  const std::pair<uint32_t, ReadFrom> weights[] = {{mix.primary, ReadFrom::kPrimary},
                                                   {mix.replica, ReadFrom::kReplica},
                                                   {mix.stale, ReadFrom::kStale},
                                                   {mix.lease, ReadFrom::kLease}};
  uint64_t at = draw.Below(uint64_t{mix.primary} + mix.replica + mix.stale + mix.lease);
  for (const auto& [weight, from] : weights) {
    if (at < weight) return from;
    at -= weight;
  }
  return ReadFrom::kPrimary;
}

// With keys of their own, so that a plan of one machine is what it always was.
void DrawManners(const PlanDraw& plan, const Group& group, uint32_t ordinal, ClientOp& op) {
  wt::Draw draw = plan.For("manners", ordinal);
  op.ack = DrawAck(draw, group.acks);
  op.from = DrawFrom(draw, group.reads);
  op.once = draw.Chance(group.once_ppm) && op.kind != OpKind::kGet;
}

// How much more often (in quarters) a kind of fault happens in some weather. Twice as often: that
// weather is made of it.
constexpr uint32_t kOften = 8;
uint32_t PaceOf(Weather weather, FaultKind kind) {
  const bool power =
      faults::InfoOf(kind).area == faults::Area::kProcess && kind != FaultKind::kPause;
  const bool disk = kind == FaultKind::kSlowDisk || kind == FaultKind::kHungDisk;
  const bool harmful = faults::InfoOf(kind).severity == faults::Severity::kHarmful;
  switch (weather) {
    case Weather::kAsWritten:
    case Weather::kTinyFiles:
    case Weather::kLossy:
      return 4;
    case Weather::kCalm:
      return 1;
    case Weather::kSlowDisks:
      return disk ? kOften : 3;
    case Weather::kPowerCuts:
      return power ? kOften : harmful ? 4 : 2;
    case Weather::kOneWay:
      return kind == FaultKind::kOneWayCut || kind == FaultKind::kPause ? kOften : 2;
  }
  return 4;
}

template <typename T>
const T& OneOf(wt::Draw draw, const std::vector<T>& choices) {
  WT_CHECK(!choices.empty());
  return choices[draw.Below(choices.size())];
}

PlannedGroup DrawGroup(const PlanDraw& draw, const Group& group, bool is_story) {
  PlannedGroup drawn;
  drawn.voters = OneOf(draw.For("voters"), group.voters);
  drawn.learners = group.learners;
  drawn.trust = OneOf(draw.For("trust"), group.trust);
  drawn.election_timeout = group.election_timeout;
  drawn.heartbeat = group.heartbeat;
  drawn.latency = OneOf(draw.For("latency"), group.latencies);
  drawn.log_kept_bytes = draw.In("log_kept_bytes", group.log_kept_bytes);
  drawn.figures = group.figures;
  drawn.store = OneOf(draw.For("store"), group.stores);
  if (drawn.store == StateStore::kLsm) {
    drawn.memtable_bytes = draw.In("group_memtable_bytes", group.memtable_bytes);
  }
  if (is_story) return drawn;
  drawn.weather = OneOf(draw.For("weather"), group.weathers);
  if (drawn.weather == Weather::kLossy) {
    drawn.loss_ppm = static_cast<uint32_t>(draw.For("loss").Between(10'000, 200'000));
    drawn.duplicate_ppm = static_cast<uint32_t>(draw.For("duplicates").Between(0, 100'000));
    drawn.reorder_ppm = static_cast<uint32_t>(draw.For("reorders").Between(0, 200'000));
  }
  if (drawn.weather == Weather::kSlowDisks) {
    drawn.slow_sync = static_cast<uint32_t>(draw.For("slow").Between(3, 20));
  }
  return drawn;
}

void AdjustKnobs(const PlanDraw& draw, Weather weather, EngineKnobs& knobs) {
  if (weather != Weather::kTinyFiles) return;
  knobs.segment_bytes = draw.For("tiny_segment").Between(5, 10) * 4096;
  knobs.snapshot_log_bytes = draw.For("tiny_snapshot").Between(1 * kKiB, 8 * kKiB);
}

// A group never has fewer voters than a majority of those that it began with.
uint32_t FewestVoters(const PlannedGroup& group) { return group.voters / 2 + 1; }

Chore DrawMembers(wt::Draw& draw, const PlannedGroup& group) {
  Chore chore{.kind = Chore::Kind::kMembers};
  const uint32_t machines = group.voters + group.learners;
  const uint32_t least = FewestVoters(group);
  for (uint32_t machine = 1; machine <= machines; ++machine) {
    switch (draw.Below(6)) {
      case 0:
        break;  // not a member for now
      case 1:
        chore.learners.push_back(machine);
        break;
      default:
        chore.voters.push_back(machine);
    }
  }
  while (chore.voters.size() < least) {
    std::vector<uint32_t>& learners = chore.learners;
    for (uint32_t machine = 1; machine <= machines; ++machine) {
      if (std::ranges::find(chore.voters, machine) != chore.voters.end()) continue;
      std::erase(learners, machine);
      chore.voters.push_back(machine);
      break;
    }
  }
  std::ranges::sort(chore.voters);
  return chore;
}

template <typename Make>
void DrawEvery(wt::Draw draw, const Range<Duration>& every, Duration storm, Make make) {
  if (every.high == Duration(0)) return;
  const auto next = [&] {
    return Duration(draw.Between(static_cast<uint64_t>(every.low.count()),
                                 static_cast<uint64_t>(every.high.count())));
  };
  for (Duration at = next(); at < storm; at += next()) make(draw, at);
}

std::vector<Chore> DrawChores(const PlanDraw& plan, const Group& group, const PlannedGroup& drawn,
                              Duration storm) {
  std::vector<Chore> chores;
  DrawEvery(plan.For("transfers"), group.transfers, storm, [&](wt::Draw& draw, Duration at) {
    chores.push_back({.kind = Chore::Kind::kTransfer,
                      .at = at,
                      .to = static_cast<uint32_t>(draw.Between(1, drawn.voters))});
  });
  DrawEvery(plan.For("members"), group.member_changes, storm, [&](wt::Draw& draw, Duration at) {
    Chore chore = DrawMembers(draw, drawn);
    chore.at = at;
    chores.push_back(std::move(chore));
  });
  std::ranges::stable_sort(chores, {}, &Chore::at);
  return chores;
}

// The pace of each kind, as the weather has it.
std::vector<FaultSpec> Weigh(std::vector<FaultSpec> specs, Weather weather) {
  std::vector<FaultSpec> weighed;
  for (FaultSpec& spec : specs) {
    const uint32_t pace = PaceOf(weather, spec.kind);
    if (pace == 0) continue;
    spec.every.low = spec.every.low * 4 / pace;
    spec.every.high = spec.every.high * 4 / pace;
    weighed.push_back(spec);
  }
  return weighed;
}

// Swarm (Groce et al., ISSTA 2012): each seed leaves out about half of the kinds, and scales the
// rest, since faults mask each other. What the weather is made of stays, and is not slowed down.
std::vector<FaultSpec> DrawSpecs(const PlanDraw& plan, const Scenario& scenario, Weather weather) {
  if (!scenario.swarm) return scenario.faults;
  std::vector<FaultSpec> chosen;
  std::map<FaultKind, uint64_t> seen;
  for (const FaultSpec& spec : scenario.faults) {
    const uint64_t nth = seen[spec.kind]++;  // of its kind
    wt::Draw draw = plan.For("swarm", nth << 32 | static_cast<uint64_t>(spec.kind));
    const bool stays = PaceOf(weather, spec.kind) == kOften;
    if (draw.OneIn(2) && !stays) continue;
    FaultSpec scaled = spec;
    const uint64_t pace = draw.Between(1, stays ? 2 : 4);
    scaled.every.low = spec.every.low * pace / 2;
    scaled.every.high = spec.every.high * pace / 2;
    chosen.push_back(scaled);
  }
  return chosen;
}

}  // namespace

faults::Fleet FleetOf(const Scenario& scenario, const Plan& plan) {
  faults::Fleet fleet{.machines = plan.machines};
  if (!plan.group) return fleet;
  const bool changes = scenario.group->member_changes.high > Duration(0);
  fleet.voters = changes ? FewestVoters(*plan.group) : plan.group->voters;
  return fleet;
}

bool BearsHarm(const Plan& plan, const faults::Fleet& fleet) {
  if (!plan.group) return true;
  return fleet.voters >= 3 && plan.group->trust == DiskTrust::kVerified;
}

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
  if (scenario.group.has_value()) {
    plan.group = DrawGroup(draw, *scenario.group, scenario.is_story());
    plan.machines = plan.group->voters + plan.group->learners;
    AdjustKnobs(draw, plan.group->weather, plan.knobs);
  }
  if (scenario.database) plan.database = DrawDatabase(*scenario.database, seed);
  if (scenario.is_story()) return plan;
  for (uint32_t i = 0; i < scenario.workload.operations; ++i) {
    plan.operations.push_back(DrawOp(draw, scenario.workload, i, scenario.storm));
    if (plan.group) DrawManners(draw, *scenario.group, i, plan.operations.back());
    if (plan.database) DrawDatabaseManners(*scenario.database, seed, i, plan.operations.back());
  }
  const Weather weather = plan.group ? plan.group->weather : Weather::kAsWritten;
  std::vector<FaultSpec> specs = DrawSpecs(draw, scenario, weather);
  if (plan.group) {
    specs = Weigh(std::move(specs), plan.group->weather);
    plan.chores = DrawChores(draw, *scenario.group, *plan.group, scenario.storm);
  }
  const faults::Fleet fleet = FleetOf(scenario, plan);
  if (!BearsHarm(plan, fleet)) {
    std::erase_if(specs, [](const FaultSpec& spec) {
      return faults::InfoOf(spec.kind).severity == faults::Severity::kHarmful;
    });
  }
  plan.faults = faults::Draw(specs, fleet, scenario.storm, seed);
  return plan;
}

}  // namespace wt::scenarios
