// Damage at rest, at places that a salt draws.
#ifndef WAVETANK_FAULTS_ROT_H_
#define WAVETANK_FAULTS_ROT_H_

#include <span>
#include <string>

#include "faults/fault.h"
#include "sim/virtual_disk.h"

namespace wt::faults {

// Bit rot, or latent sectors, in what the files promise whose paths begin with one of `prefixes`.
void RotAtRest(sim::VirtualDisk& disk, const Fault& fault, std::span<const std::string> prefixes);

}  // namespace wt::faults

#endif  // WAVETANK_FAULTS_ROT_H_
