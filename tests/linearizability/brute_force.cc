#include "tests/linearizability/brute_force.h"

#include <vector>

#include "scenarios/linearizability/models.h"

namespace wt::lin {
namespace {

// Whether `operation` may come next: nothing that had returned before its call is still to come.
bool MayComeNext(const std::vector<Operation>& rest, const Operation& operation) {
  for (const Operation& other : rest) {
    if (other.ret < operation.call) return false;
  }
  return true;
}

template <typename Plain>
bool HasOrder(const Plain& plain, const std::vector<Operation>& rest) {
  bool all_open = true;
  for (const Operation& operation : rest) all_open = all_open && operation.open();
  if (all_open) return true;
  for (size_t i = 0; i < rest.size(); ++i) {
    Plain next = plain;
    if (!MayComeNext(rest, rest[i]) || !next.Apply(rest[i])) continue;
    std::vector<Operation> others = rest;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    if (HasOrder(next, others)) return true;
  }
  return false;
}

template <typename M>
bool HasOrderByModel(const History& history, const std::vector<Operation>& operations) {
  const M model(history);
  return HasOrder(typename M::Plain(model), operations);
}

}  // namespace

bool IsLinearizableByBruteForce(const History& history) {
  for (uint32_t key = 0; key < history.keys.size(); ++key) {
    std::vector<Operation> operations;
    for (const Operation& operation : history.operations) {
      const bool is_open_read = operation.open() && operation.function == Function::kRead;
      if (operation.key == key && operation.function != Function::kNothing && !is_open_read) {
        operations.push_back(operation);
      }
    }
    const bool has_order = history.model == ModelKind::kRegister
                               ? HasOrderByModel<RegisterModel>(history, operations)
                           : history.model == ModelKind::kCounter
                               ? HasOrderByModel<CounterModel>(history, operations)
                               : HasOrderByModel<SequenceModel>(history, operations);
    if (!has_order) return false;
  }
  return true;
}

}  // namespace wt::lin
