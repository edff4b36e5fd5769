// Who cannot hear whom while a partition lasts. Pure functions of the fault and of how many
// machines there are.
#ifndef WAVETANK_FAULTS_SIDES_H_
#define WAVETANK_FAULTS_SIDES_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "faults/fault.h"

namespace wt::faults {

using DirectedLink = std::pair<uint32_t, uint32_t>;  // from, to

// The groups that a partition makes, each sorted. Of a bridge, the machine that hears both is in
// none; of a ring, each machine is one, in order of the ring. Requires: a kind of Area::kPartition.
std::vector<std::vector<uint32_t>> SidesOf(const Fault& fault, uint32_t machines);

// The links that carry nothing. Empty for one machine.
std::set<DirectedLink> LinksCutBy(const Fault& fault, uint32_t machines);

// The machines that clients do not reach: none unless the fault says so; else a machine that is
// alone on its side with the others on theirs, or one of the sides.
std::vector<uint32_t> ClientsCutBy(const Fault& fault, uint32_t machines);

// "{1 3 | 2 4 5}, clients cut from 1 3".
std::string SidesInWords(const Fault& fault, uint32_t machines);

}  // namespace wt::faults

#endif  // WAVETANK_FAULTS_SIDES_H_
