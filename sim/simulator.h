// The tank: machines with virtual disks, clocks and a network between them, in one OS thread.
//
//   Simulator sim({.seed = 7});
//   Machine& n1 = sim.AddMachine("n1");
//   RunEnd end = sim.Run([&] {                          // the harness: it survives every fault
//     n1.Boot([&](Env env) { ... open the engine, serve until told to stop ... });
//     bool answered = n1.Call("propose", [&] { result = engine->Propose("x"); });   // false: n1
//     died under it n1.PowerLoss(); sim.SleepFor(1s);
//   });
//
// One run queue, one clock that jumps to the next deadline, one decision point. Everything that
// happens is a pure function of (options, the code): same seed, same digest.
#ifndef WAVETANK_SIM_SIMULATOR_H_
#define WAVETANK_SIM_SIMULATOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/env/env.h"
#include "sim/host.h"

namespace wt::sim {

class Machine;
class Trace;
class VirtualNetwork;
class World;

enum class SchedulePolicy { kRandomWalk, kPct, kRoundRobin };

struct SimulatorOptions {
  uint64_t seed = 1;
  SchedulePolicy policy = SchedulePolicy::kRandomWalk;
  // Random walk: in a million decisions, how many stay with the running task out of hand.
  uint32_t stay_ppm = 0;
  // PCT (Burckhardt et al., ASPLOS 2010): finds a bug of this depth with a chance of at least
  // 1 / (tasks * pct_steps^(depth - 1)) per run; the change points lie within the first pct_steps.
  uint32_t pct_depth = 3;
  uint64_t pct_steps = 10'000;
  uint64_t max_events = 20'000'000;  // decisions; a run that needs more ends as kBudget
  SimTime max_time = std::chrono::hours(24);
  // How often a wait on a CondVar returns without a signal.
  uint32_t spurious_wakeup_ppm = 10'000;
  // Random::Rarely says yes with this chance at the sites that the seed has armed; 0: never.
  uint32_t rarely_ppm = 0;
  uint32_t rarely_armed_ppm = 250'000;
  // With so many trace records, chance changes: all that was drawn before stays as it is, and all
  // that is drawn from there on is of the seed `reseed`. Which sites are armed stays. Zero: never.
  uint64_t reseed_at = 0;
  uint64_t reseed = 0;
};

// How a run ended.
struct RunEnd {
  enum class Kind {
    kFinished,  // the harness body returned
    kFailed,    // somebody called Fail, or a check failed
    kBudget,    // max_events or max_time
    kDeadlock,  // no task can run and nothing is scheduled, but the harness body has not returned
  };
  Kind kind = Kind::kFinished;
  std::string invariant;  // for kFailed: its stable name; "check" for a failed WT_CHECK
  std::string message;    // one sentence
  SimTime at{};
};

// A task that has not ended, for people.
struct TaskStatus {
  std::string name;   // "n1/flusher"
  std::string state;  // "running", "ready", "paused", "waits for mutex held by n1/writer"
};

// Watches events as they are emitted, in order. Must not suspend.
class EventObserver {
 public:
  virtual ~EventObserver() = default;
  virtual void OnEvent(Machine& machine, SimTime at, const Event& event) = 0;
};

class Simulator {
 public:
  explicit Simulator(const SimulatorOptions& options);
  ~Simulator();

  const SimulatorOptions& options() const;
  Host& host();

  // Before or during Run. The machine starts powered off, with an empty disk.
  Machine& AddMachine(std::string name);
  const std::vector<std::unique_ptr<Machine>>& machines() const;

  // Runs `harness` as the first task, until it returns, somebody fails the run, or the budget is
  // gone; then unwinds whatever still lives. An exception that leaves a task's body (a test
  // framework's assertion) is rethrown when all is unwound. Once per Simulator.
  RunEnd Run(std::function<void()> harness);

  // For harness tasks (and only those), which no machine fault touches:
  Tasks& tasks();
  void SleepFor(Duration duration) { tasks().SleepFor(duration); }
  SimTime now() const;
  // Calls `look` when the run's trace has `count` records. It may look at everything, must not
  // suspend, and may change nothing but the run's end (Fail). Once, before Run.
  void LookAt(uint64_t count, std::function<void()> look);
  // The same, when the first record is made at `time` or later.
  void LookAtTime(SimTime time, std::function<void()> look);

  // Every task, machine by machine in order of boots, the harness first.
  std::vector<TaskStatus> TasksNow() const;
  // How many decisions the run has taken so far.
  uint64_t decisions() const;

  // Ends the run as failed. The first call counts. From a task it does not return; from an
  // observer the run ends at the next decision point.
  void Fail(std::string_view invariant, std::string message);

  void AddObserver(EventObserver* observer);
  VirtualNetwork& network();
  Trace& trace();

  // Which goals were reached (WT_SOMETIMES) and how often, by name, sorted.
  std::vector<std::pair<std::string_view, uint64_t>> goals() const;

 private:
  std::unique_ptr<World> world_;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_SIMULATOR_H_
