// Random file operations on the virtual disk against two models: a plain map of strings (what reads
// see, and what successful syncs promised), and an honest twin (what the ledger must say of a disk
// that lies).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <ostream>
#include <set>

#include "tests/sim/disk_fixture.h"

namespace wt::sim {
namespace {

struct Step {
  enum Kind { kWrite, kTruncate, kAllocate, kSync, kCreate, kRemove, kRename, kSyncNames, kKinds };
  Kind kind;
  int file, other;
  uint64_t offset, size;
  char fill;
};

void showValue(const Step& step, std::ostream& out) {
  constexpr const char* kNames[] = {"write",  "truncate", "allocate", "sync",
                                    "create", "remove",   "rename",   "sync-names"};
  out << kNames[step.kind] << " f" << step.file << " f" << step.other << " [" << step.offset
      << ", +" << step.size << ") " << step.fill;
}

rc::Gen<Step> AnyStep() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(0, 20), rc::gen::inRange(0, 3), rc::gen::inRange(0, 3),
                     rc::gen::inRange<uint64_t>(0, 3000), rc::gen::inRange<uint64_t>(1, 2000),
                     rc::gen::inRange<char>('a', 'z')),
      [](const auto& t) {
        const int roll = std::get<0>(t);
        const auto kind = roll < Step::kKinds ? static_cast<Step::Kind>(roll)
                                              : (roll < 15 ? Step::kWrite : Step::kSync);
        return Step{kind,           std::get<1>(t), std::get<2>(t),
                    std::get<3>(t), std::get<4>(t), std::get<5>(t)};
      });
}

std::string NameOf(int file) { return "f" + std::to_string(file); }

// Applies a step; false when the disk refused it for a missing or taken name.
bool Apply(DiskRig& rig, const Step& step) {
  const std::string path = NameOf(step.file);
  if (step.kind == Step::kCreate) return rig.files->Open(path, OpenMode::kCreate).ok();
  if (step.kind == Step::kRemove) return rig.files->Remove(path).ok();
  if (step.kind == Step::kRename) return rig.files->Rename(path, NameOf(step.other)).ok();
  if (step.kind == Step::kSyncNames) return rig.files->SyncDirectory("").ok();
  absl::StatusOr<std::unique_ptr<File>> file = rig.files->Open(path, OpenMode::kReadWrite);
  if (!file.ok()) return false;
  switch (step.kind) {
    case Step::kWrite:
      return WriteFully(**file, step.offset, std::string(step.size, step.fill)).ok();
    case Step::kTruncate:
      return (*file)->Truncate(step.offset).ok();
    case Step::kAllocate:
      return (*file)->Allocate(step.offset, step.size).ok();
    default:
      return (*file)->Sync().ok();
  }
}

using Model = std::map<std::string, std::string>;

void Apply(Model& model, const Step& step) {
  const std::string path = NameOf(step.file);
  if (step.kind == Step::kCreate) {
    model.emplace(path, "");
    return;
  }
  auto it = model.find(path);
  if (it == model.end()) return;
  std::string& bytes = it->second;
  const uint64_t end = step.offset + step.size;
  if (step.kind == Step::kWrite) {
    if (bytes.size() < end) bytes.resize(end, '\0');
    bytes.replace(step.offset, step.size, std::string(step.size, step.fill));
  } else if (step.kind == Step::kTruncate) {
    bytes.resize(step.offset, '\0');
  } else if (step.kind == Step::kAllocate) {
    if (bytes.size() < end) bytes.resize(end, '\0');
  } else if (step.kind == Step::kRemove) {
    model.erase(it);
  } else if (step.kind == Step::kRename && step.file != step.other) {
    model[NameOf(step.other)] = bytes;
    model.erase(path);
  }
}

Model CachedModel(const VirtualDisk& disk) {
  Model model;
  for (DurableFile& file : disk.CachedImage()) model[file.path] = std::move(file.bytes);
  return model;
}

RC_GTEST_PROP(DiskPropertyTest, ReadsAreThoseOfAPlainMap, (uint64_t seed)) {
  const auto steps = *rc::gen::container<std::vector<Step>>(AnyStep());
  DiskRig rig(seed, static_cast<DiskProfile>(seed % 5));
  rig.disk.faults().early_writeback_ppm = 200'000;
  rig.disk.faults().short_write_ppm = 200'000;
  Model model;
  for (const Step& step : steps) {
    Apply(rig, step);
    Apply(model, step);
    RC_ASSERT(CachedModel(rig.disk) == model);
  }
  rig.disk.DropCache();
  RC_ASSERT(CachedModel(rig.disk) == model);
  rig.disk.WriteBackAll();
  rig.PowerLossAndBoot();
  RC_ASSERT(CachedModel(rig.disk) == model);
  RC_ASSERT(!rig.disk.HarmedAnywhere());
}

// Whatever crashes leave, what was synced (file, then directory) and not touched since is there.
RC_GTEST_PROP(DiskPropertyTest, SyncedAndUntouchedSurvivesEveryCrash, (uint64_t seed)) {
  const auto steps = *rc::gen::container<std::vector<Step>>(AnyStep());
  DiskRig rig(seed, static_cast<DiskProfile>(seed % 5));
  rig.disk.faults().torn_sector_ppm = 200'000;
  rig.disk.faults().garbage_fill_ppm = 200'000;
  rig.disk.faults().early_writeback_ppm = 100'000;
  const std::string content(1500, 'S');
  rig.CreateDurable("safe", content);
  for (const Step& step : steps) {
    Apply(rig, step);
    if (step.fill == 'q') rig.PowerLossAndBoot();
    if (step.fill == 'k') rig.KillAndBoot();
  }
  rig.PowerLossAndBoot();
  RC_ASSERT(rig.Content("safe") == content);
  RC_ASSERT(!rig.disk.HarmedAnywhere());
}

// Synced content of a file that saw only appends and overwrites since: each byte is one of the
// versions written there since the last sync, or the synced one.
RC_GTEST_PROP(DiskPropertyTest, CrashedBytesWereWrittenThere, (uint64_t seed)) {
  DiskRig rig(seed);
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('s', 3));
  std::vector<std::set<char>> allowed(4096, {'\0'});
  for (size_t i = 0; i < 1536; ++i) allowed[i] = {'s'};
  const auto writes = *rc::gen::container<std::vector<Step>>(AnyStep());
  for (const Step& step : writes) {
    const uint64_t size = std::min<uint64_t>(step.size, 4096 - step.offset);
    RC_ASSERT(WriteFully(*file, step.offset, std::string(size, step.fill)).ok());
    for (uint64_t i = 0; i < size; ++i) allowed[step.offset + i].insert(step.fill);
  }
  rig.disk.PowerLoss();
  const std::string after = *rig.disk.DurableBytes("f");
  RC_ASSERT(after.size() >= 1536u);
  for (size_t i = 0; i < after.size(); ++i) RC_ASSERT(allowed[i].contains(after[i]));
}

// Requires that both disks know the file by the same inode. HonestBytes is what the twin holds, and
// a sector is harmed exactly when the two platters differ there.
void CheckLedger(const VirtualDisk& liar, const VirtualDisk& twin, const std::string& path) {
  const InodeNumber mine = liar.platter().Resolve(path);
  const InodeNumber its = twin.platter().Resolve(path);
  RC_ASSERT(mine == its);
  if (mine == kNoInode) return;
  const PlatterFile& lying = *liar.platter().Find(mine);
  const std::string honest = twin.platter().Find(its)->bytes().ToString();
  RC_ASSERT(lying.HonestBytes() == honest);
  std::set<uint64_t> harmed;
  for (const Harm& harm : lying.Harms()) harmed.insert(harm.sector);
  const uint64_t size = std::max<uint64_t>(lying.size(), honest.size());
  for (uint64_t sector = 0; sector * 512 < size; ++sector) {
    const bool differs = lying.bytes().Copy(sector * 512, 512) !=
                         honest.substr(std::min<uint64_t>(sector * 512, honest.size()), 512);
    RC_ASSERT(differs == harmed.contains(sector));
  }
}

void MakeLiar(VirtualDisk& disk) {
  disk.faults().phantom_write_ppm = 200'000;
  disk.faults().corrupt_write_ppm = 200'000;
  disk.faults().misdirected_write_ppm = 100'000;
}

// On both disks; some syncs of the first are lies. Syncs of files only: a name that a lie kept
// makes the two disks' files different ones.
void ApplyToBoth(DiskRig& liar, DiskRig& twin, const Step& step) {
  if (step.fill < 'i') liar.disk.LieNextSyncs(1, "f");
  Apply(liar, step);
  liar.disk.LieNextSyncs(0);
  Apply(twin, step);
  if (step.fill == 'f') liar.disk.FlipBit(NameOf(step.other), step.offset, 3);
}

RC_GTEST_PROP(DiskPropertyTest, TheLedgerIsWhatAnHonestTwinHolds, (uint64_t seed)) {
  const auto steps = *rc::gen::container<std::vector<Step>>(AnyStep());
  DiskRig liar(seed), twin(seed);
  MakeLiar(liar.disk);
  for (const Step& step : steps) {
    ApplyToBoth(liar, twin, step);
    for (int i = 0; i < 3; ++i) CheckLedger(liar.disk, twin.disk, NameOf(i));
  }
}

RC_GTEST_PROP(DiskPropertyTest, AfterACrashTheLedgerKnowsWhatWasPromised, (uint64_t seed)) {
  const auto steps = *rc::gen::container<std::vector<Step>>(AnyStep());
  DiskRig liar(seed), twin(seed);
  MakeLiar(liar.disk);
  liar.disk.faults().torn_sector_ppm = 300'000;
  liar.disk.faults().garbage_fill_ppm = 300'000;
  for (const Step& step : steps) ApplyToBoth(liar, twin, step);
  // At last everything is promised; of the liar's promises, a crash then breaks some.
  for (int i = 0; i < 3; ++i) {
    ApplyToBoth(liar, twin, {.kind = Step::kSync, .file = i, .fill = i == 0 ? 'z' : 'a'});
  }
  ApplyToBoth(liar, twin, {.kind = Step::kSyncNames, .fill = 'z'});
  liar.disk.PowerLoss();
  twin.disk.PowerLoss();
  for (int i = 0; i < 3; ++i) CheckLedger(liar.disk, twin.disk, NameOf(i));
}

// Whatever subset survives, legal or not: the state mounts, lists, reads, and frees all it had.
RC_GTEST_PROP(DiskPropertyTest, EveryCrashStateMounts, (uint64_t seed)) {
  const auto steps = *rc::gen::container<std::vector<Step>>(AnyStep());
  DiskRig rig(seed, static_cast<DiskProfile>(seed % 5));
  for (const Step& step : steps) Apply(rig, step);
  const size_t count = rig.disk.PendingAtoms().size();
  Draw draw(seed);
  for (int round = 0; round < 10; ++round) {
    CrashSubset subset{.kept = std::vector<bool>(count)};
    for (size_t i = 0; i < count; ++i) subset.kept[i] = draw.OneIn(2);
    VirtualDisk other(rig.host, 5);
    other.LoadImage(rig.disk.MaterializeCrash(subset));
    Disk& files = other.NewIncarnation();
    const absl::StatusOr<std::vector<DirectoryEntry>> entries = files.List("");
    RC_ASSERT(entries.ok());
    for (const DirectoryEntry& entry : *entries) {
      RC_ASSERT(ReadWholeFile(files, entry.name, 1 << 20).ok());
      RC_ASSERT(files.Remove(entry.name).ok());
    }
    RC_ASSERT(files.SyncDirectory("").ok());
    RC_ASSERT(other.used_bytes() == 0u);
    RC_ASSERT(other.platter().Inodes().size() == 1u);
  }
}

}  // namespace
}  // namespace wt::sim
