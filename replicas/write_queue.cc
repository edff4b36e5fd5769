#include "replicas/write_queue.h"

#include <algorithm>
#include <iterator>

#include "engine/base/check.h"
#include "replicas/consensus/quorum.h"

namespace wt {

void WriteQueue::Push(QueuedWrite write, LogIndex applied) {
  WT_CHECK_GT(write.number, last_number_);
  last_number_ = write.number;
  if (write.truncate_from.has_value()) {
    WT_CHECK_GT(*write.truncate_from, applied);
    replacements_.push_back({write.number, *write.truncate_from - 1});
  }
  WT_CHECK(!write.reset || write.install.has_value());
  if (write.reset) replacements_.push_back({write.number, applied});
  waiting_.push_back(std::move(write));
}

std::vector<QueuedWrite> WriteQueue::Take() {
  std::vector<QueuedWrite> taken(std::make_move_iterator(waiting_.begin()),
                                 std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  return taken;
}

void WriteQueue::Finish(uint64_t number) {
  WT_CHECK_LE(number, last_number_);
  WT_CHECK(waiting_.empty() || waiting_.front().number > number);
  while (!replacements_.empty() && replacements_.front().number <= number) {
    replacements_.pop_front();
  }
}

LogIndex WriteQueue::Settled() const {
  LogIndex settled = kEverything;
  for (const Replacement& one : replacements_) settled = std::min(settled, one.settled);
  return settled;
}

}  // namespace wt
