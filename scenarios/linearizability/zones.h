// Engine "zones": registers whose values are unique, in the time of a sort.
//
// After Gibbons and Korach (Testing shared memories, 1997). If every value is written at most once,
// each read names its write. A write and its reads are a cluster; they must be next to each other
// in any order, since another write between them would change the value. So an order is one of
// whole clusters. Let `low` be the earliest return and `high` the latest call within a cluster: A
// must come before B if A.low < B.high, and all is well unless some pair must come before each
// other. A cluster with low < high (its operations are not all concurrent) holds the value from low
// to high for sure: a forward zone. The others are backward zones. That comes down to:
//
//   not linearizable if and only if
//     a read has a value that nobody wrote, or returned before its write was called, or
//     two forward zones overlap, or a backward zone lies strictly inside a forward one.
//
// Beyond the paper:
//   - The initial value is a write that returned before all.
//   - A write without an answer happened if somebody saw its value; then it may have returned as
//     late as it takes. If nobody did, it is left out.
//   - A successful compare-and-set from a to b reads a and writes b in one step, so b's cluster
//     follows a's with nothing between: they are one chain, ordered inside, and the chain has the
//     zone. Two of them from the same value, or a circle of them, cannot be.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_ZONES_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_ZONES_H_

#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include "scenarios/linearizability/operation.h"

namespace wt::lin {

struct ZonesResult {
  bool linearizable = true;
  // If not: the numbers of a few operations that are not linearizable by themselves. The history
  // without some clusters is linearizable if the whole is, and so without some reads.
  std::vector<uint32_t> core{};
};

// Works through keys of histories with the same values, with tables that it keeps.
class Zones {
 public:
  // Values and the initial one are below `values`.
  Zones(size_t values, uint64_t initial);

  // None if this engine does not apply: a value is written twice, or a function is not among read,
  // write and compare-and-set (a failed one must say which value it found).
  // `operations` are of one key, in the order of their calls.
  std::optional<ZonesResult> Check(std::span<const Operation> operations);

 private:
  static constexpr uint32_t kNoCluster = ~uint32_t{0};
  static constexpr uint32_t kInitialWrite = ~uint32_t{0};

  // Ranks are shifted by one here: 0 is before all of them.
  struct Moment {
    uint32_t rank = 0;
    uint32_t operation = 0;  // which is called or returns then
  };
  struct Cluster {
    uint32_t write = kInitialWrite;  // its number
    uint32_t call = 0;               // of the write
    uint32_t ret = 0;
    Moment first_return{kOpen, 0};  // of the reads
    Moment last_call{};
    uint32_t follows = kNoCluster;  // the one whose value a compare-and-set replaced
    uint32_t leads_to = kNoCluster;
    bool has_reads = false;
    bool happened = false;  // the write returned, or was seen
  };
  struct Zone {
    Moment low{kOpen, 0};
    Moment high{};
    uint32_t chain = 0;   // its first cluster
    uint32_t length = 0;  // clusters up to the last of the two moments
  };

  // AddWrites and AddWrite return false when the engine does not apply; the others when there is
  // no order, with the core filled.
  bool AddWrites();
  bool AddWrite(uint32_t number, uint64_t value);
  bool Applies(const Operation& operation) const;
  bool AddReads();
  bool AddRead(uint32_t number, uint64_t value);
  bool MarkHappened(uint32_t cluster);
  bool LinkChains();
  bool MakeZones();
  bool WalkChain(uint32_t first, Zone* zone, size_t* walked);
  bool CheckZones();

  uint32_t ClusterOf(uint64_t value) const;
  bool IsCompareAndSet(const Cluster& cluster) const;
  bool Fail(std::initializer_list<uint32_t> operations);
  // The write with what proves that it happened.
  void AddProof(uint32_t cluster);
  bool FailChains(std::initializer_list<const Zone*> zones);

  const uint64_t initial_;
  std::vector<uint32_t> cluster_of_;  // by value; kNoCluster where there is none
  std::span<const Operation> operations_;
  std::vector<Cluster> clusters_;  // the first is that of the initial value
  std::vector<Zone> forward_;
  std::vector<Zone> backward_;
  std::vector<uint32_t> core_;
};

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_ZONES_H_
