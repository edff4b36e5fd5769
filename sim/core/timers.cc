#include "sim/core/timers.h"

#include "engine/base/check.h"

namespace wt::sim {

Timer::~Timer() { WT_CHECK(!is_set()); }

void TimerQueue::Set(Timer& timer, SimTime deadline) {
  WT_CHECK(!timer.is_set());
  timer.deadline_ = deadline;
  timer.sequence_ = next_sequence_++;
  heap_.push_back(&timer);
  timer.slot_ = heap_.size() - 1;
  SiftUp(timer.slot_);
}

void TimerQueue::Cancel(Timer& timer) {
  if (!timer.is_set()) return;
  const size_t slot = timer.slot_;
  WT_CHECK(slot < heap_.size() && heap_[slot] == &timer);
  Timer* last = heap_.back();
  heap_.pop_back();
  timer.slot_ = Timer::kUnset;
  if (last == &timer) return;
  Place(*last, slot);
  SiftUp(slot);
  SiftDown(last->slot_);
}

Timer& TimerQueue::TakeFirst() {
  WT_CHECK(!heap_.empty());
  Timer& first = *heap_.front();
  Cancel(first);
  return first;
}

void TimerQueue::Place(Timer& timer, size_t slot) {
  heap_[slot] = &timer;
  timer.slot_ = slot;
}

void TimerQueue::SiftUp(size_t slot) {
  Timer& timer = *heap_[slot];
  while (slot > 0) {
    const size_t parent = (slot - 1) / 2;
    if (!Before(timer, *heap_[parent])) break;
    Place(*heap_[parent], slot);
    slot = parent;
  }
  Place(timer, slot);
}

void TimerQueue::SiftDown(size_t slot) {
  Timer& timer = *heap_[slot];
  for (;;) {
    size_t child = 2 * slot + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && Before(*heap_[child + 1], *heap_[child])) ++child;
    if (!Before(*heap_[child], timer)) break;
    Place(*heap_[child], slot);
    slot = child;
  }
  Place(timer, slot);
}

}  // namespace wt::sim
