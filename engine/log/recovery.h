// From the files of a log to its content, or to the reason why not. FORMAT.md has the decisions.
#ifndef WAVETANK_ENGINE_LOG_RECOVERY_H_
#define WAVETANK_ENGINE_LOG_RECOVERY_H_

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/env/env.h"
#include "engine/log/entry_index.h"
#include "engine/log/log_options.h"
#include "engine/log/segment_file.h"
#include "engine/log/segment_parser.h"

namespace wt {

struct RecoveredLog {
  std::vector<Segment> segments;  // oldest first; none is written to any more
  EntryIndex index;
  std::set<LogIndex> damaged;  // entries of `index` whose bytes are not to be had
  HardState hard_state;
  Hash128 chain;
  uint64_t batch_seq = 0;
  uint64_t incarnation = 0;   // the highest that was seen
  uint64_t next_segment = 1;  // a number that was never used
  LogRecovery found;
  // Not part of the log once its next segment is durable: to be removed then, not before.
  std::vector<uint64_t> superfluous;

  uint64_t last_segment() const { return segments.empty() ? 0 : segments.back().number(); }

  // Adds what a batch of `segment` says; `damaged_records`: see ParseDamagedBatch. Errors: DataLoss
  // when its records do not follow what is there.
  absl::Status Apply(const BatchView& batch, uint64_t segment,
                     std::span<const uint32_t> damaged_records = {});
  absl::Status ApplyTruncate(LogIndex from, Term before);
};

// Reads, decides, makes durable what it relies on, and removes what is not part of the log. Safe to
// repeat and to crash at any point. Suspends. Errors: as OpenWal; nothing was changed on DataLoss.
absl::StatusOr<RecoveredLog> RecoverLog(Env env, const LogOptions& options);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LOG_RECOVERY_H_
