// Replaces all that a derived store holds by tables and entries from elsewhere, at one stroke.
//
//   LsmInstall install(store);              // the background is held up until Finish or Abandon
//   WT_RETURN_IF_ERROR(install.BeginTable(level, record));
//   while (...) WT_RETURN_IF_ERROR(install.AddPiece(bytes));
//   WT_RETURN_IF_ERROR(install.EndTable());
//   install.AddLoose(entry);
//   WT_ASSIGN_OR_RETURN(auto content, install.Content(index));   // to be looked through
//   WT_RETURN_IF_ERROR(install.Finish(index, flushed));
//
// A table that the store has already, or had in its last life, is adopted as it lies: with the
// bytes that come compared to those that are there, so that nothing is taken for it by name alone.
// Any other is written to a new file. What switches is one manifest: after a crash anywhere the
// tables of before are the spare ones, or these are.
//
// After an error Abandon() is to be called, and the store is as it was (FailedPrecondition: it has
// stopped). Every call suspends.
// Requires: nobody applies, flushes or compacts meanwhile.
#ifndef WAVETANK_ENGINE_LSM_LSM_INSTALL_H_
#define WAVETANK_ENGINE_LSM_LSM_INSTALL_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/lsm/lsm_store.h"

namespace wt {

class LsmInstall {
 public:
  // Requires: the store is derived; no other install is under way.
  explicit LsmInstall(LsmStore& store);
  ~LsmInstall();
  LsmInstall(const LsmInstall&) = delete;
  LsmInstall& operator=(const LsmInstall&) = delete;

  // A table in pieces of any sizes, together record.bytes.
  // Errors: DataLoss: the pieces are not the table that the record means; the storage's own.
  absl::Status BeginTable(uint32_t level, const TableRecord& record);
  absl::Status AddPiece(std::string_view bytes);
  absl::Status EndTable();

  // An entry that is in no table. Replaces one of the same key and version.
  void AddLoose(const InternalEntry& entry) { loose_->Insert(entry); }

  // What a reader at `index` will see. Errors: DataLoss: the tables do not fit together.
  absl::StatusOr<std::unique_ptr<KeyValueIterator>> Content(LogIndex index);

  // From now on the store holds this: entries up to `index`, those up to `flushed` in the tables.
  // Requires: Content() succeeded. Errors: the storage's; then Abandon.
  absl::Status Finish(LogIndex index, LogIndex flushed);
  // Removes what was written.
  void Abandon();

  uint64_t adopted_bytes() const { return adopted_bytes_; }
  uint64_t written_bytes() const { return written_bytes_; }

 private:
  TableRef FindHere(const TableRecord& record);
  bool IsAsHere(std::string_view bytes);
  absl::Status WriteInstead();
  absl::Status CloseWriter();

  LsmStore& store_;
  bool is_over_ = false;
  std::shared_ptr<Memtable> loose_ = std::make_shared<Memtable>();
  TableList here_;  // may be adopted
  ManifestEdit whole_;
  TableList tables_;
  std::shared_ptr<const Levels> levels_;
  std::vector<uint64_t> written_files_;
  uint64_t adopted_bytes_ = 0;
  uint64_t written_bytes_ = 0;

  // Of the table that is being added.
  PlacedTable placed_;
  uint64_t offset_ = 0;
  TableRef like_;  // equal so far; null: it is written
  std::unique_ptr<StorageWriter> writer_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_LSM_INSTALL_H_
