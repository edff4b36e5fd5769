#include "scenarios/invariants/replay.h"

#include "absl/strings/str_format.h"

namespace wt::scenarios {

void Replay::OnEvent(sim::Machine&, sim::SimTime, const Event& event) {
  switch (event.kind) {
    case EventKind::kLogAppended:
      judge_.Expect("log-matching",
                    shadow_.OnAppended(LogIndex(event.a), Term(event.b),
                                       WallTime(Duration(static_cast<int64_t>(event.d))), event.c));
      return;
    case EventKind::kEntryApplied: {
      const bool again = LogIndex(event.a) <= shadow_.applied();
      judge_.Evaluated("state-machine-safety");
      judge_.Expect(again ? "snapshot-equivalence" : "deterministic-apply",
                    shadow_.OnApplied(LogIndex(event.a), Term(event.b), event.c, event.d));
      return;
    }
    case EventKind::kSnapshotRestored:
      return CheckSnapshot(LogIndex(event.a), event.d, event.text);
    default:
      return;
  }
}

void Replay::CheckSnapshot(LogIndex index, uint64_t digest, std::string_view id) {
  judge_.Evaluated("snapshot-equivalence");
  const std::optional<uint64_t> expected = shadow_.DigestAt(index);
  if (!expected.has_value()) {
    judge_.Fail("snapshot-equivalence",
                absl::StrFormat("%s claims entry %d, which was never applied", id, index.value()));
  } else if (*expected != digest) {
    judge_.Fail("snapshot-equivalence",
                absl::StrFormat("%s gives another state than a full replay to entry %d", id,
                                index.value()));
  }
}

}  // namespace wt::scenarios
