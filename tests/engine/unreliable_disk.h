// A disk in front of another, of any world: it counts, and fails on command. Safe to use from many
// tasks, threads included.
#ifndef WAVETANK_TESTS_ENGINE_UNRELIABLE_DISK_H_
#define WAVETANK_TESTS_ENGINE_UNRELIABLE_DISK_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "engine/env/disk.h"

namespace wt::test {

enum class Room {
  kEnough,
  kNoGrowth,  // nothing can be created or reserved; what is reserved can be written
  kNone,      // no write succeeds
};

class UnreliableDisk : public Disk {
 public:
  explicit UnreliableDisk(Disk& under) : under_(under) {}

  // The next `count` syncs of files of the log fail and make nothing durable.
  void FailNextLogSyncs(int count) { failing_log_syncs_ = count; }
  void SetRoom(Room room) { room_ = room; }
  // No segment of the log can be reserved; all else can.
  void SetNoRoomForLog(bool none) { no_room_for_log_ = none; }
  void FailSnapshotWrites(bool fail) { snapshot_writes_fail_ = fail; }
  // The next sync of the snapshot folder fails.
  void FailNextSnapshotFolderSync() { folder_sync_fails_ = true; }
  void FailRemovals(bool fail) { removals_fail_ = fail; }
  // Files whose path holds `part` cannot be read behind their first 64 bytes; none when empty. Set
  // while nobody reads.
  void FailReadsOf(std::string part) { unreadable_ = std::move(part); }
  // Run before each sync, read, or write of a file of the log; an error is the call's own. Set
  // while nobody uses the log.
  void SetBeforeLogSync(std::function<void()> hook) { before_log_sync_ = std::move(hook); }
  void SetBeforeLogRead(std::function<absl::Status()> hook) { before_log_read_ = std::move(hook); }
  void SetBeforeLogWrite(std::function<absl::Status()> hook) {
    before_log_write_ = std::move(hook);
  }

  // Syncs of files of the log since the last ResetCounts().
  uint64_t log_syncs() const { return log_syncs_; }
  void ResetCounts() { log_syncs_ = 0; }

  absl::StatusOr<std::unique_ptr<File>> Open(std::string_view path, OpenMode mode) override {
    if (mode == OpenMode::kCreate) WT_RETURN_IF_ERROR(RoomFor(path, Room::kNoGrowth));
    WT_ASSIGN_OR_RETURN(std::unique_ptr<File> file, under_.Open(path, mode));
    return std::unique_ptr<File>(std::make_unique<UnreliableFile>(*this, path, std::move(file)));
  }
  absl::Status Rename(std::string_view from, std::string_view to) override {
    return under_.Rename(from, to);
  }
  absl::Status Remove(std::string_view path) override {
    if (removals_fail_) return Unavailable("%s: cannot be removed", path);
    return under_.Remove(path);
  }
  absl::Status CreateDirectory(std::string_view path) override {
    return under_.CreateDirectory(path);
  }
  absl::StatusOr<std::vector<DirectoryEntry>> List(std::string_view directory) override {
    return under_.List(directory);
  }
  absl::Status SyncDirectory(std::string_view directory) override {
    if (directory == "snapshot" && folder_sync_fails_.exchange(false)) {
      return Unavailable("%s: sync failed", directory);
    }
    return under_.SyncDirectory(directory);
  }
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(std::string_view path) override {
    return under_.Lock(path);
  }

 private:
  class UnreliableFile : public File {
   public:
    UnreliableFile(UnreliableDisk& disk, std::string_view path, std::unique_ptr<File> file)
        : disk_(disk), path_(path), file_(std::move(file)) {}

    absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) override {
      if (IsLog() && disk_.before_log_read_) WT_RETURN_IF_ERROR(disk_.before_log_read_());
      const bool is_beyond = offset + out.size() > 64;
      if (is_beyond && !disk_.unreadable_.empty() && path_.find(disk_.unreadable_) != path_.npos) {
        return Unavailable("%s: cannot be read", path_);
      }
      return file_->ReadAt(offset, out);
    }
    absl::StatusOr<uint64_t> WriteAt(uint64_t offset, std::string_view data) override {
      WT_RETURN_IF_ERROR(disk_.RoomFor(path_, Room::kNone));
      if (IsLog() && disk_.before_log_write_) WT_RETURN_IF_ERROR(disk_.before_log_write_());
      return file_->WriteAt(offset, data);
    }
    absl::Status Sync() override {
      if (IsLog()) {
        if (disk_.before_log_sync_) disk_.before_log_sync_();
        ++disk_.log_syncs_;
        if (disk_.failing_log_syncs_ > 0) {
          --disk_.failing_log_syncs_;
          return Unavailable("%s: sync failed", path_);
        }
      }
      return file_->Sync();
    }
    absl::Status DropCache() override { return file_->DropCache(); }
    absl::Status Truncate(uint64_t size) override { return file_->Truncate(size); }
    absl::Status Allocate(uint64_t offset, uint64_t length) override {
      WT_RETURN_IF_ERROR(disk_.RoomFor(path_, Room::kNoGrowth));
      return file_->Allocate(offset, length);
    }
    absl::StatusOr<uint64_t> Size() override { return file_->Size(); }
    absl::Status Close() override { return file_->Close(); }

   private:
    bool IsLog() const { return path_.starts_with("log/"); }

    UnreliableDisk& disk_;
    const std::string path_;
    std::unique_ptr<File> file_;
  };

  // For something that is refused from `limit` on.
  absl::Status RoomFor(std::string_view path, Room limit) const {
    if (no_room_for_log_ && limit == Room::kNoGrowth && path.starts_with("log/")) {
      return ResourceExhausted("%s: no room for the log", path);
    }
    if (room_.load() >= limit) return ResourceExhausted("%s: the disk is full", path);
    if (snapshot_writes_fail_ && path.starts_with("snapshot/")) {
      return Unavailable("%s: cannot be written", path);
    }
    return absl::OkStatus();
  }

  Disk& under_;
  std::function<void()> before_log_sync_;
  std::function<absl::Status()> before_log_read_;
  std::function<absl::Status()> before_log_write_;
  std::string unreadable_;
  std::atomic<int> failing_log_syncs_ = 0;
  std::atomic<uint64_t> log_syncs_ = 0;
  std::atomic<Room> room_ = Room::kEnough;
  std::atomic<bool> no_room_for_log_ = false;
  std::atomic<bool> snapshot_writes_fail_ = false;
  std::atomic<bool> removals_fail_ = false;
  std::atomic<bool> folder_sync_fails_ = false;
};

}  // namespace wt::test

#endif  // WAVETANK_TESTS_ENGINE_UNRELIABLE_DISK_H_
