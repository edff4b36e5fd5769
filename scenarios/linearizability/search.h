// The search for an order of one key's operations: engine "wgl".
//
// After Wing and Gong (1993): go through the operations that nothing still to be placed must come
// before, place one that fits the model's state, go on, and back when none fits; with Lowe's (2017)
// list and memory of configurations. The set of placed operations is remembered in 128 bits that
// are updated with each step: exactly for up to 128 operations, as a fingerprint (Zobrist) for
// more. Two sets with one fingerprint would make the search leave out a part, which can only make a
// linearizable history look wrong: such a verdict is therefore to be confirmed by a second search
// with other fingerprints (wgl.h does), unless no configuration was ever found again.
//
// What is left out, and why nothing is lost:
//   - Observers first. An operation that changes no state (a read) and fits now is placed at once,
//     and nothing else tried instead: in any order that exists it can be moved to here.
//   - Twins in order. Of two operations with equal function, argument and result, the one that was
//     called earlier and returned no later goes first: else they can be exchanged.
//   - Open operations are optional: the search is over when all that returned are placed. Those
//     that would leave the state as it is are not used, and observers among them dropped.
//   - An open operation must be good for something: one after which the very next operation fits,
//     and ends in the same state, as without it, is not used.
//   - Fewer is better: see configurations.h.
//   - No way back: if the model has a foresight (models.h), and once the search has become long, a
//     configuration is left when one of the next observers cannot fit any more.
// Each drops orders only for which another one exists that uses no more of the open operations.
//
// Operations that returned are tried before open ones, in the order of their calls. If only one
// fits, there is no choice to come back to, and nothing to remember.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_SEARCH_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_SEARCH_H_

#include <optional>
#include <span>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "scenarios/linearizability/configurations.h"
#include "scenarios/linearizability/models.h"
#include "scenarios/linearizability/partition.h"

namespace wt::lin {

template <Model M>
class Search {
 public:
  enum class State { kRunning, kFound, kExhausted };

  // `operations` and `model` outlive the search.
  // The model's foresight is asked from `patience` steps on.
  Search(const M& model, std::span<const Operation> operations, Timeline timeline, uint64_t seed,
         uint64_t patience);

  // Goes on for about so many steps (an operation looked at is a step).
  State Run(uint64_t steps);

  uint64_t steps() const { return steps_; }
  bool depends_on_fingerprints() const { return !is_exact_ && seen_.ever_found(); }
  // The order that was found. Requires: Run returned kFound.
  std::vector<uint32_t> Order() const;

 private:
  enum class Kind : uint8_t { kOnlyMove, kChoice };
  struct Placed {
    uint64_t state_before;
    int32_t operation;
    Kind kind;
  };

  struct Item {
    int32_t elder = Timeline::kNone;        // the twin that must be placed before
    int32_t open_number = Timeline::kNone;  // its place in open_, if it may be used
    bool is_observer = false;
    bool is_placed = false;
  };

  void FindElders();
  void PlaceObservers();
  void FindMoves();
  bool IsHopeless() const;
  bool MayReset(int32_t before) const;
  std::optional<uint64_t> Move(int32_t operation) const;
  bool TakeMove();
  bool TakeOpen(int32_t horizon);
  bool TryChoice(int32_t operation);
  bool GoBack();
  void Place(int32_t operation, uint64_t state, Kind kind);
  void Unplace(const Placed& placed);
  void ToggleOpen(int32_t number);
  SetPrint PrintOf(int32_t operation) const;

  static constexpr int kMaskBits = 64;       // of open operations
  static constexpr size_t kExactBits = 128;  // of all, to be remembered as they are
  static constexpr int kObserversAhead = 4;

  const M& model_;
  const std::span<const Operation> operations_;
  const uint64_t seed_;
  const uint64_t patience_;
  Timeline timeline_;
  std::vector<Item> items_;    // one for each operation
  std::vector<int32_t> open_;  // operations that may be used, in the order of their calls
  std::vector<Placed> placed_;
  Configurations seen_;
  std::vector<int32_t> resets_;  // operations that reset, if the model has a foresight
  bool is_exact_;
  SetPrint print_;     // of what is placed, but for the open ones in `used_`
  uint64_t used_ = 0;  // bit i: open_[i]
  uint64_t state_;
  uint64_t steps_ = 0;
  size_t to_place_ = 0;   // of those that returned
  bool settled_ = false;  // the observers that fit are placed, and the moves looked for
  int32_t only_move_ = Timeline::kNone;  // the one operation that can be placed, if it is one
  int32_t cursor_ = 0;                   // node from which moves are to be tried
  size_t open_cursor_ = 0;               // and which of the open ones
};

template <Model M>
Search<M>::Search(const M& model, std::span<const Operation> operations, Timeline timeline,
                  uint64_t seed, uint64_t patience)
    : model_(model),
      operations_(operations),
      seed_(seed),
      patience_(patience),
      timeline_(std::move(timeline)),
      items_(operations.size()),
      is_exact_(operations.size() <= kExactBits),
      state_(model.initial()) {
  WT_CHECK_EQ(timeline_.places.size(), operations.size());
  placed_.reserve(operations.size());
  for (size_t i = 0; i < operations.size(); ++i) {
    items_[i].is_observer = model.Observes(operations[i]);
    if constexpr (HasForesight<M>) {
      if (model.Resets(operations[i])) resets_.push_back(static_cast<int32_t>(i));
    }
    if (!operations[i].open()) {
      ++to_place_;
    } else if (!items_[i].is_observer) {
      items_[i].open_number = static_cast<int32_t>(open_.size());
      open_.push_back(static_cast<int32_t>(i));
    }
  }
  FindElders();
}

// By a table of the newest of each kind, which is big enough to find a free slot soon.
template <Model M>
void Search<M>::FindElders() {
  size_t size = 16;
  while (size < 2 * operations_.size()) size *= 2;
  std::vector<int32_t> newest(size, Timeline::kNone);
  for (size_t i = 0; i < operations_.size(); ++i) {
    const Operation& own = operations_[i];
    if (items_[i].is_observer) continue;
    const auto is_twin = [&](const Operation& other) {
      return other.function == own.function && other.argument == own.argument &&
             other.result == own.result && other.open() == own.open();
    };
    size_t at = Mix64(own.argument ^ Mix64(own.result)) & (size - 1);
    while (newest[at] >= 0 && !is_twin(operations_[newest[at]])) at = (at + 1) & (size - 1);
    const int32_t elder = newest[at];
    if (elder >= 0 && operations_[elder].ret <= own.ret) items_[i].elder = elder;
    newest[at] = static_cast<int32_t>(i);
  }
}

template <Model M>
typename Search<M>::State Search<M>::Run(uint64_t steps) {
  const uint64_t limit = steps_ + steps;
  while (steps_ < limit) {
    if (!settled_) {
      PlaceObservers();
      if (to_place_ == 0) return State::kFound;
      FindMoves();
    }
    if (!TakeMove() && !GoBack()) return State::kExhausted;
  }
  return to_place_ == 0 ? State::kFound : State::kRunning;
}

// What is behind the first return cannot come next; when that return's operation is placed, the
// walk goes further.
template <Model M>
void Search<M>::PlaceObservers() {
  const std::vector<Timeline::Node>& nodes = timeline_.nodes;
  int32_t before = Timeline::kHead;
  while (nodes[nodes[before].next].operation >= 0) {
    const int32_t node = nodes[before].next;
    const int32_t operation = nodes[node].operation;
    const bool is_observer = items_[operation].is_observer;
    steps_ += is_observer;
    if (is_observer && model_.Step(state_, operations_[operation])) {
      Place(operation, state_, Kind::kOnlyMove);
    } else {
      before = node;
    }
  }
  settled_ = true;
}

// Puts the cursor on the first move, and sees whether there is another.
template <Model M>
void Search<M>::FindMoves() {
  const std::vector<Timeline::Node>& nodes = timeline_.nodes;
  int moves = 0;
  only_move_ = Timeline::kNone;
  open_cursor_ = 0;
  cursor_ = nodes[Timeline::kHead].next;
  if constexpr (HasForesight<M>) {
    if (steps_ >= patience_ && IsHopeless()) {
      open_cursor_ = open_.size();
      while (nodes[cursor_].operation >= 0) cursor_ = nodes[cursor_].next;
      return;
    }
  }
  int32_t node = cursor_;
  for (; moves < 2 && nodes[node].operation >= 0; node = nodes[node].next) {
    const int32_t operation = nodes[node].operation;
    if (items_[operation].is_observer || !Move(operation)) continue;
    if (++moves == 1) cursor_ = node;
    only_move_ = moves == 1 ? operation : Timeline::kNone;
  }
  if (moves == 0) cursor_ = node;
  for (size_t i = 0; moves < 2 && i < open_.size(); ++i) {
    if (timeline_.places[open_[i]].call > node) break;
    if (!Move(open_[i])) continue;
    ++moves;
    only_move_ = moves == 1 ? open_[i] : Timeline::kNone;
  }
}

// One of the next observers can never be placed.
template <Model M>
bool Search<M>::IsHopeless() const {
  const std::vector<Timeline::Node>& nodes = timeline_.nodes;
  int seen = 0;
  for (int32_t node = nodes[Timeline::kHead].next; seen < kObserversAhead;
       node = nodes[node].next) {
    const int32_t operation = nodes[node].operation;
    if (operation == Timeline::kEnd) return false;
    if (operation < 0 || !items_[operation].is_observer) continue;
    ++seen;
    if (MayReset(timeline_.places[operation].ret)) continue;
    if (!model_.CanLead(state_, operations_[operation])) return true;
  }
  return false;
}

// Whether something that resets the state was called before that node, and is not placed.
template <Model M>
bool Search<M>::MayReset(int32_t before) const {
  for (const int32_t operation : resets_) {
    if (timeline_.places[operation].call > before) return false;
    if (!items_[operation].is_placed) return true;
  }
  return false;
}

// The state after `operation`, if it can be placed next and that is of any use.
template <Model M>
std::optional<uint64_t> Search<M>::Move(int32_t operation) const {
  if (items_[operation].is_placed) return std::nullopt;
  const int32_t elder = items_[operation].elder;
  if (elder != Timeline::kNone && !items_[elder].is_placed) return std::nullopt;
  const std::optional<uint64_t> after = model_.Step(state_, operations_[operation]);
  if (!after || (*after == state_ && operations_[operation].open())) return std::nullopt;
  if (!placed_.empty() && operations_[placed_.back().operation].open() &&
      model_.Step(placed_.back().state_before, operations_[operation]) == after) {
    return std::nullopt;
  }
  return after;
}

template <Model M>
bool Search<M>::TakeMove() {
  if (only_move_ != Timeline::kNone) {
    ++steps_;
    Place(only_move_, *Move(only_move_), Kind::kOnlyMove);
    settled_ = false;
    return true;
  }
  const std::vector<Timeline::Node>& nodes = timeline_.nodes;
  int32_t node = cursor_;
  for (; nodes[node].operation >= 0; node = nodes[node].next) {
    if (items_[nodes[node].operation].is_observer) continue;
    if (TryChoice(nodes[node].operation)) return true;
  }
  return TakeOpen(node);
}

template <Model M>
bool Search<M>::TakeOpen(int32_t horizon) {
  for (size_t i = open_cursor_; i < open_.size(); ++i) {
    if (timeline_.places[open_[i]].call > horizon) return false;
    if (TryChoice(open_[i])) return true;
  }
  return false;
}

template <Model M>
bool Search<M>::TryChoice(int32_t operation) {
  ++steps_;
  const std::optional<uint64_t> after = Move(operation);
  if (!after) return false;
  Place(operation, *after, Kind::kChoice);
  settled_ = !seen_.Insert({print_, state_, used_});
  if (!settled_) return true;
  Unplace(placed_.back());
  placed_.pop_back();
  return false;
}

// To the newest configuration with a choice left. False when there is none.
template <Model M>
bool Search<M>::GoBack() {
  while (!placed_.empty()) {
    const Placed last = placed_.back();
    placed_.pop_back();
    Unplace(last);
    if (last.kind == Kind::kOnlyMove) continue;
    settled_ = true;
    only_move_ = Timeline::kNone;
    cursor_ = timeline_.nodes[Timeline::kHead].next;
    open_cursor_ = 0;
    if (!operations_[last.operation].open()) {
      cursor_ = timeline_.nodes[timeline_.places[last.operation].call].next;
      return true;
    }
    while (timeline_.nodes[cursor_].operation >= 0) cursor_ = timeline_.nodes[cursor_].next;
    open_cursor_ = static_cast<size_t>(items_[last.operation].open_number) + 1;
    return true;
  }
  return false;
}

template <Model M>
void Search<M>::Place(int32_t operation, uint64_t state, Kind kind) {
  placed_.push_back({state_, operation, kind});
  items_[operation].is_placed = true;
  state_ = state;
  std::vector<Timeline::Node>& nodes = timeline_.nodes;
  if (operations_[operation].open()) {
    ToggleOpen(items_[operation].open_number);
    return;
  }
  --to_place_;
  print_ = print_ ^ PrintOf(operation);
  for (const int32_t node : {timeline_.places[operation].call, timeline_.places[operation].ret}) {
    nodes[nodes[node].previous].next = nodes[node].next;
    nodes[nodes[node].next].previous = nodes[node].previous;
  }
}

template <Model M>
void Search<M>::Unplace(const Placed& placed) {
  const int32_t operation = placed.operation;
  state_ = placed.state_before;
  items_[operation].is_placed = false;
  if (operations_[operation].open()) return ToggleOpen(items_[operation].open_number);
  ++to_place_;
  print_ = print_ ^ PrintOf(operation);
  std::vector<Timeline::Node>& nodes = timeline_.nodes;
  for (const int32_t node : {timeline_.places[operation].ret, timeline_.places[operation].call}) {
    nodes[nodes[node].previous].next = node;
    nodes[nodes[node].next].previous = node;
  }
}

// The first have a bit each, so that sets of them can be compared; any further ones are in the
// print of what is placed.
template <Model M>
void Search<M>::ToggleOpen(int32_t number) {
  WT_CHECK_GE(number, 0);
  if (number < kMaskBits) {
    used_ ^= uint64_t{1} << number;
  } else {
    print_ = print_ ^ PrintOf(open_[number]);
  }
}

template <Model M>
SetPrint Search<M>::PrintOf(int32_t operation) const {
  const auto number = static_cast<uint64_t>(operation);
  if (!is_exact_) return {Mix64(seed_ ^ Mix64(number)), Mix64(~seed_ + Mix64(~number))};
  const uint64_t bit = uint64_t{1} << (number % 64);
  return number < 64 ? SetPrint{bit, 0} : SetPrint{0, bit};
}

template <Model M>
std::vector<uint32_t> Search<M>::Order() const {
  WT_CHECK_EQ(to_place_, 0u);
  std::vector<uint32_t> order;
  order.reserve(placed_.size());
  for (const Placed& placed : placed_) order.push_back(static_cast<uint32_t>(placed.operation));
  return order;
}

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_SEARCH_H_
