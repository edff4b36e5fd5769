// Tells, from the files of an LSM, when it flushes, merges or takes over tables: from a new table
// on to the sync of the manifest that can name it.
#ifndef WAVETANK_SCENARIOS_TABLE_WATCH_H_
#define WAVETANK_SCENARIOS_TABLE_WATCH_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/storage/names.h"
#include "scenarios/judge.h"
#include "sim/machine.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {

class TableWatch final : public sim::DiskObserver {
 public:
  // `folder`: where its tables and manifests are, "tables".
  TableWatch(Judge& judge, const sim::Machine& machine, std::string_view folder)
      : judge_(judge), machine_(machine), folder_(folder) {}

  void OnCreate(std::string_view path) override;
  void OnRename(std::string_view from, std::string_view to) override;
  void OnSync(std::string_view path, uint64_t durable_end) override;

 private:
  bool IsOf(std::string_view path, FileType type) const;

  Judge& judge_;
  const sim::Machine& machine_;
  const std::string folder_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_TABLE_WATCH_H_
