// DiskCore at a crash: what is pending, cut into atoms.
#include <algorithm>

#include "engine/base/check.h"
#include "sim/disk_core.h"

namespace wt::sim {
namespace {

using Kind = PendingWrite::Kind;

Atom FileAtom(AtomKind kind, const Inode& inode, const PendingWrite& record) {
  Atom atom;
  atom.kind = kind;
  atom.promised = record.promised;
  atom.op = record.op;
  atom.inode = inode.number;
  atom.offset = record.offset;
  atom.length = record.length;
  atom.path = inode.path;
  return atom;
}

void AddDataAtoms(const Inode& inode, const PendingWrite& record, std::vector<Atom>& atoms) {
  std::string_view bytes = inode.pending.BytesOf(record);
  uint64_t offset = record.offset;
  while (!bytes.empty()) {
    const uint64_t count = std::min(bytes.size(), kSectorBytes - offset % kSectorBytes);
    Atom& atom = atoms.emplace_back(FileAtom(AtomKind::kData, inode, record));
    atom.offset = offset;
    atom.length = count;
    atom.bytes = bytes.substr(0, count);
    offset += count;
    bytes.remove_prefix(count);
  }
}

void AddFileAtoms(const Inode& inode, const PendingWrite& record, std::vector<Atom>& atoms) {
  switch (record.kind) {
    case Kind::kTruncate:
      atoms.push_back(FileAtom(AtomKind::kTruncate, inode, record));
      return;
    case Kind::kAllocate:
      atoms.push_back(FileAtom(AtomKind::kAllocate, inode, record));
      return;
    case Kind::kWrite:
      if (!record.data_lost) AddDataAtoms(inode, record, atoms);
      break;
    case Kind::kExtend:
      break;
  }
  if (record.grows_to == 0) return;
  Atom& size = atoms.emplace_back(FileAtom(AtomKind::kSize, inode, record));
  size.offset = record.grows_to;
  size.length = 0;
}

void AddNameAtoms(const PendingName& name, bool split, std::vector<Atom>& atoms) {
  const std::span<const NameChange> all = name.changes;
  const size_t step = split ? 1 : all.size();
  for (size_t at = 0; at < all.size(); at += step) {
    Atom& atom = atoms.emplace_back();
    atom.kind = AtomKind::kName;
    atom.replaces = name.replaces;
    atom.op = name.op;
    atom.inode = name.subject;
    atom.offset = at;
    atom.changes = all.subspan(at, step);
    atom.path = atom.changes.front().path;
    for (const NameChange& change : atom.changes) atom.promised |= change.promised;
  }
}

}  // namespace

std::vector<Atom> DiskCore::PendingAtoms(DiskProfile profile) const {
  std::vector<Atom> atoms;
  for (const auto& [number, inode] : inodes_) {
    for (const PendingWrite& record : inode.pending.records()) AddFileAtoms(inode, record, atoms);
  }
  for (const PendingName& name : pending_names_) {
    const bool split = profile == DiskProfile::kPosixMin && !name.subject_is_directory;
    AddNameAtoms(name, split, atoms);
  }
  std::stable_sort(atoms.begin(), atoms.end(),
                   [](const Atom& a, const Atom& b) { return a.op < b.op; });
  return atoms;
}

DiskImage DiskCore::AfterCrash(std::span<const Atom> atoms, const CrashOutcome& outcome) const {
  return ApplyCrash(image_, atoms, outcome, epoch_ + 1);
}

}  // namespace wt::sim
