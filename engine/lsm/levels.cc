#include "engine/lsm/levels.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {
namespace {

bool ByKey(const TableRef& a, const TableRef& b) {
  return a->record.smallest_key < b->record.smallest_key;
}

bool ByAge(const TableRef& a, const TableRef& b) {
  return a->record.max_version > b->record.max_version;
}

absl::Status Misfit(std::string_view what, uint64_t number, uint32_t level) {
  return DataLoss("manifest: table %d on level %d %s", number, level, what);
}

absl::Status CheckDisjoint(const TableList& tables, uint32_t level) {
  for (size_t i = 1; i < tables.size(); ++i) {
    if (tables[i - 1]->record.largest_key < tables[i]->record.smallest_key) continue;
    return Misfit("holds keys of the one before it", tables[i]->record.file(), level);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Levels>> Levels::With(const ManifestEdit& edit,
                                                           const TableList& added) const {
  auto next = std::make_shared<Levels>(*this);
  TableList moved;  // removed here, and perhaps added elsewhere
  for (const RemovedTable& removed : edit.removed) {
    TableList& tables = next->levels_[removed.level];
    const auto found = std::find_if(tables.begin(), tables.end(), [&](const TableRef& one) {
      return one->record.file() == removed.number;
    });
    if (found == tables.end())
      return Misfit("is removed and not there", removed.number, removed.level);
    moved.push_back(*found);
    tables.erase(found);
  }
  for (const PlacedTable& placed : edit.added) {
    const uint64_t number = placed.table.file();
    const auto is_it = [&](const TableRef& one) { return one->record.file() == number; };
    auto found = std::find_if(added.begin(), added.end(), is_it);
    if (found == added.end()) {
      found = std::find_if(moved.begin(), moved.end(), is_it);
      if (found == moved.end()) return Misfit("is added and not open", number, placed.level);
    }
    next->levels_[placed.level].push_back(*found);
  }
  for (uint32_t level = 0; level < kLevels; ++level) {
    TableList& tables = next->levels_[level];
    std::sort(tables.begin(), tables.end(), level == 0 ? ByAge : ByKey);
    if (level > 0) WT_RETURN_IF_ERROR(CheckDisjoint(tables, level));
    next->bytes_[level] = 0;
    for (const TableRef& one : tables) next->bytes_[level] += one->record.bytes;
  }
  return std::shared_ptr<const Levels>(std::move(next));
}

uint64_t Levels::tables() const {
  uint64_t count = 0;
  for (const TableList& tables : levels_) count += tables.size();
  return count;
}

TableList Levels::Overlapping(uint32_t level, std::string_view first, std::string_view last) const {
  TableList overlapping;
  for (const TableRef& one : levels_[level]) {
    if (one->record.largest_key < first || one->record.smallest_key > last) continue;
    overlapping.push_back(one);
  }
  return overlapping;
}

// Of a sorted level, the one table that can hold the key.
const LiveTable* Levels::TableFor(uint32_t level, std::string_view key) const {
  WT_CHECK(level > 0);
  const TableList& tables = levels_[level];
  const auto found = std::partition_point(tables.begin(), tables.end(), [&](const TableRef& one) {
    return one->record.largest_key < key;
  });
  if (found == tables.end() || (*found)->record.smallest_key > key) return nullptr;
  return found->get();
}

bool Levels::MayBeBelow(uint32_t level, std::string_view key) const {
  for (uint32_t below = level + 1; below < kLevels; ++below) {
    if (TableFor(below, key) != nullptr) return true;
  }
  return false;
}

absl::StatusOr<std::optional<FoundEntry>> Levels::Get(InternalKey key) const {
  for (const TableRef& one : levels_[0]) {
    if (key.key < one->record.smallest_key || key.key > one->record.largest_key) continue;
    WT_ASSIGN_OR_RETURN(std::optional<FoundEntry> found, one->table->Get(key));
    if (found.has_value()) return found;
  }
  for (uint32_t level = 1; level < kLevels; ++level) {
    const LiveTable* const one = TableFor(level, key.key);
    if (one == nullptr) continue;
    WT_ASSIGN_OR_RETURN(std::optional<FoundEntry> found, one->table->Get(key));
    if (found.has_value()) return found;
  }
  return std::optional<FoundEntry>();
}

void Levels::AddIterators(std::vector<std::unique_ptr<InternalIterator>>& to) const {
  for (const TableRef& one : levels_[0]) to.push_back(one->table->NewIterator());
  for (uint32_t level = 1; level < kLevels; ++level) {
    if (!levels_[level].empty()) to.push_back(NewLevelIterator(levels_[level]));
  }
}

ManifestEdit Levels::Whole() const {
  ManifestEdit whole;
  for (uint32_t level = 0; level < kLevels; ++level) {
    for (const TableRef& one : levels_[level]) whole.added.push_back({level, one->record});
  }
  return whole;
}

}  // namespace wt
