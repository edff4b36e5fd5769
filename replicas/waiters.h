// Who waits for the outcome of a proposal. Each is answered exactly once: as its ack mode says, or
// with what is known when nothing more will be.
//
// Not thread-safe.
#ifndef WAVETANK_REPLICAS_WAITERS_H_
#define WAVETANK_REPLICAS_WAITERS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/env/mutex.h"
#include "replicas/replica.h"

namespace wt {

// A task that waits for its answer, under the lock that it waits with.
struct Pending {
  explicit Pending(Tasks& tasks) : answered(tasks) {}
  CondVar answered;
  absl::StatusOr<Acknowledged> result = absl::UnknownError("not answered");
  bool is_answered = false;
};

// Where an answer goes: to a task, or else to a function.
struct Reply {
  std::shared_ptr<Pending> pending;
  Replica::Done done;
};

struct Answer {
  Reply reply;
  absl::StatusOr<Acknowledged> result;
};
using Answers = std::vector<Answer>;

class Waiters {
 public:
  struct Waiter {
    LogIndex index;
    Term term;
    Ack ack = Ack::kQuorum;
    Reply reply;
  };

  // Requires: an index behind those of all waiters that were not overtaken.
  void Add(Waiter waiter);
  uint64_t size() const;
  bool empty() const { return size() == 0; }

  // Entries up to `through` are durable here; this is the primary of `term`.
  void OnDurable(LogIndex through, Term term, Answers& out);
  // This entry was applied. In index order.
  void OnApplied(LogIndex index, Term term, const std::string& result, Answers& out);
  // Everything up to `through` is applied; who still waits for any of it will not hear more.
  void OnPassed(LogIndex through, Answers& out);
  // Every member has entries up to `through` durable.
  void OnEverywhere(LogIndex through, Answers& out);
  bool awaits_everywhere() const { return !applied_.empty(); }
  // Entries from `from` on were removed from this log: others may still have them.
  void OnTruncated(LogIndex from);
  // No longer the primary: nobody counts for "all" any more.
  void OnSteppedDown(Answers& out);
  // Nothing more will be known.
  void FailAll(const absl::Status& status, Answers& out);

 private:
  struct Applied {
    Waiter waiter;
    std::string result;
  };

  std::deque<Waiter> async_;                   // ascending; kAsync
  std::deque<Waiter> live_;                    // ascending; the others
  std::multimap<LogIndex, Waiter> overtaken_;  // truncated here; applied elsewhere, or never
  std::deque<Applied> applied_;                // kAll, committed: the others' disks are waited for
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_WAITERS_H_
