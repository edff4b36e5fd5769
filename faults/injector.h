// Brings a list of faults to pass: sets the dials of disks and clocks at the planned times and
// takes them back, and asks the operator where a machine must be started again.
#ifndef WAVETANK_FAULTS_INJECTOR_H_
#define WAVETANK_FAULTS_INJECTOR_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "faults/fault.h"
#include "sim/disk_image.h"
#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::faults {

// Who owns the machines. Called from the injector's task.
class Operator {
 public:
  virtual ~Operator() = default;
  virtual void CutPower(sim::Machine& machine, Duration down_for) = 0;
  virtual void Kill(sim::Machine& machine, Duration down_for) = 0;
  // The disk was copied; later the copy may take its place, while the power is off.
  virtual void OnBackup(sim::Machine& machine) = 0;
  virtual void OnDiskSwapped(sim::Machine& machine) = 0;
  // A fault begins or ends; `what` is a phrase for the story.
  virtual void OnFault(sim::Machine& machine, const Fault& fault, bool begins,
                       const std::string& what) = 0;
};

class Injector {
 public:
  // Only files whose path begins with one of `rot_prefixes` rot at rest.
  Injector(sim::Simulator& sim, Operator& who, std::vector<std::string> rot_prefixes);

  // Injects each fault at its time, until all are over or Stop is called. For a harness task.
  void Run(std::span<const Fault> faults);

  // Every open window ends now: the dials are back at zero. Faults not begun yet never begin.
  void Stop();

  // The disks begin a new life: no copy of the old one may come back.
  void ForgetBackups() { backups_.clear(); }

  // How many of each kind took place, by name.
  const std::map<std::string, uint64_t>& counts() const { return counts_; }

 private:
  struct Open {
    Fault fault;
    sim::SimTime until{};
    uint64_t capacity = 0;  // kFullDisk: as it was when the window opened
  };

  void EndBefore(sim::SimTime time);
  void Begin(const Fault& fault);
  void End(const Fault& fault);
  bool BeginMoment(sim::Machine& machine, const Fault& fault);
  void TurnDials(sim::Machine& machine);
  void Rot(sim::Machine& machine, const Fault& fault);
  void Count(FaultKind kind);
  std::string PhraseOf(const Fault& fault) const;
  sim::Machine& MachineOf(const Fault& fault);

  sim::Simulator& sim_;
  Operator& operator_;
  const std::vector<std::string> rot_prefixes_;
  std::vector<Open> open_;
  std::map<std::string, uint64_t> counts_;
  std::map<uint32_t, sim::DiskImage> backups_;  // by machine
  bool stopped_ = false;
};

}  // namespace wt::faults

#endif  // WAVETANK_FAULTS_INJECTOR_H_
