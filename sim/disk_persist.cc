// DiskCore, between cache and platter: what syncs move, fail to move, or pretend to move.
#include <algorithm>

#include "engine/base/check.h"
#include "sim/disk_core.h"

namespace wt::sim {
namespace {

using Kind = PendingWrite::Kind;

void Resize(PlatterFile& platter, const PendingWrite& record) {
  const bool cuts = record.kind == Kind::kTruncate;
  const uint64_t size = cuts ? record.offset : record.grows_to;
  if (!cuts && size == 0) return;
  if (!record.promised) return cuts ? platter.Truncate(size) : platter.Extend(size);
  if (cuts) platter.CutPhysically(size);
  platter.ResizeLate(cuts ? std::min(size, platter.size()) : std::max(size, platter.size()));
}

uint64_t PromisedEnd(uint64_t end, const PendingWrite& record) {
  switch (record.kind) {
    case Kind::kTruncate:
      return std::min(end, record.offset);
    case Kind::kWrite:
      return std::max(end, record.offset + record.length);
    case Kind::kExtend:
    case Kind::kAllocate:
      return std::max(end, record.grows_to);
  }
  FailCheck(__FILE__, __LINE__, "unknown kind of pending write");
}

void FlipBitOf(std::string& sector, uint64_t byte, uint64_t bit) {
  WT_CHECK_LT(byte, sector.size());
  sector[byte] = static_cast<char>(sector[byte] ^ (1 << bit));
}

}  // namespace

// ---- Files.

void DiskCore::PersistFile(Inode& inode, uint64_t through, const DiskDice& dice) {
  if (inode.pending.empty()) return;
  ++epoch_;
  size_t moved = 0;
  for (const PendingWrite& record : inode.pending.records()) {
    if (record.op > through) break;
    ApplyPending(inode, record, dice);
    ++moved;
  }
  inode.pending.DropFirst(moved);
  // What is promised comes first in the list.
  const bool owes = !inode.pending.empty() && inode.pending.records().front().promised;
  if (!owes && image_.Find(inode.number)->owes()) image_.Mutable(inode.number).Settle();
}

void DiskCore::ApplyPending(Inode& inode, const PendingWrite& record, const DiskDice& dice) {
  if (record.kind == Kind::kWrite && !record.data_lost) ApplyBytes(inode, record, dice);
  Resize(image_.Mutable(inode.number), record);
}

// One write on its way to the platter, with what the hardware does to it.
void DiskCore::ApplyBytes(Inode& inode, const PendingWrite& record, const DiskDice& dice) {
  const std::string_view bytes = inode.pending.BytesOf(record);
  const DiskFaults& faults = *dice.faults;
  const uint64_t first = record.offset / kSectorBytes;
  const uint64_t sectors = (record.offset + bytes.size() - 1) / kSectorBytes - first + 1;
  const bool phantom = dice.Chance(KeyOf("disk.phantom"), faults.phantom_write_ppm, record.call);
  const bool misdirected =
      dice.Chance(KeyOf("disk.misdirect"), faults.misdirected_write_ppm, record.call);
  const bool corrupt = dice.Chance(KeyOf("disk.corrupt"), faults.corrupt_write_ppm, record.call);
  Draw draw = dice.Roll(KeyOf("disk.flaw"), record.call);
  const uint64_t sector = first + draw.Below(sectors);
  PlatterFile& platter = image_.Mutable(inode.number);
  const std::string old = phantom || misdirected ? platter.Sector(sector) : std::string();

  if (record.promised) {
    platter.WriteLate(record.offset, bytes, epoch_);
  } else {
    platter.Write(record.offset, bytes, epoch_);
  }
  if (faults.remap_on_write && !platter.bad_sectors().empty()) {
    const uint64_t whole_from = (record.offset + kSectorBytes - 1) / kSectorBytes;
    const uint64_t whole_to = (record.offset + bytes.size()) / kSectorBytes;
    for (uint64_t s = whole_from; s < whole_to; ++s) platter.HealBad(s);
  }
  if (phantom) platter.Damage(sector, old, HarmCause::kPhantomWrite);
  if (misdirected) Misdirect(inode, sector, old, draw);
  if (corrupt) {
    const uint64_t at = record.offset + draw.Below(bytes.size());
    std::string flipped = platter.Sector(at / kSectorBytes);
    FlipBitOf(flipped, at % kSectorBytes, draw.Below(8));
    platter.Damage(at / kSectorBytes, flipped, HarmCause::kCorruptWrite);
  }
}

void DiskCore::Misdirect(Inode& inode, uint64_t sector, const std::string& old, Draw draw) {
  const std::string strayed = image_.Find(inode.number)->Sector(sector);
  std::vector<InodeNumber> targets;
  for (InodeNumber number : image_.Inodes()) {
    if (image_.Find(number)->size() > 0) targets.push_back(number);
  }
  WT_CHECK(!targets.empty());
  const InodeNumber target = targets[draw.Below(targets.size())];
  const uint64_t sectors = (image_.Find(target)->size() + kSectorBytes - 1) / kSectorBytes;
  const uint64_t landed = draw.Below(sectors);
  image_.Mutable(inode.number).Damage(sector, old, HarmCause::kMisdirected);
  image_.Mutable(target).Damage(landed, strayed, HarmCause::kMisdirected);
}

void DiskCore::LoseData(Inode& inode, uint64_t through, Draw draw) {
  const bool lose_all = draw.OneIn(2);
  bool lost_some = false;
  for (PendingWrite& record : inode.pending.records()) {
    if (record.op > through) break;
    if (record.kind != Kind::kWrite || record.data_lost) continue;
    const bool lost = lose_all || !lost_some || draw.OneIn(2);
    record.data_lost = lost;
    lost_some |= lost;
  }
  ++inode.error_count;
  inode.error_reported = false;
}

void DiskCore::PromiseFile(Inode& inode, uint64_t through) {
  PlatterFile& platter = image_.Mutable(inode.number);
  uint64_t end = platter.promised_end();
  if (!inode.pending.empty()) platter.Owe();
  for (PendingWrite& record : inode.pending.records()) {
    if (record.op > through) break;
    end = PromisedEnd(end, record);
    if (record.promised) continue;
    record.promised = true;
    if (record.kind == Kind::kTruncate) {
      platter.ExpectTruncate(record.offset);
      continue;
    }
    if (!record.data_lost) {
      platter.ExpectWrite(record.offset, inode.pending.BytesOf(record), HarmCause::kLostSync);
    }
    if (record.grows_to != 0) platter.ExpectExtend(record.grows_to);
  }
  platter.set_promised_end(end);
}

void DiskCore::SyncFile(Inode& inode, uint64_t through, DiskProfile profile, const DiskDice& dice) {
  if (!inode.pending.empty()) {
    uint64_t end = image_.Find(inode.number)->promised_end();
    for (const PendingWrite& record : inode.pending.records()) {
      if (record.op <= through) end = PromisedEnd(end, record);
    }
    PersistFile(inode, through, dice);
    image_.Mutable(inode.number).set_promised_end(end);
  }
  if (pending_names_.empty()) return;
  switch (profile) {
    case DiskProfile::kPosixMin:
      return;
    case DiskProfile::kExt4:
    case DiskProfile::kXfs:
    case DiskProfile::kDsync:
      return PersistAllNames(through);
    case DiskProfile::kBtrfs:
      break;
  }
  std::set<size_t> groups;
  for (size_t i = 0; i < pending_names_.size(); ++i) {
    if (pending_names_[i].subject == inode.number) groups.insert(i);
  }
  PersistGroups(BtrfsClosure(std::move(groups), through));
}

// ---- Names.

void DiskCore::PersistChange(const NameChange& change) {
  image_.SetName(change.key, change.inode);
  image_.ClearNameHarm(change.path);
}

void DiskCore::EraseEmptyNames() {
  std::erase_if(pending_names_, [](const PendingName& name) { return name.changes.empty(); });
  CollectZombies();
}

void DiskCore::PersistGroups(const std::set<size_t>& groups) {
  for (size_t index : groups) {
    WT_CHECK_LT(index, pending_names_.size());
    for (const NameChange& change : pending_names_[index].changes) PersistChange(change);
    pending_names_[index].changes.clear();
  }
  EraseEmptyNames();
}

void DiskCore::PersistAllNames(uint64_t through) {
  std::set<size_t> groups;
  for (size_t i = 0; i < pending_names_.size(); ++i) {
    if (pending_names_[i].op <= through) groups.insert(i);
  }
  PersistGroups(groups);
}

// With the named groups go: earlier ones of the same names or files, and the folders above.
std::set<size_t> DiskCore::BtrfsClosure(std::set<size_t> groups, uint64_t through) const {
  const auto needs = [&](const PendingName& later, const PendingName& earlier) {
    if (later.subject == earlier.subject) return true;
    for (const NameChange& a : later.changes) {
      if (a.key.first == earlier.subject) return true;
      for (const NameChange& b : earlier.changes) {
        if (a.key == b.key) return true;
      }
    }
    return false;
  };
  std::erase_if(groups, [&](size_t i) { return pending_names_[i].op > through; });
  for (bool grew = true; grew;) {
    grew = false;
    for (size_t later : std::vector<size_t>(groups.begin(), groups.end())) {
      for (size_t earlier = 0; earlier < later; ++earlier) {
        if (!groups.contains(earlier) && needs(pending_names_[later], pending_names_[earlier])) {
          grew |= groups.insert(earlier).second;
        }
      }
    }
  }
  return groups;
}

void DiskCore::SyncNames(InodeNumber directory, uint64_t through, DiskProfile profile) {
  if (profile == DiskProfile::kBtrfs) {
    std::set<size_t> groups;
    for (size_t i = 0; i < pending_names_.size(); ++i) {
      bool touches = pending_names_[i].subject == directory;
      for (const NameChange& change : pending_names_[i].changes) {
        touches |= change.key.first == directory;
      }
      if (touches) groups.insert(i);
    }
    return PersistGroups(BtrfsClosure(std::move(groups), through));
  }
  if (profile != DiskProfile::kPosixMin) return PersistAllNames(through);
  for (PendingName& name : pending_names_) {
    if (name.op > through) break;
    std::erase_if(name.changes, [&](const NameChange& change) {
      if (change.key.first != directory) return false;
      PersistChange(change);
      return true;
    });
  }
  EraseEmptyNames();
}

void DiskCore::LoseNames(InodeNumber directory, uint64_t through) {
  for (PendingName& name : pending_names_) {
    if (name.op > through) break;
    std::erase_if(name.changes, [&](const NameChange& change) {
      if (change.key.first != directory) return false;
      // It would have been durable by now, had the sync before this one not lied.
      if (change.promised) image_.AddNameHarm(change.path, HarmCause::kLostSync);
      return true;
    });
  }
  EraseEmptyNames();
}

void DiskCore::PromiseNames(InodeNumber directory, uint64_t through) {
  for (PendingName& name : pending_names_) {
    if (name.op > through) break;
    for (NameChange& change : name.changes) {
      if (change.key.first == directory) change.promised = true;
    }
  }
}

}  // namespace wt::sim
