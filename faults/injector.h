// Brings a list of faults to pass: sets the dials of disks, clocks and links at the planned times
// and takes them back, and asks the operator where a machine must be started again.
//
// While a window is open, what it bends belongs to the injector: dials of disks and links are their
// base (what they were when the first window opened) and all windows that are open now. Drift, step
// cost and pauses have no base: they end at zero.
#ifndef WAVETANK_FAULTS_INJECTOR_H_
#define WAVETANK_FAULTS_INJECTOR_H_

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "faults/fault.h"
#include "faults/links.h"
#include "faults/machine_dials.h"
#include "faults/window.h"
#include "sim/disk_image.h"
#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::faults {

// Who owns the machines. Called from the injector's task; nothing here may suspend.
class Operator {
 public:
  virtual ~Operator() = default;
  // The machine is off when these return, and comes back `down_for` later.
  virtual void CutPower(sim::Machine& machine, Duration down_for) = 0;
  virtual void Kill(sim::Machine& machine, Duration down_for) = 0;
  // Begins to close the machine's program in an orderly way; it comes back `down_for` after it was
  // asked, or when it is closed. An operator that knows no order kills.
  virtual void Close(sim::Machine& machine, Duration down_for) { Kill(machine, down_for); }

  // Whom faults on the primary fall on; null: nobody is primary now.
  virtual sim::Machine* Primary() { return nullptr; }

  // The disk was copied; later the copy may take its place, while the power is off.
  virtual void OnBackup(sim::Machine& machine) = 0;
  virtual void OnDiskSwapped(sim::Machine& machine) = 0;
  // The disk is empty now; two machines have each other's disk; `machine` has a copy of the disk of
  // `from`. Their power is off.
  virtual void OnWiped(sim::Machine& /*machine*/) {}
  virtual void OnDisksExchanged(sim::Machine& /*a*/, sim::Machine& /*b*/) {}
  virtual void OnDiskCopied(sim::Machine& /*machine*/, sim::Machine& /*from*/) {}

  // Clients do not reach the machine from now on, or do again.
  virtual void OnClientsCut(sim::Machine& /*machine*/, bool /*cut*/) {}

  // A fault begins or ends; `what` is a phrase for the story. A fault on every machine is told once
  // per machine; `fault` says whom it fell on (Target::kMachine).
  virtual void OnFault(sim::Machine& machine, const Fault& fault, bool begins,
                       const std::string& what) = 0;
};

class Injector {
 public:
  // Only files whose path begins with one of `rot_prefixes` rot at rest.
  Injector(sim::Simulator& sim, Operator& who, std::vector<std::string> rot_prefixes);

  // Injects each fault at its time, until all are over or Stop is called. For a harness task. Once
  // at a time. Requires: ProblemOf(fault, machines) is empty for each.
  void Run(std::span<const Fault> faults);

  // Every open window ends now: the dials are back at their base. Faults not begun yet, and what
  // others would still have done, never come.
  void Stop();

  // The disks begin a new life: no copy of the old one may come back.
  void ForgetBackups() { backups_.clear(); }

  // How many of each kind took place, by name.
  const std::map<std::string, uint64_t>& counts() const { return counts_; }

 private:
  // What comes at one instant comes in this order.
  enum class What : uint8_t { kEnd, kStep, kBegin };
  struct Due {
    Fault fault;          // kBegin and kStep
    uint64_t window = 0;  // kEnd, and kStep of a window
    uint64_t step = 0;
  };

  void Schedule(sim::SimTime at, What what, Due due);
  void Begin(const Fault& fault);
  bool WaitsForDoubt(const Fault& fault);
  void BeginOn(const Fault& fault);
  bool BeginMoment(sim::Machine& machine, const Fault& fault);
  void Step(const Due& due);
  void End(uint64_t window);
  void Turn(const Fault& fault);
  void TurnClients();
  void ScheduleSteps(const Fault& fault);
  void ScheduleTurn(uint64_t window);
  void Replace(sim::Machine& machine, const Fault& fault);
  void SwapInBackup(sim::Machine& machine, const Fault& fault);
  std::vector<Fault> FallsOn(const Fault& fault);
  std::string PhraseOf(const Fault& fault) const;
  uint32_t machines() const;
  sim::Machine& MachineOf(uint32_t id);

  sim::Simulator& sim_;
  Operator& operator_;
  const std::vector<std::string> rot_prefixes_;
  std::map<std::tuple<sim::SimTime, What, uint64_t>, Due> agenda_;  // time, what, order of arrival
  uint64_t scheduled_ = 0;
  Windows open_;
  uint64_t opened_ = 0;
  MachineDials dials_;
  Links links_;
  std::set<uint32_t> cut_from_clients_;
  std::map<std::string, uint64_t> counts_;
  std::map<uint32_t, sim::DiskImage> backups_;  // by machine
  bool stopped_ = false;
};

}  // namespace wt::faults

#endif  // WAVETANK_FAULTS_INJECTOR_H_
