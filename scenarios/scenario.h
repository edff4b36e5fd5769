// A scenario: what is built, what is done to it, what goes wrong, and what must hold. Random ones
// are plain data, from which a seed draws a plan; directed ones are a function that tells a story.
#ifndef WAVETANK_SCENARIOS_SCENARIO_H_
#define WAVETANK_SCENARIOS_SCENARIO_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/units.h"
#include "faults/fault.h"
#include "scenarios/database/setup.h"
#include "scenarios/group.h"
#include "scenarios/phase.h"

namespace wt::scenarios {

class World;
class Stage;

using faults::Between;
using faults::Exactly;
using faults::FaultKind;
using faults::FaultSpec;
using faults::Range;

// Relative weights of the operations that clients draw.
struct Mix {
  uint32_t put = 6;
  uint32_t get = 3;
  uint32_t remove = 1;
  uint32_t batch = 1;
  uint32_t increment = 1;
  uint32_t compare_and_set = 0;
  // Of a database only, which knows neither of the two before:
  uint32_t scan = 0;  // a range, either way
  uint32_t walk = 0;  // to and fro
  uint32_t view = 0;  // held for a while, and read again and again
  uint32_t flush = 0;
  uint32_t compact = 0;
  uint32_t verify = 0;
};

struct Workload {
  uint32_t clients = 4;
  uint32_t operations = 1000;  // of all clients together, spread over the storm
  uint32_t keys = 200;
  Mix mix{};
  Range<uint64_t> value_bytes = {8, 200};
  Range<Duration> think{};  // between two operations of one client; zero: storm / operations
};

// What a seed may choose of the engine's options.
struct Knobs {
  Range<uint64_t> segment_bytes = {64 * kKiB, 512 * kKiB};
  Range<uint64_t> snapshot_log_bytes = {96 * kKiB, 1024 * kKiB};  // a snapshot every so many
  Range<uint64_t> snapshots_kept = {1, 3};
  uint32_t small_alignment_ppm = 300'000;  // log batches aligned to 512 instead of 4096
  uint32_t zeros_ahead_ppm = 250'000;      // the log writes zeros ahead of small syncs
  uint32_t compress_ppm = 500'000;
  uint32_t incremental_ppm = 700'000;
  uint32_t rarely_ppm = 200'000;  // share of seeds in which the engine's rare paths are armed
};

// Where the seeds of a campaign are sent that has not been there: into a phase of the engine, with
// a fault of a kind that the scenario has.
struct Aim {
  FaultKind fault = FaultKind::kPowerLoss;
  Phase phase = Phase::kRecovery;
  std::string invariant{};  // at moments at which it is evaluated; empty: at any of the phase
  bool operator==(const Aim&) const = default;
};

struct Scenario {
  std::string name;     // kebab-case, stable
  std::string summary;  // one sentence
  std::string story;    // `wavetank describe`: a paragraph
  Workload workload{};
  Knobs knobs{};
  std::vector<FaultSpec> faults{};
  bool swarm = false;  // each seed draws which of the faults take part, and how strongly
  Duration storm = std::chrono::seconds(10);
  Duration calm = std::chrono::seconds(5);
  std::vector<std::string> goals{};         // a campaign must reach each of these at least once
  uint32_t machines = 1;                    // with a group: as many as it needs, whatever is here
  std::optional<Group> group{};             // set: replicas, not one engine
  std::optional<DatabaseSetup> database{};  // set: a Database over sorted tables
  std::optional<Aim> aim{};                 // `--set aim=...`: more faults, there
  bool in_default_set = true;
  bool crash = false;                      // `wavetank crash` takes it
  std::function<void(World&)> directed{};  // set: the story itself; then nothing is drawn
  std::function<void(Stage&)> staged{};    // the same for a group

  bool is_story() const { return directed != nullptr || staged != nullptr; }
};

// The one explicit table, in the order in which they are listed.
std::span<const Scenario> Catalog();
const Scenario* FindScenario(std::string_view name);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_SCENARIO_H_
