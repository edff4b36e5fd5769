// One run: a plan in, a record out. Everything between is simulated and deterministic.
#ifndef WAVETANK_SCENARIOS_EXECUTE_H_
#define WAVETANK_SCENARIOS_EXECUTE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/run_record.h"
#include "scenarios/phase.h"
#include "scenarios/plan.h"

namespace wt::scenarios {

struct Checkpoint {
  uint64_t record = 0;  // how many trace records came before
  uint64_t digest = 0;
  uint64_t at_us = 0;
  bool operator==(const Checkpoint&) const = default;
};

// Where a run is to end before its end, as inconclusive: whichever comes first of those set.
struct StopPoint {
  Duration time{};      // zero: not by time
  uint64_t record = 0;  // when there are so many trace records; zero: not by records
  std::string event;    // at the `nth` step of the story that EventPattern takes; empty: none
  uint64_t nth = 1;

  bool set() const { return time > Duration(0) || record > 0 || !event.empty(); }
  bool operator==(const StopPoint&) const = default;
};

// How a canary makes the judges wrong about a sound engine, so that they must object. They are what
// `wavetank gate` proves itself with; no other run has one.
enum class Lie : uint8_t {
  kNone,
  kUntoldBackup,     // a disk gives way to its older backup, and the ledger is not told
  kAcknowledgement,  // a client is said to have been told OK for what nobody proposed
  kRead,             // a read is said to have been answered with what nobody wrote
  kOverwrite,        // durable bytes of the log are said to have been written again
  kSecondPrimary,    // a second machine is said to have won an election
};

// Where chance changes: the same run up to so many trace records, and other choices of scheduler,
// disk and network from there on. Zero: nowhere.
struct Reseed {
  uint64_t record = 0;
  uint64_t seed = 0;
  bool operator==(const Reseed&) const = default;
};

struct ExecuteOptions {
  bool story = false;        // fill Run::story
  bool routine = false;      // with `story`: steps of routine, too (log.synced, ack.released)
  bool checkpoints = false;  // fill Run::checkpoints
  uint64_t trace_from = 0;   // capture trace records [from, to) as text
  uint64_t trace_to = 0;
  Lie lie = Lie::kNone;
  StopPoint stop{};
  Reseed reseed{};
  std::vector<std::string> show{};  // with `stop`: views of that moment (View); fill Run::stopped
};

// The moment at which a run was stopped.
struct Stopped {
  uint64_t record = 0;  // how many trace records there were
  uint64_t at_us = 0;
  std::string view;  // what was asked to be shown
};

struct Run {
  reports::RunRecord record;
  std::vector<reports::Step> story;  // everything of interest, in order
  std::vector<Checkpoint> checkpoints;
  std::vector<std::string> trace;  // one line a record of the window
  std::optional<Stopped> stopped;  // by ExecuteOptions::stop
  // These two stay in the process that ran it.
  std::vector<Moment> moments;
  std::vector<Evaluation> evaluations;  // some of each invariant and phase
};

// The plan of a seed. Of an aimed scenario: what it draws is run once, and hit again where
// that run was in the phase aimed at (aim.h).
Plan PlanOf(const Scenario& scenario, uint64_t seed);

// Runs the plan of a random scenario; runs a directed one.
Run Execute(const Scenario& scenario, uint64_t seed, const ExecuteOptions& options);
// Runs a plan as it stands. Requires: its scenario is in the catalog, and random.
Run Execute(const Plan& plan, const ExecuteOptions& options);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_EXECUTE_H_
