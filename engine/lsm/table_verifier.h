// A table's file from its first byte to its last, read from the storage and checked on the way:
// every byte, and every promise of the format.
//
//   TableVerifier verifier(table);
//   for (;;) {
//     WT_ASSIGN_OR_RETURN(const std::string bytes, verifier.Next());
//     if (bytes.empty()) break;
//     ... hand them on: these very bytes were checked ...
//   }
#ifndef WAVETANK_ENGINE_LSM_TABLE_VERIFIER_H_
#define WAVETANK_ENGINE_LSM_TABLE_VERIFIER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/lsm/table.h"

namespace wt {

// Of one task.
class TableVerifier {
 public:
  // The table outlives it.
  explicit TableVerifier(const Table& table);

  // The bytes behind those that it gave last: the header, a frame, or the footer. Empty behind the
  // footer. What only the whole can tell (order over blocks, counts, content) is checked before the
  // footer is given: who has that has a whole table. Suspends.
  // Errors: as Table; there is nothing to be had behind one.
  absl::StatusOr<std::string> Next();

 private:
  absl::StatusOr<std::string> Header();
  absl::StatusOr<std::string> Data(uint32_t block);
  // The frame that begins where the one before ended.
  absl::StatusOr<std::string> Frame(BlockType type, const BlockHandle& handle);
  absl::StatusOr<std::string> Properties();
  absl::StatusOr<std::string> Footer();
  absl::Status CheckEntries(uint32_t block, const BlockHandle& handle, std::string_view contents);
  absl::Status Count(const InternalEntry& entry, uint64_t offset);

  const Table& table_;
  const TableInfo& info_;
  Table::Partition partition_;
  OpenedFrame frame_;  // the last; its view is not to be used
  uint64_t at_ = 0;
  uint32_t data_blocks_ = 0;   // given
  uint32_t inner_frames_ = 0;  // of what lies between data and properties
  bool has_properties_ = false;
  std::string footer_;  // read before the properties, which it leads to
  TableInfo found_;
  std::string last_key_;
  LogIndex last_version_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_TABLE_VERIFIER_H_
