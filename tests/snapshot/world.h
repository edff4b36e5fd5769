// A snapshot folder on a MemoryDisk, and short ways to use it.
#ifndef WAVETANK_TESTS_SNAPSHOT_WORLD_H_
#define WAVETANK_TESTS_SNAPSHOT_WORLD_H_

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/snapshot/byte_source.h"
#include "engine/snapshot/snapshot_manager.h"
#include "tests/support/memory_env.h"

namespace wt::test {

// Gives the chunks it was made of.
class ChunkList : public ChunkSource {
 public:
  explicit ChunkList(std::vector<std::string> chunks) : chunks_(std::move(chunks)) {}
  absl::StatusOr<std::string> Next() override {
    return next_ == chunks_.size() ? std::string() : chunks_[next_++];
  }

 private:
  std::vector<std::string> chunks_;
  size_t next_ = 0;
};

// Bytes that do not compress, a function of `seed`.
inline std::string NoiseBytes(uint64_t seed, size_t size) {
  Draw draw(seed);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(draw.Next());
  return bytes;
}

class SnapshotWorld {
 public:
  explicit SnapshotWorld(SnapshotOptions snapshot_options = {})
      : options(std::move(snapshot_options)) {}

  void Open() {
    absl::Status opened = TryOpen();
    WT_CHECK(opened.ok());
  }
  absl::Status TryOpen() {
    snapshots.reset();
    absl::StatusOr<std::unique_ptr<SnapshotManager>> opened =
        OpenSnapshotManager(env.env(), options);
    if (!opened.ok()) return opened.status();
    snapshots = *std::move(opened);
    return absl::OkStatus();
  }
  void CrashAndOpen(CrashKind kind, uint64_t seed = 0) {
    snapshots.reset();
    env.disk.Crash(kind, seed);
    Open();
  }

  absl::StatusOr<Snapshot> Create(uint64_t index, std::vector<std::string> chunks) {
    ChunkList source(std::move(chunks));
    return snapshots->Create(LogIndex(index), Term(1), {index, 7}, source);
  }
  std::vector<std::string> Ids() {
    std::vector<std::string> ids;
    for (const Snapshot& snapshot : snapshots->List()) ids.push_back(snapshot.id);
    return ids;
  }
  // What every listed snapshot holds.
  std::map<std::string, std::string> Contents() {
    std::map<std::string, std::string> contents;
    for (const std::string& id : Ids()) {
      absl::StatusOr<std::string> bytes = LoadBytes(*snapshots, id);
      contents[id] = bytes.ok() ? *bytes : "error: " + MessageOf(bytes.status());
    }
    return contents;
  }
  // Chunk files in the folder, by name.
  std::vector<std::string> ChunkFiles() const {
    std::vector<std::string> names;
    for (const std::string& path : env.disk.Paths()) {
      if (path.find("/chunks_") != std::string::npos) names.push_back(path);
    }
    return names;
  }
  void FlipByte(const std::string& path, size_t at) {
    std::string content = *env.disk.Content(path);
    content[at] = static_cast<char>(content[at] ^ 0x40);
    env.disk.Plant(path, content);
  }

  MemoryEnv env;
  SnapshotOptions options;
  std::unique_ptr<SnapshotManager> snapshots;
};

}  // namespace wt::test

#endif  // WAVETANK_TESTS_SNAPSHOT_WORLD_H_
