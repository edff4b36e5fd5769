#include "tests/database/model.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt::test {

DatabaseOptions TinyOptions() {
  DatabaseOptions options;
  options.log.segment_bytes = 32 * kKiB;
  options.log.buffer_bytes = 64 * kKiB;
  options.lsm.memtable_bytes = 6 * kKiB;
  options.lsm.level0_trigger = 2;
  options.lsm.level1_bytes = 8 * kKiB;
  options.lsm.level_ratio = 2;
  options.lsm.table_bytes = 2 * kKiB;
  options.lsm.table.block_bytes = 256;
  options.lsm.table.append_bytes = kKiB;
  options.lsm.block_cache_bytes = 16 * kKiB;
  options.lsm.manifest_bytes = 2 * kKiB;
  return options;
}

void ApplyTo(Contents& contents, const WriteBatch& batch) {
  BatchReader it(batch.bytes());
  while (it.Next()) {
    const BatchOperation& operation = it.operation();
    if (operation.is_put) {
      contents[std::string(operation.key)] = std::string(operation.value);
    } else {
      contents.erase(std::string(operation.key));
    }
  }
  WT_CHECK(it.ok());
}

WriteBatch DrawBatch(Draw& draw, uint64_t serial) {
  WriteBatch batch;
  const uint64_t operations = draw.OneIn(3) ? draw.Between(1, 8) : 1;
  for (uint64_t i = 0; i < operations; ++i) {
    const std::string key = absl::StrFormat("key%02d", draw.Below(40));
    if (draw.OneIn(4)) {
      batch.Delete(key);
    } else {
      const uint64_t length = draw.Below(80);
      batch.Put(key, absl::StrFormat("%d.%d%s", serial, i, std::string(length, 'x')));
    }
  }
  return batch;
}

absl::StatusOr<Contents> ReadAll(Database& db, bool backward,
                                 std::shared_ptr<const ReadView> view) {
  WT_ASSIGN_OR_RETURN(const KeyValues found,
                      db.RangeScan({.backward = backward, .view = std::move(view)}));
  const bool in_order =
      std::is_sorted(found.begin(), found.end(), [&](const auto& a, const auto& b) {
        return backward ? a.first > b.first : a.first < b.first;
      });
  if (!in_order) return DataLoss("a scan gave keys out of order");
  return Contents(found.begin(), found.end());
}

KeyValues ScanModel(const Contents& contents, const ScanOptions& options) {
  KeyValues found;
  for (const auto& [key, value] : contents) {
    if (options.range.lower && key < *options.range.lower) continue;
    if (options.range.upper && key >= *options.range.upper) continue;
    found.emplace_back(key, value);
  }
  if (options.backward) std::reverse(found.begin(), found.end());
  if (found.size() > options.limit) found.resize(options.limit);
  return found;
}

}  // namespace wt::test
