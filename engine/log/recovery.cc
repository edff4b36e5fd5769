#include "engine/log/recovery.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/log/segment_reader.h"
#include "engine/log/segment_set.h"

namespace wt {
namespace {

constexpr uint64_t kReadWindow = 2 * kMiB;
constexpr uint64_t kSmallReadWindow = 4 * kKiB;

// What is behind the last valid batch of the last segment.
struct Tail {
  bool anything = false;       // bytes that are not zero
  bool begun = false;          // a batch was begun where the log ends, or behind that
  absl::Status unknown;        // the first block behind the end that cannot be read
  uint64_t durable_bytes = 0;  // the most that a batch behind the end vouches for
  uint64_t witness = 0;        // where that batch stands
};

class Recoverer {
 public:
  Recoverer(Env env, const LogOptions& options)
      : env_(env),
        options_(options),
        reader_(env.random.Rarely("log.read_little") ? kSmallReadWindow : kReadWindow) {}

  absl::StatusOr<RecoveredLog> Run() {
    WT_RETURN_IF_ERROR(CreateLogDirectory(env_.disk, options_.directory));
    WT_ASSIGN_OR_RETURN(set_, FindSegments(env_, options_, reader_));
    WT_RETURN_IF_ERROR(ReplayAll());
    WT_RETURN_IF_ERROR(MakeDurable());
    log_.found.first_index = log_.index.first_index();
    log_.found.last_index = log_.index.last_index();
    log_.found.hard_state = log_.hard_state;
    log_.found.damaged = log_.damaged.size();
    log_.found.segments = set_.chain.size();
    WT_RETURN_IF_ERROR(Accept());
    WT_RETURN_IF_ERROR(RemoveLeftovers());
    log_.segments = std::move(set_.chain);
    log_.next_segment = log_.segments.empty() ? 1 : set_.highest + 1;
    log_.found.segments = log_.segments.size();
    return std::move(log_);
  }

 private:
  // Those older than a gap go only when somebody has said that nothing in it is missed: it is no
  // damage then.
  absl::Status Accept() {
    if (!set_.gap.ok()) {
      log_.found.gap = DamageAt(options_.directory, set_.gap_segment, 0, set_.gap);
    }
    log_.found.entries = &log_.index;
    const absl::Status accepted = options_.accept ? options_.accept(log_.found) : log_.found.gap;
    log_.found.entries = nullptr;
    if (!accepted.ok() && !set_.gap.ok()) (void)Damage(set_.gap_segment, 0, set_.gap);
    WT_RETURN_IF_ERROR(accepted);
    WT_SOMETIMES(env_.events, "log.removed_segments_came_back", !set_.gap.ok());
    return absl::OkStatus();
  }

  absl::Status ReplayAll() {
    for (size_t i = 0; i < set_.chain.size(); ++i) {
      Segment& segment = set_.chain[i];
      log_.incarnation = std::max(log_.incarnation, segment.header.incarnation);
      beginnings_.push_back({log_.chain, log_.batch_seq, log_.found.records});
      WT_RETURN_IF_ERROR(i == 0 ? Begin(segment) : Continue(segment));
      const bool is_last = i + 1 == set_.chain.size();
      const uint64_t end = is_last ? 0 : set_.chain[i + 1].header.previous.valid_bytes;
      WT_RETURN_IF_ERROR(Replay(segment, end));
      last_indices_.push_back(log_.index.last_index());
    }
    return absl::OkStatus();
  }

  absl::Status Begin(const Segment& first) {
    log_.index.Reset(first.header.previous.last_index, first.header.previous.last_term);
    log_.hard_state = first.header.hard_state;
    log_.batch_seq = first.header.batch_seq;
    return absl::OkStatus();
  }

  // The header is a witness of how the segment before it ended.
  absl::Status Continue(const Segment& segment) {
    const Predecessor& want = segment.header.previous;
    const Predecessor found = {.segment = want.segment,
                               .valid_bytes = want.valid_bytes,
                               .last_index = log_.index.last_index(),
                               .last_term = log_.index.last_term(),
                               .chain = log_.chain};
    if (found != want || log_.batch_seq != segment.header.batch_seq) {
      return Damage(want.segment, want.valid_bytes,
                    DataLoss("ends with index %d, term %d, chain %s; segment %d wants index %d, "
                             "term %d, chain %s",
                             found.last_index.value(), found.last_term.value(),
                             found.chain.ToString(), segment.number(), want.last_index.value(),
                             want.last_term.value(), want.chain.ToString()));
    }
    log_.hard_state = segment.header.hard_state;
    return absl::OkStatus();
  }

  // `end`: where the valid part ends, as the successor says; 0 for the last segment.
  absl::Status Replay(Segment& segment, uint64_t end) {
    WT_RETURN_IF_ERROR(reader_.Open(*segment.file));
    log_.chain = segment.header.hash;
    bool sealed = false;
    while (segment.valid_bytes != end && !sealed) {
      damaged_records_.clear();
      absl::StatusOr<BatchView> batch = NextBatch(segment);
      if (end == 0 && absl::IsDataLoss(batch.status())) batch = LookAgain(segment);
      if (!batch.ok() && options_.salvage) {
        batch = SalvageBatch(segment, end == 0, batch.status());
      }
      if (batch.ok() && end != 0 && segment.valid_bytes + batch->header.bytes > end) {
        batch = DataLoss("batch: %d bytes, the segment ends at %d", batch->header.bytes, end);
      }
      if (!batch.ok()) {
        return end != 0 ? Refuse(segment, batch.status()) : EndAt(segment, batch.status());
      }
      absl::Status applied = log_.Apply(*batch, segment.number(), damaged_records_);
      if (!applied.ok()) return Damage(segment.number(), segment.valid_bytes, applied);
      sealed = (batch->header.flags & kBatchSeal) != 0;
      segment.valid_bytes += batch->header.bytes;
    }
    if (end != 0 && segment.valid_bytes != end) {
      return Damage(segment.number(), segment.valid_bytes, DataLoss("sealed, want %d bytes", end));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<BatchView> NextBatch(const Segment& segment) {
    WT_ASSIGN_OR_RETURN(const BatchHeader header, ReadBatchHeader(segment));
    WT_ASSIGN_OR_RETURN(std::string_view bytes, reader_.View(header.offset, header.bytes));
    return ParseBatch(bytes, header, log_.chain, log_.batch_seq);
  }

  // Where the log seems to end: a disk may serve a sector as it once was, and no more when asked
  // once more. What a second look finds whole is there.
  absl::StatusOr<BatchView> LookAgain(const Segment& segment) {
    reader_.Forget();
    absl::StatusOr<BatchView> batch = NextBatch(segment);
    WT_SOMETIMES(env_.events, "log.there_at_the_second_look", batch.ok());
    return batch;
  }

  absl::StatusOr<BatchHeader> ReadBatchHeader(const Segment& segment) {
    const uint64_t at = segment.valid_bytes;
    WT_ASSIGN_OR_RETURN(std::string_view bytes, reader_.View(at, kBatchHeaderBytes));
    return DecodeBatchHeader(bytes, segment.header, at);
  }

  // The batch for which NextBatch gave `why`, if nothing but payloads is wrong with it. The last
  // one of the log may be a torn tail; so something must vouch for it.
  absl::StatusOr<BatchView> SalvageBatch(const Segment& segment, bool is_last_segment,
                                         const absl::Status& why) {
    if (!absl::IsDataLoss(why) && !absl::IsUnavailable(why)) return why;
    const uint64_t at = segment.valid_bytes;
    absl::StatusOr<BatchHeader> header = ReadBatchHeader(segment);
    if (!header.ok()) return why;
    absl::StatusOr<std::string> bytes = ReadPiecewise(*header);
    if (!bytes.ok()) return why;
    salvaged_ = *std::move(bytes);
    absl::StatusOr<BatchView> batch =
        ParseDamagedBatch(salvaged_, *header, log_.chain, log_.batch_seq, damaged_records_);
    if (!batch.ok()) return why;
    if (is_last_segment) {
      WT_ASSIGN_OR_RETURN(const Tail tail, LookAhead(segment));
      if (tail.durable_bytes <= at) return why;
    }
    (void)Damage(segment.number(), at, why);  // told, and not returned
    env_.events.Reached("log.batch_salvaged");
    return batch;
  }

  // A whole batch, with zeros for the payloads that cannot be read. Errors: the table cannot.
  absl::StatusOr<std::string> ReadPiecewise(const BatchHeader& header) {
    if (header.offset + header.bytes > reader_.file_bytes()) return DataLoss("batch: cut off");
    const uint64_t table = kBatchHeaderBytes + header.payload_bytes;
    std::string bytes(header.bytes, '\0');
    WT_RETURN_IF_ERROR(ReadPiece(header, 0, kBatchHeaderBytes, bytes));
    WT_RETURN_IF_ERROR(ReadPiece(header, table, header.records * kIdentBytes, bytes));
    uint64_t payload = kBatchHeaderBytes;
    for (uint32_t i = 0; i < header.records && payload < table; ++i) {
      const Ident ident = LoadIdent(bytes.data() + table + i * kIdentBytes);
      const uint64_t length = std::min<uint64_t>(ident.length, table - payload);
      const absl::Status read = ReadPiece(header, payload, length, bytes);
      if (!read.ok() && !absl::IsUnavailable(read)) return read;
      payload += AlignUp(ident.length, kPayloadAlignment);
    }
    return bytes;
  }

  absl::Status ReadPiece(const BatchHeader& header, uint64_t from, uint64_t length,
                         std::string& batch) {
    WT_CHECK_LE(from + length, batch.size());
    WT_ASSIGN_OR_RETURN(const std::string_view piece, reader_.View(header.offset + from, length));
    if (piece.size() < length) return DataLoss("batch: the file has become shorter");
    batch.replace(from, length, piece.substr(0, length));
    return absl::OkStatus();
  }

  // In a segment whose end is known, nothing may be wrong before it.
  absl::Status Refuse(const Segment& segment, const absl::Status& what) {
    if (absl::IsDataLoss(what)) return Damage(segment.number(), segment.valid_bytes, what);
    return Annotate(what,
                    absl::StrFormat("%s at %d", SegmentPath(options_.directory, segment.number()),
                                    segment.valid_bytes));
  }

  // The last segment has no valid batch at valid_bytes: its end, or damage?
  absl::Status EndAt(const Segment& segment, const absl::Status& what) {
    const uint64_t at = segment.valid_bytes;
    WT_ASSIGN_OR_RETURN(Tail tail, LookAhead(segment));
    if (tail.durable_bytes > at) {
      env_.events.Reached("log.damage_before_durable_end");
      return Damage(segment.number(), at,
                    DataLoss("%s; the batch at %d vouches for %d bytes", MessageOf(what),
                             tail.witness, tail.durable_bytes));
    }
    if (!absl::IsDataLoss(what)) return Refuse(segment, what);  // unreadable is not absent
    // Nor is what was written behind it: it may be what vouches.
    if (tail.anything && !tail.unknown.ok()) {
      env_.events.Reached("log.unreadable_behind_the_end");
      return Annotate(tail.unknown,
                      absl::StrFormat("%s ends at %d, if nothing vouches for more",
                                      SegmentPath(options_.directory, segment.number()), at));
    }
    // The size was durable before the first batch was written; before that it may be short.
    if (at > kSegmentHeaderBytes && reader_.file_bytes() < segment.header.reserved_bytes) {
      return Damage(segment.number(), at,
                    DataLoss("%s; the file has %d bytes, want %d", MessageOf(what),
                             reader_.file_bytes(), segment.header.reserved_bytes));
    }
    if (tail.anything) Cut(segment, tail);
    return absl::OkStatus();
  }

  absl::StatusOr<Tail> LookAhead(const Segment& segment) {
    Tail tail;
    const uint64_t alignment = segment.header.alignment;
    for (uint64_t at = segment.valid_bytes; at < reader_.file_bytes(); at += alignment) {
      absl::StatusOr<std::string_view> bytes = reader_.View(at, alignment);
      if (absl::IsUnavailable(bytes.status())) {
        tail.unknown.Update(bytes.status());
        continue;
      }
      if (!bytes.ok()) return bytes.status();
      const std::string_view block = bytes->substr(0, alignment);
      if (IsZero(block)) continue;
      tail.anything = true;
      const bool first_sector = at == segment.valid_bytes && !IsZero(block.substr(0, kSectorBytes));
      absl::StatusOr<BatchHeader> header = DecodeBatchHeader(block, segment.header, at);
      tail.begun = tail.begun || first_sector || header.ok();
      if (header.ok() && header->durable_bytes > tail.durable_bytes) {
        tail.durable_bytes = header->durable_bytes;
        tail.witness = at;
      }
    }
    return tail;
  }

  static bool IsZero(std::string_view bytes) {
    uint64_t any = 0;
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) any |= LoadLittle<uint64_t>(bytes.data());
    for (char c : bytes) any |= static_cast<uint8_t>(c);
    return any == 0;
  }

  void Cut(const Segment& segment, const Tail& tail) {
    log_.found.tail_cut = true;
    log_.found.tail_ambiguous = tail.begun;
    const Event cut = {.kind = EventKind::kLogTailCut,
                       .a = segment.number(),
                       .b = segment.valid_bytes,
                       .c = log_.index.last_index().value()};
    env_.events.Emit(cut);
    env_.events.Reached("log.tail_cut");
    WT_SOMETIMES(env_.events, "log.tail_cut_reordered", tail.durable_bytes > 0);
    if (!tail.begun) return;
    Event ambiguous = cut;
    ambiguous.kind = EventKind::kLogTailAmbiguous;
    env_.events.Emit(ambiguous);
    env_.events.Reached("log.tail_ambiguous");
  }

  // A killed process leaves bytes that reads show and a power cut can still take away. Nothing may
  // be decided from those.
  absl::Status MakeDurable() {
    for (size_t i = 0; i < set_.chain.size(); ++i) {
      Segment& segment = set_.chain[i];
      if (absl::Status status = segment.file->Sync(); !status.ok()) {
        return Annotate(status, SegmentPath(options_.directory, segment.number()));
      }
      env_.events.Emit({.kind = EventKind::kLogSynced,
                        .a = segment.number(),
                        .b = 0,
                        .c = segment.valid_bytes,
                        .d = last_indices_[i].value()});
    }
    return env_.disk.SyncDirectory(options_.directory);
  }

  // Only when all that takes their place is durable.
  absl::Status RemoveLeftovers() {
    WT_RETURN_IF_ERROR(DropTrailing());
    if (set_.leftovers.empty()) return absl::OkStatus();
    for (uint64_t number : set_.leftovers) {
      WT_RETURN_IF_ERROR(env_.disk.Remove(SegmentPath(options_.directory, number)));
      env_.events.Emit({.kind = EventKind::kLogSegmentRemoved, .a = number});
    }
    return env_.disk.SyncDirectory(options_.directory);
  }

  // Every open begins a segment. One that got no records says nothing that the header of its
  // successor will not say, so a loop of crashes does not fill the disk. Nor is its name to be
  // relied on: the sync of the directory may have failed, and lost it although reads still show it.
  absl::Status DropTrailing() {
    while (!set_.chain.empty() && !log_.found.tail_cut) {
      const Segment& last = set_.chain.back();
      if (last.header.reset) break;
      // The only one is as good as never begun; another's header may carry a hard state.
      const bool is_only = set_.chain.size() == 1;
      if (is_only && (last.number() != 1 || last.valid_bytes != kSegmentHeaderBytes)) break;
      // Those behind it go only when a new one is there: it must not bear the number before theirs.
      if (is_only && !log_.superfluous.empty()) break;
      // What replay has found in it counts; a disk that serves old sectors may show less now.
      if (log_.found.records > beginnings_.back().records) break;
      // The very question that is asked of it should a crash leave it behind.
      WT_ASSIGN_OR_RETURN(const std::optional<uint64_t> needed,
                          FindNeeded(reader_, last, log_.hard_state));
      if (needed.has_value()) break;
      (is_only ? set_.leftovers : log_.superfluous).push_back(last.number());
      log_.chain = beginnings_.back().chain;
      log_.batch_seq = beginnings_.back().batch_seq;
      beginnings_.pop_back();
      set_.chain.pop_back();
    }
    return absl::OkStatus();
  }

  absl::Status Damage(uint64_t segment, uint64_t offset, const absl::Status& what) {
    return Damaged(env_.events, options_.directory, segment, offset, what);
  }

  Env env_;
  const LogOptions& options_;
  SegmentReader reader_;
  SegmentSet set_;
  RecoveredLog log_;
  // Where the log stood before each segment.
  struct Beginning {
    Hash128 chain;
    uint64_t batch_seq = 0;
    uint64_t records = 0;
  };
  std::vector<Beginning> beginnings_;
  std::vector<LogIndex> last_indices_;
  std::string salvaged_;                   // the batch that was salvaged last
  std::vector<uint32_t> damaged_records_;  // of the batch at hand
};

}  // namespace

absl::Status RecoveredLog::Apply(const BatchView& batch, uint64_t segment,
                                 std::span<const uint32_t> damaged_records) {
  const LogIndex expected = index.last_index() + 1;
  if (batch.header.first_index != expected) {
    return DataLoss("batch: first index %d, want %d", batch.header.first_index.value(),
                    expected.value());
  }
  uint32_t records = 0;
  absl::Status status = batch.ForEach([&](const RecordView& record) -> absl::Status {
    const Ident& ident = record.ident;
    ++found.records;
    const uint32_t position = records++;
    const bool is_damaged = !damaged_records.empty() && damaged_records.front() == position;
    if (is_damaged) damaged_records = damaged_records.subspan(1);
    if (ident.type() == kTruncateType) return ApplyTruncate(LogIndex(ident.index), ident.term());
    if (LogIndex(ident.index) != index.last_index() + 1 || ident.term() < index.last_term()) {
      return DataLoss("record: index %d, term %d, want index %d, term %d or more", ident.index,
                      ident.term().value(), (index.last_index() + 1).value(),
                      index.last_term().value());
    }
    index.Push({.type_term = ident.type_term,
                .timestamp = ident.timestamp,
                .segment = static_cast<uint32_t>(segment),
                .offset = static_cast<uint32_t>(batch.header.offset + record.offset),
                .length = ident.length,
                .checksum = ident.checksum});
    if (is_damaged) damaged.insert(index.last_index());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  hard_state = batch.header.hard_state;
  chain = batch.header.chain;
  batch_seq = batch.header.sequence;
  return absl::OkStatus();
}

absl::Status RecoveredLog::ApplyTruncate(LogIndex from, Term before) {
  if (from > index.last_index() || from.value() == 0) {
    return DataLoss("record: removes from index %d on, last is %d", from.value(),
                    index.last_index().value());
  }
  damaged.erase(damaged.lower_bound(from), damaged.end());
  if (from < index.first_index()) {
    // What it reaches back to went with the segments that Compact removed.
    index.Reset(from - 1, before);
  } else {
    index.PopFrom(from);
  }
  return absl::OkStatus();
}

absl::StatusOr<RecoveredLog> RecoverLog(Env env, const LogOptions& options) {
  return Recoverer(env, options).Run();
}

}  // namespace wt
