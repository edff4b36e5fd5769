// The manifest: what a snapshot is, and where each of its chunks lies (FORMAT.md).
#ifndef WAVETANK_ENGINE_SNAPSHOT_MANIFEST_H_
#define WAVETANK_ENGINE_SNAPSHOT_MANIFEST_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/checksum.h"
#include "engine/base/units.h"
#include "engine/snapshot/names.h"

namespace wt {

// A chunk file as a manifest knows it. The identity is drawn when the file is made, is written in
// its head and seeds its checksums: another file under this name is not taken for it.
struct ChunkFile {
  uint64_t number = 0;
  uint64_t identity = 0;
  uint64_t bytes = 0;  // of the finished file
  bool operator==(const ChunkFile&) const = default;
};

struct ChunkRef {
  Hash128 hash;         // of the content
  uint32_t length = 0;  // of the content
  uint32_t stored = 0;  // bytes in the file; fewer than length = compressed
  uint32_t file = 0;    // position in Manifest::files
  uint64_t offset = 0;  // of the chunk's frame in that file
  bool operator==(const ChunkRef&) const = default;
};

struct Manifest {
  SnapshotKey key;
  WallTime timestamp;
  Hash128 state_digest;
  Hash128 checksum;           // over the chunks in order: ChecksumOf(chunks)
  uint64_t bytes = 0;         // of content
  uint64_t reused_bytes = 0;  // of these, in files that are older than this manifest
  std::vector<ChunkFile> files;
  std::vector<ChunkRef> chunks;
  bool operator==(const Manifest&) const = default;
};

// A hash of the hashes and lengths of the chunks.
Hash128 ChecksumOf(const std::vector<ChunkRef>& chunks);

std::string EncodeManifest(const Manifest& manifest);

// Reads what EncodeManifest wrote and checks that it agrees with itself and with the name that the
// file has. Never allocates more than a small multiple of bytes.size().
// Errors: DataLoss saying what is wrong at which offset.
absl::StatusOr<Manifest> ParseManifestFile(SnapshotKey name, std::string_view bytes);

}  // namespace wt

#endif  // WAVETANK_ENGINE_SNAPSHOT_MANIFEST_H_
