// Which files of a directory are the log: the links in the headers decide, names are only hints.
#ifndef WAVETANK_ENGINE_LOG_SEGMENT_SET_H_
#define WAVETANK_ENGINE_LOG_SEGMENT_SET_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/env/env.h"
#include "engine/log/log_options.h"
#include "engine/log/segment_file.h"
#include "engine/log/segment_reader.h"

namespace wt {

struct SegmentSet {
  std::vector<Segment> chain;       // linked by their headers, oldest first
  std::vector<uint64_t> leftovers;  // to be removed: unfinished creations, or from before a reset
  uint64_t highest = 0;             // number of any file
  uint64_t gap_segment = 0;         // the one that is missing; with `gap`
  absl::Status gap;                 // see LogRecovery; what is behind it is among the leftovers
};

// Reads every header. Changes nothing. Suspends. Errors: DataLoss when a segment is missing or its
// header is lost; FailedPrecondition: another version, cluster or node; Unavailable: unreadable.
absl::StatusOr<SegmentSet> FindSegments(Env env, const LogOptions& options, SegmentReader& reader);

// Where in the file of `segment` the first batch begins that says more than a successor with this
// hard state: it has records, or a later term, vote or commit index. Nothing: there is none, and
// the log needs no more of the file than its end. Suspends. Errors: the disk's.
absl::StatusOr<std::optional<uint64_t>> FindNeeded(SegmentReader& reader, const Segment& segment,
                                                   const HardState& successor);

// DataLoss that names the place.
absl::Status DamageAt(std::string_view directory, uint64_t segment, uint64_t offset,
                      const absl::Status& what);
// The same, told to `events` as well.
absl::Status Damaged(EventSink& events, std::string_view directory, uint64_t segment,
                     uint64_t offset, const absl::Status& what);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LOG_SEGMENT_SET_H_
