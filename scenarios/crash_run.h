// What crash enumeration does with one machine, whatever serves on it.
//
//   CrashWorkload   the plan's workload on an honest disk: recorded, or with a mishap at one point
//   CrashProber     one crash state: recovered, checked, written to, cut off and recovered again
//
// CrashRuns of an engine: crash_workload.cc, crash_probe.cc; of a database: database/.
#ifndef WAVETANK_SCENARIOS_CRASH_RUN_H_
#define WAVETANK_SCENARIOS_CRASH_RUN_H_

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/crash_probe.h"
#include "scenarios/crash_workload.h"
#include "scenarios/history.h"
#include "scenarios/invariants/append_only.h"
#include "scenarios/invariants/index_order.h"
#include "scenarios/invariants/survival.h"
#include "scenarios/judge.h"
#include "scenarios/plan.h"
#include "scenarios/scripted_clients.h"
#include "scenarios/shadow.h"
#include "scenarios/supervisor.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class CrashWorkload : public sim::DiskObserver {
 public:
  // Once, one of the two: see RecordWorkload and TryMishap.
  Recording Record(CrashLie lie);
  std::optional<CrashFailure> Suffer(uint64_t point, Mishap mishap, CrashLie lie);

  // sim::DiskObserver
  void OnBarrier(std::string_view path) override;

 protected:
  CrashWorkload(const Plan& plan, Owed owed);

  // As of OneMachineRun; this one watches the disk last.
  void Watch(std::initializer_list<sim::EventObserver*> events,
             std::initializer_list<sim::DiskObserver*> disk);

  virtual Supervisor& node() = 0;
  virtual ScriptedClients& clients() = 0;
  // A write of the harness's own. True when acknowledged.
  virtual bool Probe() = 0;
  virtual void CheckEverything() = 0;
  // What the server itself has called committed, beside what clients were told.
  virtual LogIndex committed() const = 0;

  sim::Simulator sim_;
  sim::Machine& machine_;
  Judge judge_;
  std::unique_ptr<Shadow> shadow_;
  History history_;
  IndexOrder index_order_;
  Survival survival_;
  AppendOnly append_only_;
  FaultsContained faults_contained_;

 private:
  void AfterMishap();
  void TellOverwrite();
  void AwaitServing();

  std::vector<RecordedPoint> points_;
  bool recording_ = false;
  bool struck_ = false;
  uint64_t barriers_ = 0;
  uint64_t mishap_at_ = 0;
  std::optional<Mishap> mishap_;
  CrashLie lie_ = CrashLie::kNone;
};

class CrashProber : public sim::DiskObserver {
 public:
  // Once: see ProbeImage.
  Probed Run(const sim::DiskImage& image);

  // sim::DiskObserver
  void OnBarrier(std::string_view path) override;

 protected:
  CrashProber(const Bounds& bounds, const Shadow& truth, bool record);

  virtual Supervisor& node() = 0;
  // What the server ends with now. Suspends.
  virtual LogIndex LastApplied() = 0;
  // Recovered to last(): whether that is the truth. Suspends; false after Fail.
  virtual bool CheckState() = 0;
  // One write, of content of its own, so that bytes of the first life that come back are seen. OK
  // when it was acknowledged. Suspends.
  virtual absl::Status Write() = 0;
  // One more power cut later. Suspends; false after Fail.
  virtual bool CheckNothingLost() = 0;

  // Returns false.
  bool Fail(std::string_view invariant, std::string message);
  bool FailLost(LogIndex last, std::string_view more);
  LogIndex last() const { return last_; }

  const Shadow& truth_;
  sim::Simulator sim_;
  sim::Machine& machine_;

 private:
  void Harness();
  bool AwaitServing();
  bool CheckBounds();

  const Bounds bounds_;
  bool recording_;
  LogIndex last_;
  Probed probed_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CRASH_RUN_H_
