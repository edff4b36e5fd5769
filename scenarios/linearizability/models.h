// What a model is, and the three that are here.
//
// A model says what one copy would answer. Its state is a number, and three functions are all that
// it needs. A model of one's own, a lock:
//
//   struct LockModel {
//     uint64_t initial() const { return 0; }  // who holds it, 0 for nobody
//     // The state after `operation` in `state`; none if it could not have answered as it did.
//     std::optional<uint64_t> Step(uint64_t state, const Operation& operation) const {
//       const uint64_t who = operation.argument;
//       if (operation.function == Function::kWrite) {  // lock
//         return state == 0 ? std::optional(who) : std::nullopt;
//       }
//       return state == who ? std::optional<uint64_t>(0) : std::nullopt;  // unlock
//     }
//     // Whether it leaves every state in which it fits as it was.
//     bool Observes(const Operation&) const { return false; }
//   };
//   Outcome outcome = CheckWith(LockModel{}, history, {});
//
// Step looks at function, argument and result alone: two operations that are equal in these are the
// same to the search. What depends on the client has it in its argument.
//
// A state that does not fit into 64 bits is interned: the model keeps a table of the states that it
// has seen, and returns their numbers (equal states must have equal numbers). An operation that is
// open is asked about as if it had succeeded; the engine knows that it need not happen.
//
// A model may have a type `Plain` as well: a second, simple-minded implementation, with which the
// order that the engine found is executed again:
//
//   explicit Plain(const Model&);  bool Apply(const Operation&);
//
// and, if much of its search is in vain, a foresight (search.h says what for):
//
//   bool Resets(const Operation&) const;    the state after it is the same whatever it was before
//   bool CanLead(uint64_t state, const Operation& observer) const;    false only if no operations
//                     without one that resets lead from `state` to a state in which `observer` fits
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_MODELS_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_MODELS_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/linearizability/operation.h"
#include "scenarios/linearizability/prefixes.h"

namespace wt::lin {

template <typename M>
concept HasForesight = requires(const M& model, uint64_t state, const Operation& operation) {
  { model.Resets(operation) } -> std::same_as<bool>;
  { model.CanLead(state, operation) } -> std::same_as<bool>;
};

template <typename M>
concept Model = requires(const M& model, uint64_t state, const Operation& operation) {
  { model.initial() } -> std::same_as<uint64_t>;
  { model.Step(state, operation) } -> std::same_as<std::optional<uint64_t>>;
  { model.Observes(operation) } -> std::same_as<bool>;
};

// One value, or none: read, write, compare-and-set, delete.
class RegisterModel {
 public:
  explicit RegisterModel(const History& history) : initial_(history.initial) {}

  uint64_t initial() const { return initial_; }

  std::optional<uint64_t> Step(uint64_t state, const Operation& operation) const {
    using State = std::optional<uint64_t>;
    switch (operation.function) {
      case Function::kRead:
        return operation.result == state ? State(state) : std::nullopt;
      case Function::kWrite:
        return operation.argument;
      case Function::kCompareAndSet:
        return ExpectedOf(operation.argument) == state ? State(DesiredOf(operation.argument))
                                                       : std::nullopt;
      case Function::kCompareFailed: {
        const bool fits = ExpectedOf(operation.argument) != state &&
                          (operation.result == kUnknown || operation.result == state);
        return fits ? State(state) : std::nullopt;
      }
      case Function::kDelete: {
        const bool fits =
            operation.result == kUnknown || (operation.result == 1) == (state != Values::kNil);
        return fits ? State(Values::kNil) : std::nullopt;
      }
      default:
        return std::nullopt;
    }
  }

  bool Observes(const Operation& operation) const {
    return operation.function == Function::kRead ||
           operation.function == Function::kCompareFailed ||
           (operation.function == Function::kDelete && operation.result == 0);
  }

  class Plain;

 private:
  uint64_t initial_;
};

// A number: increment, read, write. It wraps around like uint64_t.
class CounterModel {
 public:
  explicit CounterModel(const History& history) : initial_(history.initial) {}

  uint64_t initial() const { return initial_; }

  std::optional<uint64_t> Step(uint64_t state, const Operation& operation) const {
    using State = std::optional<uint64_t>;
    switch (operation.function) {
      case Function::kRead:
        return operation.result == state ? State(state) : std::nullopt;
      case Function::kWrite:
        return operation.argument;
      case Function::kIncrement: {
        const uint64_t sum = state + operation.argument;
        const bool fits = operation.result == kUnknown || operation.result == sum;
        return fits ? State(sum) : std::nullopt;
      }
      default:
        return std::nullopt;
    }
  }

  bool Observes(const Operation& operation) const { return operation.function == Function::kRead; }

  class Plain;

 private:
  uint64_t initial_;
};

// A text or a list: read, write, append, delete. The state is the sequence's fingerprint.
class SequenceModel {
 public:
  explicit SequenceModel(const History& history)
      : values_(&history.values),
        initial_(static_cast<uint32_t>(history.initial)),
        list_(history.model == ModelKind::kList),
        prefixes_(history.values) {}

  uint64_t initial() const { return values_->fingerprint(initial_); }

  std::optional<uint64_t> Step(uint64_t state, const Operation& operation) const {
    using State = std::optional<uint64_t>;
    const auto argument = static_cast<uint32_t>(operation.argument);
    switch (operation.function) {
      case Function::kRead: {
        const uint64_t read = values_->fingerprint(static_cast<uint32_t>(operation.result));
        return read == state ? State(state) : std::nullopt;
      }
      case Function::kWrite:
        return values_->fingerprint(argument);
      case Function::kAppend:
        return AddModulo(MultiplyModulo(state, values_->scale(argument)),
                         values_->fingerprint(argument));
      case Function::kDelete:
        return 0;
      default:
        return std::nullopt;
    }
  }

  bool Observes(const Operation& operation) const { return operation.function == Function::kRead; }

  // Whatever is appended, the sequence begins as it is now.
  bool Resets(const Operation& operation) const {
    return operation.function == Function::kWrite || operation.function == Function::kDelete;
  }
  bool CanLead(uint64_t state, const Operation& observer) const {
    return prefixes_.IsPrefix(state, static_cast<uint32_t>(observer.result));
  }

  class Plain;

 private:
  const Values* values_;
  uint32_t initial_;
  bool list_;
  mutable Prefixes prefixes_;
};

class RegisterModel::Plain {
 public:
  explicit Plain(const RegisterModel& model) : value_(model.initial_) {}
  bool Apply(const Operation& operation);

 private:
  uint64_t value_;
};

class CounterModel::Plain {
 public:
  explicit Plain(const CounterModel& model) : count_(model.initial_) {}
  bool Apply(const Operation& operation);

 private:
  uint64_t count_;
};

class SequenceModel::Plain {
 public:
  explicit Plain(const SequenceModel& model);
  bool Apply(const Operation& operation);

 private:
  std::string TextOf(uint64_t value) const;

  const Values& values_;
  bool list_;
  std::string text_;  // of a list without its brackets
};

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_MODELS_H_
