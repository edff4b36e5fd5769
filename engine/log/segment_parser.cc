#include "engine/log/segment_parser.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {
namespace {

// Where `damaged` is given, it takes the records whose checksum is wrong.
absl::Status VerifyPayloads(const BatchView& batch, std::string_view table,
                            std::vector<uint32_t>* damaged) {
  uint64_t offset = kBatchHeaderBytes;
  const uint64_t end = kBatchHeaderBytes + batch.header.payload_bytes;
  for (uint32_t i = 0; i < batch.header.records; ++i) {
    const Ident ident = LoadIdent(table.data() + i * kIdentBytes);
    if (ident.length > end - offset) {
      return DataLoss("record %d of index %d: %d bytes, %d left", i, ident.index, ident.length,
                      end - offset);
    }
    const uint32_t found = RecordChecksum(ident.index, ident.type_term, ident.timestamp,
                                          batch.bytes.substr(offset, ident.length));
    if (found != ident.checksum && damaged != nullptr) {
      damaged->push_back(i);
    } else if (found != ident.checksum) {
      return DataLoss("record %d of index %d, term %d: checksum 0x%08x, want 0x%08x", i,
                      ident.index, ident.term().value(), found, ident.checksum);
    }
    offset += AlignUp(ident.length, kPayloadAlignment);
  }
  if (offset != end) return DataLoss("batch: records end at %d, payload at %d", offset, end);
  return absl::OkStatus();
}

absl::StatusOr<BatchView> Parse(std::string_view bytes, const BatchHeader& header,
                                Hash128 previous_chain, uint64_t previous_sequence,
                                std::vector<uint32_t>* damaged) {
  if (bytes.size() < header.bytes) {
    return DataLoss("batch: %d bytes, want %d", bytes.size(), header.bytes);
  }
  BatchView batch{header, bytes.substr(0, header.bytes)};
  const std::string_view table = batch.bytes.substr(kBatchHeaderBytes + header.payload_bytes,
                                                    uint64_t{header.records} * kIdentBytes);
  WT_CHECK_EQ(table.size(), header.records * kIdentBytes);
  const Hash128 idents = HashBytes128(table);
  if (static_cast<uint32_t>(idents.low) != header.ident_check) {
    return DataLoss("batch: identifier table checksum 0x%08x, want 0x%08x",
                    static_cast<uint32_t>(idents.low), header.ident_check);
  }
  const Hash128 chain = NextChain(previous_chain, batch.bytes, idents);
  if (chain != header.chain) {
    return DataLoss("batch: chain %s, want %s", header.chain.ToString(), chain.ToString());
  }
  if (header.sequence != previous_sequence + 1) {
    return DataLoss("batch: sequence %d, want %d", header.sequence, previous_sequence + 1);
  }
  WT_RETURN_IF_ERROR(VerifyPayloads(batch, table, damaged));
  return batch;
}

}  // namespace

absl::StatusOr<BatchView> ParseBatch(std::string_view bytes, const BatchHeader& header,
                                     Hash128 previous_chain, uint64_t previous_sequence) {
  return Parse(bytes, header, previous_chain, previous_sequence, nullptr);
}

absl::StatusOr<BatchView> ParseDamagedBatch(std::string_view bytes, const BatchHeader& header,
                                            Hash128 previous_chain, uint64_t previous_sequence,
                                            std::vector<uint32_t>& damaged) {
  WT_CHECK(damaged.empty());
  return Parse(bytes, header, previous_chain, previous_sequence, &damaged);
}

absl::StatusOr<ParsedSegment> ParseSegment(std::string_view bytes,
                                           const std::function<void(const BatchView&)>& visit) {
  ParsedSegment parsed;
  WT_ASSIGN_OR_RETURN(parsed.header, DecodeSegmentHeader(bytes.substr(0, kSegmentHeaderBytes)));
  parsed.chain = parsed.header.hash;
  parsed.valid_bytes = std::min<uint64_t>(kSegmentHeaderBytes, bytes.size());
  uint64_t sequence = parsed.header.batch_seq;
  while (!parsed.sealed && parsed.valid_bytes < bytes.size()) {
    const std::string_view rest = bytes.substr(parsed.valid_bytes);
    absl::StatusOr<BatchHeader> header = DecodeBatchHeader(rest, parsed.header, parsed.valid_bytes);
    absl::StatusOr<BatchView> batch = header.ok()
                                          ? ParseBatch(rest, *header, parsed.chain, sequence)
                                          : absl::StatusOr<BatchView>(header.status());
    if (!batch.ok()) {
      parsed.end = batch.status();
      break;
    }
    if (visit) visit(*batch);
    parsed.chain = header->chain;
    sequence = header->sequence;
    parsed.sealed = (header->flags & kBatchSeal) != 0;
    parsed.valid_bytes += header->bytes;
    ++parsed.batches;
  }
  return parsed;
}

}  // namespace wt
