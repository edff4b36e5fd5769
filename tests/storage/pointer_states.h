// Folders with pointer files in every state that tests begin with: planted through the seam, so
// that they can be made on any disk.
#ifndef WAVETANK_TESTS_STORAGE_POINTER_STATES_H_
#define WAVETANK_TESTS_STORAGE_POINTER_STATES_H_

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/env/file_io.h"
#include "engine/storage/file_desc.h"
#include "engine/storage/names.h"

namespace wt::test {

inline constexpr std::string_view kFolder = "storage";

// Replaces or makes a file of the folder, durably.
inline void PlantFile(Disk& disk, std::string_view name, std::string_view content) {
  WT_CHECK(disk.CreateDirectory(kFolder).ok());
  WT_CHECK(disk.SyncDirectory("").ok());
  const std::string path = std::string(kFolder) + "/" + std::string(name);
  (void)disk.Remove(path);
  absl::StatusOr<std::unique_ptr<File>> file = disk.Open(path, OpenMode::kCreate);
  WT_CHECK(file.ok());
  WT_CHECK(WriteFully(**file, 0, content).ok());
  WT_CHECK((*file)->Sync().ok());
  WT_CHECK(disk.SyncDirectory(kFolder).ok());
}

inline FileDesc Manifest(uint64_t number) { return {FileType::kManifest, number}; }

inline void PlantManifest(Disk& disk, uint64_t number) {
  PlantFile(disk, NameOf(Manifest(number)), "manifest");
}

struct PlantedFile {
  std::string name;
  std::string content;
};

// The pointer is 3, or there is none; manifests 3 and 7 exist.
struct PointerState {
  std::string name;
  std::vector<PlantedFile> files;
  bool has_old = true;
};

inline const std::vector<PointerState>& PointerStates() {
  static const std::string three = PointerTo(Manifest(3));
  static const std::string seven = PointerTo(Manifest(7));
  static const std::string nine = PointerTo(Manifest(9));  // which does not exist
  static const std::vector<PointerState> states = {
      {"nothing", {}, false},
      {"only half a switch", {{"CURRENT.tmp", "MANIF"}}, false},
      {"plain", {{"CURRENT", three}}},
      {"with backup", {{"CURRENT", three}, {"CURRENT.bak", PointerTo(Manifest(1))}}},
      {"damaged, backup", {{"CURRENT", "MANIFEST-0000"}, {"CURRENT.bak", three}}},
      {"empty, backup", {{"CURRENT", ""}, {"CURRENT.bak", three}}},
      {"backup alone", {{"CURRENT.bak", three}}},
      {"to a missing file, backup", {{"CURRENT", nine}, {"CURRENT.bak", three}}},
      {"a switch alone", {{"CURRENT.3", three}}},
      {"a damaged switch", {{"CURRENT", three}, {"CURRENT.7", "MANIFEST-000007"}}},
      {"a switch to a missing file", {{"CURRENT", three}, {"CURRENT.9", nine}}},
      {"leftovers",
       {{"CURRENT", three}, {"CURRENT.tmp", seven}, {"CURRENT.2", PointerTo(Manifest(2))}}},
  };
  return states;
}

inline void Plant(Disk& disk, const PointerState& state) {
  PlantManifest(disk, 3);
  PlantManifest(disk, 7);
  for (const PlantedFile& file : state.files) PlantFile(disk, file.name, file.content);
}

}  // namespace wt::test

#endif  // WAVETANK_TESTS_STORAGE_POINTER_STATES_H_
