// Where an engine keeps its files: numbered files of four types, one pointer to the manifest that
// counts, one lock. FileStorage keeps them in a folder, MemoryStorage in memory, EncryptedStorage
// sealed in another storage; WRITING-A-BACKEND.md tells how to add one, and the conformance suite
// (tests/storage/conformance.h) when it is done.
//
//   WT_ASSIGN_OR_RETURN(std::unique_ptr<StorageLock> lock, storage.Lock());
//   const FileDesc table{FileType::kTable, 7};
//   WT_ASSIGN_OR_RETURN(std::unique_ptr<StorageWriter> writer, storage.Create(table));
//   WT_RETURN_IF_ERROR(writer->Append(block));
//   WT_RETURN_IF_ERROR(writer->Sync());       // its bytes and its name are durable
//   WT_RETURN_IF_ERROR(writer->Close());
//   WT_ASSIGN_OR_RETURN(std::unique_ptr<StorageReader> reader, storage.Open(table));
//
// Contract, for every implementation:
//   - A file is written once, from its beginning to its end, by one writer, and read when that
//     writer is gone. While a writer of it lives, Open, Create, Remove and Rename of the file say
//     kFileOpen; while a reader of it lives, Create and Rename (from it or onto it) do. Remove
//     under readers is fine: they go on reading.
//   - What was appended is durable after Sync() has returned OK, the file's name included. After a
//     crash a file holds at least that, and behind it whatever the device made of the rest: what
//     was appended later, zeros, old bytes. (A backend may give less of the rest.)
//   - The pointer is switched by SetMeta: durable on return, and after a crash in the middle of it
//     GetMeta gives the old or the new target, never none and never a third.
//   - A rename is durable on return; until then a crash leaves the old name, the new one, or both,
//     each with the whole content. A removed file may be back after a crash.
//   - Errors are told apart as errors.h says, and checked for in this order: kInvalidFile;
//     Rename of a file to itself, which is OK; kReadOnly; kClosed; then whatever the operation
//     finds. So after Close, SetMeta of an invalid file is kInvalidFile.
//   - After an Append or a Sync has failed, its writer is dead: every later Append and Sync is
//     kDead. The file may hold any prefix of what was appended since the last Sync, or junk.
//   - Thread-safe: every call may be made from many tasks at once. A reader may be used by many
//     tasks at once, a writer by one.
//   - Destroying a reader, a writer or a lock releases it, without I/O and without suspending.
//     Every other call may suspend.
//   - Handles outlive the storage at most as objects: when the Storage is destroyed, they may only
//     be destroyed. Close of the storage leaves open handles usable.
//
// STORAGE.md says how the sharp edges of LevelDB's Storage were decided, one by one.
#ifndef WAVETANK_ENGINE_STORAGE_STORAGE_H_
#define WAVETANK_ENGINE_STORAGE_STORAGE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/env/disk.h"
#include "engine/storage/errors.h"
#include "engine/storage/file_desc.h"

namespace wt {

// A file that is being read. It does not change.
class StorageReader {
 public:
  virtual ~StorageReader() = default;

  // Fills `out` from `offset` on; returns fewer bytes only where the file ends, 0 at or past it.
  // Errors: kCorrupted when the backend knows that the bytes are not what was written; Unavailable
  // when they cannot be read; kClosed.
  virtual absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) = 0;

  // In bytes, as ReadAt counts them. Errors: kClosed, Unavailable.
  virtual absl::StatusOr<uint64_t> Size() = 0;

  // The whole file as memory, for as long as the mapping lives (the reader may go before). Null
  // where there is none to be had: use ReadAt. Errors: kClosed, Unavailable.
  virtual absl::StatusOr<std::unique_ptr<FileMapping>> Map() {
    return std::unique_ptr<FileMapping>();
  }

  // Errors: kClosed the second time. The handle is released whatever is returned.
  virtual absl::Status Close() = 0;
};

// A file that is being written, from its beginning on.
class StorageWriter {
 public:
  virtual ~StorageWriter() = default;

  // All of `data` behind what is there. Not durable yet. Errors: ResourceExhausted, Unavailable =
  // unknown how much was written, and the writer is dead (kDead from then on); kClosed.
  virtual absl::Status Append(std::string_view data) = 0;

  // Makes everything appended durable, and with it the file's name. Errors: Unavailable = unknown
  // what is durable, and the writer is dead; kClosed, kDead.
  virtual absl::Status Sync() = 0;

  // Does not sync: what was appended since the last Sync is as good as unsynced. Errors: kClosed
  // the second time; others say that what was not synced may be lost. Released all the same.
  virtual absl::Status Close() = 0;
};

// A session: held while alive.
class StorageLock {
 public:
  virtual ~StorageLock() = default;
};

// How a storage is opened. A read-only one changes nothing at all: no file, no lock, no log.
enum class StorageMode { kReadWrite, kReadOnly };

class Storage {
 public:
  // Does not sync, release by I/O or tell of errors; that is what Close is for.
  virtual ~Storage() = default;

  // The session lock: whoever changes the storage holds it, so that two engines in one process do
  // not. (Between processes, opening a FileStorage excludes.) A read-only storage gives any number
  // of locks, which hold nothing. Errors: kLocked; kClosed.
  virtual absl::StatusOr<std::unique_ptr<StorageLock>> Lock() = 0;

  // A line for people: "table 7: 4096 bytes in 2 blocks". Never fails, and does nothing when the
  // storage is read-only, closed or keeps no log.
  virtual void Log(std::string_view line) = 0;

  // Points to `fd`, durably and atomically. Requires: a Sync of the manifest has returned OK.
  // Errors: kInvalidFile = no manifest; NotFound = no such file; kInDoubt = the switch may or may
  // not survive a crash: keep the old and the new manifest, and reopen; kDead; any other = the old
  // target stays.
  virtual absl::Status SetMeta(const FileDesc& fd) = 0;

  // What the last SetMeta pointed to. The file exists, unless it was removed since.
  // Errors: NotFound = never set, or the file is gone; kCorrupted, with fd == {}, = no pointer can
  // be read and one was damaged. With files about and no pointer, refuse: an entry was lost.
  virtual absl::StatusOr<FileDesc> GetMeta() = 0;

  // The files of these types, each once, sorted.
  virtual absl::StatusOr<std::vector<FileDesc>> List(FileTypes types) = 0;

  // Errors: NotFound; kFileOpen; kCorrupted where opening verifies; kInvalidFile; kClosed.
  virtual absl::StatusOr<std::unique_ptr<StorageReader>> Open(const FileDesc& fd) = 0;

  // An empty file; one that exists is emptied. Errors: kFileOpen; kReadOnly; ResourceExhausted, …
  virtual absl::StatusOr<std::unique_ptr<StorageWriter>> Create(const FileDesc& fd) = 0;

  // Errors: NotFound; kFileOpen; kReadOnly.
  virtual absl::Status Remove(const FileDesc& fd) = 0;

  // Replaces `to` when it exists. OK without a look when they are equal. Errors: NotFound = no
  // `from`; kFileOpen; kReadOnly; kDead. After an error the file has the old name, the new, or
  // both.
  virtual absl::Status Rename(const FileDesc& from, const FileDesc& to) = 0;

  // From now on everything but Close says kClosed, and the lock between processes is released.
  // The session lock dies with it. OK however often it is called.
  virtual absl::Status Close() = 0;
};

// ---- Over any storage.

// The whole content. Errors: as Open and ReadAt; ResourceExhausted beyond `limit` bytes. Suspends.
absl::StatusOr<std::string> ReadWholeFile(Storage& storage, const FileDesc& fd, uint64_t limit);

// Creates, appends, syncs and closes. Suspends.
absl::Status WriteWholeFile(Storage& storage, const FileDesc& fd, std::string_view content);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_STORAGE_H_
