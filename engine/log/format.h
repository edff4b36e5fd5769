// The bytes of a segment file: header block, batches, records. FORMAT.md has the grammar.
//
// Everything here is pure: no I/O, no state, safe on any bytes.
#ifndef WAVETANK_ENGINE_LOG_FORMAT_H_
#define WAVETANK_ENGINE_LOG_FORMAT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/log/log_entry.h"

namespace wt {

inline constexpr uint32_t kLogVersion = 1;
inline constexpr uint64_t kSegmentHeaderBytes = 4096;  // what the header block takes in the file
inline constexpr uint64_t kHeaderCopyBytes = 512;      // one copy: one sector
inline constexpr uint64_t kHeaderCopyOffsets[] = {0, 2048};
inline constexpr uint64_t kBatchHeaderBytes = 128;
inline constexpr uint64_t kIdentBytes = 32;
inline constexpr uint64_t kPayloadAlignment = 8;
inline constexpr uint32_t kBatchMagic = 0xb47c4ead;
inline constexpr uint32_t kMinLogAlignment = 512;
inline constexpr uint32_t kMaxLogAlignment = 65536;
// Offsets and lengths are 32 bits wide in batches and in memory.
inline constexpr uint64_t kMaxSegmentBytes = uint64_t{1} << 31;
inline constexpr uint64_t kMaxEntryBytes = (uint64_t{1} << 28) - 1;

constexpr uint64_t AlignUp(uint64_t n, uint64_t alignment) {
  return (n + alignment - 1) & ~(alignment - 1);
}
constexpr bool ValidLogAlignment(uint64_t n) {
  return n >= kMinLogAlignment && n <= kMaxLogAlignment && (n & (n - 1)) == 0;
}

// "0000000000000007.wal"; the inverse knows nothing but exactly this form.
std::string SegmentName(uint64_t segment);
std::optional<uint64_t> SegmentNumber(std::string_view name);

// Where the log stood when a segment was begun: the end of the valid part of the one before.
struct Predecessor {
  uint64_t segment = 0;  // 0 = none: the first segment, or the first after a reset
  uint64_t valid_bytes = 0;
  LogIndex last_index;
  Term last_term;
  Hash128 chain;
  bool operator==(const Predecessor&) const = default;
};

struct SegmentHeader {
  uint64_t cluster_id = 0;
  uint64_t node_id = 0;
  uint64_t segment = 0;
  uint64_t salt = 0;
  uint64_t incarnation = 0;  // counts the opens of this log
  uint64_t batch_seq = 0;    // of the last batch before this segment
  uint32_t alignment = 4096;
  uint64_t reserved_bytes = 0;  // size of the file, durable with this header
  bool reset = false;           // nothing before this segment belongs to the log any more
  Predecessor previous;
  HardState hard_state;
  Hash128 hash;  // of the rest; the chain of batches starts from it
  bool operator==(const SegmentHeader&) const = default;

  LogIndex first_index() const { return previous.last_index + 1; }
};

// The whole header block; sets header.hash.
std::string EncodeSegmentHeader(SegmentHeader& header);

// `block`: the first kSegmentHeaderBytes of the file, or fewer. One intact copy is enough.
// Errors: DataLoss; FailedPrecondition for an intact header of another version, with its number.
absl::StatusOr<SegmentHeader> DecodeSegmentHeader(std::string_view block);

enum BatchFlags : uint32_t {
  kBatchSeal = 1,  // the last batch of its segment; holds no records
  kBatchMark = 2,  // vouches for the batch before; holds no records
};

struct BatchHeader {
  uint64_t segment = 0;
  uint64_t offset = 0;  // where it stands in the file
  uint64_t salt = 0;
  uint64_t incarnation = 0;
  uint64_t sequence = 0;  // counts batches over all segments
  LogIndex first_index;   // what the next entry would have had before this batch
  uint32_t records = 0;
  uint32_t flags = 0;
  uint32_t bytes = 0;          // the whole batch with its padding
  uint32_t payload_bytes = 0;  // between header and identifier table, a multiple of 8
  uint32_t durable_bytes = 0;  // so much of this segment was durable when this batch was made
  uint32_t ident_check = 0;    // low 32 bits of the hash of the identifier table
  LogIndex durable_index;
  HardState hard_state;
  Hash128 chain;
};

// Writes kBatchHeaderBytes to `to`, with the chain that follows from `previous` and the hash of the
// identifier table; sets header.chain and header.ident_check.
void EncodeBatchHeader(BatchHeader& header, Hash128 previous, Hash128 idents, char* to);

// Says what is wrong. Checks magic, checksum, place and identity, and that sizes are possible; not
// the chain, nor what follows the header. `at` must have kBatchHeaderBytes.
absl::StatusOr<BatchHeader> DecodeBatchHeader(std::string_view at, const SegmentHeader& segment,
                                              uint64_t offset);

// True when these bytes are a batch header of segment `segment` at `offset`, whatever its salt:
// for a file whose own header is lost.
bool LooksLikeBatchOf(std::string_view at, uint64_t segment, uint64_t offset);

// The chain value that a batch must carry.
Hash128 NextChain(Hash128 previous, std::string_view batch_header, Hash128 idents);

// An entry of the identifier table: what a record is, apart from its bytes.
inline constexpr uint8_t kTruncateType = 0x80;  // no EntryType: entries from `index` on are void
struct Ident {
  uint64_t index = 0;
  uint64_t type_term = 0;  // type in the top 8 bits. kTruncateType: the term at index - 1
  int64_t timestamp = 0;
  uint32_t length = 0;  // of the payload, without padding
  uint32_t checksum = 0;

  uint8_t type() const { return static_cast<uint8_t>(type_term >> 56); }
  Term term() const { return Term(type_term & kMaxTerm); }
  static constexpr uint64_t kMaxTerm = (uint64_t{1} << 56) - 1;
  static uint64_t Pack(uint8_t type, Term term) { return uint64_t{type} << 56 | term.value(); }
};
static_assert(sizeof(Ident) == kIdentBytes);

inline Ident LoadIdent(const char* from) { return LoadLittle<Ident>(from); }
inline void StoreIdent(char* to, const Ident& ident) { StoreLittle(to, ident); }

// CRC-32C of the payload, seeded with everything else that the identifier says.
uint32_t RecordChecksum(uint64_t index, uint64_t type_term, int64_t timestamp,
                        std::string_view payload);
uint32_t EntryChecksum(const LogEntry& entry);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LOG_FORMAT_H_
