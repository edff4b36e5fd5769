// `wavetank crash`: every crash point of a small workload times every state that a crash may leave,
// each recovered and compared with the model.
//
// A crash point is the moment before a sync takes effect: what is in doubt there is a superset of
// what was in doubt since the sync before. Each state is recovered, checked, written to, cut once
// more and recovered again; and the crash points of that first recovery are enumerated in turn, to
// `depth`. Besides power cuts, every point is also tried as a process kill followed by a power cut
// (what recovery read from the cache must have been made durable) and as a sync that fails: first,
// since they are few; not while the server closes.
#ifndef WAVETANK_SCENARIOS_CRASH_H_
#define WAVETANK_SCENARIOS_CRASH_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace wt::scenarios {

// How a canary makes an enumeration wrong about a sound engine, so that it must fail; no other has
// one (Lie in execute.h is this for runs).
enum class CrashLie : uint8_t {
  kNone,
  kLostSyncs,  // the disk says OK to the workload's later syncs and moves nothing
  kPromise,    // entries are said to have been durable that nobody wrote
  kUnwritten,  // what was appended is said not to have been
  kHistory,    // another workload is said to have been the one
  kOverwrite,  // after a mishap durable bytes of the log are said to have been written again;
               // no crash state is tried
};

struct CrashOptions {
  uint64_t seed = 1;
  uint32_t depth = 2;             // crashes during recovery: 1 = none, 2 = once, ...
  uint64_t exhaustive_atoms = 8;  // all 2^m subsets up to this many atoms; beyond: structured ones
  uint64_t max_states = 2'000'000;
  std::function<void(uint64_t points, uint64_t states, uint64_t distinct)> progress{};
  CrashLie lie = CrashLie::kNone;  // with one, the first failure is enough
};

struct CrashFailure {
  std::string invariant;
  std::string message;
  std::string state;  // "point 20 (log.synced), keep {...} drop {...}": enough to reproduce
};

struct CrashResult {
  uint64_t points = 0;
  uint64_t states = 0;    // tried
  uint64_t distinct = 0;  // by hash of the recovered disk's input image
  uint64_t digest = 0;
  bool complete = true;  // false: max_states was reached, in states or in mishaps
  std::vector<CrashFailure> failures;
};

// Requires: scenario.crash.
CrashResult EnumerateCrashes(const Scenario& scenario, const CrashOptions& options);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CRASH_H_
