#include "sim/disk_crash.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/coding.h"

namespace wt::sim {
namespace {

std::string RandomBytes(uint64_t salt, uint64_t length) {
  Draw draw(salt, {KeyOf("disk.garbage")});
  std::string bytes;
  while (bytes.size() < length) PutU64(bytes, draw.Next());
  bytes.resize(length);
  return bytes;
}

// The bytes of an atom as they arrived, given what the platter had there.
std::string TornBytes(const Atom& atom, const AtomFate& fate, std::string old) {
  WT_CHECK_EQ(old.size(), atom.bytes.size());
  const uint64_t at = std::min<uint64_t>(fate.at, old.size());
  switch (fate.tear) {
    case TearKind::kPrefixNew:
      return old.replace(0, at, atom.bytes.substr(0, at));
    case TearKind::kSuffixNew:
      return old.replace(at, old.npos, atom.bytes.substr(at));
    case TearKind::kGarbage:
      return RandomBytes(fate.salt, old.size());
    case TearKind::kZeros:
      return std::string(old.size(), '\0');
    case TearKind::kNone:
    case TearKind::kGarbled:
      break;
  }
  FailCheck(__FILE__, __LINE__, "not a tear within the atom");
}

// Applies the atoms of one crash to a copy of the platter, in issue order.
class CrashApplication {
 public:
  CrashApplication(DiskImage image, uint64_t epoch) : image_(std::move(image)), epoch_(epoch) {}

  void Apply(const Atom& atom, const AtomFate& fate) {
    if (atom.kind == AtomKind::kName) return ApplyName(atom, fate);
    // Of a removed file whose last handle died: it is nobody's.
    if (image_.Find(atom.inode) == nullptr) return;
    PlatterFile& file = image_.Mutable(atom.inode);
    uint64_t& size = sizes_.emplace(atom.inode, file.size()).first->second;
    switch (atom.kind) {
      case AtomKind::kData:
        return ApplyData(atom, fate, file);
      case AtomKind::kSize:
        return ApplySize(atom, fate, file, size);
      case AtomKind::kTruncate:
        return ApplyTruncate(atom, fate, file, size);
      case AtomKind::kAllocate:
        return ApplyAllocate(atom, fate, file, size);
      case AtomKind::kName:
        break;
    }
  }

  DiskImage Finish() {
    for (const auto& [inode, size] : sizes_) {
      image_.Mutable(inode).ResizeLate(size);
      image_.Mutable(inode).Settle();
    }
    return std::move(image_);
  }

 private:
  void ApplyName(const Atom& atom, const AtomFate& fate) {
    for (const NameChange& change : atom.changes) {
      if (fate.kept) {
        image_.SetName(change.key, change.inode);
        image_.ClearNameHarm(change.path);
      } else if (change.promised) {
        image_.AddNameHarm(change.path, HarmCause::kLostSync);
      }
    }
  }

  void ApplyData(const Atom& atom, const AtomFate& fate, PlatterFile& file) {
    if (!fate.kept) return Fill(atom, fate, file);
    if (fate.tear == TearKind::kGarbled) {
      const uint64_t start = atom.sector() * kSectorBytes;
      return Put(atom, start, RandomBytes(fate.salt, kSectorBytes), file);
    }
    if (fate.tear == TearKind::kNone) return Put(atom, atom.offset, atom.bytes, file);
    Put(atom, atom.offset, TornBytes(atom, fate, file.bytes().CopyPadded(atom.offset, atom.length)),
        file);
  }

  // A promised atom that arrives torn leaves the ledger's expectation as it was.
  void Put(const Atom& atom, uint64_t offset, std::string_view bytes, PlatterFile& file) {
    if (atom.promised) {
      file.WriteLate(offset, bytes, epoch_);
    } else {
      file.Write(offset, bytes, epoch_);
    }
    if (bytes.size() == kSectorBytes) file.HealBad(atom.sector());
  }

  // Whole sectors past what was ever written show what their blocks held before.
  void Fill(const Atom& atom, const AtomFate& fate, PlatterFile& file) {
    if (fate.fill == CrashFill::kZeros) return;
    const uint64_t written = (file.size() + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
    const uint64_t from = std::max(atom.offset, written);
    const uint64_t to = atom.offset + atom.length;
    if (from >= to) return;
    std::string bytes;
    if (fate.fill == CrashFill::kGarbage) {
      bytes = RandomBytes(fate.salt, to - from);
    } else {
      WT_CHECK_LT(fate.ghost, image_.ghosts().size());
      bytes = image_.ghosts()[fate.ghost].CopyPadded(from, to - from);
    }
    if (atom.promised) {
      file.WriteLate(from, bytes, epoch_);
    } else {
      file.Write(from, bytes, epoch_);
    }
  }

  void ApplySize(const Atom& atom, const AtomFate& fate, PlatterFile& file, uint64_t& size) {
    if (!fate.kept) return;
    size = std::max(size, atom.offset);
    if (!atom.promised) file.NoteHonestExtend(atom.offset);
  }

  void ApplyTruncate(const Atom& atom, const AtomFate& fate, PlatterFile& file, uint64_t& size) {
    if (!fate.kept) return;
    size = std::min(size, atom.offset);
    file.CutPhysically(atom.offset);
    if (!atom.promised) file.NoteHonestTruncate(atom.offset);
  }

  void ApplyAllocate(const Atom& atom, const AtomFate& fate, PlatterFile& file, uint64_t& size) {
    if (!fate.kept) return;
    // The zeros of a promised reservation are promised as well.
    if (!atom.promised) Fill(atom, fate, file);
    size = std::max(size, atom.offset + atom.length);
    if (!atom.promised) file.NoteHonestExtend(atom.offset + atom.length);
  }

  DiskImage image_;
  uint64_t epoch_;
  // Sizes are set last: data beyond the end is there, and invisible, until a size covers it.
  std::map<InodeNumber, uint64_t> sizes_;
};

}  // namespace

std::string Atom::ToString() const {
  switch (kind) {
    case AtomKind::kData:
      return absl::StrFormat("#%d write %s sector %d [%d, %d)", op, path, sector(), offset,
                             offset + length);
    case AtomKind::kSize:
      return absl::StrFormat("#%d size %s to %d", op, path, offset);
    case AtomKind::kTruncate:
      return absl::StrFormat("#%d truncate %s to %d", op, path, offset);
    case AtomKind::kAllocate:
      return absl::StrFormat("#%d allocate %s [%d, %d)", op, path, offset, offset + length);
    case AtomKind::kName:
      break;
  }
  std::string text = absl::StrFormat("#%d name", op);
  for (const NameChange& change : changes) {
    text += change.inode == kNoInode ? absl::StrFormat(" -%s", change.path)
                                     : absl::StrFormat(" +%s", change.path);
  }
  return text;
}

CrashOutcome OutcomeOf(const CrashSubset& subset) {
  CrashOutcome outcome(subset.kept.size());
  for (size_t i = 0; i < outcome.size(); ++i) {
    outcome[i].kept = subset.kept[i];
    outcome[i].fill = subset.fill;
    outcome[i].ghost = subset.ghost;
    outcome[i].salt = i + 1;
  }
  if (subset.tear.has_value()) {
    WT_CHECK_LT(subset.tear->atom, outcome.size());
    outcome[subset.tear->atom].tear = subset.tear->kind;
    outcome[subset.tear->atom].at = subset.tear->at;
  }
  return outcome;
}

DiskImage ApplyCrash(DiskImage image, std::span<const Atom> atoms, const CrashOutcome& outcome,
                     uint64_t epoch) {
  WT_CHECK_EQ(atoms.size(), outcome.size());
  CrashApplication application(std::move(image), epoch);
  for (size_t i = 0; i < atoms.size(); ++i) application.Apply(atoms[i], outcome[i]);
  return application.Finish();
}

}  // namespace wt::sim
