#include "scenarios/linearizability/zones.h"

#include <algorithm>

#include "engine/base/check.h"

namespace wt::lin {
namespace {

uint32_t Shifted(uint32_t rank) { return rank == kOpen ? kOpen : rank + 1; }

// A compare-and-set from a value to itself writes nothing.
bool IsWrite(const Operation& operation) {
  return operation.function == Function::kWrite ||
         (operation.function == Function::kCompareAndSet &&
          ExpectedOf(operation.argument) != DesiredOf(operation.argument));
}

uint64_t WrittenBy(const Operation& operation) {
  return operation.function == Function::kWrite ? operation.argument
                                                : DesiredOf(operation.argument);
}

// Of an operation that changes nothing.
uint64_t ReadBy(const Operation& operation) {
  switch (operation.function) {
    case Function::kCompareAndSet:
      return ExpectedOf(operation.argument);
    case Function::kDelete:
      return Values::kNil;
    default:
      return operation.result;
  }
}

}  // namespace

Zones::Zones(size_t values, uint64_t initial) : initial_(initial), cluster_of_(values, kNoCluster) {
  WT_CHECK_LT(initial, values);
}

std::optional<ZonesResult> Zones::Check(std::span<const Operation> operations) {
  operations_ = operations;
  clusters_.assign(1, Cluster{.happened = true});
  forward_.clear();
  backward_.clear();
  core_.clear();
  cluster_of_[initial_] = 0;
  std::optional<ZonesResult> result;
  if (AddWrites()) {
    const bool linearizable = AddReads() && LinkChains() && MakeZones() && CheckZones();
    WT_CHECK_EQ(linearizable, core_.empty());
    result = ZonesResult{.linearizable = linearizable};
  }
  std::sort(core_.begin(), core_.end());
  core_.erase(std::unique(core_.begin(), core_.end()), core_.end());
  if (result) result->core = core_;
  for (const Cluster& cluster : clusters_) {
    if (cluster.write != kInitialWrite) {
      cluster_of_[WrittenBy(operations_[cluster.write])] = kNoCluster;
    }
  }
  cluster_of_[initial_] = kNoCluster;
  return result;
}

bool Zones::Applies(const Operation& operation) const {
  switch (operation.function) {
    case Function::kRead:
    case Function::kWrite:
    case Function::kCompareAndSet:
      return true;
    case Function::kCompareFailed:
      return operation.result != kUnknown;
    case Function::kDelete:
      return operation.result == 0;
    default:
      return false;
  }
}

bool Zones::AddWrites() {
  for (uint32_t i = 0; i < operations_.size(); ++i) {
    if (!Applies(operations_[i])) return false;
    if (IsWrite(operations_[i]) && !AddWrite(i, WrittenBy(operations_[i]))) return false;
  }
  return true;
}

bool Zones::AddWrite(uint32_t number, uint64_t value) {
  uint32_t& cluster = cluster_of_.at(value);
  if (cluster != kNoCluster) return false;
  cluster = static_cast<uint32_t>(clusters_.size());
  clusters_.push_back({.write = number,
                       .call = Shifted(operations_[number].call),
                       .ret = Shifted(operations_[number].ret)});
  return true;
}

uint32_t Zones::ClusterOf(uint64_t value) const {
  return value < cluster_of_.size() ? cluster_of_[value] : kNoCluster;
}

bool Zones::AddReads() {
  for (uint32_t i = 0; i < operations_.size(); ++i) {
    const Operation& operation = operations_[i];
    if (IsWrite(operation) || operation.open()) continue;
    const bool contradicts = operation.function == Function::kCompareFailed &&
                             operation.result == ExpectedOf(operation.argument);
    if (contradicts) return Fail({i});
    if (!AddRead(i, ReadBy(operation))) return false;
  }
  return true;
}

bool Zones::AddRead(uint32_t number, uint64_t value) {
  const uint32_t of = ClusterOf(value);
  if (of == kNoCluster) return Fail({number});
  Cluster& cluster = clusters_[of];
  const uint32_t call = Shifted(operations_[number].call);
  const uint32_t ret = Shifted(operations_[number].ret);
  if (ret < cluster.call) return Fail({number, cluster.write});
  if (ret < cluster.first_return.rank) cluster.first_return = {ret, number};
  if (call > cluster.last_call.rank) cluster.last_call = {call, number};
  cluster.has_reads = true;
  return true;
}

bool Zones::IsCompareAndSet(const Cluster& cluster) const {
  return cluster.write != kInitialWrite &&
         operations_[cluster.write].function == Function::kCompareAndSet;
}

bool Zones::LinkChains() {
  for (uint32_t i = 0; i < clusters_.size(); ++i) {
    const bool proven = clusters_[i].ret != kOpen || clusters_[i].has_reads;
    if (proven && !MarkHappened(i)) return false;
  }
  return true;
}

// A compare-and-set that happened proves that what it replaced happened.
bool Zones::MarkHappened(uint32_t number) {
  while (true) {
    Cluster& cluster = clusters_[number];
    const bool is_linked = cluster.follows != kNoCluster;
    cluster.happened = true;
    if (!IsCompareAndSet(cluster) || is_linked) return true;
    const uint32_t before = ClusterOf(ExpectedOf(operations_[cluster.write].argument));
    if (before == kNoCluster) {
      AddProof(number);
      return false;
    }
    if (clusters_[before].leads_to != kNoCluster) {
      AddProof(number);
      AddProof(clusters_[before].leads_to);
      AddProof(before);
      return false;
    }
    clusters_[before].leads_to = number;
    cluster.follows = before;
    number = before;
  }
}

bool Zones::MakeZones() {
  size_t happened = 0;
  size_t walked = 0;
  for (uint32_t i = 0; i < clusters_.size(); ++i) {
    happened += clusters_[i].happened;
    if (!clusters_[i].happened || clusters_[i].follows != kNoCluster) continue;
    Zone zone{.chain = i};
    if (!WalkChain(i, &zone, &walked)) return false;
    (zone.low.rank < zone.high.rank ? forward_ : backward_).push_back(zone);
  }
  if (walked == happened) return true;
  // What no chain reached goes round in circles.
  std::vector<bool> reached(clusters_.size());
  for (uint32_t i = 0; i < clusters_.size(); ++i) {
    if (clusters_[i].follows != kNoCluster) continue;
    for (uint32_t at = i; at != kNoCluster; at = clusters_[at].leads_to) reached[at] = true;
  }
  for (uint32_t i = 0; i < clusters_.size(); ++i) {
    if (clusters_[i].happened && !reached[i]) AddProof(i);
  }
  return false;
}

// Write, reads, the next write and so on must come in this order; reads of one value in any.
bool Zones::WalkChain(uint32_t first, Zone* zone, size_t* walked) {
  uint32_t length = 0;
  // Takes in a group of operations that must come after all before.
  const auto widen = [&](Moment low, Moment high) {
    const Moment newest = zone->high;
    if (low.rank < zone->low.rank) *zone = {low, newest, first, length};
    if (high.rank > newest.rank) *zone = {zone->low, high, first, length};
    if (low.rank >= newest.rank) return true;
    *zone = {low, newest, first, length};
    return false;
  };
  for (uint32_t i = first; i != kNoCluster; i = clusters_[i].leads_to) {
    const Cluster& cluster = clusters_[i];
    ++length;
    ++*walked;
    if (!widen({cluster.ret, cluster.write}, {cluster.call, cluster.write})) {
      return FailChains({zone});
    }
    if (cluster.has_reads && !widen(cluster.first_return, cluster.last_call)) {
      return FailChains({zone});
    }
  }
  return true;
}

bool Zones::CheckZones() {
  const auto by_low = [](const Zone& a, const Zone& b) { return a.low.rank < b.low.rank; };
  if (!std::is_sorted(forward_.begin(), forward_.end(), by_low)) {
    std::sort(forward_.begin(), forward_.end(), by_low);
  }
  for (size_t i = 1; i < forward_.size(); ++i) {
    if (forward_[i].low.rank < forward_[i - 1].high.rank) {
      return FailChains({&forward_[i - 1], &forward_[i]});
    }
  }
  if (forward_.empty()) return true;
  // Only the last forward zone that begins before a backward one can enclose it. The next one to
  // look at is nearly always close.
  size_t at = 0;
  for (const Zone& inner : backward_) {
    while (at + 1 < forward_.size() && forward_[at + 1].low.rank < inner.high.rank) ++at;
    while (at > 0 && forward_[at].low.rank >= inner.high.rank) --at;
    const Zone& outer = forward_[at];
    if (outer.low.rank < inner.high.rank && inner.low.rank < outer.high.rank) {
      return FailChains({&outer, &inner});
    }
  }
  return true;
}

bool Zones::Fail(std::initializer_list<uint32_t> operations) {
  for (const uint32_t operation : operations) {
    if (operation != kInitialWrite) core_.push_back(operation);
  }
  WT_CHECK(!core_.empty());
  return false;
}

void Zones::AddProof(uint32_t number) {
  for (uint32_t at = number; at != kNoCluster; at = clusters_[at].leads_to) {
    const Cluster& cluster = clusters_[at];
    if (cluster.write != kInitialWrite) core_.push_back(cluster.write);
    if (cluster.ret != kOpen) return;
    if (cluster.has_reads) {
      core_.push_back(cluster.first_return.operation);
      return;
    }
  }
}

bool Zones::FailChains(std::initializer_list<const Zone*> zones) {
  for (const Zone* zone : zones) {
    uint32_t at = zone->chain;
    for (uint32_t i = 0; i < zone->length; ++i) {
      AddProof(at);
      at = clusters_[at].leads_to;
    }
    for (const Moment& moment : {zone->low, zone->high}) {
      if (moment.operation != kInitialWrite) core_.push_back(moment.operation);
    }
  }
  return Fail({});
}

}  // namespace wt::lin
