// wal-append-only and disk-faults-contained, as a single node has them, for one machine of a group.
// Two things are different here: damaged entries are mended in place, and an entry may be committed
// that this machine never made durable.
#ifndef WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_DISK_CHECKS_H_
#define WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_DISK_CHECKS_H_

#include <optional>
#include <string_view>

#include "scenarios/cluster/honesty.h"
#include "scenarios/invariants/append_only.h"
#include "scenarios/judge.h"
#include "sim/machine.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {

class DiskChecks final : public sim::EventObserver, public sim::DiskObserver {
 public:
  DiskChecks(Judge& judge, sim::Machine& machine, const Honesty& honesty);

  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;
  void OnCreate(std::string_view path) override;
  void OnContent(std::string_view path, uint64_t offset, std::string_view bytes) override;
  void OnWrite(std::string_view path, uint64_t offset, uint64_t size,
               uint64_t durable_end) override;
  void OnTruncate(std::string_view path, uint64_t size, uint64_t durable_end) override;
  void OnSync(std::string_view path, uint64_t durable_end) override;
  void OnSyncFailed(std::string_view path) override;
  void OnRename(std::string_view from, std::string_view to) override;

  // It is another disk, or an empty one.
  void BeginAnew();

 private:
  Judge& judge_;
  sim::Machine& machine_;
  const Honesty& honesty_;
  std::optional<AppendOnly> append_only_;
  std::optional<FaultsContained> contained_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_DISK_CHECKS_H_
