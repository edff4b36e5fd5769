#include "engine/state/state_machine.h"

#include "engine/base/check.h"

namespace wt {

absl::Status StateMachine::Prepare(const LogEntry& /*entry*/) { return absl::OkStatus(); }

absl::Status StateMachine::Settle() { return absl::OkStatus(); }

std::vector<std::string> StateMachine::ApplyBatch(std::span<const LogEntry> entries) {
  std::vector<std::string> results;
  results.reserve(entries.size());
  for (const LogEntry& entry : entries) results.push_back(Apply(entry));
  WT_CHECK_EQ(results.size(), entries.size());
  return results;
}

}  // namespace wt
