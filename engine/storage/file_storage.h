// A storage in a folder of the disk, in the names and with the pointer files of LevelDB, so that it
// runs on real files and in the tank alike.
//
//   WT_ASSIGN_OR_RETURN(std::unique_ptr<Storage> storage,
//                       OpenFileStorage(env, {.folder = "tables"}));
//
//   LOCK              held between processes while a writable storage is open
//   LOG, LOG.old      Storage::Log
//   CURRENT…          the pointer (pointer_files.h)
//   000007.ldb …      files (names.h)
//
// Beyond the contract of storage.h:
//   - What a reader of a journal or manifest shows comes from the device, not from the cache, and
//     in a writable storage has been synced: so it is as durable as the device is honest, even when
//     a sync failed before a restart.
//   - When a sync of the folder itself fails, the storage is dead: whatever changes something says
//     kDead, until it is opened again. Reading goes on.
//   - GetMeta of a writable storage writes the pointer anew the first time, so that what it returns
//     is durable. On a disk without a byte of room that is an error.
//   - Tables of older programs (000007.sst) are found by every call and listed once.
#ifndef WAVETANK_ENGINE_STORAGE_FILE_STORAGE_H_
#define WAVETANK_ENGINE_STORAGE_FILE_STORAGE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/units.h"
#include "engine/env/env.h"
#include "engine/storage/storage.h"

namespace wt {

struct FileStorageOptions {
  std::string folder = "storage";  // in the data folder, '/'-separated; "" is the data folder
  StorageMode mode = StorageMode::kReadWrite;
  uint64_t log_limit = kMiB;  // see LogFile
};

// Makes the folder and those above it, when writable. A read-only storage takes no lock between
// processes (the seam has none to share): several go together, also beside a writable one, whose
// pointer they then see before or after a switch.
// Errors: kLocked = another one is open for writing; NotFound = read-only, and no folder;
// FailedPrecondition, InvalidArgument = not a folder; what the disk says. Suspends.
absl::StatusOr<std::unique_ptr<Storage>> OpenFileStorage(Env env, FileStorageOptions options);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_FILE_STORAGE_H_
