// A host of a few lines, and shorthands, for tests of the virtual disk alone.
#ifndef WAVETANK_TESTS_SIM_DISK_FIXTURE_H_
#define WAVETANK_TESTS_SIM_DISK_FIXTURE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/env/file_io.h"
#include "gtest/gtest.h"
#include "sim/virtual_disk.h"

namespace wt::sim {

class TestHost final : public Host {
 public:
  explicit TestHost(uint64_t seed = 1) : seed_(seed) {}

  uint64_t seed() const override { return seed_; }
  SimTime now() const override { return now_; }
  void Pause(Duration duration) override {
    now_ += duration;
    if (on_pause) on_pause();
  }
  void Record(TraceKind kind, uint64_t what, std::initializer_list<uint64_t> words) override {
    digest = Mix64(digest ^ static_cast<uint64_t>(kind) ^ what);
    for (uint64_t word : words) digest = Mix64(digest ^ word);
  }

  std::function<void()> on_pause;
  uint64_t digest = 0;

 private:
  uint64_t seed_;
  SimTime now_{};
};

// A host, a disk and its first incarnation.
struct DiskRig {
  explicit DiskRig(uint64_t seed = 1, DiskProfile profile = DiskProfile::kPosixMin)
      : host(seed), disk(host, 1), files(&disk.NewIncarnation()) {
    disk.SetProfile(profile);
    disk.faults().torn_sector_ppm = 0;
    disk.faults().garbage_fill_ppm = 0;
  }

  std::unique_ptr<File> Open(std::string_view path, OpenMode mode = OpenMode::kReadWrite) {
    absl::StatusOr<std::unique_ptr<File>> file = files->Open(path, mode);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *std::move(file) : nullptr;
  }
  std::unique_ptr<File> Create(std::string_view path) { return Open(path, OpenMode::kCreate); }

  // A file with `bytes`, all of it durable, name included.
  std::unique_ptr<File> CreateDurable(std::string_view path, std::string_view bytes) {
    std::unique_ptr<File> file = Create(path);
    EXPECT_TRUE(WriteFully(*file, 0, bytes).ok());
    EXPECT_TRUE(file->Sync().ok());
    EXPECT_TRUE(files->SyncDirectory(DirectoryOf(path)).ok());
    return file;
  }

  // What a program reads, or nothing when the name is not there.
  std::optional<std::string> Content(std::string_view path) {
    absl::StatusOr<std::string> content = ReadWholeFile(*files, path, 1 << 30);
    if (absl::IsNotFound(content.status())) return std::nullopt;
    EXPECT_TRUE(content.ok()) << content.status();
    return content.ok() ? *std::move(content) : std::string("<error>");
  }

  void PowerLossAndBoot() {
    disk.PowerLoss();
    files = &disk.NewIncarnation();
  }
  void KillAndBoot() {
    disk.Kill();
    files = &disk.NewIncarnation();
  }
  // A crash that loses everything that was not promised.
  void LoseAllAndBoot() {
    CrashSubset none{.kept = std::vector<bool>(disk.PendingAtoms().size(), false)};
    disk.LoadImage(disk.MaterializeCrash(none));
    files = &disk.NewIncarnation();
  }

  TestHost host;
  VirtualDisk disk;
  Disk* files;
};

inline std::string Sectors(char fill, uint64_t count) {
  return std::string(count * kSectorBytes, fill);
}

}  // namespace wt::sim

#endif  // WAVETANK_TESTS_SIM_DISK_FIXTURE_H_
