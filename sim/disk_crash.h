// Crash states: the atoms in doubt, which subsets of them a profile allows, and the platter after
// one.
//
//   const std::vector<Atom>& atoms = disk.PendingAtoms();
//   CrashSubset subset{.kept = std::vector<bool>(atoms.size(), true)};
//   subset.kept[3] = false;
//   if (Legal(disk.profile(), atoms, subset)) DiskImage after = disk.MaterializeCrash(subset);
#ifndef WAVETANK_SIM_DISK_CRASH_H_
#define WAVETANK_SIM_DISK_CRASH_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "sim/disk_faults.h"
#include "sim/disk_image.h"
#include "sim/disk_pending.h"

namespace wt::sim {

enum class AtomKind : uint8_t {
  kData,      // bytes within one sector
  kSize,      // the file grows to `offset` bytes
  kTruncate,  // the file is cut to `offset` bytes
  kAllocate,  // [offset, offset + length) is reserved and the file covers it
  kName,      // names change: one of a split rename, or all of one operation
};

// The smallest thing that a crash keeps or loses. Views are valid until the disk next changes.
struct Atom {
  AtomKind kind = AtomKind::kData;
  bool promised = false;  // a lying sync said it was durable: losing it is a harm, not a crash
  bool replaces = false;  // kName: a rename over an existing file
  uint64_t op = 0;        // order of effects; equal for the atoms of one call
  InodeNumber inode = kNoInode;  // kName: who is created, removed or moved
  uint64_t offset = 0;
  uint64_t length = 0;
  std::string_view bytes;               // kData
  std::span<const NameChange> changes;  // kName
  std::string_view path;                // of the file, at the time of asking

  uint64_t sector() const { return offset / kSectorBytes; }
  // "#12 write log/000001 sector 3 [1536, 2048)".
  std::string ToString() const;
};

// What an extended file shows where its data did not arrive.
enum class CrashFill : uint8_t { kZeros, kGarbage, kGhost };

enum class TearKind : uint8_t {
  kNone,
  kPrefixNew,  // new bytes up to the cut, then what was there
  kSuffixNew,  // what was there up to the cut, then new bytes
  kGarbage,    // the atom's own bytes become random
  kZeros,      // the atom's own bytes become zeros
  kGarbled,    // the whole sector becomes random, synced bytes included
};

struct CrashTear {
  size_t atom = 0;
  uint64_t at = 0;  // bytes into the atom; for kPrefixNew and kSuffixNew
  TearKind kind = TearKind::kPrefixNew;
};

// A crash state as the enumeration names it.
struct CrashSubset {
  std::vector<bool> kept;  // one per atom
  CrashFill fill = CrashFill::kZeros;
  size_t ghost = 0;  // for kGhost: which of image.ghosts()
  std::optional<CrashTear> tear = {};
};

// The general form: each atom has a fate of its own.
struct AtomFate {
  bool kept = false;
  TearKind tear = TearKind::kNone;
  CrashFill fill = CrashFill::kZeros;
  uint64_t at = 0;
  size_t ghost = 0;
  uint64_t salt = 0;  // of garbage
};
using CrashOutcome = std::vector<AtomFate>;  // one per atom

CrashOutcome OutcomeOf(const CrashSubset& subset);

// Whether `profile` allows the outcome. Requires: one fate per atom.
bool Legal(DiskProfile profile, std::span<const Atom> atoms, const CrashOutcome& outcome);
inline bool Legal(DiskProfile profile, std::span<const Atom> atoms, const CrashSubset& subset) {
  return Legal(profile, atoms, OutcomeOf(subset));
}

// Names the power loss whose fate is drawn.
struct CrashKey {
  uint64_t seed = 0;
  uint64_t machine = 0;
  uint64_t crash = 0;  // counts the power losses of the machine
};

// A legal outcome: sometimes all, none, a prefix, all but one, or one early; else a coin per atom.
CrashOutcome DrawOutcome(DiskProfile profile, const DiskFaults& faults, std::span<const Atom> atoms,
                         size_t ghosts, const CrashKey& key);

// The platter after the crash. `epoch` stamps the sector history. Costs a copy of the names and of
// the pages that the kept atoms touch.
DiskImage ApplyCrash(DiskImage image, std::span<const Atom> atoms, const CrashOutcome& outcome,
                     uint64_t epoch);

}  // namespace wt::sim

#endif  // WAVETANK_SIM_DISK_CRASH_H_
