#include "engine/state/lsm_image.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"
#include "engine/lsm/merging_iterator.h"
#include "engine/lsm/table_verifier.h"
#include "engine/state/once.h"

namespace wt {
namespace {

constexpr uint32_t kMagic = 0x494c5457;  // "WTLI"
constexpr uint32_t kVersion = 1;

struct ImageHead {
  StateHead state;
  LogIndex flushed;
  uint32_t piece_bytes = 0;
  uint32_t tables = 0;
};

void Seal(std::string& chunk) { PutU32(chunk, Crc32c(kMagic, chunk)); }

// What was sealed, or nothing.
std::optional<std::string_view> Unsealed(std::string_view chunk) {
  if (chunk.size() < 4) return std::nullopt;
  const std::string_view content = chunk.substr(0, chunk.size() - 4);
  if (LoadLittle<uint32_t>(chunk.data() + content.size()) != Crc32c(kMagic, content)) {
    return std::nullopt;
  }
  return content;
}

std::string EncodeImageHead(const ImageHead& head) {
  std::string out;
  PutU32(out, kMagic);
  PutU32(out, kVersion);
  out += EncodeHead(head.state);
  PutU64(out, head.flushed.value());
  PutU32(out, head.piece_bytes);
  PutU32(out, head.tables);
  Seal(out);
  return out;
}

absl::StatusOr<ImageHead> DecodeImageHead(std::string_view chunk) {
  const std::optional<std::string_view> content = Unsealed(chunk);
  ByteReader in(content.value_or(std::string_view()));
  const uint32_t magic = in.U32();
  const uint32_t version = in.U32();
  const std::string_view state = in.Raw(kStateHeadBytes);
  ImageHead head;
  head.flushed = LogIndex(in.U64());
  head.piece_bytes = in.U32();
  head.tables = in.U32();
  if (!in.ok() || !in.empty() || magic != kMagic) {
    return DataLoss("state: the first chunk (%d bytes) is not the head of an image of tables",
                    chunk.size());
  }
  if (version != kVersion) {
    return DataLoss("state: image version %d; this program reads %d", version, kVersion);
  }
  WT_ASSIGN_OR_RETURN(head.state, DecodeHead(state));
  const bool fits = head.piece_bytes > 0 && head.piece_bytes <= kLargestPieceBytes &&
                    head.flushed <= head.state.last_applied;
  return fits ? absl::StatusOr<ImageHead>(head) : DataLoss("state: the image's head is malformed");
}

std::string EncodePlaced(const PlacedTable& placed) {
  std::string out;
  PutU32(out, placed.level);
  out += EncodeRecord(placed.table);
  Seal(out);
  return out;
}

absl::StatusOr<PlacedTable> DecodePlaced(std::string_view chunk) {
  const std::optional<std::string_view> content = Unsealed(chunk);
  ByteReader in(content.value_or(std::string_view()));
  PlacedTable placed;
  placed.level = in.U32();
  placed.table = TakeRecord(in);
  if (!in.ok() || !in.empty()) {
    return DataLoss("state: a chunk of %d bytes where a table begins is none", chunk.size());
  }
  return placed;
}

void PutLoose(std::string& out, const InternalEntry& entry) {
  PutU64(out, PackTag(entry.version, entry.kind));
  PutString(out, entry.key);
  PutString(out, entry.value);
}

class FrozenImage : public ChunkSource {
 public:
  FrozenImage(const StateHead& head, FrozenLsm frozen, uint64_t piece_bytes,
              std::function<void(const absl::Status&)> on_damage)
      : frozen_(std::move(frozen)), piece_bytes_(piece_bytes), on_damage_(std::move(on_damage)) {
    WT_CHECK(piece_bytes > 0 && piece_bytes <= kLargestPieceBytes);
    WT_CHECK_EQ(frozen_.index, head.last_applied);
    for (uint32_t level = 0; level < kLevels; ++level) {
      for (const TableRef& one : frozen_.levels->level(level)) tables_.emplace_back(level, one);
    }
    head_ = EncodeImageHead({.state = head,
                             .flushed = frozen_.flushed,
                             .piece_bytes = static_cast<uint32_t>(piece_bytes),
                             .tables = static_cast<uint32_t>(tables_.size())});
    std::vector<std::unique_ptr<InternalIterator>> inputs;
    for (const auto& one : frozen_.memtables) inputs.push_back(one->NewIterator());
    loose_ = NewMergingIterator(std::move(inputs));
    loose_->SeekToFirst();
  }

  absl::StatusOr<std::string> Next() override {
    if (!head_.empty()) return std::exchange(head_, {});
    if (at_ < tables_.size()) return NextOfTable();
    return NextLoose();
  }

 private:
  // First what the table is, then its pieces.
  absl::StatusOr<std::string> NextOfTable() {
    auto& [level, table] = tables_[at_];
    if (bytes_ == nullptr) {
      bytes_ = std::make_unique<TableVerifier>(*table->table);
      left_ = table->record.bytes;
      return EncodePlaced({level, table->record});
    }
    absl::StatusOr<std::string> piece = NextPiece();
    if (absl::IsDataLoss(piece.status())) on_damage_(piece.status());
    if (!piece.ok() || left_ > 0) return piece;
    bytes_ = nullptr;
    table = nullptr;
    ++at_;
    return piece;
  }

  // The very bytes that were checked. The last piece is given when the table is known to be whole.
  absl::StatusOr<std::string> NextPiece() {
    const uint64_t size = std::min(piece_bytes_, left_);
    std::string piece;
    while (piece.size() < size) {
      if (frame_at_ == frame_.size()) {
        WT_ASSIGN_OR_RETURN(frame_, bytes_->Next());
        frame_at_ = 0;
        WT_CHECK(!frame_.empty());
      }
      const uint64_t more = std::min<uint64_t>(size - piece.size(), frame_.size() - frame_at_);
      piece.append(frame_, frame_at_, more);
      frame_at_ += more;
    }
    left_ -= size;
    return piece;
  }

  // Of each key the newest entry that belongs to the state; deletions too, for they hide what the
  // tables have.
  absl::StatusOr<std::string> NextLoose() {
    std::string chunk;
    for (; loose_->Valid() && chunk.size() < piece_bytes_; loose_->Next()) {
      const InternalEntry& entry = loose_->entry();
      if (entry.version > frozen_.index || last_key_ == entry.key) continue;
      last_key_.emplace(entry.key);
      PutLoose(chunk, entry);
    }
    WT_RETURN_IF_ERROR(loose_->status());
    WT_CHECK_LE(chunk.size(), kMaxChunkBytes);
    return chunk;
  }

  const FrozenLsm frozen_;
  const uint64_t piece_bytes_;
  const std::function<void(const absl::Status&)> on_damage_;
  std::string head_;
  std::vector<std::pair<uint32_t, TableRef>> tables_;
  size_t at_ = 0;
  // Of the table at_; null: it has not begun.
  std::unique_ptr<TableVerifier> bytes_;
  uint64_t left_ = 0;
  std::string frame_;  // what bytes_ gave last, up to frame_at_ in pieces
  uint64_t frame_at_ = 0;
  std::unique_ptr<InternalIterator> loose_;
  std::optional<std::string> last_key_;
};

// Returns its newest version.
absl::StatusOr<LogIndex> RestoreTable(ChunkSource& source, const ImageHead& head,
                                      LsmInstall& install) {
  WT_ASSIGN_OR_RETURN(const std::string first, source.Next());
  WT_ASSIGN_OR_RETURN(const PlacedTable placed, DecodePlaced(first));
  if (placed.table.max_version > head.flushed) {
    return DataLoss("state: a table of version %d, though tables end with %d",
                    placed.table.max_version.value(), head.flushed.value());
  }
  WT_RETURN_IF_ERROR(install.BeginTable(placed.level, placed.table));
  for (uint64_t left = placed.table.bytes; left > 0;) {
    const uint64_t size = std::min<uint64_t>(head.piece_bytes, left);
    WT_ASSIGN_OR_RETURN(const std::string piece, source.Next());
    if (piece.size() != size) {
      return DataLoss("state: a piece of %d bytes, want %d", piece.size(), size);
    }
    WT_RETURN_IF_ERROR(install.AddPiece(piece));
    left -= size;
  }
  WT_RETURN_IF_ERROR(install.EndTable());
  return placed.table.max_version;
}

// `behind`: the newest version in any table.
absl::Status RestoreLoose(std::string_view chunk, std::optional<LogIndex> behind, LogIndex last,
                          LsmInstall& install) {
  ByteReader in(chunk);
  while (!in.empty()) {
    const uint64_t tag = in.U64();
    const std::string_view key = in.String();
    const std::string_view value = in.String();
    if (!in.ok()) return DataLoss("state: a loose entry is cut short");
    const bool is_kind = IsEntryKind(static_cast<uint8_t>(tag & 0xff));
    const bool is_newer = !behind.has_value() || VersionOf(tag) > *behind;
    if (!is_kind || !is_newer || VersionOf(tag) > last ||
        key.size() > kMaxTableKeyBytes || EncodedEntryBytes(key, value) > kMaxTableEntryBytes ||
        (KindOf(tag) == EntryKind::kDelete && !value.empty())) {
      return DataLoss("state: a loose entry with tag %d, %d + %d bytes", tag, key.size(),
                      value.size());
    }
    install.AddLoose({.key = key, .version = VersionOf(tag), .kind = KindOf(tag), .value = value});
  }
  return absl::OkStatus();
}

absl::Status CheckContent(KeyValueIterator& content, const StateHead& head,
                          const EntryCheck& check) {
  uint64_t entries = 0;
  Hash128 sum;
  OncePairs pairs;
  for (content.SeekToFirst(); content.Valid(); content.Next()) {
    WT_RETURN_IF_ERROR(check(content.key(), content.value()));
    pairs.Add(content.key(), content.value());
    sum = AddSums(sum, HashEntry(content.key(), content.value()));
    ++entries;
  }
  WT_RETURN_IF_ERROR(content.status());
  if (entries != head.entries) {
    return DataLoss("state: %d entries, want %d", entries, head.entries);
  }
  if (sum == head.sum) return pairs.Check();
  return DataLoss("state: entries hash to %s, want %s", sum.ToString(), head.sum.ToString());
}

}  // namespace

std::unique_ptr<ChunkSource> FreezeLsm(const StateHead& head, FrozenLsm frozen,
                                       uint64_t piece_bytes,
                                       std::function<void(const absl::Status&)> on_damage) {
  return std::make_unique<FrozenImage>(head, std::move(frozen), piece_bytes, std::move(on_damage));
}

absl::StatusOr<StateHead> RestoreLsm(ChunkSource& source, LsmInstall& install,
                                     const EntryCheck& check) {
  WT_ASSIGN_OR_RETURN(const std::string first, source.Next());
  WT_ASSIGN_OR_RETURN(const ImageHead head, DecodeImageHead(first));
  std::optional<LogIndex> in_tables;
  for (uint32_t table = 0; table < head.tables; ++table) {
    WT_ASSIGN_OR_RETURN(const LogIndex newest, RestoreTable(source, head, install));
    in_tables = std::max(in_tables, std::make_optional(newest));
  }
  for (;;) {
    WT_ASSIGN_OR_RETURN(const std::string chunk, source.Next());
    if (chunk.empty()) break;
    WT_RETURN_IF_ERROR(RestoreLoose(chunk, in_tables, head.state.last_applied, install));
  }
  WT_ASSIGN_OR_RETURN(const std::unique_ptr<KeyValueIterator> content,
                      install.Content(head.state.last_applied));
  WT_RETURN_IF_ERROR(CheckContent(*content, head.state, check));
  WT_RETURN_IF_ERROR(install.Finish(head.state.last_applied, head.flushed));
  return head.state;
}

}  // namespace wt
