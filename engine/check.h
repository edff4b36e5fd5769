// Is a data folder whole? Reads all of it, says what is wrong and what that means, and changes
// nothing: not a byte, no name, no repair, also where an opening would have repaired.
//
//   PosixWorld world({.root = "/var/lib/things"});
//   WT_ASSIGN_OR_RETURN(CheckReport report, CheckFolder(world.env()));
//   for (const CheckFinding& one : report.findings) ...
//
// It takes folders of a Database (a log and tables), of an Engine (a log and snapshots), and of
// both. The log is judged as an opening would judge it; every snapshot and every table is read to
// its end. A store of another kind (StoreFactory) is not looked into.
#ifndef WAVETANK_ENGINE_CHECK_H_
#define WAVETANK_ENGINE_CHECK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/units.h"
#include "engine/env/env.h"
#include "engine/storage/storage.h"

namespace wt {

struct CheckFinding {
  enum class Kind : uint8_t {
    kFine,        // what a crash leaves behind, and the next opening clears away
    kDamage,      // what was durable is not there any more
    kUnreadable,  // it may be there, and cannot be read
  };
  Kind kind = Kind::kFine;
  std::string file;                // "log/0000000000000001.wal"; a folder where it is about that
  std::optional<uint64_t> offset;  // in the file, where one is known
  std::string what;
  std::string means;
};

struct CheckReport {
  std::vector<CheckFinding> findings;
  uint64_t segments = 0;
  LogIndex first_index;  // of the log
  LogIndex last_index;
  uint64_t tables = 0;
  uint64_t table_bytes = 0;
  uint64_t table_entries = 0;
  LogIndex in_tables;  // entries up to here
  uint64_t snapshots = 0;
  LogIndex in_snapshots;  // entries up to here
  std::string log;        // the folder that was taken for it

  bool Has(CheckFinding::Kind kind) const;
  bool is_whole() const {
    return !Has(CheckFinding::Kind::kDamage) && !Has(CheckFinding::Kind::kUnreadable);
  }
};

struct CheckOptions {
  // As LogOptions::directory. Empty: "log", or, where there is none, the one folder with segments.
  std::string log_directory;
  // What the log no longer has is in a store of another kind. One of RocksDB in this folder is
  // known without being told.
  bool has_other_store = false;
  // As DatabaseOptions::wrap_storage: for tables that are encrypted.
  std::function<absl::StatusOr<std::unique_ptr<Storage>>(std::unique_ptr<Storage>)> wrap_storage =
      nullptr;
};

// Suspends. Errors: NotFound: nothing of ours is there; FailedPrecondition: somebody has it open
// (LOCK), or a part of it is of a newer format; Unavailable: the folder cannot be listed.
absl::StatusOr<CheckReport> CheckFolder(Env env, const CheckOptions& options = {});

}  // namespace wt

#endif  // WAVETANK_ENGINE_CHECK_H_
