#include "engine/lsm/compaction_plan.h"

#include <algorithm>

#include "engine/base/check.h"

namespace wt {
namespace {

constexpr uint64_t kFull = 1000;  // a score: a level that holds exactly what it may

// In thousandths of what the level may hold.
uint64_t ScoreOf(const Levels& levels, uint32_t level, const LsmOptions& options) {
  if (level == 0) return levels.level(0).size() * kFull / options.level0_trigger;
  return levels.bytes(level) * kFull / std::max<uint64_t>(MaxBytesOf(level, options), 1);
}

std::pair<std::string, std::string> KeysOf(const TableList& tables) {
  WT_CHECK(!tables.empty());
  std::pair<std::string, std::string> keys = {tables[0]->record.smallest_key,
                                              tables[0]->record.largest_key};
  for (const TableRef& one : tables) {
    keys.first = std::min(keys.first, one->record.smallest_key);
    keys.second = std::max(keys.second, one->record.largest_key);
  }
  return keys;
}

TableRef NextInTurn(const TableList& tables, const std::string& cursor) {
  const auto next = std::find_if(tables.begin(), tables.end(), [&](const TableRef& one) {
    return one->record.smallest_key > cursor;
  });
  return next == tables.end() ? tables.front() : *next;
}

}  // namespace

uint64_t CompactionPlan::input_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [level, tables] : inputs) {
    for (const TableRef& one : tables) bytes += one->record.bytes;
  }
  return bytes;
}

std::vector<RemovedTable> CompactionPlan::Removed() const {
  std::vector<RemovedTable> removed;
  for (const auto& [level, tables] : inputs) {
    for (const TableRef& one : tables) removed.push_back({level, one->record.file()});
  }
  return removed;
}

uint64_t MaxBytesOf(uint32_t level, const LsmOptions& options) {
  WT_CHECK(level > 0);
  uint64_t bytes = options.level1_bytes;
  for (uint32_t i = 1; i < level; ++i) bytes *= options.level_ratio;
  return bytes;
}

std::optional<CompactionPlan> PlanCompaction(const Levels& levels, const LsmOptions& options,
                                             CompactionCursors& cursors) {
  uint32_t level = 0;
  uint64_t highest = 0;
  for (uint32_t candidate = 0; candidate + 1 < kLevels; ++candidate) {  // the last holds all
    const uint64_t score = ScoreOf(levels, candidate, options);
    if (score <= highest) continue;
    highest = score;
    level = candidate;
  }
  if (highest < kFull) return std::nullopt;
  CompactionPlan plan{.output_level = level + 1};
  TableList from = levels.level(level);
  if (level > 0) {
    from = {NextInTurn(from, cursors[level])};
    cursors[level] = from[0]->record.largest_key;
  }
  const auto [first, last] = KeysOf(from);
  TableList into = levels.Overlapping(level + 1, first, last);
  plan.is_move = from.size() == 1 && into.empty();
  plan.inputs.emplace_back(level, std::move(from));
  if (!into.empty()) plan.inputs.emplace_back(level + 1, std::move(into));
  return plan;
}

std::optional<CompactionPlan> PlanFullCompaction(const Levels& levels) {
  CompactionPlan plan{.output_level = 1};
  for (uint32_t level = 0; level < kLevels; ++level) {
    if (levels.level(level).empty()) continue;
    plan.inputs.emplace_back(level, levels.level(level));
    plan.output_level = std::max(plan.output_level, level);
  }
  if (plan.inputs.empty()) return std::nullopt;
  return plan;
}

Duration TimeToWrite(uint64_t bytes, uint64_t bytes_per_second) {
  WT_CHECK(bytes_per_second > 0);
  using Wide = unsigned __int128;
  constexpr Wide kCentury = Wide{100 * 365 * 86400ull} * 1'000'000'000;
  const Wide nanoseconds = Wide{bytes} * 1'000'000'000 / bytes_per_second;
  return Duration(static_cast<int64_t>(std::min(nanoseconds, kCentury)));
}

}  // namespace wt
