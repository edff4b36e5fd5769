// What a manifest says: which tables there are, and what happened to them since.
#ifndef WAVETANK_ENGINE_LSM_MANIFEST_EDIT_H_
#define WAVETANK_ENGINE_LSM_MANIFEST_EDIT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/coding.h"
#include "engine/lsm/table_format.h"

namespace wt {

inline constexpr uint32_t kLevels = 7;

// A table as the manifest knows it: enough to find it, to plan with it, and to see that the file is
// the one that was meant.
struct TableRecord {
  TableIdentity identity;
  // Of a table that was made elsewhere and came here byte for byte: the number of its file here,
  // which then is not the identity's. 0: it is.
  uint64_t adopted_as = 0;
  uint64_t bytes = 0;
  Hash128 content;
  uint64_t entries = 0;
  uint64_t deletes = 0;
  LogIndex min_version;
  LogIndex max_version;
  std::string smallest_key;
  std::string largest_key;

  // The number of its file.
  uint64_t file() const { return adopted_as != 0 ? adopted_as : identity.number; }
  bool operator==(const TableRecord&) const = default;
};

TableRecord RecordOf(const TableInfo& info);
// Whether the two are byte for byte one table, whatever their files are called.
bool IsSameTable(const TableRecord& a, const TableRecord& b);

// All but adopted_as.
std::string EncodeRecord(const TableRecord& table);
// Requires: nothing. What it gives is worth something only while `in` is ok().
TableRecord TakeRecord(ByteReader& in);

struct PlacedTable {
  uint32_t level = 0;
  TableRecord table;
  bool operator==(const PlacedTable&) const = default;
};
struct RemovedTable {
  uint32_t level = 0;
  uint64_t number = 0;  // of its file
  bool operator==(const RemovedTable&) const = default;
};

struct ManifestEdit {
  // Entries up to here are in tables; the log is needed from behind it.
  std::optional<LogIndex> flushed;
  // No file has this number or a higher one.
  std::optional<uint64_t> next_file;
  std::vector<RemovedTable> removed;
  std::vector<PlacedTable> added;
  bool operator==(const ManifestEdit&) const = default;
};

std::string EncodeEdit(const ManifestEdit& edit);
// Errors: DataLoss.
absl::StatusOr<ManifestEdit> DecodeEdit(std::string_view bytes);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_MANIFEST_EDIT_H_
