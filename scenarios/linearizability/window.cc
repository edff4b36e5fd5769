#include "scenarios/linearizability/window.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "scenarios/linearizability/operation_text.h"

namespace wt::lin {
namespace {

bool IsObserver(const History& history, const Operation& operation) {
  switch (history.model) {
    case ModelKind::kRegister:
      return RegisterModel(history).Observes(operation);
    case ModelKind::kCounter:
      return CounterModel(history).Observes(operation);
    case ModelKind::kText:
    case ModelKind::kList:
      return SequenceModel(history).Observes(operation);
  }
  return false;
}

// Leaves out operations of one key's history while what remains is not linearizable: those that are
// not in `kept_`, and those called at `end_` or later; what returns then is open.
class Shrinker {
 public:
  Shrinker(const History& history, const Outcome& outcome, const Budget& budget)
      : history_(history), kept_(outcome.core), steps_left_(budget.steps), end_(history.ranks) {
    part_.model = history.model;
    part_.initial = history.initial;
    part_.unit = history.unit;
    part_.keys = history.keys;
    part_.values = history.values;
    if (!kept_.empty()) return;
    for (uint32_t i = 0; i < history.operations.size(); ++i) {
      const Operation& operation = history.operations[i];
      const bool is_ours = operation.key == outcome.key;
      if (is_ours && operation.function != Function::kNothing) kept_.push_back(i);
    }
  }

  Window Run() {
    CutEnd();
    DropAll(&Shrinker::MayDropObserver);
    while (DropAll(&Shrinker::MayDropUnseen)) {
    }
    MakePart(end_);
    return {std::move(part_), minimal_};
  }

 private:
  void MakePart(uint32_t end) {
    part_.ranks = end;
    part_.operations.clear();
    part_.stamps.clear();
    for (const uint32_t number : kept_) {
      Operation operation = history_.operations[number];
      if (operation.call >= end) continue;
      if (operation.ret >= end) Reopen(&operation);
      if (operation.open() && IsObserver(history_, operation)) continue;
      part_.operations.push_back(operation);
      part_.stamps.push_back(history_.stamps[number]);
    }
  }

  static void Reopen(Operation* operation) {
    operation->ret = kOpen;
    if (operation->function == Function::kCompareFailed) {
      operation->function = Function::kCompareAndSet;
    }
    operation->result = kUnknown;
  }

  bool StillWrong(uint32_t end) {
    if (steps_left_ == 0) minimal_ = false;
    if (!minimal_) return false;
    MakePart(end);
    const Outcome outcome = Check(part_, {.steps = steps_left_});
    steps_left_ -= std::min(steps_left_, outcome.steps);
    if (outcome.verdict == Verdict::kUnknown) minimal_ = false;
    return outcome.verdict == Verdict::kNotLinearizable;
  }

  // The earliest end: what is wrong stays wrong.
  void CutEnd() {
    uint32_t right = 0;
    uint32_t wrong = end_;
    while (right + 1 < wrong) {
      const uint32_t middle = right + (wrong - right) / 2;
      (StillWrong(middle) ? wrong : right) = middle;
    }
    end_ = wrong;
    std::erase_if(kept_, [&](uint32_t number) { return history_.operations[number].call >= end_; });
  }

  // In ever smaller runs of neighbours. True if any was left out.
  bool DropAll(bool (Shrinker::*may_drop)(uint32_t) const) {
    bool any = false;
    for (size_t run = std::max<size_t>(1, kept_.size() / 4); run > 0; run /= 2) {
      for (size_t begin = 0; begin < kept_.size();) {
        const bool dropped = DropRun(begin, run, may_drop);
        any = any || dropped;
        if (!dropped) begin += run;
      }
    }
    return any;
  }

  bool DropRun(size_t begin, size_t run, bool (Shrinker::*may_drop)(uint32_t) const) {
    const std::vector<uint32_t> before = kept_;
    const size_t end = std::min(begin + run, before.size());
    for (size_t i = begin; i < end; ++i) {
      if ((this->*may_drop)(before[i])) std::erase(kept_, before[i]);
    }
    if (kept_.size() == before.size()) return false;
    if (StillWrong(end_)) return true;
    kept_ = before;
    return false;
  }

  bool MayDropObserver(uint32_t number) const {
    return IsObserver(history_, history_.operations[number]);
  }

  bool MayDropUnseen(uint32_t number) const {
    if (history_.model != ModelKind::kRegister || MayDropObserver(number)) return false;
    const uint64_t value = ValueWritten(history_.operations[number]);
    return std::none_of(kept_.begin(), kept_.end(), [&](uint32_t other) {
      const Operation& operation = history_.operations[other];
      return other != number && (DependsOnOther(operation) || Sees(operation, value));
    });
  }

  static uint64_t ValueWritten(const Operation& operation) {
    if (operation.function == Function::kDelete) return Values::kNil;
    if (operation.function == Function::kWrite) return operation.argument;
    return DesiredOf(operation.argument);
  }
  // Its result says what the value is not.
  static bool DependsOnOther(const Operation& operation) {
    if (operation.function == Function::kDelete) return operation.result == 1;
    return operation.function == Function::kCompareFailed && operation.result == kUnknown;
  }
  static bool Sees(const Operation& operation, uint64_t value) {
    switch (operation.function) {
      case Function::kRead:
      case Function::kCompareFailed:
        return operation.result == value;
      case Function::kCompareAndSet:
        return ExpectedOf(operation.argument) == value;
      case Function::kDelete:
        return operation.result == 0 && value == Values::kNil;
      default:
        return false;
    }
  }

  const History& history_;
  History part_;
  std::vector<uint32_t> kept_;  // numbers of operations
  uint64_t steps_left_;
  uint32_t end_;
  bool minimal_ = true;
};

}  // namespace

Window FindWindow(const History& history, const Outcome& outcome, const Budget& budget) {
  WT_CHECK(outcome.verdict == Verdict::kNotLinearizable);
  return Shrinker(history, outcome, budget).Run();
}

std::string WindowText(const Window& window, size_t most) {
  const History& history = window.history;
  const size_t count = history.operations.size();
  WT_CHECK(count > 0);
  std::string text = absl::StrFormat(
      "%s: no order of %s explains %s\n", SubjectText(history, history.operations[0].key),
      count == 1 ? "anything" : absl::StrFormat("these %d operations", count),
      count == 1 ? "this result" : "their results");
  const size_t hidden = count > most ? count - most + 1 : 0;
  if (hidden > 0) text += absl::StrFormat("  ... %d earlier ones\n", hidden);
  const std::vector<std::string> lines = OperationLines(history, hidden);
  for (const std::string& line : lines) text += "  " + line + "\n";
  return text;
}

std::string Explain(const History& history, const Outcome& outcome) {
  return WindowText(FindWindow(history, outcome, {.steps = 2'000'000}));
}

}  // namespace wt::lin
