// What the log's tests share: a world in memory whose disk can also run full and have bad sectors,
// entries that tell where they belong, and a log with small segments.
#ifndef WAVETANK_TESTS_LOG_LOG_WORLD_H_
#define WAVETANK_TESTS_LOG_LOG_WORLD_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/log/format.h"
#include "engine/log/log_options.h"
#include "engine/log/segment_file.h"
#include "tests/support/memory_env.h"

namespace wt::test {

// A MemoryDisk with three more faults: a limit on reserved room, sectors that cannot be read, and
// sectors that show as zeros once.
class LogDisk : public Disk {
 public:
  explicit LogDisk(MemoryDisk& under) : under_(under) {}

  uint64_t allocations_left = ~uint64_t{0};
  // Runs before each write, while the log's lock is free.
  std::function<void()> before_write = [] {};
  // Runs before each removal of a file, while the log's lock is free.
  std::function<void()> before_remove = [] {};
  // Runs before each file sync, while the log's lock is free; its error is the sync's.
  std::function<absl::Status()> before_sync = [] { return absl::OkStatus(); };
  void DamageSector(std::string path, uint64_t offset) {
    bad_[std::move(path)].push_back(offset / kSectorBytes);
  }
  void HealSectors() { bad_.clear(); }
  // To the read that covers it when `looks_before` have seen it as it is.
  void ShowOnceAsZeros(std::string path, uint64_t offset, uint64_t looks_before = 0) {
    stale_ = {std::move(path), offset};
    looks_before_ = looks_before;
  }
  uint64_t BadSectorsOf(const std::string& path) { return bad_[path].size(); }

  absl::StatusOr<std::unique_ptr<File>> Open(std::string_view path, OpenMode mode) override {
    WT_ASSIGN_OR_RETURN(std::unique_ptr<File> file, under_.Open(path, mode));
    return std::unique_ptr<File>(new LogFile(*this, std::string(path), std::move(file)));
  }
  absl::Status Rename(std::string_view from, std::string_view to) override {
    return under_.Rename(from, to);
  }
  absl::Status Remove(std::string_view path) override {
    before_remove();
    return under_.Remove(path);
  }
  absl::Status CreateDirectory(std::string_view path) override {
    return under_.CreateDirectory(path);
  }
  absl::StatusOr<std::vector<DirectoryEntry>> List(std::string_view directory) override {
    return under_.List(directory);
  }
  absl::Status SyncDirectory(std::string_view directory) override {
    return under_.SyncDirectory(directory);
  }
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(std::string_view path) override {
    return under_.Lock(path);
  }

 private:
  class LogFile : public File {
   public:
    LogFile(LogDisk& disk, std::string path, std::unique_ptr<File> file)
        : disk_(disk), path_(std::move(path)), file_(std::move(file)) {}
    absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) override {
      for (uint64_t sector : disk_.bad_[path_]) {
        const uint64_t at = sector * kSectorBytes;
        if (at >= offset + out.size() || at + kSectorBytes <= offset) continue;
        if (at <= offset) return Unavailable("%s: bad sector at %d", path_, at);
        out = out.first(at - offset);
      }
      WT_ASSIGN_OR_RETURN(const uint64_t count, file_->ReadAt(offset, out));
      const uint64_t stale = disk_.stale_.second;
      if (disk_.stale_.first == path_ && offset <= stale &&
          stale + kSectorBytes <= offset + count && disk_.looks_before_-- == 0) {
        std::fill_n(out.begin() + (stale - offset), kSectorBytes, '\0');
        disk_.stale_.first.clear();
      }
      return count;
    }
    // A bad sector heals when the whole of it is written; what would keep a part of it fails.
    absl::StatusOr<uint64_t> WriteAt(uint64_t offset, std::string_view data) override {
      disk_.before_write();
      const uint64_t end = offset + data.size();
      std::vector<uint64_t>& bad = disk_.bad_[path_];
      const auto is_whole = [&](uint64_t sector) {
        return sector * kSectorBytes >= offset && (sector + 1) * kSectorBytes <= end;
      };
      for (uint64_t sector : bad) {
        const bool touches = sector * kSectorBytes < end && (sector + 1) * kSectorBytes > offset;
        if (touches && !is_whole(sector)) return Unavailable("%s: bad sector", path_);
      }
      std::erase_if(bad, is_whole);
      return file_->WriteAt(offset, data);
    }
    absl::Status Sync() override {
      WT_RETURN_IF_ERROR(disk_.before_sync());
      return file_->Sync();
    }
    absl::Status DropCache() override { return file_->DropCache(); }
    absl::Status Truncate(uint64_t size) override { return file_->Truncate(size); }
    absl::Status Allocate(uint64_t offset, uint64_t length) override {
      if (disk_.allocations_left == 0) return ResourceExhausted("no room");
      --disk_.allocations_left;
      return file_->Allocate(offset, length);
    }
    absl::StatusOr<uint64_t> Size() override { return file_->Size(); }
    absl::Status Close() override { return file_->Close(); }

   private:
    LogDisk& disk_;
    std::string path_;
    std::unique_ptr<File> file_;
  };

  MemoryDisk& under_;
  std::map<std::string, std::vector<uint64_t>> bad_;
  std::pair<std::string, uint64_t> stale_;  // a path and where
  uint64_t looks_before_ = 0;
};

inline LogEntry EntryAt(uint64_t index, uint64_t term = 1, uint64_t bytes = 40) {
  std::string command = absl::StrFormat("entry %d of term %d|", index, term);
  while (command.size() < bytes) command += static_cast<char>('a' + command.size() % 26);
  return {.term = Term(term),
          .index = LogIndex(index),
          .timestamp = WallTime(std::chrono::seconds(1000 + index)),
          .command = std::move(command)};
}

inline std::vector<LogEntry> EntriesFrom(uint64_t first, uint64_t count, uint64_t term = 1,
                                         uint64_t bytes = 40) {
  std::vector<LogEntry> entries;
  for (uint64_t i = 0; i < count; ++i) entries.push_back(EntryAt(first + i, term, bytes));
  return entries;
}

// Everything that a log holds. Fails the test when the log cannot be read.
inline std::vector<LogEntry> ContentOf(LogStorage& log) {
  if (log.first_index() > log.last_index()) return {};
  auto content = log.GetRange(log.first_index(), log.last_index() + 1, ~uint64_t{0});
  EXPECT_TRUE(content.ok()) << content.status();
  return content.ok() ? *std::move(content) : std::vector<LogEntry>{};
}

class LogWorld {
 public:
  Env env() { return {base.clock, base.tasks, disk, base.network, base.events, base.random}; }

  absl::StatusOr<std::unique_ptr<LogStorage>> TryOpen() { return OpenWal(env(), options, &found); }

  // Requires: it can be opened.
  std::unique_ptr<LogStorage> Open() {
    auto log = TryOpen();
    EXPECT_TRUE(log.ok()) << log.status();
    WT_CHECK(log.ok());
    return *std::move(log);
  }

  std::vector<std::string> Segments() const {
    std::vector<std::string> paths = base.disk.Paths();
    std::erase_if(paths, [](const std::string& path) { return !path.ends_with(".wal"); });
    return paths;
  }

  // Changes bytes of a file behind everybody's back.
  template <typename Change>
  void Damage(const std::string& path, Change change) {
    std::string bytes = *base.disk.Content(path);
    change(bytes);
    base.disk.Plant(path, std::move(bytes));
  }

  MemoryEnv base;
  LogDisk disk{base.disk};
  LogOptions options{.segment_bytes = 64 * kKiB, .alignment = 512, .buffer_bytes = 64 * kKiB};
  LogRecovery found;
};

}  // namespace wt::test

#endif  // WAVETANK_TESTS_LOG_LOG_WORLD_H_
