#include "engine/lsm/merging_iterator.h"

#include <utility>

#include "engine/base/check.h"

namespace wt {
namespace {

// All inputs that are on an entry stand in a heap, the one to be shown at its top. Walking forward
// they stand at the first entry that was not shown yet, walking backward at the last.
class MergingIterator final : public InternalIterator {
 public:
  explicit MergingIterator(std::vector<std::unique_ptr<InternalIterator>> inputs)
      : inputs_(std::move(inputs)) {
    for (const auto& input : inputs_) WT_CHECK(input != nullptr);
    heap_.reserve(inputs_.size());
  }

  void SeekToFirst() override {
    Begin(Direction::kForward, [](InternalIterator& input) { input.SeekToFirst(); });
  }
  void SeekToLast() override {
    Begin(Direction::kBackward, [](InternalIterator& input) { input.SeekToLast(); });
  }
  void Seek(InternalKey target) override {
    Begin(Direction::kForward, [target](InternalIterator& input) { input.Seek(target); });
  }
  void SeekForPrev(InternalKey target) override {
    Begin(Direction::kBackward, [target](InternalIterator& input) { input.SeekForPrev(target); });
  }
  void Next() override { Move(Direction::kForward); }
  void Prev() override { Move(Direction::kBackward); }

 private:
  enum class Direction { kForward, kBackward };
  struct Member {
    InternalIterator* input;
    size_t age;  // 0 = most recent
  };

  // Where the input goes when it has been shown.
  void Step(InternalIterator& input) const {
    direction_ == Direction::kForward ? input.Next() : input.Prev();
  }

  // Whether `a` is shown before `b`.
  bool Precedes(const Member& a, const Member& b) const {
    const std::strong_ordering order =
        a.input->entry().internal_key() <=> b.input->entry().internal_key();
    if (order == 0) return a.age < b.age;
    return direction_ == Direction::kForward ? order < 0 : order > 0;
  }

  // Puts every input where `seek` says, and shows the first of them.
  template <typename Place>
  void Begin(Direction direction, const Place& place) {
    ForgetFailure();
    direction_ = direction;
    heap_.clear();
    for (size_t age = 0; age < inputs_.size(); ++age) {
      place(*inputs_[age]);
      if (!Keep({inputs_[age].get(), age})) return;
    }
    Order();
    ShowTop();
  }

  // Adds the input to the heap's members, unless it is nowhere. False after an error.
  bool Keep(const Member& member) {
    if (member.input->Valid()) {
      heap_.push_back(member);
    } else if (!member.input->status().ok()) {
      Fail(*member.input);
      return false;
    }
    return true;
  }

  void Fail(const InternalIterator& input) {
    heap_.clear();
    SetFailed(input.status());
  }

  void Order() {
    for (size_t i = heap_.size() / 2; i-- > 0;) SiftDown(i);
  }

  void SiftDown(size_t at) {
    const Member moving = heap_[at];
    for (;;) {
      size_t child = 2 * at + 1;
      if (child >= heap_.size()) break;
      if (child + 1 < heap_.size() && Precedes(heap_[child + 1], heap_[child])) ++child;
      if (!Precedes(heap_[child], moving)) break;
      heap_[at] = heap_[child];
      at = child;
    }
    heap_[at] = moving;
  }

  // Moves the input at this place of the heap one step on. False after an error.
  bool Advance(size_t at) {
    InternalIterator& input = *heap_[at].input;
    Step(input);
    if (!input.Valid()) {
      if (!input.status().ok()) {
        Fail(input);
        return false;
      }
      heap_[at] = heap_.back();
      heap_.pop_back();
      if (at == heap_.size()) return true;
    }
    SiftDown(at);
    return true;
  }

  // Passes over what older inputs hold of the shown pair, while it can still be compared with.
  bool PassShadowed() {
    while (heap_.size() > 1) {
      const size_t second = heap_.size() > 2 && Precedes(heap_[2], heap_[1]) ? 2 : 1;
      if (heap_[second].input->entry().internal_key() != heap_[0].input->entry().internal_key()) {
        break;
      }
      if (!Advance(second)) return false;
    }
    return true;
  }

  void Move(Direction direction) {
    WT_CHECK(valid_ && !heap_.empty());
    if (direction != direction_ && !Turn(direction)) return;
    if (!PassShadowed() || !Advance(0)) return;
    ShowTop();
  }

  // All inputs but the shown one stand on the far side of the shown pair: brings them to it or to
  // its other side. The shown one stays, so its key can be sought, and is at the top again.
  bool Turn(Direction direction) {
    const Member shown = heap_[0];
    const InternalKey key = shown.input->entry().internal_key();
    direction_ = direction;
    heap_.clear();
    for (size_t age = 0; age < inputs_.size(); ++age) {
      InternalIterator& input = *inputs_[age];
      if (age != shown.age) {
        direction == Direction::kForward ? input.Seek(key) : input.SeekForPrev(key);
      }
      if (!Keep({&input, age})) return false;
    }
    Order();
    WT_CHECK_EQ(heap_[0].age, shown.age);
    return true;
  }

  void ShowTop() {
    if (heap_.empty()) return SetNowhere();
    entry_ = heap_[0].input->entry();
    valid_ = true;
  }

  std::vector<std::unique_ptr<InternalIterator>> inputs_;
  std::vector<Member> heap_;
  Direction direction_ = Direction::kForward;
};

}  // namespace

std::unique_ptr<InternalIterator> NewMergingIterator(
    std::vector<std::unique_ptr<InternalIterator>> most_recent_first) {
  if (most_recent_first.size() == 1) return std::move(most_recent_first.front());
  return std::make_unique<MergingIterator>(std::move(most_recent_first));
}

}  // namespace wt
