// What is done with the I/O token: batches in flight, syncs, new segments.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "engine/log/wal.h"

namespace wt {

void Wal::AwaitToken() {
  while (busy_ && poison_.ok()) progress_.Wait(mu_);
}

absl::Status Wal::MakeRoom(Need need) {
  bool roll = false;
  {
    MutexLock lock(mu_);
    AwaitToken();
    WT_RETURN_IF_ERROR(Usable());
    if (Fits(need)) return absl::OkStatus();
    busy_ = true;
    roll = !SegmentFits(need);
    rolling_ = roll;
    if (HasUntaken()) {
      StartBatch(0);
    } else if (!open_->Fits(need.payload, need.records)) {
      open_ = std::make_unique<BatchBuffer>(open_->BytesWith(need.payload, need.records),
                                            options_.alignment);
    }
  }
  absl::Status status = WriteFlight();
  if (status.ok() && roll) {
    const BatchBuffer empty(options_.alignment, options_.alignment);
    const uint64_t largest = kSegmentHeaderBytes + empty.BytesWith(need.payload, need.records) +
                             2 * uint64_t{options_.alignment};
    status = Roll(std::max(options_.segment_bytes, largest));
  }
  return Release(status);
}

absl::Status Wal::RollNow() {
  {
    MutexLock lock(mu_);
    AwaitToken();
    WT_RETURN_IF_ERROR(Usable());
    if (!active_ || end_ == kSegmentHeaderBytes) return absl::OkStatus();
    busy_ = true;
    rolling_ = true;
    if (HasUntaken()) StartBatch(0);
  }
  absl::Status status = WriteFlight();
  if (status.ok()) status = Roll(options_.segment_bytes);
  status = Release(status);
  // Without room the next append asks again, and says so when it has to.
  return absl::IsResourceExhausted(status) ? absl::OkStatus() : status;
}

absl::Status Wal::WriteNow() {
  {
    MutexLock lock(mu_);
    AwaitToken();
    WT_RETURN_IF_ERROR(Usable());
    if (!HasUntaken()) return absl::OkStatus();
    busy_ = true;
    StartBatch(0);
  }
  return Release(WriteFlight());
}

void Wal::StartBatch(uint32_t flags) {
  WT_CHECK(busy_ && active_ && flight_.buffer == nullptr);
  const Segment& segment = segments_.back();
  flight_.header = {.segment = segment.number(),
                    .offset = end_,
                    .salt = segment.header.salt,
                    .incarnation = segment.header.incarnation,
                    .sequence = ++batch_seq_,
                    .first_index = taken_last_ + 1,
                    .flags = flags,
                    .durable_bytes = static_cast<uint32_t>(durable_bytes_),
                    .durable_index = durable_last_,
                    .hard_state = hard_state_};
  flight_.changes = changes_;
  flight_.last_index = index_.last_index();
  PlaceBufferedEntries(segment.number(), end_);
  end_ += open_->BytesWith(0, 0);
  WT_CHECK_LE(end_, room_);
  taken_ = changes_;
  taken_last_ = index_.last_index();
  flight_.buffer = std::move(open_);
  open_ = spare_ != nullptr
              ? std::move(spare_)
              : std::make_unique<BatchBuffer>(options_.buffer_bytes, options_.alignment);
}

void Wal::PlaceBufferedEntries(uint64_t segment, uint64_t offset) {
  for (LogIndex i = index_.last_index(); index_.Contains(i); i = i - 1) {
    EntrySlot& slot = index_.At(i);
    if (slot.segment != EntrySlot::kBuffered) break;
    slot.segment = static_cast<uint32_t>(segment);
    slot.offset += static_cast<uint32_t>(offset);
  }
}

absl::Status Wal::WriteFlight() {
  BatchBuffer* buffer;
  BatchHeader header;
  std::shared_ptr<File> file;
  {
    MutexLock lock(mu_);
    if (flight_.buffer == nullptr) return absl::OkStatus();
    buffer = flight_.buffer.get();
    header = flight_.header;
    file = segments_.back().file;
  }
  const std::string_view bytes = buffer->Seal(header, chain_);
  if (absl::Status status = WriteFully(*file, header.offset, bytes); !status.ok()) {
    // Part of it may be in the file: no error here means "nothing happened".
    return Unavailable("%s: write of %d bytes at %d: %s",
                       SegmentPath(options_.directory, header.segment), bytes.size(), header.offset,
                       MessageOf(status));
  }
  chain_ = header.chain;

  MutexLock lock(mu_);
  segments_.back().valid_bytes = header.offset + header.bytes;
  WT_CHECK_EQ(segments_.back().valid_bytes, end_);
  written_ = flight_.changes;
  written_last_ = flight_.last_index;
  unvouched_ = (header.flags & (kBatchSeal | kBatchMark)) == 0;
  buffer->Clear();
  if (buffer->capacity() <= AlignUp(options_.buffer_bytes, options_.alignment)) {
    spare_ = std::move(flight_.buffer);
  }
  flight_.buffer.reset();
  return absl::OkStatus();
}

absl::Status Wal::SyncActive() {
  std::shared_ptr<File> file;
  uint64_t segment;
  uint64_t written_bytes;
  uint64_t zeros_until = 0;
  {
    MutexLock lock(mu_);
    WT_CHECK(busy_);
    if (!active_ || segments_.back().valid_bytes == durable_bytes_) return absl::OkStatus();
    file = segments_.back().file;
    segment = segments_.back().number();
    written_bytes = segments_.back().valid_bytes;
    const bool is_small = written_bytes - durable_bytes_ <= options_.zeros_ahead_bytes / 4;
    if (is_small && unvouched_) {
      zeros_until = std::min(room_, written_bytes + options_.zeros_ahead_bytes);
    }
  }
  if (written_bytes > zeroed_ && zeros_until > written_bytes) {
    WriteZeros(*file, written_bytes, zeros_until);
  }
  if (absl::Status status = file->Sync(); !status.ok()) {
    return Unavailable("%s: sync: %s", SegmentPath(options_.directory, segment), MessageOf(status));
  }
  MutexLock lock(mu_);
  durable_ = written_;
  durable_last_ = written_last_;
  env_.events.Emit({.kind = EventKind::kLogSynced,
                    .a = segment,
                    .b = durable_bytes_,
                    .c = written_bytes,
                    .d = durable_last_.value()});
  durable_bytes_ = written_bytes;
  return absl::OkStatus();
}

// A write that fails may have changed nothing but zeros into zeros. It is not tried again.
void Wal::WriteZeros(File& file, uint64_t from, uint64_t until) {
  WT_CHECK_LT(from, until);
  const std::string zeros(until - from, '\0');
  const bool written = WriteFully(file, from, zeros).ok();
  zeroed_ = written ? until : ~uint64_t{0};
  WT_SOMETIMES(env_.events, "log.zeros_ahead", written);
}

absl::Status Wal::Seal() {
  {
    MutexLock lock(mu_);
    if (!active_) return absl::OkStatus();
    StartBatch(kBatchSeal);
  }
  WT_RETURN_IF_ERROR(WriteFlight());
  WT_RETURN_IF_ERROR(SyncActive());
  MutexLock lock(mu_);
  WT_CHECK(durable_ == changes_);
  active_ = false;
  env_.events.Emit({.kind = EventKind::kLogSegmentSealed,
                    .a = segments_.back().number(),
                    .b = index_.last_index().value(),
                    .c = segments_.back().valid_bytes});
  return absl::OkStatus();
}

absl::Status Wal::Roll(uint64_t room) {
  WT_RETURN_IF_ERROR(Seal());
  SegmentHeader header;
  {
    MutexLock lock(mu_);
    header = NextHeader(room);
    if (!segments_.empty()) {
      header.previous = {.segment = segments_.back().number(),
                         .valid_bytes = segments_.back().valid_bytes,
                         .last_index = index_.last_index(),
                         .last_term = index_.last_term(),
                         .chain = chain_};
    }
  }
  return BeginSegment(header);
}

SegmentHeader Wal::NextHeader(uint64_t room) {
  WT_CHECK_LE(room, kMaxSegmentBytes);
  return {.cluster_id = options_.cluster_id,
          .node_id = options_.node_id,
          .segment = next_segment_++,  // used up, whatever becomes of it
          .incarnation = incarnation_,
          .batch_seq = batch_seq_,
          .alignment = options_.alignment,
          .reserved_bytes = room,
          .hard_state = hard_state_};
}

// On return nothing of it can be lost. Errors: as CreateSegment.
absl::StatusOr<Segment> Wal::NewSegment(const SegmentHeader& header) {
  WT_ASSIGN_OR_RETURN(Segment segment, CreateSegment(env_, options_.directory, header));
  WT_RETURN_IF_ERROR(SyncNames());
  env_.events.Emit({.kind = EventKind::kLogSegmentCreated,
                    .a = header.segment,
                    .b = (header.previous.last_index + 1).value(),
                    .c = header.incarnation});
  return segment;
}

absl::Status Wal::SyncNames() {
  MutexLock alone(names_mu_);
  {
    MutexLock lock(mu_);
    if (!poison_.ok()) return poison_;
  }
  absl::Status status = env_.disk.SyncDirectory(options_.directory);
  if (status.ok()) return status;
  // Whatever the code is, it means "unknown": never to be taken for "no room".
  status = Unavailable("%s: sync of the folder: %s", options_.directory, MessageOf(status));
  MutexLock lock(mu_);
  Poison(status);
  return status;
}

absl::Status Wal::BeginSegment(const SegmentHeader& header) {
  absl::StatusOr<Segment> segment = NewSegment(header);
  if (!segment.ok()) return segment.status();
  chain_ = segment->header.hash;

  MutexLock lock(mu_);
  WT_CHECK(rolling_ && !HasUntaken());
  segments_.push_back(*std::move(segment));
  active_ = true;
  end_ = kSegmentHeaderBytes;
  durable_bytes_ = kSegmentHeaderBytes;
  zeroed_ = 0;
  room_ = header.reserved_bytes;
  unvouched_ = false;
  return absl::OkStatus();
}

absl::Status Wal::Release(absl::Status status) {
  MutexLock lock(mu_);
  WT_CHECK(busy_);
  busy_ = false;
  rolling_ = false;
  if (!status.ok() && !absl::IsResourceExhausted(status)) Poison(status);
  progress_.SignalAll();
  return status;
}

void Wal::Poison(const absl::Status& status) {
  if (!poison_.ok()) return;
  poison_ = Unavailable("log is poisoned: %s", MessageOf(status));
  env_.events.Emit({.kind = EventKind::kLogPoisoned,
                    .a = segments_.empty() ? 0 : segments_.back().number(),
                    .text = std::string_view(status.message().data(), status.message().size())});
  env_.events.Reached("log.poisoned");
}

}  // namespace wt
