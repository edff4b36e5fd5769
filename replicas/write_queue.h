// Writes of consensus on their way to the disk, in order, and what may be applied while they are.
//
// Not thread-safe.
#ifndef WAVETANK_REPLICAS_WRITE_QUEUE_H_
#define WAVETANK_REPLICAS_WRITE_QUEUE_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "replicas/consensus/configuration.h"
#include "replicas/consensus/log_shape.h"
#include "replicas/consensus/message.h"
#include "replicas/entry_cache.h"

namespace wt {

struct QueuedWrite {
  uint64_t number = 0;
  std::optional<std::pair<Term, NodeId>> vote;
  std::optional<LogIndex> truncate_from;
  EntryBatch entries;  // may be null
  std::optional<LogEnd> install;
  bool reset = false;             // the install takes the place of the whole log
  std::optional<Witness> epochs;  // to be recorded
};

class WriteQueue {
 public:
  // Requires: numbers ascend. `applied`: what no write can take back.
  void Push(QueuedWrite write, LogIndex applied);

  bool empty() const { return waiting_.empty(); }
  // Hands out all that wait; they stay unfinished.
  std::vector<QueuedWrite> Take();
  // Everything up to `number` is durable.
  void Finish(uint64_t number);
  // The highest number pushed.
  uint64_t last_number() const { return last_number_; }

  // An entry behind this index is not, or may yet cease to be, what the log is to hold there: a
  // write that is unfinished replaces it. kEverything when there is none such.
  LogIndex Settled() const;

 private:
  struct Replacement {
    uint64_t number;
    LogIndex settled;
  };

  std::deque<QueuedWrite> waiting_;
  std::deque<Replacement> replacements_;  // unfinished, by number
  uint64_t last_number_ = 0;
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_WRITE_QUEUE_H_
