#include "scenarios/invariants/index_order.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace wt::scenarios {

void IndexOrder::OnEvent(sim::Machine&, sim::SimTime, const Event& event) {
  switch (event.kind) {
    case EventKind::kEngineOpening:
      last_ = commit_ = applied_ = opening_commit_ = LogIndex(0);
      commit_known_ = recovered_ = false;
      return;
    case EventKind::kLogAppended:
      last_ = std::max(last_, LogIndex(event.a));
      return;
    case EventKind::kSnapshotRestored:
      applied_ = LogIndex(event.a);
      return;
    case EventKind::kCommitAdvanced:
      return OnCommit(LogIndex(event.a), LogIndex(event.b));
    case EventKind::kEntryApplied:
      return OnApplied(LogIndex(event.a));
    case EventKind::kEngineRecovered:
      recovered_ = true;
      applied_ = std::max(applied_, LogIndex(event.a));  // a database replays in bulk
      return;
    case EventKind::kReadServed:
      return OnRead(LogIndex(event.a), LogIndex(event.b));
    default:
      return;
  }
}

void IndexOrder::OnCommit(LogIndex commit, LogIndex last) {
  judge_.Evaluated("index-order");
  last_ = std::max(last_, last);
  if (commit > last_) {
    judge_.Fail("index-order", absl::StrFormat("commit_index rose to %d, but the log ends with %d",
                                               commit.value(), last_.value()));
  }
  if (commit < commit_) {
    judge_.Fail("index-order", absl::StrFormat("commit_index fell from %d to %d", commit_.value(),
                                               commit.value()));
  }
  if (commit < applied_) {
    judge_.Fail("index-order", absl::StrFormat("commit_index is %d, but entry %d is applied",
                                               commit.value(), applied_.value()));
  }
  if (!commit_known_) opening_commit_ = commit;
  commit_known_ = true;
  commit_ = commit;
}

void IndexOrder::OnApplied(LogIndex index) {
  judge_.Evaluated("index-order");
  if (index > commit_) {
    judge_.Fail("index-order", absl::StrFormat("entry %d was applied, but commit_index is %d",
                                               index.value(), commit_.value()));
  }
  if (index != applied_ + 1) {
    judge_.Fail("index-order", absl::StrFormat("entry %d was applied behind entry %d",
                                               index.value(), applied_.value()));
  }
  applied_ = index;
}

void IndexOrder::OnRead(LogIndex applied, LogIndex barrier) {
  judge_.Evaluated("read-barrier");
  if (!recovered_ || applied < barrier || barrier < opening_commit_ || applied < opening_commit_) {
    judge_.Fail("read-barrier",
                absl::StrFormat("a read was answered from entry %d on, but %d entries were "
                                "committed when the engine started",
                                applied.value(), opening_commit_.value()));
  }
}

}  // namespace wt::scenarios
