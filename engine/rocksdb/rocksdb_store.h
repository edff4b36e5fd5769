// RocksDB as the store behind Database: its own log off, the applied index in the batch of each
// entry. Native only: it reads its own files, clocks and threads, so the tank cannot run it.
//
// RocksDB flushes when it likes, and OnFlushBegin cannot say no. So the log is made durable when a
// file for a table is asked for: what goes into it was chosen before, and where the log fails there
// is no file, so the flush fails and the store stops. A sync before every Apply would do as well,
// and make every buffered write a synced one.
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

// In a folder of the real file system, made when its parent exists. `make_log_durable` null: it
// follows no log.
// Errors: DataLoss, naming what RocksDB found; FailedPrecondition: in use.
absl::StatusOr<std::unique_ptr<KeyValueStore>> OpenRocksDbStore(
    Env env, const std::string& folder, const RocksDbOptions& options = {},
    MakeLogDurable make_log_durable = nullptr);

// As DatabaseOptions::store wants it.
inline std::function<absl::StatusOr<std::unique_ptr<KeyValueStore>>(Env, Storage&, MakeLogDurable)>
RocksDbStoreIn(std::string folder, RocksDbOptions options = {}) {
  return [folder = std::move(folder), options](Env env, Storage&, MakeLogDurable log_first) {
    return OpenRocksDbStore(env, folder, options, std::move(log_first));
  };
}

}  // namespace wt

#endif  // WAVETANK_ENGINE_ROCKSDB_ROCKSDB_STORE_H_
