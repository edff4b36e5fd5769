// Entries in order, written as one or several tables.
#ifndef WAVETANK_ENGINE_LSM_TABLE_RUN_H_
#define WAVETANK_ENGINE_LSM_TABLE_RUN_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/lsm/obsolete_files.h"
#include "engine/lsm/table_builder.h"
#include "engine/storage/storage.h"

namespace wt {

class TableRun {
 public:
  // `identify` gives each new table its number and salt.
  TableRun(Storage& storage, ObsoleteFiles& obsolete, const TableBuildOptions& options,
           uint64_t table_bytes, std::function<TableIdentity()> identify)
      : storage_(storage),
        obsolete_(obsolete),
        options_(options),
        table_bytes_(table_bytes),
        identify_(std::move(identify)) {}
  TableRun(const TableRun&) = delete;
  TableRun& operator=(const TableRun&) = delete;

  // A table that is full ends before the next user key: all versions of a key are in one.
  // Errors: the storage's; then Abandon. Suspends.
  absl::Status Add(const InternalEntry& entry);

  // All tables durable, their names included. Errors: as Add. Suspends.
  absl::StatusOr<std::vector<TableInfo>> Finish();

  // Whatever was written is obsolete. Suspends.
  void Abandon();

  uint64_t bytes() const;  // written so far

 private:
  absl::Status Begin();
  absl::Status End();

  Storage& storage_;
  ObsoleteFiles& obsolete_;
  const TableBuildOptions options_;
  const uint64_t table_bytes_;
  const std::function<TableIdentity()> identify_;
  std::unique_ptr<StorageWriter> writer_;
  std::optional<TableBuilder> builder_;
  std::string last_key_;
  std::vector<uint64_t> numbers_;
  std::vector<TableInfo> finished_;
  uint64_t finished_bytes_ = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_TABLE_RUN_H_
