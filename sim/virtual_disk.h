// The virtual disk: files over sectors, and everything that can go wrong below a file system.
//
//   VirtualDisk disk(host, /*machine=*/1);
//   Disk& files = disk.NewIncarnation();              // what the engine of this boot sees
//   disk.faults().sync_error_ppm = 10'000;
//   disk.PowerLoss();                                 // a drawn, legal subset survives
//   if (disk.Harmed("log/000001", 0, 4096)) ...       // did the disk itself break its promise
//   there?
//
// Two layers: the cache (what reads see; survives Kill) and the platter (survives PowerLoss).
// Between them, in issue order, pending atoms: sector data, sizes, truncations, reservations,
// names. Sync moves atoms to the platter as the profile says; PowerLoss applies a subset that the
// profile allows. Media damage lives on the platter and stays; reads meet it when the cache no
// longer has the sector (DropCache, PowerLoss). faults/README.md is the catalogue.
//
// Nothing here suspends, except through the Disk that NewIncarnation returns.
#ifndef WAVETANK_SIM_VIRTUAL_DISK_H_
#define WAVETANK_SIM_VIRTUAL_DISK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/env/disk.h"
#include "sim/disk_crash.h"
#include "sim/disk_faults.h"
#include "sim/disk_image.h"
#include "sim/host.h"

namespace wt::sim {

struct DiskBody;
class DiskSession;
struct DiskIncarnation;

// Sees every effect, in order, when it has happened. Must not suspend. `durable_end` is the end of
// what successful syncs promised of the file, before this call (OnSync: after it).
class DiskObserver {
 public:
  virtual ~DiskObserver() = default;

  virtual void OnCreate(std::string_view /*path*/) {}
  virtual void OnWrite(std::string_view /*path*/, uint64_t /*offset*/, uint64_t /*size*/,
                       uint64_t /*durable_end*/) {}
  // Before its OnWrite: what was written.
  virtual void OnContent(std::string_view /*path*/, uint64_t /*offset*/,
                         std::string_view /*bytes*/) {}
  virtual void OnTruncate(std::string_view /*path*/, uint64_t /*size*/, uint64_t /*durable_end*/) {}
  // A successful Sync, or one that lied.
  virtual void OnSync(std::string_view /*path*/, uint64_t /*durable_end*/) {}
  // A Sync, or SyncDirectory, that said that it failed.
  virtual void OnSyncFailed(std::string_view /*path*/) {}
  virtual void OnSyncDirectory(std::string_view /*directory*/) {}
  virtual void OnRename(std::string_view /*from*/, std::string_view /*to*/) {}
  virtual void OnRemove(std::string_view /*path*/, uint64_t /*durable_end*/) {}

  // Just before a Sync or SyncDirectory of `path` moves or promises anything: PendingAtoms() and
  // MaterializeCrash() show here the largest set of crash states of the epoch that ends. It alone
  // may suspend its caller.
  virtual void OnBarrier(std::string_view /*path*/) {}
};

class VirtualDisk {
 public:
  // `host` must outlive the disk. `machine` keys its draws.
  VirtualDisk(Host& host, uint32_t machine);
  ~VirtualDisk();
  VirtualDisk(const VirtualDisk&) = delete;
  VirtualDisk& operator=(const VirtualDisk&) = delete;

  DiskFaults& faults();
  const DiskFaults& faults() const;
  DiskProfile profile() const;
  void SetProfile(DiskProfile profile);

  // ---- Life and death. All but NewIncarnation end the living incarnation: its handles and locks
  // fail with FailedPrecondition from then on, and touch nothing.

  // The files for a new boot; ends an incarnation that still lives as Kill would. The reference
  // stays valid as long as the disk.
  Disk& NewIncarnation();
  // The cache is gone; of the atoms in doubt, a drawn subset survives.
  void PowerLoss();
  // As SIGKILL: cache and pending atoms survive.
  void Kill();
  // An empty disk of the same name. Its dials stay.
  void Wipe();
  // The contents change places, caches and pending atoms too; dials stay with their machine.
  void SwapWith(VirtualDisk& other);
  // The platter as it is; loading it later is an old backup of itself (or of another machine).
  DiskImage SaveImage() const;
  void LoadImage(const DiskImage& image);

  // What is drawn from here on is drawn by this seed.
  void Reseed(uint64_t seed);

  // ---- One-shot faults: the next `count` calls on paths that begin with `prefix`. They come
  // before the dials and have no effect besides the error. A later call of the same kind replaces
  // an earlier one.

  void FailNextReads(uint64_t count, std::string_view prefix = "");
  void FailNextWrites(uint64_t count, std::string_view prefix = "");
  // Sync and SyncDirectory: what was in doubt there is dropped from doubt, not from the cache.
  void FailNextSyncs(uint64_t count, std::string_view prefix = "");
  // Open, Rename (by its source), Remove, CreateDirectory, List, Lock, Truncate, Allocate, Size.
  void FailNextMetadata(uint64_t count, std::string_view prefix = "");
  // Sync and SyncDirectory say OK and move nothing.
  void LieNextSyncs(uint64_t count, std::string_view prefix = "");

  // ---- The device.

  // Changing calls fail with FailedPrecondition; reads work.
  void SetReadOnly(bool read_only);
  // As after a journal write error: from now on changing calls fail (FailedPrecondition; under kXfs
  // every call fails, Unavailable), until PowerLoss, Wipe or LoadImage.
  void AbortJournal();
  // Calls that begin before now + `duration` end no earlier than that.
  void HangFor(Duration duration);
  // Sum of the sizes of all files; the dial capacity_bytes bounds it.
  uint64_t used_bytes() const;

  // ---- Media damage, of files that the cached view can name. False when there is no such sector
  // (or byte) on the platter. In the ledger, except DropCache.

  bool FlipBit(std::string_view path, uint64_t offset, uint32_t bit);
  // A latent error: reading the sector fails, the sectors before it read short.
  bool DamageSector(std::string_view path, uint64_t sector);
  bool ZeroSector(std::string_view path, uint64_t sector);
  // What it held before its last change (zeros when the disk does not remember).
  bool StaleSector(std::string_view path, uint64_t sector);
  bool SwapSectors(std::string_view path_a, uint64_t sector_a, std::string_view path_b,
                   uint64_t sector_b);
  // Clean pages of a file (of all files) leave the cache.
  void DropCache(std::string_view path);
  void DropCache();
  // Everything pending reaches the platter, as if the kernel had had time. Not a promise.
  void WriteBackAll();

  // ---- Inspection.

  // Reachable files on the platter, by path.
  std::vector<DurableFile> DurableImage() const;
  std::optional<std::string> DurableBytes(std::string_view path) const;
  // As a running program would see them.
  std::vector<DurableFile> CachedImage() const;
  std::optional<std::string> CachedBytes(std::string_view path) const;
  const DiskImage& platter() const;

  // ---- The ledger: where the platter deviates from what an honest disk would hold. A crash that
  // loses or tears what was never promised is no harm.

  std::vector<Harm> Harms(std::string_view path) const;
  std::vector<NameHarm> NameHarms() const;
  // Whether [from, to) of the file, or its name, is harmed.
  bool Harmed(std::string_view path, uint64_t from, uint64_t to) const;
  bool HarmedAnywhere() const;

  // Observers are called in order of addition, and must outlive the disk or be removed.
  void AddObserver(DiskObserver* observer);
  void RemoveObserver(DiskObserver* observer);

  // ---- Crash enumeration.

  // Views into the disk, valid until it next changes.
  std::vector<Atom> PendingAtoms() const;
  // The platter after this crash; the disk itself does not change.
  DiskImage MaterializeCrash(const CrashSubset& subset) const;
  DiskImage MaterializeCrash(std::span<const Atom> atoms, const CrashOutcome& outcome) const;

 private:
  InodeNumber PlatterSector(std::string_view path, uint64_t sector) const;
  void EndIncarnation();
  void ResetDevice();

  std::unique_ptr<DiskBody> body_;
  std::shared_ptr<DiskIncarnation> incarnation_;
  std::vector<std::unique_ptr<DiskSession>>
      sessions_;  // old ones stay: their tasks may unwind late
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_VIRTUAL_DISK_H_
