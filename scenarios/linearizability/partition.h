// A history cut by key, and the line of time of each key.
//
// Linearizability is local (Herlihy and Wing): a history is linearizable when that of each object
// is. Keys of which each operation touches one are objects of their own; Horn and Kroening (2015)
// call it P-compositionality. What is exponential in the operations of a history becomes
// exponential in those of a key.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_PARTITION_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_PARTITION_H_

#include <cstdint>
#include <span>
#include <vector>

#include "scenarios/linearizability/operation.h"

namespace wt::lin {

// The calls and returns of one key as a doubly linked list, from which an operation is taken out
// and put back in constant time (the data structure of Wing and Gong's search, as Lowe has it).
// Node 0 is the head. The nodes are numbered in the order of time.
struct Timeline {
  static constexpr int32_t kHead = 0;
  static constexpr int32_t kNone = -1;
  static constexpr int32_t kEnd = INT32_MIN;

  struct Node {
    int32_t next;
    int32_t previous;
    int32_t operation;  // its call; ~operation: its return; kEnd: behind everything
  };
  struct Place {
    int32_t call = kNone;  // node; of an open operation, the node that comes next after its call
    int32_t ret = kNone;   // none for an open one, which is not in the list
  };

  std::vector<Node> nodes;
  std::vector<Place> places;  // one for each operation
};

class Partition {
 public:
  // Without the operations that constrain nothing.
  explicit Partition(const History& history);

  size_t keys() const { return begin_.size() - 1; }
  // In the order of their calls.
  std::span<const Operation> operations(size_t key) const {
    return std::span(operations_).subspan(begin_[key], begin_[key + 1] - begin_[key]);
  }
  // The number in the history of an operation of a key.
  uint32_t origin(size_t key, size_t operation) const { return origin_[begin_[key] + operation]; }

  // Fills `timelines` for the keys that are marked in `wanted`.
  void MakeTimelines(const std::vector<bool>& wanted, std::vector<Timeline>* timelines) const;

 private:
  uint32_t ranks_;
  std::vector<Operation> operations_;  // key by key
  std::vector<uint32_t> origin_;
  std::vector<uint32_t> begin_;  // of each key in the two above, and the end of the last
};

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_PARTITION_H_
