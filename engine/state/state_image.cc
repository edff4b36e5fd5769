#include "engine/state/state_image.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/random.h"
#include "engine/base/status.h"

namespace wt {
namespace {

constexpr uint32_t kMagic = 0x54535457;  // "WTST"
constexpr uint32_t kVersion = 1;
constexpr uint64_t kCutSeed = KeyOf("state.cut");

// True with a chance of entry bytes in target bytes, decided by the key: chunks come out at the
// target's size on average, whatever the sizes of entries.
bool EndsChunk(const TableEntry& entry, uint64_t target) {
  const uint64_t bytes = std::min(EncodedEntryBytes(entry.key, entry.value), target);
  return Hash64(entry.key, kCutSeed) < ~uint64_t{0} / target * bytes;
}

class FrozenState : public ChunkSource {
 public:
  FrozenState(const MachineState& state, uint64_t target)
      : head_(EncodeHead(HeadOf(state))), table_(state.table.Freeze()), target_(target) {
    WT_CHECK(target > 0 && target <= kMaxChunkBytes / 8);
  }

  absl::StatusOr<std::string> Next() override {
    if (!head_.empty()) return std::exchange(head_, std::string());
    std::string chunk;
    while (block_ < table_.size()) {
      const TableEntry& entry = table_[block_]->entries[entry_];
      const uint64_t bytes = EncodedEntryBytes(entry.key, entry.value);
      if (!chunk.empty() && chunk.size() + bytes > 8 * target_) break;
      PutEntry(chunk, entry.key, entry.value);
      const bool is_end = chunk.size() >= target_ / 4 && EndsChunk(entry, target_);
      Advance();  // `entry` may be gone
      if (is_end) break;
    }
    WT_CHECK_LE(chunk.size(), kMaxChunkBytes);
    return chunk;
  }

 private:
  void Advance() {
    if (++entry_ < table_[block_]->entries.size()) return;
    table_[block_].reset();  // the table may have a new one by now: this one need not stay
    ++block_;
    entry_ = 0;
  }

  std::string head_;
  FrozenTable table_;
  uint64_t target_;
  size_t block_ = 0;
  size_t entry_ = 0;
};

}  // namespace

StateHead HeadOf(const MachineState& state) {
  return {state.last_applied, state.log_time, state.table.size(), state.table.sum()};
}

// Head := magic u32, version u32, last_applied u64, log_time i64, entries u64, sum 2 x u64,
//         crc32c u32 over all before it.
std::string EncodeHead(const StateHead& head) {
  std::string out;
  out.reserve(kStateHeadBytes);
  PutU32(out, kMagic);
  PutU32(out, kVersion);
  PutU64(out, head.last_applied.value());
  PutI64(out, head.log_time);
  PutU64(out, head.entries);
  PutU64(out, head.sum.low);
  PutU64(out, head.sum.high);
  PutU32(out, Crc32c(kMagic, out));
  WT_CHECK_EQ(out.size(), kStateHeadBytes);
  return out;
}

void PutEntry(std::string& out, std::string_view key, std::string_view value) {
  PutString(out, key);
  PutString(out, value);
}

Hash128 DigestOf(const StateHead& head) { return HashBytes128(EncodeHead(head)); }

std::unique_ptr<ChunkSource> FreezeState(const MachineState& state, uint64_t target_bytes) {
  return std::make_unique<FrozenState>(state, target_bytes);
}

std::string StateBytes(const MachineState& state) {
  std::string out = EncodeHead(HeadOf(state));
  for (const auto& block : state.table.Freeze()) {
    for (const TableEntry& entry : block->entries) PutEntry(out, entry.key, entry.value);
  }
  return out;
}

absl::StatusOr<StateHead> DecodeHead(std::string_view bytes) {
  ByteReader in(bytes);
  const uint32_t magic = in.U32();
  const uint32_t version = in.U32();
  StateHead head;
  head.last_applied = LogIndex(in.U64());
  head.log_time = in.I64();
  head.entries = in.U64();
  head.sum.low = in.U64();
  head.sum.high = in.U64();
  const uint32_t checksum = in.U32();
  if (!in.ok()) return DataLoss("state: head of %d bytes, want %d", bytes.size(), kStateHeadBytes);
  if (magic != kMagic) return DataLoss("state: magic 0x%08x at 0, want 0x%08x", magic, kMagic);
  if (version != kVersion) {
    return DataLoss("state: version %d at 4; this program reads %d", version, kVersion);
  }
  const uint32_t found = Crc32c(kMagic, bytes.substr(0, kStateHeadBytes - 4));
  if (checksum != found) {
    return DataLoss("state: head checksum 0x%08x, want 0x%08x", found, checksum);
  }
  return head;
}

absl::Status StateReader::AddEntry(uint64_t at, std::string_view key, std::string_view value) {
  if (EncodedEntryBytes(key, value) > kMaxTableEntryBytes) {
    return DataLoss("state: entry at %d has %d bytes, more than %d", at,
                    EncodedEntryBytes(key, value), kMaxTableEntryBytes);
  }
  if (state_.table.size() > 0 && key <= last_key_) {
    return DataLoss("state: entry at %d is not behind the one before it", at);
  }
  WT_RETURN_IF_ERROR(check_(key, value));
  state_.table.Append(key, value);
  last_key_.assign(key);
  return absl::OkStatus();
}

absl::Status StateReader::Add(std::string_view chunk) {
  ByteReader in(chunk);
  if (!has_head_) {
    WT_ASSIGN_OR_RETURN(want_, DecodeHead(chunk.substr(0, kStateHeadBytes)));
    state_.last_applied = want_.last_applied;
    state_.log_time = want_.log_time;
    has_head_ = true;
    in.Raw(kStateHeadBytes);
  }
  while (!in.empty()) {
    const uint64_t at = read_ + in.offset();
    const std::string_view key = in.String();
    const std::string_view value = in.String();
    if (!in.ok()) return DataLoss("state: entry at %d is cut short", at);
    WT_RETURN_IF_ERROR(AddEntry(at, key, value));
  }
  read_ += chunk.size();
  return absl::OkStatus();
}

absl::StatusOr<MachineState> StateReader::Finish() {
  if (!has_head_) return DataLoss("state: no head");
  if (state_.table.size() != want_.entries) {
    return DataLoss("state: %d entries, want %d", state_.table.size(), want_.entries);
  }
  if (state_.table.sum() != want_.sum) {
    return DataLoss("state: entries hash to %s, want %s", state_.table.sum().ToString(),
                    want_.sum.ToString());
  }
  return std::move(state_);
}

}  // namespace wt
