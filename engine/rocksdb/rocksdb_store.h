// RocksDB as the store behind Database: its own log off, the applied index in the batch of each
// entry. Native only: it reads its own files, clocks and threads, so the tank cannot run it.
//
//   DatabaseOptions options;
//   options.store = RocksDbStoreIn("/var/lib/things/rocksdb");
#ifndef WAVETANK_ENGINE_ROCKSDB_ROCKSDB_STORE_H_
#define WAVETANK_ENGINE_ROCKSDB_ROCKSDB_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/env/env.h"
#include "engine/kv/key_value_store.h"
#include "engine/storage/storage.h"

namespace wt {

struct RocksDbOptions {
  uint64_t memtable_bytes = 128 * kMiB;
  uint64_t block_cache_bytes = 64 * kMiB;
};

// In a folder of the real file system, made when its parent exists.
// Errors: DataLoss, naming what RocksDB found; FailedPrecondition: in use.
absl::StatusOr<std::unique_ptr<KeyValueStore>> OpenRocksDbStore(Env env, const std::string& folder,
                                                                const RocksDbOptions& options = {});

// As DatabaseOptions::store wants it.
inline std::function<absl::StatusOr<std::unique_ptr<KeyValueStore>>(Env, Storage&)> RocksDbStoreIn(
    std::string folder, RocksDbOptions options = {}) {
  return [folder = std::move(folder), options](Env env, Storage&) {
    return OpenRocksDbStore(env, folder, options);
  };
}

}  // namespace wt

#endif  // WAVETANK_ENGINE_ROCKSDB_ROCKSDB_STORE_H_
