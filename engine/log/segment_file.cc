#include "engine/log/segment_file.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "engine/log/entry_index.h"

namespace wt {
namespace {

absl::Status WriteHeader(Env env, File& file, SegmentHeader& header) {
  header.salt = env.random.Next("log.salt");
  WT_RETURN_IF_ERROR(file.Allocate(0, header.reserved_bytes));
  absl::Status written = WriteFully(file, 0, EncodeSegmentHeader(header));
  // Half a header may survive as a whole copy of it. A reset would then be all that is left of the
  // log: no clean refusal any more.
  if (header.reset && absl::IsResourceExhausted(written)) {
    return Unavailable("header of a reset: %s", MessageOf(written));
  }
  return written;
}

}  // namespace

std::string SegmentPath(std::string_view directory, uint64_t segment) {
  return absl::StrFormat("%s/%s", directory, SegmentName(segment));
}

absl::StatusOr<Segment> CreateSegment(Env env, std::string_view directory, SegmentHeader header) {
  WT_CHECK(header.segment < EntrySlot::kBuffered);
  WT_CHECK(header.reserved_bytes > kSegmentHeaderBytes);
  const std::string path = SegmentPath(directory, header.segment);
  WT_ASSIGN_OR_RETURN(std::unique_ptr<File> file, env.disk.Open(path, OpenMode::kCreate));
  absl::Status status = WriteHeader(env, *file, header);
  if (absl::IsResourceExhausted(status)) {
    // Nothing refers to it: to give the space back is all that matters, if the disk lets us.
    file.reset();
    env.disk.Remove(path).IgnoreError();
    env.events.Reached("log.no_room_for_segment");
  }
  if (!status.ok()) return Annotate(status, path);
  // Whatever the code of a failed sync is, it means "unknown": never to be taken for "no room".
  if (status = file->Sync(); !status.ok()) {
    return Unavailable("%s: sync: %s", path, MessageOf(status));
  }
  const LogIndex last = header.previous.last_index;
  env.events.Emit({.kind = EventKind::kLogSynced,
                   .a = header.segment,
                   .b = 0,
                   .c = kSegmentHeaderBytes,
                   .d = last.value()});
  return Segment{header, std::move(file)};
}

absl::Status CreateLogDirectory(Disk& disk, std::string_view directory) {
  for (size_t slash = directory.find('/');; slash = directory.find('/', slash + 1)) {
    const std::string_view path = directory.substr(0, slash);
    WT_RETURN_IF_ERROR(CreateDurableDirectory(disk, path));
    if (slash == std::string_view::npos) return absl::OkStatus();
  }
}

}  // namespace wt
