// The phases of an engine that the vacuity matrix tells apart, and when they took place in a run.
#ifndef WAVETANK_SCENARIOS_PHASE_H_
#define WAVETANK_SCENARIOS_PHASE_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "sim/host.h"

namespace wt::scenarios {

enum class Phase : uint8_t {
  kQuiet,       // none of the others
  kRecovery,    // engine.opening to engine.recovered, or refused
  kRoll,        // a segment of the log is sealed, the next created
  kSnapshot,    // snapshot.started to created, or failed
  kCompaction,  // segments of the log go
  kTransfer,    // a snapshot arrives from another replica and is installed
  kElection,    // term.entered to primary.serving in it
  kTables,      // an LSM flushes or merges: from a new table to the manifest that names it
};
inline constexpr std::string_view kPhaseNames[] = {"quiet",      "recovery", "roll",     "snapshot",
                                                   "compaction", "transfer", "election", "tables"};
inline constexpr size_t kPhases = std::size(kPhaseNames);

// A phase as it took place. One that has no length is as long as its aftermath.
struct Moment {
  Phase phase = Phase::kQuiet;
  uint32_t machine = 0;  // 0: the group's
  sim::SimTime from{};
  sim::SimTime to{};
  bool operator==(const Moment&) const = default;
};

// Of an invariant, on something that could have been wrong.
struct Evaluation {
  std::string invariant;
  Phase phase = Phase::kQuiet;
  sim::SimTime at{};
  bool operator==(const Evaluation&) const = default;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_PHASE_H_
