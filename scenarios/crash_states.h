// What a power cut may leave at one moment: the platter, the atoms in doubt, and every subset of
// them that is worth trying.
#ifndef WAVETANK_SCENARIOS_CRASH_STATES_H_
#define WAVETANK_SCENARIOS_CRASH_STATES_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/units.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {

// The disk just before a barrier moves anything. Owns what it shows.
class CrashPoint {
 public:
  CrashPoint(const sim::VirtualDisk& disk, std::string where);
  CrashPoint(const CrashPoint&) = delete;
  CrashPoint(CrashPoint&&) = default;

  const std::string& where() const { return where_; }
  const std::vector<sim::Atom>& atoms() const { return atoms_; }
  // Contents of deleted files that an unwritten block may show.
  size_t ghosts() const { return platter_.ghosts().size(); }
  sim::DiskImage Materialize(const sim::CrashSubset& subset) const;
  // "keep {0,2} drop {1: write log/... sector 3}": enough to find it again.
  std::string Describe(const sim::CrashSubset& subset) const;

 private:
  std::string where_;
  sim::DiskImage platter_;
  // What the atoms point into; deques, so that moving the point moves no byte.
  std::deque<std::string> texts_;
  std::deque<std::vector<sim::NameChange>> changes_;
  std::vector<sim::Atom> atoms_;
};

struct SubsetOptions {
  uint64_t exhaustive_atoms = 10;
  bool tears = true;
  bool ghosts = true;
};

// Calls `visit` with every subset to try, each legal, until it returns false: all of them when the
// atoms are few; else every prefix, every prefix less one, every prefix and one early, every prefix
// less the data of one write. Then the newest sector of each write torn in every way, with the rest
// kept. Each with zeros, and where it matters with garbage or a deleted file's bytes, where a size
// survives its data.
void ForEachSubset(const CrashPoint& point, const SubsetOptions& options,
                   const std::function<bool(const sim::CrashSubset&)>& visit);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CRASH_STATES_H_
