#include "scenarios/invariants/whole_snapshots.h"

#include <string>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"

namespace wt::scenarios {
namespace {

// What is wrong with it is not its bytes: these are the bytes that were written, and no state.
bool IsWrongState(std::string_view error) {
  return error.starts_with("state:") || error.find("state digest") != error.npos;
}

}  // namespace

void WholeSnapshots::OnEvent(sim::Machine&, sim::SimTime, const Event& event) {
  switch (event.kind) {
    case EventKind::kEngineOpening:
      read_badly_ = open_windows_ > 0;
      harmed_ = machine_.disk().HarmedAnywhere();
      return;
    case EventKind::kSnapshotLoaded:
      judge_.Evaluated("atomic-commit");
      return;
    case EventKind::kSnapshotDamaged:
      if (DiskIsToBlame()) return;
      judge_.Fail(IsWrongState(event.text) ? "snapshot-equivalence" : "atomic-commit",
                  absl::StrFormat("%s found a snapshot damaged on a disk that holds everything it "
                                  "promised: %s",
                                  machine_.name(), event.text));
      return;
    default:
      return;
  }
}

void WholeSnapshots::OnSyncFailed(std::string_view path) {
  if (path.empty() || path.starts_with("snapshot")) sync_failed_ = true;
}

void WholeSnapshots::ReadsMayFail(bool begins) {
  WT_CHECK(begins || open_windows_ > 0);
  open_windows_ += begins ? 1 : -1;
  read_badly_ = read_badly_ || begins;
}

void WholeSnapshots::CheckSuffixes(const std::vector<Snapshot>& kept, LogIndex first_index) {
  if (DiskIsToBlame()) return;
  for (const Snapshot& snapshot : kept) {
    judge_.Evaluated("snapshot-equivalence");
    if (first_index <= snapshot.index + 1) continue;
    judge_.Fail("snapshot-equivalence",
                absl::StrFormat("%s is kept, but the log begins with entry %d: from there it "
                                "cannot be replayed",
                                snapshot.id, first_index.value()));
  }
}

bool WholeSnapshots::DiskIsToBlame() const {
  return sync_failed_ || read_badly_ || harmed_ || machine_.disk().HarmedAnywhere();
}

}  // namespace wt::scenarios
