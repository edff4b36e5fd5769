// Tells, from the files of a database, when it flushes or merges: from a new table on to the sync
// of the manifest that can name it.
#ifndef WAVETANK_SCENARIOS_DATABASE_TABLE_WATCH_H_
#define WAVETANK_SCENARIOS_DATABASE_TABLE_WATCH_H_

#include <cstdint>
#include <string_view>

#include "scenarios/judge.h"
#include "sim/machine.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {

class TableWatch final : public sim::DiskObserver {
 public:
  TableWatch(Judge& judge, const sim::Machine& machine) : judge_(judge), machine_(machine) {}

  void OnCreate(std::string_view path) override;
  void OnRename(std::string_view from, std::string_view to) override;
  void OnSync(std::string_view path, uint64_t durable_end) override;

 private:
  Judge& judge_;
  const sim::Machine& machine_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_DATABASE_TABLE_WATCH_H_
