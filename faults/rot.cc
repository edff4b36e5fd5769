#include "faults/rot.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace wt::faults {
namespace {

using Places = std::vector<std::pair<std::string, uint64_t>>;  // path, size

// Where files say what they are: hit more often than their few bytes would be.
constexpr uint64_t kHeadBytes = 4 * kKiB;

constexpr uint64_t kMostRot = 100'000;

// The place of byte `at` of that file, counted over all of them.
uint64_t HeadOf(const Places& places, uint64_t file, uint64_t at) {
  uint64_t before = 0;
  for (uint64_t i = 0; i < file; ++i) before += places[i].second;
  return before + at % places[file].second;
}

// The files that may rot, with how much of each is promised.
Places PlacesOf(const sim::VirtualDisk& disk, std::span<const std::string> prefixes) {
  Places places;
  for (const auto& [path, inode] : disk.platter().Walk()) {
    const sim::PlatterFile& file = *disk.platter().Find(inode);
    const bool may_rot = std::any_of(prefixes.begin(), prefixes.end(),
                                     [&](const std::string& p) { return path.starts_with(p); });
    if (!may_rot || file.is_directory()) continue;
    const uint64_t promised = std::min(file.promised_end(), file.size());
    if (promised > 0) places.emplace_back(path, promised);
  }
  return places;
}

}  // namespace

void RotAtRest(sim::VirtualDisk& disk, const Fault& fault, std::span<const std::string> prefixes) {
  WT_CHECK(fault.kind == FaultKind::kBitRot || fault.kind == FaultKind::kLatentSector);
  const Places places = PlacesOf(disk, prefixes);
  uint64_t bytes = 0;
  for (const auto& [path, size] : places) bytes += size;
  if (bytes == 0) return;
  wt::Draw draw(fault.salt);
  for (uint64_t i = 0; i < std::min(fault.amount, kMostRot); ++i) {
    uint64_t at = draw.Below(bytes);
    const uint64_t bit = draw.Below(8);
    if (draw.OneIn(4)) {
      const uint64_t place = draw.Below(places.size());
      at = HeadOf(places, place, draw.Below(kHeadBytes));
    }
    auto place = places.begin();
    for (; at >= place->second; ++place) at -= place->second;
    if (fault.kind == FaultKind::kBitRot) {
      disk.FlipBit(place->first, at, static_cast<uint32_t>(bit));
    } else {
      disk.DamageSector(place->first, at / kSectorBytes);
    }
  }
}

}  // namespace wt::faults
