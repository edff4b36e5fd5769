#include "scenarios/linearizability/partition.h"

#include "engine/base/check.h"

namespace wt::lin {

Partition::Partition(const History& history)
    : ranks_(history.ranks), begin_(history.keys.size() + 1) {
  for (const Operation& operation : history.operations) {
    WT_CHECK_LT(operation.key, history.keys.size());
    if (operation.function != Function::kNothing) ++begin_[operation.key + 1];
  }
  for (size_t key = 1; key < begin_.size(); ++key) begin_[key] += begin_[key - 1];
  operations_.resize(begin_.back());
  origin_.resize(begin_.back());
  std::vector<uint32_t> next(begin_.begin(), begin_.end() - 1);
  uint32_t last_call = 0;
  for (uint32_t i = 0; i < history.operations.size(); ++i) {
    const Operation& operation = history.operations[i];
    WT_CHECK(operation.call >= last_call && operation.call < ranks_);
    WT_CHECK(operation.open() || (operation.call < operation.ret && operation.ret < ranks_));
    last_call = operation.call;
    if (operation.function == Function::kNothing) continue;
    const uint32_t to = next[operation.key]++;
    operations_[to] = operation;
    origin_[to] = i;
  }
}

void Partition::MakeTimelines(const std::vector<bool>& wanted,
                              std::vector<Timeline>* timelines) const {
  // The operation whose call or return has each rank, its return as the complement: a sort in one
  // pass, since a rank is used once.
  std::vector<int32_t> at(ranks_, Timeline::kEnd);
  timelines->resize(keys());
  for (size_t key = 0; key < keys(); ++key) {
    if (!wanted[key]) continue;
    Timeline& timeline = (*timelines)[key];
    const std::span<const Operation> own = operations(key);
    timeline.places.resize(own.size());
    timeline.nodes.reserve(2 * own.size() + 2);
    timeline.nodes.push_back({1, Timeline::kNone, Timeline::kEnd});
    for (uint32_t i = begin_[key]; i < begin_[key + 1]; ++i) {
      at[operations_[i].call] = static_cast<int32_t>(i);
      if (!operations_[i].open()) at[operations_[i].ret] = ~static_cast<int32_t>(i);
    }
  }
  for (const int32_t event : at) {
    if (event == Timeline::kEnd) continue;
    const auto global = static_cast<uint32_t>(event < 0 ? ~event : event);
    const uint32_t key = operations_[global].key;
    const auto own = static_cast<int32_t>(global - begin_[key]);
    Timeline& timeline = (*timelines)[key];
    const auto node = static_cast<int32_t>(timeline.nodes.size());
    if (event >= 0) timeline.places[own].call = node;
    if (event < 0) timeline.places[own].ret = node;
    if (operations_[global].open()) continue;
    timeline.nodes.push_back({node + 1, node - 1, event < 0 ? ~own : own});
  }
  for (size_t key = 0; key < keys(); ++key) {
    if (!wanted[key]) continue;
    std::vector<Timeline::Node>& nodes = (*timelines)[key].nodes;
    const auto end = static_cast<int32_t>(nodes.size());
    nodes.push_back({Timeline::kNone, end - 1, Timeline::kEnd});
  }
}

}  // namespace wt::lin
