// What the storms over a group have in common: small, so that one costs few events; and engines
// whose files are small enough that a run sees many of them.
#ifndef WAVETANK_SCENARIOS_REPLICATED_SETTINGS_H_
#define WAVETANK_SCENARIOS_REPLICATED_SETTINGS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace wt::scenarios {

using faults::Scope;

inline constexpr Mix kGroupMix = {
    .put = 6, .get = 4, .remove = 1, .batch = 1, .increment = 1, .compare_and_set = 1};

inline constexpr Knobs kGroupKnobs = {.segment_bytes = {20 * kKiB, 128 * kKiB},
                                      .snapshot_log_bytes = {4 * kKiB, 64 * kKiB},
                                      .snapshots_kept = {1, 2}};

// Nothing but the story: no snapshot of the engine's own accord, no rare paths.
inline constexpr Knobs kStoryKnobs = {.segment_bytes = {128 * kKiB, 128 * kKiB},
                                      .snapshot_log_bytes = {64 * kMiB, 64 * kMiB},
                                      .snapshots_kept = {2, 2},
                                      .zeros_ahead_ppm = 0,
                                      .rarely_ppm = 0};

// The state of one group in three lies in an LSM.
inline std::vector<StateStore> AnyStore() {
  return {StateStore::kMemory, StateStore::kMemory, StateStore::kLsm};
}

// A story over `voters` machines, on quiet engines.
Scenario StoryOf(std::string name, std::string summary, std::string story, uint32_t voters,
                 std::function<void(Stage&)> staged);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_REPLICATED_SETTINGS_H_
