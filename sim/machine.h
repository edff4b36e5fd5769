// A simulated host: a disk, a clock, a network endpoint, and the tasks of one incarnation.
#ifndef WAVETANK_SIM_MACHINE_H_
#define WAVETANK_SIM_MACHINE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/env/env.h"
#include "sim/simulator.h"

namespace wt::sim {

class VirtualClock;
class VirtualDisk;

class Machine {
 public:
  enum class State { kOff, kRunning, kPaused };

  ~Machine();

  const std::string& name() const;
  uint32_t id() const;  // 1, 2, ... in order of AddMachine
  State state() const;
  uint64_t incarnation() const;  // counts Boots

  // Starts the machine: `main` is its first task and owns what it opens. The Env lives until the
  // machine is off and its tasks are unwound. Requires: kOff.
  void Boot(std::function<void(Env)> main);

  // Runs `body` as a task of this machine and waits for it. False when the machine was not running,
  // or died before the body returned: its outcome is unknown. For harness tasks. Suspends.
  bool Call(std::string_view name, std::function<void()> body);

  // The current dies: tasks are unwound (newest first), handles are inert, the disk keeps what its
  // profile says. Its program may be gone already: what a Kill has left in the page cache goes.
  void PowerLoss();
  // As SIGKILL: the page cache survives.
  void Kill();
  // As a stopped VM: no task runs until Resume, while both its clocks and its deadlines go on.
  // Requires: kRunning for Pause, kPaused for Resume.
  void Pause();
  void Resume();
  // The same by one of its own tasks, which gets no further either: for who watches the machine and
  // wants it to die at this very moment (DiskObserver::OnBarrier). Suspends. Requires: kRunning.
  void StandStill();
  // A slow processor: every decision point of its tasks takes `cost`. Stays over restarts; 0 ends.
  void SetStepCost(Duration cost);
  // Waits until every task of the machine has returned, then it is off: an orderly shutdown, to be
  // called after telling `main` to return. Returns also when the machine dies. Suspends.
  void AwaitExit();

  VirtualDisk& disk();
  VirtualClock& clock();

  class Body;
  Body& body() { return *body_; }  // for sim/ only

 private:
  friend class Simulator;
  explicit Machine(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_MACHINE_H_
