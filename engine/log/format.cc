#include "engine/log/format.h"

#include <bit>
#include <cstring>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/base/status.h"

namespace wt {
namespace {

constexpr std::string_view kSegmentMagic = "WTWALSEG";
constexpr uint64_t kHeaderHashOffset = kHeaderCopyBytes - sizeof(Hash128);
constexpr uint64_t kChainedFrom = 8;  // magic and checksum are not chained
constexpr uint64_t kChainedTo = 112;  // nor is the chain itself
constexpr uint32_t kHeaderReset = 1;
static_assert(sizeof(Hash128) == 16);

void PutHash(std::string& out, const Hash128& hash) {
  PutU64(out, hash.low);
  PutU64(out, hash.high);
}
Hash128 TakeHash(ByteReader& in) {
  const uint64_t low = in.U64();
  const uint64_t high = in.U64();
  return {low, high};
}
void PutHardState(std::string& out, const HardState& state) {
  PutU64(out, state.term.value());
  PutU64(out, state.voted_for);
  PutU64(out, state.commit_index.value());
}
HardState TakeHardState(ByteReader& in) {
  HardState state;
  state.term = Term(in.U64());
  state.voted_for = in.U64();
  state.commit_index = LogIndex(in.U64());
  return state;
}

uint32_t HeaderSeed(uint64_t salt) { return static_cast<uint32_t>(salt ^ (salt >> 32)) | 1; }

SegmentHeader ParseHeaderFields(std::string_view copy) {
  ByteReader in(copy.substr(kSegmentMagic.size() + 8));
  SegmentHeader header;
  header.cluster_id = in.U64();
  header.node_id = in.U64();
  header.segment = in.U64();
  header.salt = in.U64();
  header.incarnation = in.U64();
  header.batch_seq = in.U64();
  header.alignment = in.U32();
  header.reset = (in.U32() & kHeaderReset) != 0;
  header.reserved_bytes = in.U64();
  header.previous.segment = in.U64();
  header.previous.valid_bytes = in.U64();
  header.previous.last_index = LogIndex(in.U64());
  header.previous.last_term = Term(in.U64());
  header.previous.chain = TakeHash(in);
  header.hard_state = TakeHardState(in);
  return header;
}

absl::StatusOr<SegmentHeader> DecodeHeaderCopy(std::string_view copy) {
  if (!copy.starts_with(kSegmentMagic)) return DataLoss("header: magic is missing");
  ByteReader tail(copy.substr(kHeaderHashOffset));
  const Hash128 found = TakeHash(tail);
  const Hash128 want = HashBytes128(copy.substr(0, kHeaderHashOffset));
  if (found != want) {
    return DataLoss("header: checksum %s, want %s", found.ToString(), want.ToString());
  }
  const auto version = LoadLittle<uint32_t>(copy.data() + kSegmentMagic.size());
  if (version != kLogVersion) {
    return FailedPrecondition("header: format version %d, this build reads version %d", version,
                              kLogVersion);
  }
  SegmentHeader header = ParseHeaderFields(copy);
  header.hash = found;
  if (!ValidLogAlignment(header.alignment) || header.segment == 0) {
    return DataLoss("header: alignment %d, segment %d", header.alignment, header.segment);
  }
  return header;
}

BatchHeader ParseBatchFields(std::string_view at) {
  ByteReader in(at.substr(kChainedFrom));
  BatchHeader header;
  header.segment = in.U64();
  header.offset = in.U64();
  header.salt = in.U64();
  header.incarnation = in.U64();
  header.sequence = in.U64();
  header.first_index = LogIndex(in.U64());
  header.records = in.U32();
  header.flags = in.U32();
  header.bytes = in.U32();
  header.payload_bytes = in.U32();
  header.durable_bytes = in.U32();
  header.ident_check = in.U32();
  header.durable_index = LogIndex(in.U64());
  header.hard_state = TakeHardState(in);
  header.chain = TakeHash(in);
  WT_CHECK(in.ok() && in.offset() == kBatchHeaderBytes - kChainedFrom);
  return header;
}

uint32_t BatchHeaderCrc(std::string_view at, uint64_t salt) {
  return Crc32c(HeaderSeed(salt), at.substr(kChainedFrom, kBatchHeaderBytes - kChainedFrom));
}

bool SizesArePossible(const BatchHeader& header, uint64_t alignment) {
  const uint64_t used =
      kBatchHeaderBytes + header.payload_bytes + uint64_t{header.records} * kIdentBytes;
  return header.payload_bytes % kPayloadAlignment == 0 && header.bytes < kMaxSegmentBytes &&
         header.bytes == AlignUp(used, alignment) && header.durable_bytes <= header.offset;
}

}  // namespace

std::string SegmentName(uint64_t segment) { return absl::StrFormat("%016x.wal", segment); }

std::optional<uint64_t> SegmentNumber(std::string_view name) {
  if (name.size() != 20 || !name.ends_with(".wal")) return std::nullopt;
  uint64_t number = 0;
  for (char c : name.substr(0, 16)) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'a' && c <= 'f')) return std::nullopt;
    number = number << 4 | static_cast<uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return number == 0 ? std::nullopt : std::optional(number);
}

std::string EncodeSegmentHeader(SegmentHeader& header) {
  WT_CHECK(ValidLogAlignment(header.alignment) && header.segment > 0);
  std::string copy(kSegmentMagic);
  PutU32(copy, kLogVersion);
  PutU32(copy, kSegmentHeaderBytes);
  PutU64(copy, header.cluster_id);
  PutU64(copy, header.node_id);
  PutU64(copy, header.segment);
  PutU64(copy, header.salt);
  PutU64(copy, header.incarnation);
  PutU64(copy, header.batch_seq);
  PutU32(copy, header.alignment);
  PutU32(copy, header.reset ? kHeaderReset : 0);
  PutU64(copy, header.reserved_bytes);
  PutU64(copy, header.previous.segment);
  PutU64(copy, header.previous.valid_bytes);
  PutU64(copy, header.previous.last_index.value());
  PutU64(copy, header.previous.last_term.value());
  PutHash(copy, header.previous.chain);
  PutHardState(copy, header.hard_state);
  WT_CHECK_LE(copy.size(), kHeaderHashOffset);
  copy.resize(kHeaderHashOffset, '\0');
  header.hash = HashBytes128(copy);
  PutHash(copy, header.hash);
  WT_CHECK_EQ(copy.size(), kHeaderCopyBytes);

  std::string block(kSegmentHeaderBytes, '\0');
  for (uint64_t offset : kHeaderCopyOffsets) block.replace(offset, copy.size(), copy);
  return block;
}

absl::StatusOr<SegmentHeader> DecodeSegmentHeader(std::string_view block) {
  absl::StatusOr<SegmentHeader> result = DataLoss("header: %d bytes", block.size());
  for (uint64_t offset : kHeaderCopyOffsets) {
    if (block.size() < offset + kHeaderCopyBytes) break;
    absl::StatusOr<SegmentHeader> copy = DecodeHeaderCopy(block.substr(offset, kHeaderCopyBytes));
    // A version that we do not know was written in full by somebody: stronger than damage.
    if (copy.ok() || absl::IsFailedPrecondition(copy.status())) return copy;
    if (offset == 0) result = copy.status();
  }
  return result;
}

Hash128 NextChain(Hash128 previous, std::string_view batch_header, Hash128 idents) {
  WT_CHECK_GE(batch_header.size(), kChainedTo);
  constexpr uint64_t kChained = kChainedTo - kChainedFrom;
  char bytes[sizeof(Hash128) * 2 + kChained];
  std::memcpy(bytes, &previous, sizeof(previous));
  std::memcpy(bytes + sizeof(previous), batch_header.data() + kChainedFrom, kChained);
  std::memcpy(bytes + sizeof(previous) + kChained, &idents, sizeof(idents));
  return HashBytes128({bytes, sizeof(bytes)});
}

void EncodeBatchHeader(BatchHeader& header, Hash128 previous, Hash128 idents, char* to) {
  header.ident_check = static_cast<uint32_t>(idents.low);
  std::string out;
  out.reserve(kBatchHeaderBytes);
  PutU32(out, kBatchMagic);
  PutU32(out, 0);  // the checksum, below
  PutU64(out, header.segment);
  PutU64(out, header.offset);
  PutU64(out, header.salt);
  PutU64(out, header.incarnation);
  PutU64(out, header.sequence);
  PutU64(out, header.first_index.value());
  PutU32(out, header.records);
  PutU32(out, header.flags);
  PutU32(out, header.bytes);
  PutU32(out, header.payload_bytes);
  PutU32(out, header.durable_bytes);
  PutU32(out, header.ident_check);
  PutU64(out, header.durable_index.value());
  PutHardState(out, header.hard_state);
  WT_CHECK_EQ(out.size(), kChainedTo);
  header.chain = NextChain(previous, out, idents);
  PutHash(out, header.chain);
  WT_CHECK_EQ(out.size(), kBatchHeaderBytes);
  StoreLittle<uint32_t>(out.data() + 4, BatchHeaderCrc(out, header.salt));
  std::memcpy(to, out.data(), out.size());
}

absl::StatusOr<BatchHeader> DecodeBatchHeader(std::string_view at, const SegmentHeader& segment,
                                              uint64_t offset) {
  if (at.size() < kBatchHeaderBytes) return DataLoss("batch: %d bytes left", at.size());
  const auto magic = LoadLittle<uint32_t>(at.data());
  if (magic != kBatchMagic) return DataLoss("batch: magic 0x%08x, want 0x%08x", magic, kBatchMagic);
  BatchHeader header = ParseBatchFields(at);
  const auto found = LoadLittle<uint32_t>(at.data() + 4);
  const uint32_t want = BatchHeaderCrc(at, segment.salt);
  if (found != want) return DataLoss("batch: header checksum 0x%08x, want 0x%08x", found, want);
  if (header.salt != segment.salt || header.segment != segment.segment ||
      header.incarnation != segment.incarnation || header.offset != offset) {
    return DataLoss("batch: belongs to segment %d at %d, incarnation %d", header.segment,
                    header.offset, header.incarnation);
  }
  if (!SizesArePossible(header, segment.alignment)) {
    return DataLoss("batch: impossible sizes (%d records, %d payload bytes, %d bytes)",
                    header.records, header.payload_bytes, header.bytes);
  }
  return header;
}

bool LooksLikeBatchOf(std::string_view at, uint64_t segment, uint64_t offset) {
  if (at.size() < kBatchHeaderBytes || LoadLittle<uint32_t>(at.data()) != kBatchMagic) return false;
  const BatchHeader header = ParseBatchFields(at);
  return header.segment == segment && header.offset == offset &&
         LoadLittle<uint32_t>(at.data() + 4) == BatchHeaderCrc(at, header.salt);
}

uint32_t RecordChecksum(uint64_t index, uint64_t type_term, int64_t timestamp,
                        std::string_view payload) {
  const uint64_t identity =
      Mix64(index ^ Mix64(type_term ^ std::rotl(static_cast<uint64_t>(timestamp), 17)));
  return Crc32c(static_cast<uint32_t>(identity ^ (identity >> 32)), payload);
}

uint32_t EntryChecksum(const LogEntry& entry) {
  return RecordChecksum(entry.index.value(),
                        Ident::Pack(static_cast<uint8_t>(entry.type), entry.term),
                        entry.timestamp.time_since_epoch().count(), entry.command);
}

}  // namespace wt
