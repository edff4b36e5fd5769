// atomic-commit and snapshot-equivalence, as far as one can see them in a snapshot's files: on a
// disk that has broken no promise, a snapshot is whole or absent, and a kept one has the log behind
// it. The engine gets by without this (it passes over what is damaged), so nobody else would
// notice.
#ifndef WAVETANK_SCENARIOS_INVARIANTS_WHOLE_SNAPSHOTS_H_
#define WAVETANK_SCENARIOS_INVARIANTS_WHOLE_SNAPSHOTS_H_

#include <string_view>
#include <vector>

#include "engine/snapshot/snapshot_manager.h"
#include "scenarios/judge.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {

class WholeSnapshots final : public sim::EventObserver, public sim::DiskObserver {
 public:
  WholeSnapshots(Judge& judge, sim::Machine& machine) : judge_(judge), machine_(machine) {}
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;
  void OnSyncFailed(std::string_view path) override;

  // A window opens, or closes, in which reading may fail or lie without a trace on the platter.
  void ReadsMayFail(bool begins);

  // The disk was wiped.
  void BeginAnew() { sync_failed_ = false; }

  // Every kept snapshot can be replayed to the end: the log begins behind it at the latest.
  void CheckSuffixes(const std::vector<Snapshot>& kept, LogIndex first_index);

 private:
  bool DiskIsToBlame() const;

  Judge& judge_;
  sim::Machine& machine_;
  uint32_t open_windows_ = 0;
  bool read_badly_ = false;   // since the engine began to open
  bool harmed_ = false;       // when the engine began to open
  bool sync_failed_ = false;  // names may come back, or be lost, ever after
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_INVARIANTS_WHOLE_SNAPSHOTS_H_
