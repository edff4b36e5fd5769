#include "engine/lsm/table_format.h"

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/random.h"
#include "engine/base/status.h"
#include "engine/storage/errors.h"

namespace wt {
namespace {

constexpr std::string_view kHeaderMagic = "WTTABLE\n";
constexpr std::string_view kFooterMagic = "WTTBLEND";
constexpr uint64_t kHeaderChecksumAt = kTableHeaderBytes - 8;
constexpr uint64_t kFooterChecksumAt = kTableFooterBytes - 16;

uint64_t SeedOf(const TableIdentity& identity) {
  return Mix64(identity.number ^ Mix64(identity.salt));
}

void PutHash(std::string& out, Hash128 hash) {
  PutU64(out, hash.low);
  PutU64(out, hash.high);
}
Hash128 GetHash(ByteReader& in) {
  Hash128 hash;
  hash.low = in.U64();
  hash.high = in.U64();
  return hash;
}

void PutHandle(std::string& out, const BlockHandle& handle) {
  PutU64(out, handle.offset);
  PutU32(out, handle.stored);
}
BlockHandle GetHandle(ByteReader& in) {
  BlockHandle handle;
  handle.offset = in.U64();
  handle.stored = in.U32();
  return handle;
}

absl::Status UnknownVersion(const FileDesc& file, uint32_t version) {
  return FailedPrecondition("[file=%s] table format version %d; this build reads version %d",
                            file.ToString(), version, kTableVersion);
}

absl::Status BadFrame(const TablePlace& place, const BlockHandle& handle, std::string_view what,
                      uint64_t found, uint64_t want) {
  return CorruptedError(
      place.file, absl::StrFormat("block at %d: %s %x, want %x", handle.offset, what, found, want));
}

}  // namespace

std::string EncodeTableHeader(const TableIdentity& identity) {
  std::string out(kHeaderMagic);
  PutU32(out, kTableVersion);
  PutU32(out, kTableHeaderBytes);
  PutU64(out, identity.number);
  PutU64(out, identity.salt);
  out.resize(kHeaderChecksumAt, '\0');
  PutU64(out, Hash64(out));
  WT_CHECK_EQ(out.size(), kTableHeaderBytes);
  return out;
}

absl::StatusOr<TableIdentity> ParseTableHeader(const FileDesc& file, std::string_view bytes) {
  WT_CHECK_EQ(bytes.size(), kTableHeaderBytes);
  ByteReader in(bytes);
  if (in.Raw(8) != kHeaderMagic) {
    return CorruptedError(
        file, absl::StrFormat("header: magic %x, want %x", LoadLittle<uint64_t>(bytes.data()),
                              LoadLittle<uint64_t>(kHeaderMagic.data())));
  }
  const uint64_t checksum = Hash64(bytes.substr(0, kHeaderChecksumAt));
  const uint64_t found = LoadLittle<uint64_t>(bytes.data() + kHeaderChecksumAt);
  if (found != checksum) {
    return CorruptedError(file, absl::StrFormat("header: checksum %x, want %x", found, checksum));
  }
  // Every version has magic, version and checksum where this one has them.
  if (const uint32_t version = in.U32(); version != kTableVersion) {
    return UnknownVersion(file, version);
  }
  if (in.U32() != kTableHeaderBytes) return CorruptedError(file, "header: of another length");
  TableIdentity identity;
  identity.number = in.U64();
  identity.salt = in.U64();
  return identity;
}

Hash128 SealFrame(const TableIdentity& identity, uint64_t offset, const FrameHead& head,
                  std::string& out, size_t begin) {
  WT_CHECK(head.content_bytes <= kMaxBlockBytes || head.type != BlockType::kData);
  WT_CHECK(head.content_bytes <= ~uint32_t{0} && begin <= out.size());
  PutU8(out, static_cast<uint8_t>(head.type));
  PutU8(out, static_cast<uint8_t>(head.compression));
  PutU16(out, 0);
  PutU32(out, static_cast<uint32_t>(head.content_bytes));
  const Hash128 hash =
      HashBytes128(std::string_view(out).substr(begin), Mix64(SeedOf(identity) ^ offset));
  PutU64(out, hash.low);
  return hash;
}

absl::StatusOr<OpenedFrame> PeekFrame(const TablePlace& place, const BlockHandle& handle,
                                      BlockType type, std::string_view frame) {
  if (frame.size() != handle.stored + kFrameTrailerBytes) {
    return BadFrame(place, handle, "length", frame.size(), handle.stored + kFrameTrailerBytes);
  }
  const char* const trailer = frame.data() + handle.stored;
  const uint8_t found_type = static_cast<uint8_t>(trailer[0]);
  if (found_type != static_cast<uint8_t>(type)) {
    return BadFrame(place, handle, "type", found_type, static_cast<uint8_t>(type));
  }
  const uint8_t compression = static_cast<uint8_t>(trailer[1]);
  OpenedFrame opened{.stored = frame.substr(0, handle.stored),
                     .compression = static_cast<Compression>(compression),
                     .content_bytes = LoadLittle<uint32_t>(trailer + 4),
                     .hash = {}};
  if (compression > static_cast<uint8_t>(Compression::kLz4)) {
    return BadFrame(place, handle, "compression", compression, 0);
  }
  if (opened.compression == Compression::kNone && opened.content_bytes != handle.stored) {
    return BadFrame(place, handle, "content length", opened.content_bytes, handle.stored);
  }
  if (opened.compression != Compression::kNone && opened.content_bytes > kMaxBlockBytes) {
    return BadFrame(place, handle, "content length", opened.content_bytes, kMaxBlockBytes);
  }
  return opened;
}

absl::StatusOr<OpenedFrame> OpenFrame(const TablePlace& place, const BlockHandle& handle,
                                      BlockType type, std::string_view frame) {
  if (frame.size() != handle.stored + kFrameTrailerBytes) {
    return BadFrame(place, handle, "length", frame.size(), handle.stored + kFrameTrailerBytes);
  }
  const Hash128 hash = HashBytes128(frame.substr(0, frame.size() - 8),
                                    Mix64(SeedOf(place.identity) ^ handle.offset));
  const uint64_t found = LoadLittle<uint64_t>(frame.data() + frame.size() - 8);
  if (found != hash.low) return BadFrame(place, handle, "checksum", found, hash.low);
  WT_ASSIGN_OR_RETURN(OpenedFrame opened, PeekFrame(place, handle, type, frame));
  opened.hash = hash;
  return opened;
}

Hash128 ChainHash(Hash128 chain, Hash128 next) {
  char bytes[32];
  StoreLittle(bytes, chain.low);
  StoreLittle(bytes + 8, chain.high);
  StoreLittle(bytes + 16, next.low);
  StoreLittle(bytes + 24, next.high);
  return HashBytes128({bytes, sizeof(bytes)});
}

std::string EncodeTableProperties(const TableInfo& info) {
  std::string out;
  PutU64(out, info.puts);
  PutU64(out, info.deletes);
  PutU64(out, info.min_version.value());
  PutU64(out, info.max_version.value());
  PutU64(out, info.key_bytes);
  PutU64(out, info.value_bytes);
  PutU64(out, info.data_bytes);
  PutU64(out, info.filter_keys);
  PutU32(out, info.data_blocks);
  PutU32(out, info.index_partitions);
  PutU32(out, info.partition_blocks);
  PutHandle(out, info.filter);
  PutHandle(out, info.root);
  PutU64(out, info.smallest_version.value());
  PutU64(out, info.largest_version.value());
  PutString(out, info.smallest_key);
  PutString(out, info.largest_key);
  return out;
}

absl::Status ParseTableProperties(const FileDesc& file, std::string_view contents,
                                  TableInfo& info) {
  ByteReader in(contents);
  info.puts = in.U64();
  info.deletes = in.U64();
  info.min_version = LogIndex(in.U64());
  info.max_version = LogIndex(in.U64());
  info.key_bytes = in.U64();
  info.value_bytes = in.U64();
  info.data_bytes = in.U64();
  info.filter_keys = in.U64();
  info.data_blocks = in.U32();
  info.index_partitions = in.U32();
  info.partition_blocks = in.U32();
  info.filter = GetHandle(in);
  info.root = GetHandle(in);
  info.smallest_version = LogIndex(in.U64());
  info.largest_version = LogIndex(in.U64());
  info.smallest_key = in.String();
  info.largest_key = in.String();
  if (!in.ok() || !in.empty()) {
    return CorruptedError(file,
                          absl::StrFormat("properties: %d bytes do not fit", contents.size()));
  }
  const bool counts_agree = info.data_blocks == 0 ? info.entries() == 0 : info.entries() > 0;
  const bool parts_agree =
      info.partition_blocks > 0 &&
      info.index_partitions == (info.data_blocks <= info.partition_blocks
                                    ? 0
                                    : (info.data_blocks - 1) / info.partition_blocks + 1);
  if (!counts_agree || !parts_agree || info.max_version > kMaxVersion ||
      info.min_version > info.max_version || info.largest() < info.smallest()) {
    return CorruptedError(file, "properties: disagree with each other");
  }
  return absl::OkStatus();
}

std::string EncodeTableFooter(const TableIdentity& identity, const TableFooter& footer) {
  std::string out(kFooterMagic);
  PutU32(out, kTableVersion);
  PutU32(out, kTableFooterBytes);
  PutU64(out, identity.number);
  PutU64(out, identity.salt);
  PutU64(out, footer.bytes);
  PutHandle(out, footer.properties);
  PutU32(out, 0);
  PutHash(out, footer.content);
  PutU64(out, 0);
  WT_CHECK_EQ(out.size(), kFooterChecksumAt);
  PutHash(out, HashBytes128(out, SeedOf(identity)));
  return out;
}

absl::StatusOr<TableFooter> ParseTableFooter(const TablePlace& place, uint64_t file_bytes,
                                             std::string_view bytes) {
  WT_CHECK_EQ(bytes.size(), kTableFooterBytes);
  const uint64_t at = file_bytes - kTableFooterBytes;
  ByteReader in(bytes);
  if (in.Raw(8) != kFooterMagic) {
    return CorruptedError(place.file, absl::StrFormat("footer at %d: magic %x, want %x", at,
                                                      LoadLittle<uint64_t>(bytes.data()),
                                                      LoadLittle<uint64_t>(kFooterMagic.data())));
  }
  const Hash128 checksum = HashBytes128(bytes.substr(0, kFooterChecksumAt), SeedOf(place.identity));
  ByteReader tail(bytes.substr(kFooterChecksumAt));
  if (const Hash128 found = GetHash(tail); found != checksum) {
    return CorruptedError(place.file, absl::StrFormat("footer at %d: checksum %s, want %s", at,
                                                      found.ToString(), checksum.ToString()));
  }
  if (const uint32_t version = in.U32(); version != kTableVersion) {
    return UnknownVersion(place.file, version);
  }
  in.Raw(4 + 8 + 8);  // length and identity: the seed of the checksum that fitted
  TableFooter footer;
  footer.bytes = in.U64();
  footer.properties = GetHandle(in);
  in.U32();
  footer.content = GetHash(in);
  if (footer.bytes != file_bytes) {
    return CorruptedError(place.file, absl::StrFormat("footer at %d: a file of %d bytes, not %d",
                                                      at, footer.bytes, file_bytes));
  }
  if (footer.properties.end() != at) {
    return CorruptedError(place.file, absl::StrFormat("footer at %d: properties end at %d", at,
                                                      footer.properties.end()));
  }
  return footer;
}

}  // namespace wt
