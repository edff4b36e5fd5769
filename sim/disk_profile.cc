// The rules of the file system profiles for crashes: what is legal, and how to draw it.
#include <algorithm>
#include <map>
#include <set>

#include "engine/base/check.h"
#include "sim/disk_crash.h"

namespace wt::sim {
namespace {

bool OrdersAllNames(DiskProfile profile) {
  return profile == DiskProfile::kExt4 || profile == DiskProfile::kXfs ||
         profile == DiskProfile::kDsync;
}
// A page reaches the platter as the cache has it, so with all earlier writes to it.
bool OrdersSectorWrites(DiskProfile profile) {
  return profile == DiskProfile::kExt4 || profile == DiskProfile::kXfs;
}
bool OrdersSizes(DiskProfile profile) {
  return profile == DiskProfile::kExt4 || profile == DiskProfile::kXfs;
}
bool SizeWaitsForData(DiskProfile profile) { return profile == DiskProfile::kXfs; }
// Renaming brings the file's data along: ext4's auto_da_alloc (over an existing file), btrfs
// always.
bool RenameFlushes(DiskProfile profile, const Atom& atom) {
  if (atom.kind != AtomKind::kName || atom.changes.size() < 2) return false;
  return profile == DiskProfile::kBtrfs || (profile == DiskProfile::kExt4 && atom.replaces);
}
bool MayTear(DiskProfile profile) {
  return profile == DiskProfile::kPosixMin || profile == DiskProfile::kDsync;
}

bool IsFileAtom(const Atom& atom, InodeNumber inode) {
  return atom.kind != AtomKind::kName && atom.inode == inode;
}

// Drops from `fates` what the profile's order forbids, walking forward: an atom falls when one that
// it depends on has fallen.
class OrderRules {
 public:
  OrderRules(DiskProfile profile, std::span<const Atom> atoms) : profile_(profile), atoms_(atoms) {
    if (profile != DiskProfile::kBtrfs) return;
    for (const Atom& atom : atoms) {
      if (atom.kind != AtomKind::kName) ++btrfs_atoms_[{atom.inode, atom.op}];
    }
  }

  void Enforce(CrashOutcome& fates) {
    if (profile_ == DiskProfile::kPosixMin) return;
    if (profile_ == DiskProfile::kBtrfs) MakeOperationsWhole(fates);
    for (size_t i = 0; i < atoms_.size(); ++i) {
      if (fates[i].kept && !Allowed(i, fates)) fates[i].kept = false;
      if (!fates[i].kept) NoteLost(atoms_[i]);
    }
  }

 private:
  bool Allowed(size_t i, const CrashOutcome& fates) const {
    const Atom& atom = atoms_[i];
    if (atom.kind == AtomKind::kName) return NameAllowed(i, fates);
    if (profile_ == DiskProfile::kBtrfs) return !lost_files_.contains(atom.inode);
    if (atom.kind == AtomKind::kData) {
      return !OrdersSectorWrites(profile_) || !lost_sectors_.contains({atom.inode, atom.sector()});
    }
    if (OrdersSizes(profile_) && lost_sizes_.contains(atom.inode)) return false;
    return !SizeWaitsForData(profile_) || !lost_data_.contains({atom.inode, atom.op});
  }

  bool NameAllowed(size_t i, const CrashOutcome& fates) const {
    const Atom& atom = atoms_[i];
    if (OrdersAllNames(profile_) && a_name_is_lost_) return false;
    if (profile_ == DiskProfile::kBtrfs) {
      if (lost_subjects_.contains(atom.inode)) return false;
      for (const NameChange& change : atom.changes) {
        if (lost_keys_.contains(change.key)) return false;
      }
    }
    if (!RenameFlushes(profile_, atom)) return true;
    for (size_t j = 0; j < i; ++j) {
      if (IsFileAtom(atoms_[j], atom.inode) && !fates[j].kept) return false;
    }
    return true;
  }

  void NoteLost(const Atom& atom) {
    switch (atom.kind) {
      case AtomKind::kName:
        a_name_is_lost_ = true;
        lost_subjects_.insert(atom.inode);
        for (const NameChange& change : atom.changes) lost_keys_.insert(change.key);
        return;
      case AtomKind::kData:
        lost_sectors_.insert({atom.inode, atom.sector()});
        lost_data_.insert({atom.inode, atom.op});
        break;
      case AtomKind::kSize:
      case AtomKind::kTruncate:
      case AtomKind::kAllocate:
        lost_sizes_.insert(atom.inode);
        break;
    }
    lost_files_.insert(atom.inode);
  }

  void MakeOperationsWhole(CrashOutcome& fates) const {
    std::map<std::pair<InodeNumber, uint64_t>, size_t> kept;
    for (size_t i = 0; i < atoms_.size(); ++i) {
      if (atoms_[i].kind != AtomKind::kName && fates[i].kept)
        ++kept[{atoms_[i].inode, atoms_[i].op}];
    }
    for (size_t i = 0; i < atoms_.size(); ++i) {
      if (atoms_[i].kind == AtomKind::kName) continue;
      const std::pair<InodeNumber, uint64_t> op = {atoms_[i].inode, atoms_[i].op};
      if (kept[op] != btrfs_atoms_.at(op)) fates[i].kept = false;
    }
  }

  DiskProfile profile_;
  std::span<const Atom> atoms_;
  std::map<std::pair<InodeNumber, uint64_t>, size_t> btrfs_atoms_;
  bool a_name_is_lost_ = false;
  std::set<InodeNumber> lost_subjects_, lost_sizes_, lost_files_;
  std::set<NameKey> lost_keys_;
  std::set<std::pair<InodeNumber, uint64_t>> lost_sectors_, lost_data_;
};

enum class Shape { kAll, kNone, kPrefix, kDropOne, kEarlyOne, kCoins };

Shape DrawShape(Draw& draw) {
  const uint64_t roll = draw.Below(100);
  if (roll < 10) return Shape::kAll;
  if (roll < 20) return Shape::kNone;
  if (roll < 35) return Shape::kPrefix;
  if (roll < 50) return Shape::kDropOne;
  if (roll < 60) return Shape::kEarlyOne;
  return Shape::kCoins;
}

uint64_t AtomKey(const Atom& atom) {
  return Mix64(atom.op) ^ Mix64(static_cast<uint64_t>(atom.kind) + 1) ^ Mix64(atom.offset + 7);
}

void DrawKept(std::span<const Atom> atoms, const CrashKey& key, CrashOutcome& fates) {
  Draw draw(key.seed, {KeyOf("disk"), key.machine, KeyOf("disk.crash.shape"), key.crash});
  const Shape shape = DrawShape(draw);
  const size_t count = atoms.size();
  const size_t cut = draw.Below(count + 1);
  const size_t odd = draw.Below(count);
  constexpr uint32_t kChances[] = {100'000, 500'000, 900'000};
  const uint32_t chance = kChances[draw.Below(3)];
  for (size_t i = 0; i < count; ++i) {
    Draw coin(key.seed,
              {KeyOf("disk"), key.machine, KeyOf("disk.crash.keep"), key.crash, AtomKey(atoms[i])});
    switch (shape) {
      case Shape::kAll:
        fates[i].kept = true;
        break;
      case Shape::kNone:
        fates[i].kept = false;
        break;
      case Shape::kPrefix:
        fates[i].kept = i < cut;
        break;
      case Shape::kDropOne:
        fates[i].kept = i < std::max(cut, odd + 1) && i != odd;
        break;
      case Shape::kEarlyOne:
        fates[i].kept = i < std::min(cut, odd) || i == odd;
        break;
      case Shape::kCoins:
        fates[i].kept = coin.Chance(chance);
        break;
    }
  }
}

// Independent coins would end an ordered chain almost at once; a drawn cut reaches every length.
void CutNames(DiskProfile profile, std::span<const Atom> atoms, const CrashKey& key,
              CrashOutcome& fates) {
  if (!OrdersAllNames(profile)) return;
  Draw draw(key.seed, {KeyOf("disk"), key.machine, KeyOf("disk.crash.names"), key.crash});
  size_t names = 0, kept = 0;
  for (size_t i = 0; i < atoms.size(); ++i) {
    if (atoms[i].kind != AtomKind::kName) continue;
    ++names;
    kept += fates[i].kept ? 1 : 0;
  }
  if (kept == 0 || kept == names) return;
  size_t left = draw.Below(names + 1);
  for (size_t i = 0; i < atoms.size(); ++i) {
    if (atoms[i].kind != AtomKind::kName) continue;
    fates[i].kept = left > 0;
    left -= left > 0 ? 1 : 0;
  }
}

// A kept rename that flushes keeps everything written to its file before.
void KeepFlushed(DiskProfile profile, std::span<const Atom> atoms, CrashOutcome& fates) {
  for (size_t i = 0; i < atoms.size(); ++i) {
    if (!fates[i].kept || !RenameFlushes(profile, atoms[i])) continue;
    for (size_t j = 0; j < i; ++j) {
      if (IsFileAtom(atoms[j], atoms[i].inode)) fates[j].kept = true;
    }
  }
}

void DrawTear(const DiskFaults& faults, const Atom& atom, Draw draw, AtomFate& fate) {
  const bool garbled = draw.Chance(faults.garbled_sector_ppm);
  const bool torn = draw.Chance(faults.torn_sector_ppm);
  constexpr TearKind kKinds[] = {TearKind::kPrefixNew, TearKind::kSuffixNew, TearKind::kGarbage,
                                 TearKind::kZeros};
  const TearKind kind = kKinds[draw.Below(4)];
  fate.at = 1 + draw.Below(std::max<uint64_t>(atom.length, 2) - 1);
  if (torn) fate.tear = kind;
  if (garbled) fate.tear = TearKind::kGarbled;
}

void DrawFill(const DiskFaults& faults, size_t ghosts, Draw draw, AtomFate& fate) {
  const bool garbage = draw.Chance(faults.garbage_fill_ppm);
  const bool ghost = draw.OneIn(2);
  if (!garbage) return;
  fate.fill = ghost && ghosts > 0 ? CrashFill::kGhost : CrashFill::kGarbage;
  fate.ghost = ghosts > 0 ? draw.Below(ghosts) : 0;
}

}  // namespace

std::string_view NameOf(DiskProfile profile) {
  switch (profile) {
    case DiskProfile::kPosixMin:
      return "posix-min";
    case DiskProfile::kExt4:
      return "ext4";
    case DiskProfile::kXfs:
      return "xfs";
    case DiskProfile::kBtrfs:
      return "btrfs";
    case DiskProfile::kDsync:
      return "dsync";
  }
  FailCheck(__FILE__, __LINE__, "unknown disk profile");
}

bool Legal(DiskProfile profile, std::span<const Atom> atoms, const CrashOutcome& outcome) {
  WT_CHECK_EQ(atoms.size(), outcome.size());
  for (const AtomFate& fate : outcome) {
    if (MayTear(profile)) break;
    if (fate.kept && fate.tear != TearKind::kNone) return false;
    if (fate.fill != CrashFill::kZeros) return false;
  }
  CrashOutcome ordered = outcome;
  OrderRules(profile, atoms).Enforce(ordered);
  for (size_t i = 0; i < outcome.size(); ++i) {
    if (ordered[i].kept != outcome[i].kept) return false;
  }
  return true;
}

CrashOutcome DrawOutcome(DiskProfile profile, const DiskFaults& faults, std::span<const Atom> atoms,
                         size_t ghosts, const CrashKey& key) {
  CrashOutcome fates(atoms.size());
  if (atoms.empty()) return fates;
  DrawKept(atoms, key, fates);
  CutNames(profile, atoms, key, fates);
  KeepFlushed(profile, atoms, fates);
  OrderRules(profile, atoms).Enforce(fates);
  for (size_t i = 0; i < atoms.size() && MayTear(profile); ++i) {
    const Draw draw(key.seed, {KeyOf("disk"), key.machine, KeyOf("disk.crash.damage"), key.crash,
                               AtomKey(atoms[i])});
    fates[i].salt = Draw(draw).Next();
    if (fates[i].kept && atoms[i].kind == AtomKind::kData)
      DrawTear(faults, atoms[i], draw, fates[i]);
    DrawFill(faults, ghosts, draw, fates[i]);
  }
  WT_CHECK(Legal(profile, atoms, fates));
  return fates;
}

}  // namespace wt::sim
