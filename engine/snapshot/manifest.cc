#include "engine/snapshot/manifest.h"

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"
#include "engine/snapshot/chunk_source.h"

namespace wt {
namespace {

constexpr uint32_t kMagic = 0x4d535457;  // "WTSM"
constexpr uint32_t kVersion = 1;
constexpr uint64_t kFileBytes = 24;
constexpr uint64_t kChunkBytes = 36;
constexpr uint64_t kFooterBytes = 16;

void PutHash(std::string& out, Hash128 hash) {
  PutU64(out, hash.low);
  PutU64(out, hash.high);
}

Hash128 ReadHash(ByteReader& in) {
  Hash128 hash;
  hash.low = in.U64();
  hash.high = in.U64();
  return hash;
}

// The footer guards all bytes before it, under the name that the file must have.
Hash128 FooterOf(SnapshotKey key, std::string_view body) {
  return HashBytes128(body, Hash64(SnapshotId(key)));
}

void PutChunk(std::string& out, const ChunkRef& chunk) {
  PutHash(out, chunk.hash);
  PutU32(out, chunk.length);
  PutU32(out, chunk.stored);
  PutU32(out, chunk.file);
  PutU64(out, chunk.offset);
}

ChunkRef ReadChunk(ByteReader& in) {
  ChunkRef chunk;
  chunk.hash = ReadHash(in);
  chunk.length = in.U32();
  chunk.stored = in.U32();
  chunk.file = in.U32();
  chunk.offset = in.U64();
  return chunk;
}

ChunkFile ReadFile(ByteReader& in) {
  ChunkFile file;
  file.number = in.U64();
  file.identity = in.U64();
  file.bytes = in.U64();
  return file;
}

absl::Status CheckChunk(uint64_t number, const ChunkRef& chunk,
                        const std::vector<ChunkFile>& files) {
  if (chunk.length == 0 || chunk.length > kMaxChunkBytes || chunk.stored == 0 ||
      chunk.stored > chunk.length) {
    return DataLoss("chunk %d of %d bytes, %d stored", number, chunk.length, chunk.stored);
  }
  if (chunk.file >= files.size()) {
    return DataLoss("chunk %d in file %d of %d", number, chunk.file, files.size());
  }
  const uint64_t room = files[chunk.file].bytes;
  if (chunk.offset > room || chunk.stored > room - chunk.offset) {
    return DataLoss("chunk %d at %d in a file of %d bytes", number, chunk.offset, room);
  }
  return absl::OkStatus();
}

absl::Status ReadTables(ByteReader& in, Manifest& manifest) {
  const uint32_t files = in.U32();
  const uint32_t chunks = in.U32();
  const uint64_t want = files * kFileBytes + chunks * kChunkBytes;
  if (in.ok() && in.rest().size() != want) {
    return DataLoss("%d files and %d chunks in %d bytes, want %d", files, chunks, in.rest().size(),
                    want);
  }
  if (!in.ok()) return DataLoss("cut short at %d", in.offset());
  for (uint32_t i = 0; i < files; ++i) {
    manifest.files.push_back(ReadFile(in));
    if (manifest.files.back().number == 0) return DataLoss("file %d has number 0", i);
  }
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < chunks; ++i) {
    manifest.chunks.push_back(ReadChunk(in));
    WT_RETURN_IF_ERROR(CheckChunk(i, manifest.chunks.back(), manifest.files));
    bytes += manifest.chunks.back().length;
  }
  if (bytes != manifest.bytes) {
    return DataLoss("chunks of %d bytes, want %d", bytes, manifest.bytes);
  }
  return absl::OkStatus();
}

absl::StatusOr<Manifest> ParseBody(std::string_view body) {
  ByteReader in(body);
  const uint32_t magic = in.U32();
  const uint32_t version = in.U32();
  if (magic != kMagic) return DataLoss("magic 0x%08x at 0, want 0x%08x", magic, kMagic);
  if (version != kVersion) {
    return DataLoss("version %d at 4; this program reads %d", version, kVersion);
  }
  Manifest manifest;
  manifest.key.index = LogIndex(in.U64());
  manifest.key.term = Term(in.U64());
  manifest.timestamp = WallTime(Duration(in.I64()));
  manifest.state_digest = ReadHash(in);
  manifest.checksum = ReadHash(in);
  manifest.bytes = in.U64();
  manifest.reused_bytes = in.U64();
  WT_RETURN_IF_ERROR(ReadTables(in, manifest));
  if (manifest.checksum != ChecksumOf(manifest.chunks)) {
    return DataLoss("chunks hash to %s, want %s", ChecksumOf(manifest.chunks).ToString(),
                    manifest.checksum.ToString());
  }
  return manifest;
}

}  // namespace

Hash128 ChecksumOf(const std::vector<ChunkRef>& chunks) {
  std::string all;
  for (const ChunkRef& chunk : chunks) {
    PutHash(all, chunk.hash);
    PutU32(all, chunk.length);
  }
  return HashBytes128(all);
}

std::string EncodeManifest(const Manifest& manifest) {
  WT_CHECK_LE(manifest.reused_bytes, manifest.bytes);
  std::string out;
  PutU32(out, kMagic);
  PutU32(out, kVersion);
  PutU64(out, manifest.key.index.value());
  PutU64(out, manifest.key.term.value());
  PutI64(out, manifest.timestamp.time_since_epoch().count());
  PutHash(out, manifest.state_digest);
  PutHash(out, manifest.checksum);
  PutU64(out, manifest.bytes);
  PutU64(out, manifest.reused_bytes);
  PutU32(out, static_cast<uint32_t>(manifest.files.size()));
  PutU32(out, static_cast<uint32_t>(manifest.chunks.size()));
  for (const ChunkFile& file : manifest.files) {
    PutU64(out, file.number);
    PutU64(out, file.identity);
    PutU64(out, file.bytes);
  }
  for (const ChunkRef& chunk : manifest.chunks) PutChunk(out, chunk);
  PutHash(out, FooterOf(manifest.key, out));
  return out;
}

absl::StatusOr<Manifest> ParseManifestFile(SnapshotKey name, std::string_view bytes) {
  const std::string id = SnapshotId(name);
  if (bytes.size() < kFooterBytes) return DataLoss("%s: %d bytes only", id, bytes.size());
  const std::string_view body = bytes.substr(0, bytes.size() - kFooterBytes);
  ByteReader footer(bytes.substr(body.size()));
  const Hash128 want = ReadHash(footer);
  const Hash128 found = FooterOf(name, body);
  if (found != want) {
    return DataLoss("%s: bytes 0 to %d hash to %s, want %s", id, body.size(), found.ToString(),
                    want.ToString());
  }
  absl::StatusOr<Manifest> manifest = ParseBody(body);
  if (!manifest.ok()) return Annotate(manifest.status(), id);
  if (manifest->key != name) {
    return DataLoss("%s: is the manifest of %s", id, SnapshotId(manifest->key));
  }
  return manifest;
}

}  // namespace wt
