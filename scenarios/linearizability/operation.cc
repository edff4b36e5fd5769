#include "scenarios/linearizability/operation.h"

#include <utility>

#include "engine/base/check.h"

namespace wt::lin {

uint32_t HistoryBuilder::KeyOf(std::string_view name) {
  const auto [found, is_new] =
      key_numbers_.try_emplace(std::string(name), static_cast<uint32_t>(history_->keys.size()));
  if (is_new) history_->keys.emplace_back(name);
  WT_CHECK_LT(found->second, kMaxKeys);
  return found->second;
}

size_t HistoryBuilder::Invoke(const Operation& operation, int64_t stamp) {
  WT_CHECK_LT(operation.key, history_->keys.size());
  WT_CHECK_LT(history_->ranks, kOpen - 1);
  history_->operations.push_back(operation);
  history_->operations.back().call = history_->ranks++;
  history_->operations.back().ret = kOpen;
  history_->stamps.push_back({stamp, stamp});
  return history_->operations.size() - 1;
}

void HistoryBuilder::Return(size_t number, Function function, uint64_t result, int64_t stamp) {
  Operation& operation = history_->operations.at(number);
  WT_CHECK(operation.open() && operation.function != Function::kNothing);
  WT_CHECK_LT(history_->ranks, kOpen - 1);
  operation.ret = history_->ranks++;
  operation.function = function;
  operation.result = result;
  history_->stamps[number].ret = stamp;
}

void HistoryBuilder::Drop(size_t number) {
  WT_CHECK(history_->operations.at(number).open());
  history_->operations[number].function = Function::kNothing;
}

void Compact(History* history) {
  std::vector<uint32_t> new_rank(history->ranks, 0);
  size_t kept = 0;
  for (size_t i = 0; i < history->operations.size(); ++i) {
    const Operation operation = history->operations[i];
    if (operation.function == Function::kNothing) continue;
    new_rank[operation.call] = 1;
    if (!operation.open()) new_rank[operation.ret] = 1;
    history->operations[kept] = operation;
    history->stamps[kept] = history->stamps[i];
    ++kept;
  }
  history->operations.resize(kept);
  history->stamps.resize(kept);
  uint32_t next = 0;
  for (uint32_t& rank : new_rank) next += std::exchange(rank, next);
  for (Operation& operation : history->operations) {
    operation.call = new_rank[operation.call];
    if (!operation.open()) operation.ret = new_rank[operation.ret];
  }
  history->ranks = next;
}

}  // namespace wt::lin
