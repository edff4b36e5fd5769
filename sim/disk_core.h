// The file system of one virtual disk without time, faults or handles: the cache, the platter, and
// what is pending between them. Everything here happens at once; disk_session.h adds the rest.
#ifndef WAVETANK_SIM_DISK_CORE_H_
#define WAVETANK_SIM_DISK_CORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/random.h"
#include "engine/env/disk.h"
#include "sim/disk_crash.h"
#include "sim/disk_faults.h"
#include "sim/disk_image.h"
#include "sim/disk_pending.h"

namespace wt::sim {

// The chances of one machine's disk, by key.
struct DiskDice {
  uint64_t seed = 0;
  uint64_t machine = 0;
  const DiskFaults* faults = nullptr;

  Draw Roll(uint64_t kind, uint64_t ordinal) const {
    return Draw(seed, {KeyOf("disk"), machine, kind, ordinal});
  }
  bool Chance(uint64_t kind, uint32_t ppm, uint64_t ordinal) const {
    return ppm != 0 && Roll(kind, ordinal).Chance(ppm);
  }
};

// A file or directory as running programs see it.
struct Inode {
  InodeNumber number = kNoInode;
  bool is_directory = false;
  bool error_reported = true;  // the newest error_count was told to somebody
  uint32_t error_count = 0;    // failed writebacks: Linux's errseq
  uint32_t links = 0;
  uint32_t open = 0;  // handles of the living incarnation
  std::string path;   // of the latest name
  PagedBytes cache;
  std::set<uint64_t> unreadable;  // sectors that only the platter has, and cannot give
  PendingWrites pending;
};

class DiskCore {
 public:
  DiskCore() = default;

  // ---- Names. Paths are valid; errors are those of disk.h.
  Inode* Find(std::string_view path);
  const Inode* Find(std::string_view path) const;
  bool IsDirectory(std::string_view path) const;
  // Why there is no such path: NotFound, or InvalidArgument when a file is where a folder should
  // be.
  absl::Status Missing(std::string_view path) const;
  absl::StatusOr<Inode*> Create(std::string_view path, bool is_directory);
  absl::Status Remove(std::string_view path);
  absl::Status Rename(std::string_view from, std::string_view to);
  // Sorted. Requires: a directory.
  std::vector<DirectoryEntry> List(std::string_view directory) const;

  // ---- Bytes. `call` keys the draws about this write's way to the platter.
  void Write(Inode& inode, uint64_t offset, std::string_view data, uint64_t call);
  void Truncate(Inode& inode, uint64_t size, uint64_t call);
  void Allocate(Inode& inode, uint64_t offset, uint64_t length, uint64_t call);
  void Opened(Inode& inode) { ++inode.open; }
  void Closed(Inode& inode);
  uint64_t used_bytes() const { return used_bytes_; }

  // ---- Between cache and platter, for what was issued at or before `through`.
  uint64_t effects() const { return effects_; }
  void PersistFile(Inode& inode, uint64_t through, const DiskDice& dice);
  // A sync as the profile does it. `directory` / `inode` is what was synced.
  void SyncFile(Inode& inode, uint64_t through, DiskProfile profile, const DiskDice& dice);
  void SyncNames(InodeNumber directory, uint64_t through, DiskProfile profile);
  // Names issued up to `through`, in order, whatever their directory.
  void PersistAllNames(uint64_t through);
  // A failed writeback: data of every write (or, by `draw`, of some) is dropped and its size kept.
  void LoseData(Inode& inode, uint64_t through, Draw draw);
  void LoseNames(InodeNumber directory, uint64_t through);
  // A lie: it is promised, and nothing moves.
  void PromiseFile(Inode& inode, uint64_t through);
  void PromiseNames(InodeNumber directory, uint64_t through);
  // Clean pages leave the cache, so that reads see the platter.
  void DropCache(Inode& inode);
  void DropAllCaches();
  uint64_t pending_names() const { return pending_names_.size(); }

  // ---- Death.
  // Handles die; files that only they held go.
  void ForgetHandles();
  std::vector<Atom> PendingAtoms(DiskProfile profile) const;
  DiskImage AfterCrash(std::span<const Atom> atoms, const CrashOutcome& outcome) const;
  // The platter is this now, and the cache is empty.
  void Mount(DiskImage image);

  // ---- Inspection.
  const DiskImage& image() const { return image_; }
  PlatterFile& Platter(InodeNumber inode) { return image_.Mutable(inode); }
  std::map<InodeNumber, Inode>& inodes() { return inodes_; }
  const std::map<InodeNumber, Inode>& inodes() const { return inodes_; }

 private:
  InodeNumber Resolve(std::string_view path) const;
  Inode& At(InodeNumber number);
  absl::StatusOr<NameKey> KeyFor(std::string_view path) const;
  absl::Status CheckRename(std::string_view from, std::string_view to) const;
  void SetCachedName(const NameKey& key, InodeNumber inode, std::string_view path);
  void Unlink(InodeNumber number);
  void RecomputePaths();
  void Collect(InodeNumber number);
  void CollectZombies();

  void ApplyPending(Inode& inode, const PendingWrite& record, const DiskDice& dice);
  void ApplyBytes(Inode& inode, const PendingWrite& record, const DiskDice& dice);
  void Misdirect(Inode& inode, uint64_t sector, const std::string& old, Draw draw);
  void PersistChange(const NameChange& change);
  void PersistGroups(const std::set<size_t>& groups);
  std::set<size_t> BtrfsClosure(std::set<size_t> groups, uint64_t through) const;
  void EraseEmptyNames();

  DiskImage image_;
  std::map<InodeNumber, Inode> inodes_ = {{kRootInode, RootInode()}};
  NameMap names_;
  std::vector<PendingName> pending_names_;
  std::set<InodeNumber> zombies_;  // nobody's any more, but a name on the platter may come back
  uint64_t effects_ = 0;
  uint64_t epoch_ = 0;
  uint64_t used_bytes_ = 0;

  static Inode RootInode();
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_DISK_CORE_H_
