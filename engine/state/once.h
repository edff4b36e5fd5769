// Idempotency records: in the same table as what they protect, written in the same step.
#ifndef WAVETANK_ENGINE_STATE_ONCE_H_
#define WAVETANK_ENGINE_STATE_ONCE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "engine/state/command.h"
#include "engine/state/entry_reader.h"
#include "engine/state/entry_table.h"

namespace wt {

// Runs `command.command` by `run`, unless a record of it lives at `log_time` (the state's, not a
// clock's); returns the encoded result, of now or of the first time. Removes a few expired records
// as it goes, so that they never outnumber the living for long.
std::string ExecuteOnce(EntryTable& table, int64_t log_time, const Once& command,
                        const std::function<std::string(std::string_view)>& run);

// Puts all entries into `table` that ExecuteOnce will find there or miss, but for those of the
// command within. Errors: of `from`. May suspend.
absl::Status LoadForOnce(EntryReader& from, const Once& command, EntryTable& table);

// DataLoss when an entry with this key and value cannot come from ExecuteOnce.
absl::Status CheckOnceEntry(std::string_view key, std::string_view value);

// Whether records and their expiries belong together, told from entries that go by in any order, in
// no memory: by sums of hashes.
class OncePairs {
 public:
  // Requires: it passed CheckOnceEntry, or is of another family.
  void Add(std::string_view key, std::string_view value);
  // Behind the last. Errors: DataLoss: they do not.
  absl::Status Check() const;

 private:
  int64_t records_ = 0;
  int64_t expiries_ = 0;
  Hash128 wanted_;  // of the expiries that the records need
  Hash128 found_;
};

// The same of a whole table.
absl::Status CheckOnceRecords(const EntryTable& table);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_ONCE_H_
