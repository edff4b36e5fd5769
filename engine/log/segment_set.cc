#include "engine/log/segment_set.h"
#include "engine/log/foreign_log.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "engine/log/entry_index.h"

namespace wt {
namespace {

// A file with the name of a segment.
struct Candidate {
  uint64_t number = 0;
  std::shared_ptr<File> file;
  absl::StatusOr<SegmentHeader> header = absl::UnknownError("not read");
};

class SegmentFinder {
 public:
  SegmentFinder(Env env, const LogOptions& options, SegmentReader& reader)
      : env_(env), options_(options), reader_(reader) {}

  absl::StatusOr<SegmentSet> Find() {
    WT_RETURN_IF_ERROR(OpenFiles());
    WT_RETURN_IF_ERROR(DropUnfinished());
    WT_RETURN_IF_ERROR(FollowLinks());
    return std::move(set_);
  }

 private:
  absl::Status OpenFiles() {
    WT_ASSIGN_OR_RETURN(std::vector<DirectoryEntry> entries, env_.disk.List(options_.directory));
    std::vector<uint64_t> numbers;
    for (const DirectoryEntry& entry : entries) {
      const std::optional<uint64_t> number = SegmentNumber(entry.name);
      if (number && !entry.is_directory) numbers.push_back(*number);
    }
    std::sort(numbers.begin(), numbers.end());
    if (!numbers.empty() && numbers.back() >= EntrySlot::kBuffered - 1) {
      return FailedPrecondition("%s: no log comes to such a number; move the file away",
                                SegmentPath(options_.directory, numbers.back()));
    }
    for (size_t i = 0; i < numbers.size(); ++i) {
      const bool may_be_unsynced = i + 2 >= numbers.size() || options_.salvage;
      WT_RETURN_IF_ERROR(OpenFile(numbers[i], may_be_unsynced));
    }
    if (!numbers.empty()) set_.highest = numbers.back();
    return absl::OkStatus();
  }

  // A sync of the last segments may have failed in an earlier life: then reads show what is not on
  // the disk, and another sync would say that it is. So they are read from the disk. With salvage
  // that goes for all of them: any may have been repaired.
  absl::Status OpenFile(uint64_t number, bool may_be_unsynced) {
    const std::string path = SegmentPath(options_.directory, number);
    WT_ASSIGN_OR_RETURN(std::shared_ptr<File> file, env_.disk.Open(path, OpenMode::kReadWrite));
    if (may_be_unsynced) {
      if (absl::Status status = file->Sync(); !status.ok()) return Annotate(status, path);
      WT_RETURN_IF_ERROR(file->DropCache());
    }
    Candidate candidate{.number = number, .file = std::move(file)};
    candidate.header = ReadHeader(*candidate.file);
    if (absl::IsFailedPrecondition(candidate.header.status()) ||
        absl::IsUnavailable(candidate.header.status())) {
      return Annotate(candidate.header.status(), path);
    }
    WT_RETURN_IF_ERROR(CheckOwner(candidate, path));
    candidates_.push_back(std::move(candidate));
    return absl::OkStatus();
  }

  absl::StatusOr<SegmentHeader> ReadHeader(File& file) {
    std::string block(kSegmentHeaderBytes, '\0');
    absl::StatusOr<uint64_t> read = ReadFully(file, 0, block);
    if (read.ok()) return DecodeSegmentHeader(std::string_view(block).substr(0, *read));
    if (!absl::IsUnavailable(read.status())) return read.status();
    return ReadHeaderCopies(file, read.status());
  }

  // Sector by sector: one bad sector leaves a copy.
  absl::StatusOr<SegmentHeader> ReadHeaderCopies(File& file, const absl::Status& error) {
    for (uint64_t offset : kHeaderCopyOffsets) {
      std::string block(kSegmentHeaderBytes, '\0');
      const std::span<char> copy(block.data() + offset, kHeaderCopyBytes);
      if (!ReadFully(file, offset, copy).ok()) continue;
      absl::StatusOr<SegmentHeader> header = DecodeSegmentHeader(block);
      if (!header.ok()) continue;
      env_.events.Reached("log.header_from_second_copy");
      return header;
    }
    return error;
  }

  absl::Status CheckOwner(Candidate& candidate, std::string_view path) {
    if (!candidate.header.ok()) return absl::OkStatus();
    const SegmentHeader& header = *candidate.header;
    if (header.segment != candidate.number) {
      // Bytes of a deleted segment where a new header was never synced look like this.
      candidate.header = DataLoss("header: of segment %d", header.segment);
      return absl::OkStatus();
    }
    if (header.cluster_id != options_.cluster_id || header.node_id != options_.node_id) {
      return AsForeignLog(FailedPrecondition(
          "%s: belongs to cluster %d, node %d; this is cluster %d, node %d", path,
          header.cluster_id, header.node_id, options_.cluster_id, options_.node_id));
    }
    return absl::OkStatus();
  }

  // A crash while a segment was being created leaves a last file without a header; batches are
  // written only behind a durable one.
  absl::Status DropUnfinished() {
    while (!candidates_.empty() && !candidates_.back().header.ok()) {
      const Candidate& last = candidates_.back();
      WT_RETURN_IF_ERROR(RequireNoBatches(last));
      // The predecessor is removed only when its successor is durable, so a creation that did not
      // finish has one, but for the very first.
      if (candidates_.size() == 1 && last.number != 1) return DamagedHeader(last);
      set_.leftovers.push_back(last.number);
      candidates_.pop_back();
      env_.events.Reached("log.unfinished_segment_dropped");
    }
    return absl::OkStatus();
  }

  // Of a file whose header is lost.
  absl::Status RequireNoBatches(const Candidate& candidate) {
    WT_CHECK(!candidate.header.ok());
    WT_RETURN_IF_ERROR(reader_.Open(*candidate.file));
    for (uint64_t at = kSegmentHeaderBytes; at < reader_.file_bytes(); at += kMinLogAlignment) {
      absl::StatusOr<std::string_view> bytes = reader_.View(at, kMinLogAlignment);
      if (absl::IsUnavailable(bytes.status())) continue;
      if (!bytes.ok()) return bytes.status();
      if (LooksLikeBatchOf(*bytes, candidate.number, at)) return DamagedHeader(candidate);
    }
    return absl::OkStatus();
  }

  // Of a file that no segment refers to: its successor must say all that it says.
  absl::Status RequireNotNeeded(const Candidate& candidate, const SegmentHeader& successor) {
    if (!candidate.header.ok()) return RequireNoBatches(candidate);
    const Segment segment = {*candidate.header, candidate.file};
    WT_ASSIGN_OR_RETURN(const std::optional<uint64_t> at,
                        FindNeeded(reader_, segment, successor.hard_state));
    if (!at.has_value()) return absl::OkStatus();
    return Damage(candidate.number, *at, DataLoss("a batch that no segment refers to"));
  }

  absl::Status FollowLinks() {
    while (!candidates_.empty()) {
      Candidate last = std::move(candidates_.back());
      candidates_.pop_back();
      if (!last.header.ok()) return DamagedHeader(last);
      const SegmentHeader header = *last.header;
      set_.chain.push_back({header, std::move(last.file)});
      if (header.reset) {
        for (const Candidate& old : candidates_) set_.leftovers.push_back(old.number);
        break;
      }
      WT_RETURN_IF_ERROR(SkipUnlinked(header));
    }
    std::reverse(set_.chain.begin(), set_.chain.end());
    return absl::OkStatus();
  }

  // Leaves the predecessor of `header` as the last candidate.
  absl::Status SkipUnlinked(const SegmentHeader& header) {
    while (!candidates_.empty() && candidates_.back().number > header.previous.segment) {
      WT_RETURN_IF_ERROR(RequireNotNeeded(candidates_.back(), header));
      set_.leftovers.push_back(candidates_.back().number);
      candidates_.pop_back();
      env_.events.Reached("log.unlinked_segment_dropped");
    }
    if (candidates_.empty() || candidates_.back().number == header.previous.segment) {
      return absl::OkStatus();
    }
    set_.gap_segment = header.previous.segment;
    set_.gap = DataLoss("segment is missing; segment %d follows it, segment %d is there",
                        header.segment, candidates_.back().number);
    for (const Candidate& old : candidates_) set_.leftovers.push_back(old.number);
    candidates_.clear();
    return absl::OkStatus();
  }

  absl::Status DamagedHeader(const Candidate& candidate) {
    return Damage(candidate.number, 0, candidate.header.status());
  }
  absl::Status Damage(uint64_t segment, uint64_t offset, const absl::Status& what) {
    return Damaged(env_.events, options_.directory, segment, offset, what);
  }

  Env env_;
  const LogOptions& options_;
  SegmentReader& reader_;
  std::vector<Candidate> candidates_;
  SegmentSet set_;
};

bool Covers(const HardState& later, const HardState& earlier) {
  if (later.commit_index < earlier.commit_index) return false;
  if (later.term != earlier.term) return later.term > earlier.term;
  return earlier.voted_for == 0 || later.voted_for == earlier.voted_for;
}

}  // namespace

absl::StatusOr<std::optional<uint64_t>> FindNeeded(SegmentReader& reader, const Segment& segment,
                                                   const HardState& successor) {
  WT_RETURN_IF_ERROR(reader.Open(*segment.file));
  const uint64_t step = segment.header.alignment;
  for (uint64_t at = kSegmentHeaderBytes; at < reader.file_bytes(); at += step) {
    const absl::StatusOr<std::string_view> bytes = reader.View(at, kBatchHeaderBytes);
    if (absl::IsUnavailable(bytes.status())) continue;
    if (!bytes.ok()) return bytes.status();
    const absl::StatusOr<BatchHeader> batch = DecodeBatchHeader(*bytes, segment.header, at);
    if (!batch.ok()) continue;
    if (batch->records > 0 || !Covers(successor, batch->hard_state)) return std::optional(at);
  }
  return std::optional<uint64_t>();
}

absl::StatusOr<SegmentSet> FindSegments(Env env, const LogOptions& options, SegmentReader& reader) {
  return SegmentFinder(env, options, reader).Find();
}

absl::Status DamageAt(std::string_view directory, uint64_t segment, uint64_t offset,
                      const absl::Status& what) {
  WT_CHECK(!what.ok());
  return DataLoss("%s at %d: %s", SegmentPath(directory, segment), offset, MessageOf(what));
}

absl::Status Damaged(EventSink& events, std::string_view directory, uint64_t segment,
                     uint64_t offset, const absl::Status& what) {
  const absl::Status status = DamageAt(directory, segment, offset, what);
  events.Emit(
      {.kind = EventKind::kLogDamaged, .a = segment, .b = offset, .text = MessageOf(status)});
  return status;
}

}  // namespace wt
