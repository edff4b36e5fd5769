#include "engine/snapshot/chunk_file.h"

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/random.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "engine/snapshot/chunk_source.h"
#include "engine/snapshot/compression.h"

namespace wt {
namespace {

constexpr uint32_t kMagic = 0x43535457;  // "WTSC"
constexpr uint32_t kVersion = 1;
// Head  := magic u32, version u32, number u64, identity u64, hash u64.
// Frame := length u32, stored u32, hash u64, then the stored bytes.
constexpr uint64_t kHeadBytes = 32;
constexpr uint64_t kBufferBytes = 256 * kKiB;

uint64_t SeedAt(ChunkFile id, uint64_t offset) { return Mix64(id.identity ^ Mix64(offset)); }

std::string EncodeHead(ChunkFile id) {
  std::string out;
  PutU32(out, kMagic);
  PutU32(out, kVersion);
  PutU64(out, id.number);
  PutU64(out, id.identity);
  PutU64(out, Hash64(out, SeedAt(id, 0)));
  WT_CHECK_EQ(out.size(), kHeadBytes);
  return out;
}

// The hash of a frame covers its lengths as well.
uint64_t FrameHash(ChunkFile id, uint64_t offset, uint32_t length, std::string_view stored) {
  const uint64_t lengths = uint64_t{length} << 32 | stored.size();
  return Hash64(stored, SeedAt(id, offset) ^ Mix64(lengths));
}

}  // namespace

ChunkFileWriter::ChunkFileWriter(std::unique_ptr<File> file, std::string path, ChunkFile id,
                                 ChunkFileOptions options)
    : file_(std::move(file)),
      path_(std::move(path)),
      id_(id),
      options_(options),
      buffer_(EncodeHead(id)) {}

absl::StatusOr<std::unique_ptr<ChunkFileWriter>> ChunkFileWriter::Create(Disk& disk,
                                                                         std::string path,
                                                                         ChunkFile id,
                                                                         ChunkFileOptions options) {
  WT_CHECK(id.number > 0);
  absl::StatusOr<std::unique_ptr<File>> file = disk.Open(path, OpenMode::kCreate);
  if (!file.ok()) return Annotate(file.status(), path);
  return std::unique_ptr<ChunkFileWriter>(
      new ChunkFileWriter(*std::move(file), std::move(path), id, options));
}

absl::StatusOr<ChunkRef> ChunkFileWriter::Add(std::string_view content, Hash128 hash) {
  WT_CHECK(!content.empty() && content.size() <= kMaxChunkBytes);
  const std::string compressed = options_.compress ? CompressChunk(content) : std::string();
  const std::string_view stored = compressed.empty() ? content : compressed;
  const ChunkRef ref{.hash = hash,
                     .length = static_cast<uint32_t>(content.size()),
                     .stored = static_cast<uint32_t>(stored.size()),
                     .offset = written_ + buffer_.size()};
  PutU32(buffer_, ref.length);
  PutU32(buffer_, ref.stored);
  PutU64(buffer_, FrameHash(id_, ref.offset, ref.length, stored));
  buffer_.append(stored);
  if (options_.flush_each_chunk || buffer_.size() >= kBufferBytes) WT_RETURN_IF_ERROR(Flush());
  return ref;
}

absl::Status ChunkFileWriter::Flush() {
  absl::Status written = WriteFully(*file_, written_, buffer_);
  if (!written.ok()) return Annotate(written, path_);
  written_ += buffer_.size();
  buffer_.clear();
  return absl::OkStatus();
}

absl::StatusOr<ChunkFile> ChunkFileWriter::Finish() {
  WT_RETURN_IF_ERROR(Flush());
  if (absl::Status synced = file_->Sync(); !synced.ok()) return Annotate(synced, path_);
  // What is read back to be verified comes from the device.
  if (absl::Status dropped = file_->DropCache(); !dropped.ok()) return Annotate(dropped, path_);
  if (absl::Status closed = file_->Close(); !closed.ok()) return Annotate(closed, path_);
  WT_CHECK(written_ > kHeadBytes);
  id_.bytes = written_;
  return id_;
}

absl::StatusOr<std::unique_ptr<ChunkFileReader>> ChunkFileReader::Open(Disk& disk, std::string path,
                                                                       ChunkFile id) {
  absl::StatusOr<std::unique_ptr<File>> file = disk.Open(path, OpenMode::kReadOnly);
  if (absl::IsNotFound(file.status())) return DataLoss("%s: the file is missing", path);
  if (!file.ok()) return Annotate(file.status(), path);
  if (absl::Status dropped = (*file)->DropCache(); !dropped.ok()) return Annotate(dropped, path);
  std::string head(kHeadBytes, '\0');
  absl::StatusOr<uint64_t> read = ReadFully(**file, 0, head);
  if (!read.ok()) return Annotate(read.status(), path);
  head.resize(*read);
  if (head != EncodeHead(id)) {
    return DataLoss("%s: the head at 0 is not that of chunk file %d with identity %016x", path,
                    id.number, id.identity);
  }
  absl::StatusOr<uint64_t> size = (*file)->Size();
  if (!size.ok()) return Annotate(size.status(), path);
  if (*size < id.bytes) return DataLoss("%s: %d bytes, want %d", path, *size, id.bytes);
  return std::unique_ptr<ChunkFileReader>(
      new ChunkFileReader(*std::move(file), std::move(path), id));
}

// The stored bytes.
absl::StatusOr<std::string> ChunkFileReader::ReadFrame(const ChunkRef& ref) {
  WT_CHECK(ref.stored <= ref.length && ref.length <= kMaxChunkBytes);
  std::string bytes(kChunkFrameBytes + ref.stored, '\0');
  absl::StatusOr<uint64_t> read = ReadFully(*file_, ref.offset, bytes);
  if (!read.ok()) return Annotate(read.status(), path_);
  if (*read != bytes.size()) {
    return DataLoss("%s: chunk at %d ends after %d bytes, want %d", path_, ref.offset, *read,
                    bytes.size());
  }
  ByteReader in(bytes);
  const uint32_t length = in.U32();
  const uint32_t stored = in.U32();
  const uint64_t hash = in.U64();
  if (length != ref.length || stored != ref.stored) {
    return DataLoss("%s: chunk at %d of %d bytes, %d stored, want %d and %d", path_, ref.offset,
                    length, stored, ref.length, ref.stored);
  }
  const uint64_t found = FrameHash(id_, ref.offset, length, in.rest());
  if (found != hash) {
    return DataLoss("%s: chunk at %d hashes to %016x, want %016x", path_, ref.offset, found, hash);
  }
  return std::string(in.rest());
}

absl::StatusOr<std::string> ChunkFileReader::Read(const ChunkRef& ref) {
  WT_ASSIGN_OR_RETURN(std::string content, ReadFrame(ref));
  if (ref.stored < ref.length) {
    absl::StatusOr<std::string> whole = DecompressChunk(content, ref.length);
    if (!whole.ok()) {
      return Annotate(whole.status(), absl::StrFormat("%s: chunk at %d", path_, ref.offset));
    }
    content = *std::move(whole);
  }
  const Hash128 found = HashBytes128(content);
  if (found != ref.hash) {
    return DataLoss("%s: content at %d hashes to %s, want %s", path_, ref.offset, found.ToString(),
                    ref.hash.ToString());
  }
  return content;
}

}  // namespace wt
