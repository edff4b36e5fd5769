#include "scenarios/database/setup.h"

#include <string_view>

#include "engine/base/random.h"
#include "scenarios/plan.h"

namespace wt::scenarios {
namespace {

Draw For(uint64_t seed, std::string_view what, uint64_t ordinal = 0) {
  return Draw(seed, {KeyOf("database"), KeyOf(what), ordinal});
}

uint64_t In(uint64_t seed, std::string_view what, const faults::Range<uint64_t>& range) {
  return For(seed, what).Between(range.low, range.high);
}

bool IsWrite(OpKind kind) {
  return kind == OpKind::kPut || kind == OpKind::kRemove || kind == OpKind::kBatch;
}

}  // namespace

PlannedDatabase DrawDatabase(const DatabaseSetup& setup, uint64_t seed) {
  PlannedDatabase drawn;
  drawn.memtable_bytes = In(seed, "memtable_bytes", setup.memtable_bytes);
  drawn.table_bytes = In(seed, "table_bytes", setup.table_bytes);
  drawn.block_bytes = In(seed, "block_bytes", setup.block_bytes);
  drawn.restart_interval = In(seed, "restart_interval", {1, 16});
  drawn.max_sealed = In(seed, "max_sealed", {1, 3});
  drawn.level0_trigger = In(seed, "level0_trigger", setup.level0_trigger);
  drawn.level1_bytes = In(seed, "level1_bytes", setup.level1_bytes);
  drawn.level_ratio = In(seed, "level_ratio", setup.level_ratio);
  drawn.manifest_bytes = In(seed, "manifest_bytes", setup.manifest_bytes);
  const bool has_filter = !For(seed, "no_filter").Chance(setup.no_filter_ppm);
  drawn.filter_bits = has_filter ? In(seed, "filter_bits", {2, 14}) : 0;
  const bool has_cache = !For(seed, "no_cache").Chance(setup.no_cache_ppm);
  drawn.cache_bytes = has_cache ? In(seed, "cache_bytes", {4 * kKiB, 64 * kKiB}) : 0;
  drawn.group_bytes = For(seed, "alone").Chance(setup.alone_ppm) ? 1 : 64 * kKiB;
  const bool is_paced = For(seed, "paced").Chance(setup.paced_ppm);
  drawn.compaction_bytes_per_second = is_paced ? In(seed, "pace", {32 * kKiB, 1024 * kKiB}) : 0;
  drawn.sync_interval =
      std::chrono::milliseconds(In(seed, "sync_interval", setup.sync_interval_ms));
  drawn.room_patience =
      std::chrono::milliseconds(In(seed, "room_patience", setup.room_patience_ms));
  drawn.verify_always = For(seed, "verify_always").Chance(setup.verify_always_ppm);
  return drawn;
}

void DrawDatabaseManners(const DatabaseSetup& setup, uint64_t seed, uint32_t ordinal,
                         ClientOp& op) {
  Draw draw = For(seed, "manners", ordinal);
  op.buffered = draw.Chance(setup.buffered_ppm) && IsWrite(op.kind);
  const uint64_t held = draw.Between(static_cast<uint64_t>(setup.view_held.low.count()),
                                     static_cast<uint64_t>(setup.view_held.high.count()));
  if (op.kind == OpKind::kView) op.held = Duration(held);
}

}  // namespace wt::scenarios
