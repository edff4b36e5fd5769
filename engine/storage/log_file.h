// The log for people of a FileStorage: LOG, and LOG.old when LOG has grown too large.
//
//   =============== Jan 2, 2006 (UTC) ===============
//   15:04:05.000000 table 7: 4096 bytes in 2 blocks
//
// Best effort: a line that cannot be written is dropped, nothing is synced, nobody is told.
#ifndef WAVETANK_ENGINE_STORAGE_LOG_FILE_H_
#define WAVETANK_ENGINE_STORAGE_LOG_FILE_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/env/env.h"
#include "engine/env/mutex.h"
#include "engine/storage/storage_folder.h"

namespace wt {

// Thread-safe.
class LogFile {
 public:
  // Before a line is written to a LOG that holds more than `limit` bytes, LOG becomes LOG.old.
  LogFile(StorageFolder& folder, const Env& env, uint64_t limit)
      : folder_(folder), clock_(env.clock), limit_(limit), mu_(env.tasks) {}

  // Suspends. Line feeds become blanks.
  void Write(std::string_view line);

  // From now on every line is dropped. Suspends.
  void Close();

 private:
  absl::Status Append(std::string_view line) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status MakeReady() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status OpenFile() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  StorageFolder& folder_;
  Clock& clock_;
  const uint64_t limit_;
  Mutex mu_;
  std::unique_ptr<File> file_ ABSL_GUARDED_BY(mu_);
  uint64_t size_ ABSL_GUARDED_BY(mu_) = 0;
  std::optional<std::chrono::sys_days> day_ ABSL_GUARDED_BY(mu_);  // of the last line
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

// "15:04:05.000000" and "Jan 2, 2006 (UTC)" of an instant.
std::string TimeOfDay(WallTime at);
std::string DayOf(WallTime at);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_LOG_FILE_H_
