// Reading batches out of bytes. Pure: recovery, offline tools and fuzzing use the same functions,
// which never read past what they are given and never allocate by what it says.
#ifndef WAVETANK_ENGINE_LOG_SEGMENT_PARSER_H_
#define WAVETANK_ENGINE_LOG_SEGMENT_PARSER_H_

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/log/format.h"

namespace wt {

// One record of a batch. `payload` points into the parsed bytes.
struct RecordView {
  Ident ident;
  uint64_t offset = 0;  // of the payload, from the start of the batch
  std::string_view payload;
};

// A batch whose every checksum was right.
struct BatchView {
  BatchHeader header;
  std::string_view bytes;  // header.bytes long

  // Calls visit(const RecordView&) -> absl::Status for each record, until one is not OK.
  template <typename Visit>
  absl::Status ForEach(Visit visit) const {
    uint64_t offset = kBatchHeaderBytes;
    const char* table = bytes.data() + kBatchHeaderBytes + header.payload_bytes;
    for (uint32_t i = 0; i < header.records; ++i) {
      const Ident ident = LoadIdent(table + i * kIdentBytes);
      absl::Status status = visit({ident, offset, bytes.substr(offset, ident.length)});
      if (!status.ok()) return status;
      offset += AlignUp(ident.length, kPayloadAlignment);
    }
    return absl::OkStatus();
  }
};

// The batch that begins with `bytes`, which is at `header.offset` of its file and must hold
// header.bytes. Verifies chain, identifier table and payloads. DataLoss says what is wrong.
absl::StatusOr<BatchView> ParseBatch(std::string_view bytes, const BatchHeader& header,
                                     Hash128 previous_chain, uint64_t previous_sequence);

// The same for who can do without some payloads: the records whose payload is not what the table
// says are not an error, their positions in the table go to `damaged`.
absl::StatusOr<BatchView> ParseDamagedBatch(std::string_view bytes, const BatchHeader& header,
                                            Hash128 previous_chain, uint64_t previous_sequence,
                                            std::vector<uint32_t>& damaged);

// What ParseSegment found in a whole file.
struct ParsedSegment {
  SegmentHeader header;
  uint64_t batches = 0;
  uint64_t valid_bytes = 0;  // up to the first byte that is not part of a valid batch
  bool sealed = false;
  Hash128 chain;
  absl::Status end;  // why it ends there; OK after a seal or at the end of the bytes
};

// Walks the file `bytes`, giving each valid batch to `visit` (may be empty). Errors: what is wrong
// with the header.
absl::StatusOr<ParsedSegment> ParseSegment(std::string_view bytes,
                                           const std::function<void(const BatchView&)>& visit);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LOG_SEGMENT_PARSER_H_
