// Names of our files in the snapshot folder. Anything else there is somebody else's.
//
//   snapshot_{index}_{term}   a manifest; the name is the snapshot's id
//   chunks_{number}           chunks, for the manifest that came with it and later ones
//   *.tmp behind either       unfinished, never referred to
#ifndef WAVETANK_ENGINE_SNAPSHOT_NAMES_H_
#define WAVETANK_ENGINE_SNAPSHOT_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/units.h"

namespace wt {

struct SnapshotKey {
  LogIndex index;
  Term term;
  auto operator<=>(const SnapshotKey&) const = default;
};

struct SnapshotFileName {
  enum class Kind { kManifest, kChunks, kTemporary };
  Kind kind = Kind::kTemporary;
  SnapshotKey key;      // of a manifest
  uint64_t number = 0;  // of a chunk file, finished or not; else 0
};

std::string SnapshotId(SnapshotKey key);
std::string ChunkFileName(uint64_t number);
std::string TemporaryName(std::string_view final_name);

// Nothing when the name is not ours: also when it is not spelled as we would ("snapshot_01_1").
std::optional<SnapshotFileName> ParseSnapshotFileName(std::string_view name);

}  // namespace wt

#endif  // WAVETANK_ENGINE_SNAPSHOT_NAMES_H_
