// A file of chunks: a head, then frames. Written once, front to back; never changed afterwards.
//
// Every checksum in it is seeded with the file's identity and its own offset: a frame that a
// misdirected write, a stale sector or a careless copy has put elsewhere is not taken for a chunk.
#ifndef WAVETANK_ENGINE_SNAPSHOT_CHUNK_FILE_H_
#define WAVETANK_ENGINE_SNAPSHOT_CHUNK_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/env/disk.h"
#include "engine/snapshot/manifest.h"

namespace wt {

inline constexpr uint64_t kChunkFrameBytes = 16;  // before the stored bytes of each chunk

struct ChunkFileOptions {
  bool compress = true;
  bool flush_each_chunk = false;  // a legal, slower order of writes
};

class ChunkFileWriter {
 public:
  // Creates `path`. Suspends. Errors: AlreadyExists and the disk's.
  static absl::StatusOr<std::unique_ptr<ChunkFileWriter>> Create(Disk& disk, std::string path,
                                                                 ChunkFile id,
                                                                 ChunkFileOptions options);

  // Adds a chunk whose hash is `hash`. The reference's `file` is left at 0. Suspends.
  // After an error the file is of no use.
  absl::StatusOr<ChunkRef> Add(std::string_view content, Hash128 hash);

  // Writes what is buffered, syncs, closes; gives the file as manifests name it. Suspends.
  absl::StatusOr<ChunkFile> Finish();

 private:
  ChunkFileWriter(std::unique_ptr<File> file, std::string path, ChunkFile id,
                  ChunkFileOptions options);
  absl::Status Flush();

  std::unique_ptr<File> file_;
  std::string path_;
  ChunkFile id_;
  ChunkFileOptions options_;
  std::string buffer_;
  uint64_t written_ = 0;  // bytes of the file before buffer_
};

class ChunkFileReader {
 public:
  // Opens `path`, checks its head and that it is not shorter than id.bytes. What is then read comes
  // from the device: a cache may show what a failed sync has lost. Suspends.
  // Errors: DataLoss naming the file, also when it is missing; the disk's.
  static absl::StatusOr<std::unique_ptr<ChunkFileReader>> Open(Disk& disk, std::string path,
                                                               ChunkFile id);

  // The content of a chunk, checked against frame, length and hash. Suspends.
  // Errors: DataLoss naming file, offset, expected and found; the disk's.
  absl::StatusOr<std::string> Read(const ChunkRef& ref);

 private:
  ChunkFileReader(std::unique_ptr<File> file, std::string path, ChunkFile id)
      : file_(std::move(file)), path_(std::move(path)), id_(id) {}
  absl::StatusOr<std::string> ReadFrame(const ChunkRef& ref);

  std::unique_ptr<File> file_;
  std::string path_;
  ChunkFile id_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_SNAPSHOT_CHUNK_FILE_H_
