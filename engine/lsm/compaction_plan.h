// Which tables to merge next. No I/O.
#ifndef WAVETANK_ENGINE_LSM_COMPACTION_PLAN_H_
#define WAVETANK_ENGINE_LSM_COMPACTION_PLAN_H_

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/lsm/levels.h"
#include "engine/lsm/lsm_options.h"

namespace wt {

struct CompactionPlan {
  std::vector<std::pair<uint32_t, TableList>> inputs;  // by level, most recent first
  uint32_t output_level = 0;
  bool is_move = false;  // the one input becomes a table of the output level as it is

  uint64_t input_bytes() const;
  // The inputs, as removed.
  std::vector<RemovedTable> Removed() const;
};

// Where each level's next compaction begins: behind the key where its last one ended.
using CompactionCursors = std::array<std::string, kLevels>;

uint64_t MaxBytesOf(uint32_t level, const LsmOptions& options);

// The level that most exceeds what it may hold gives to the next one: level 0 all it has, others
// one table, in turn. None when no level does. Moves the cursor.
std::optional<CompactionPlan> PlanCompaction(const Levels& levels, const LsmOptions& options,
                                             CompactionCursors& cursors);

// Everything into the deepest level that is in use.
std::optional<CompactionPlan> PlanFullCompaction(const Levels& levels);

// How long it takes to write `bytes`, at so many in a second; a century at most.
// Requires: bytes_per_second > 0.
Duration TimeToWrite(uint64_t bytes, uint64_t bytes_per_second);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_COMPACTION_PLAN_H_
