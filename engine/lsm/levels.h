// The tables of an LSM at one moment: never changed, replaced by the next.
//
//   level 0       as flushed, the newest first; their keys overlap
//   level 1 .. 6  sorted by key; no two tables of a level hold the same user key
//
// Of two entries of one key, the one on the lower level is the newer.
#ifndef WAVETANK_ENGINE_LSM_LEVELS_H_
#define WAVETANK_ENGINE_LSM_LEVELS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/lsm/manifest_edit.h"
#include "engine/lsm/table.h"

namespace wt {

struct LiveTable {
  TableRecord record;
  std::unique_ptr<Table> table;
};
using TableRef = std::shared_ptr<const LiveTable>;
using TableList = std::vector<TableRef>;

class Levels {
 public:
  // `added` are new tables, opened; `edit` says where they go and what goes away.
  // Errors: DataLoss: an edit that does not fit (a table that is not there, an overlap).
  absl::StatusOr<std::shared_ptr<const Levels>> With(const ManifestEdit& edit,
                                                     const TableList& added) const;

  const TableList& level(uint32_t level) const { return levels_[level]; }
  uint64_t bytes(uint32_t level) const { return bytes_[level]; }
  uint64_t tables() const;

  // Tables of `level` with a key in [first, last]; on level 0 also those whose keys only surround.
  TableList Overlapping(uint32_t level, std::string_view first, std::string_view last) const;
  // Whether a table on a level below `level` (a higher number) may hold the key.
  bool MayBeBelow(uint32_t level, std::string_view key) const;

  // The newest entry of the key that is not newer than the version. Suspends. Errors: of Table.
  absl::StatusOr<std::optional<FoundEntry>> Get(InternalKey key) const;

  // One for each table of level 0 and one for each level behind, most recent first. Levels outlive
  // them.
  void AddIterators(std::vector<std::unique_ptr<InternalIterator>>& to) const;

  // The whole as one edit.
  ManifestEdit Whole() const;

 private:
  const LiveTable* TableFor(uint32_t level, std::string_view key) const;

  std::array<TableList, kLevels> levels_;
  std::array<uint64_t, kLevels> bytes_{};
};

// Walks tables that are sorted and disjoint, one behind the other. They outlive it.
std::unique_ptr<InternalIterator> NewLevelIterator(const TableList& tables);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_LEVELS_H_
