#include "scenarios/database/node.h"

#include <algorithm>
#include <memory>

#include "engine/base/check.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 2ms;     // whether it is over
constexpr Duration kShort = 300ms;  // a life that hardly served

}  // namespace

DatabaseOptions OptionsFrom(const EngineKnobs& knobs, const PlannedDatabase& database) {
  DatabaseOptions options;
  options.log.segment_bytes = knobs.segment_bytes;
  options.log.alignment = static_cast<uint32_t>(knobs.alignment);
  options.log.zeros_ahead_bytes = knobs.zeros_ahead_bytes;
  options.log.buffer_bytes = 64 * kKiB;
  options.sync_interval = database.sync_interval;
  options.group_bytes = database.group_bytes;
  LsmOptions& lsm = options.lsm;
  lsm.memtable_bytes = database.memtable_bytes;
  lsm.max_sealed = static_cast<uint32_t>(database.max_sealed);
  lsm.room_patience = database.room_patience;
  lsm.level0_trigger = static_cast<uint32_t>(database.level0_trigger);
  lsm.level0_slowdown = lsm.level0_trigger + 2;
  lsm.level0_stop = lsm.level0_trigger + 6;
  lsm.level1_bytes = database.level1_bytes;
  lsm.level_ratio = static_cast<uint32_t>(database.level_ratio);
  lsm.table_bytes = database.table_bytes;
  lsm.compaction_bytes_per_second = database.compaction_bytes_per_second;
  lsm.table.block_bytes = database.block_bytes;
  lsm.table.restart_interval = static_cast<uint32_t>(database.restart_interval);
  lsm.table.compression = knobs.compress ? Compression::kZstd : Compression::kNone;
  lsm.table.filter_bits_per_key = static_cast<uint32_t>(database.filter_bits);
  lsm.table.index_partition_blocks = 4;
  lsm.table.append_bytes = std::max<uint64_t>(512, database.table_bytes / 4);
  lsm.block_cache_bytes = database.cache_bytes;
  lsm.use_mapping = false;
  lsm.verify_always = database.verify_always;
  lsm.manifest_bytes = database.manifest_bytes;
  return options;
}

DatabaseNode::DatabaseNode(sim::Simulator& sim, sim::Machine& machine, const Plan& plan)
    : Serving(sim, machine), options_(OptionsFrom(plan.knobs, *plan.database)) {}

void DatabaseNode::Main(Env env) {
  closing_ = false;
  absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(options_, env);
  if (!NoteOpening(database.status())) return;
  {
    const Scope scope(*this, database->get());
    AwaitEnd(env, **database);
  }
  Drain(env);
  (void)(*database)->Close();
}

void DatabaseNode::AwaitEnd(Env env, Database& database) {
  const Time begun = env.clock.Now();
  while (!closing_) {
    const absl::Status failure = database.failure();
    if (!failure.ok()) {
      failure_ = failure;
      short_lives_ = env.clock.Now() - begun < kShort ? short_lives_ + 1 : 0;
      return;
    }
    env.tasks.SleepFor(kLook);
  }
}

bool DatabaseNode::Close() {
  return With("stop", [this](Database&) { closing_ = true; });
}

}  // namespace wt::scenarios
