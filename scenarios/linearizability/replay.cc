#include "scenarios/linearizability/replay.h"

namespace wt::lin {

bool KeepsRealTime(std::span<const Operation> operations, std::span<const uint32_t> order) {
  std::vector<uint8_t> is_placed(operations.size());
  uint32_t newest_call = 0;
  for (const uint32_t number : order) {
    if (number >= operations.size() || is_placed[number] != 0) return false;
    is_placed[number] = 1;
    if (operations[number].ret < newest_call) return false;
    newest_call = std::max(newest_call, operations[number].call);
  }
  for (size_t i = 0; i < operations.size(); ++i) {
    if (is_placed[i] == 0 && !operations[i].open()) return false;
  }
  return true;
}

}  // namespace wt::lin
