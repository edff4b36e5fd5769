// A segment that is part of the log, and how one comes to be.
#ifndef WAVETANK_ENGINE_LOG_SEGMENT_FILE_H_
#define WAVETANK_ENGINE_LOG_SEGMENT_FILE_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/env/env.h"
#include "engine/log/format.h"

namespace wt {

struct Segment {
  SegmentHeader header;
  std::shared_ptr<File> file;
  uint64_t valid_bytes = kSegmentHeaderBytes;

  uint64_t number() const { return header.segment; }
};

std::string SegmentPath(std::string_view directory, uint64_t segment);

// Reserves header.reserved_bytes, writes the header and syncs the file: on return nothing of this
// can be lost but its name. Draws header.salt and sets header.hash. Suspends.
// Requires: a number that no earlier segment had, not even one whose creation failed.
// Errors: ResourceExhausted: no room, nothing of it stays (or, but for a reset, nothing that
// counts);
//   others: it may or may not be there.
absl::StatusOr<Segment> CreateSegment(Env env, std::string_view directory, SegmentHeader header);

// Creates `directory` and its parents, durably. Suspends.
absl::Status CreateLogDirectory(Disk& disk, std::string_view directory);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LOG_SEGMENT_FILE_H_
