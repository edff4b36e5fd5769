#include "scenarios/invariants/survival.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/log/format.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {
namespace {

std::string Seconds(sim::SimTime at) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at).count();
  return absl::StrFormat("%d.%03ds", ms / 1000, ms % 1000);
}

}  // namespace

void Survival::OnEvent(sim::Machine&, sim::SimTime, const Event& event) {
  switch (event.kind) {
    case EventKind::kEngineOpening:
      return OnOpening();
    case EventKind::kLogSynced:
      (opening_ ? made_by_recovery_ : promises_)
          .push_back({event.a, event.b, event.c, LogIndex(event.d), /*named=*/event.b > 0});
      if (owed_ == Owed::kSynced && !opening_) committed_ = std::max(committed_, LogIndex(event.d));
      return;
    case EventKind::kLogSegmentCreated:
      // The names that this life has made, or seen, are durable by now; those of earlier lives that
      // it has not found are not.
      for (Promise& made : opening_ ? made_by_recovery_ : promises_) {
        made.named = made.named || opening_ || made.segment == event.a;
      }
      return;
    case EventKind::kLogSegmentRemoved:
      return OnSegmentRemoved(event.a);
    case EventKind::kCommitAdvanced:
      if (std::exchange(opening_, false)) {
        OnRecovered(LogIndex(event.b));
        Settle();
      }
      if (owed_ == Owed::kCommitted) committed_ = std::max(committed_, LogIndex(event.a));
      return;
    case EventKind::kEngineRefused:
      return OnRefused(event.text);
    default:
      return;
  }
}

// Recovery removes a segment in which it has found nothing: what was promised of it stays promised,
// and what harm took of it stays known, for the judge.
void Survival::OnSegmentRemoved(uint64_t segment) {
  LogIndex found = opening_ ? LogIndex(0) : LogIndex(std::numeric_limits<uint64_t>::max());
  for (const Promise& made : made_by_recovery_) found = std::max(found, made.last);
  std::erase_if(promises_,
                [&](const Promise& p) { return p.segment == segment && p.last <= found; });
}

void Survival::OnOpening() {
  opening_ = true;
  lied_since_opening_ = open_lies_ > 0;
  stale_since_opening_ = open_stale_ > 0;
  harmed_ = machine_.disk().HarmedAnywhere();
  // What an opening that was cut short has promised counts from now on.
  Settle();
  NoteHarm();
}

void Survival::NoteHarm() {
  for (Promise& promise : promises_) {
    const std::string path = "log/" + SegmentName(promise.segment);
    const bool harmed = harmed_ && machine_.disk().Harmed(path, promise.from, promise.to);
    // Once is enough: an opening that was cut short may have covered it up.
    promise.harmed = promise.harmed || harmed;
    promise.silently = promise.silently || (harmed && HarmedSilently(promise));
  }
}

// Harm anywhere up to it counts: that may be where the log seems to end.
bool Survival::HarmedSilently(const Promise& promise) const {
  bool any = false;
  for (const sim::Harm& harm : machine_.disk().Harms("log/" + SegmentName(promise.segment))) {
    if (harm.sector * kSectorBytes >= promise.to) continue;
    if (harm.cause != sim::HarmCause::kLatentError) return true;
    any = true;
  }
  return !any;  // its name, then
}

// A segment that recovery began may bear the number of one that was promised and is lost. What
// recovery has not found stays promised: it is for the judge, when an opening comes that far.
void Survival::Settle() {
  for (const Promise& made : made_by_recovery_) {
    std::erase_if(promises_, [&](const Promise& p) {
      return p.segment == made.segment && made.from == 0 && p.last <= made.last;
    });
  }
  promises_.insert(promises_.end(), made_by_recovery_.begin(), made_by_recovery_.end());
  made_by_recovery_.clear();
}

void Survival::TransientLies(bool begin) {
  if (begin) {
    ++open_lies_;
    lied_since_opening_ = true;
  } else {
    --open_lies_;
  }
}

void Survival::StaleReads(bool begin) {
  open_stale_ += begin ? 1 : -1;
  stale_since_opening_ = stale_since_opening_ || begin;
}

void Survival::OnRecovered(LogIndex last) {
  if (last > shadow_.last()) {
    judge_.Fail("no-phantom", absl::StrFormat("the log ends with entry %d, but only %d were ever "
                                              "appended",
                                              last.value(), shadow_.last().value()));
    return;
  }
  if (std::exchange(swapped_, false)) return OnOldDisk(last);
  const LogIndex promised = std::max(history_.last_acknowledged(), committed_);
  if (promised > LogIndex(0)) judge_.Evaluated("acked-writes-survive");
  if (last < promised) {
    // It may have come while the engine opened.
    RememberHarm();
    NoteHarm();
    JudgeLoss(last, promised);
  }
  if (owed_ == Owed::kSynced) return shadow_.Rewind(last);
  shadow_.OnRecovered(last);
}

// An older state of the same disk: whatever it promised when it was copied, and an exact prefix.
void Survival::OnOldDisk(LogIndex last) {
  judge_.Evaluated("acked-writes-survive");
  if (last < backup_) {
    judge_.Fail("acked-writes-survive",
                absl::StrFormat("the backup was durable to entry %d; opened, it ends with entry %d",
                                backup_.value(), last.value()));
  }
  Forgive(last);
}

void Survival::Forgive(LogIndex last) {
  ++forgiven_;
  std::erase_if(promises_, [&](const Promise& promise) { return promise.last > last; });
  history_.Forgive(last);
  committed_ = std::min(committed_, last);
  shadow_.Rewind(last);
  shadow_.ForgetFuture(last);  // the term may be lost as well, and used again
}

// A copy of a harmed disk promises nothing by itself; nor does one that lacks what a sync said was
// there, and what may still get there on the disk itself.
void Survival::OnBackup() {
  if (swapped_) return;  // of the older disk, which nobody has opened since
  const std::vector<sim::Atom> pending = machine_.disk().PendingAtoms();
  const bool lacks = std::any_of(pending.begin(), pending.end(),
                                 [](const sim::Atom& atom) { return atom.promised; });
  backup_ = machine_.disk().HarmedAnywhere() || lacks ? LogIndex(0) : committed_;
}

void Survival::BeginAnew() {
  promises_.clear();
  made_by_recovery_.clear();
  committed_ = backup_ = LogIndex(0);
  opening_ = swapped_ = false;
}

void Survival::JudgeLoss(LogIndex last, LogIndex promised) {
  const auto first = std::find_if(promises_.begin(), promises_.end(),
                                  [&](const Promise& p) { return p.last > last; });
  const bool lost_to_harm = first != promises_.end() && (first->silently || stale_since_opening_);
  const bool witnessed =
      lost_to_harm && std::any_of(first + 1, promises_.end(), [&](const Promise& p) {
        return p.named && !p.harmed && p.last >= first->last;
      });
  if (lost_to_harm && !witnessed) {
    judge_.Evaluated("refuse-not-lie");
    return Forgive(last);
  }
  std::string message = absl::StrFormat(
      "the log was durable to entry %d; after a restart it ends "
      "with entry %d",
      promised.value(), last.value());
  if (const Acknowledged* acked = history_.FirstAfter(last)) {
    message = absl::StrFormat(
        "client %d was told OK for %s (index %d) at %s; after %s restarted, "
        "the log ends with entry %d",
        acked->client, shadow_.Describe(acked->index), acked->index.value(), Seconds(acked->at),
        machine_.name(), last.value());
  }
  if (witnessed) message += ", though later synced bytes are intact: it should have refused";
  judge_.Fail(witnessed ? "refuse-not-lie" : "acked-writes-survive", message);
}

bool Survival::MayRefuse() const {
  return harmed_ || lied_since_opening_ || machine_.disk().HarmedAnywhere();
}

void Survival::RememberHarm() { harmed_ = harmed_ || machine_.disk().HarmedAnywhere(); }

void Survival::OnRefused(std::string_view error) {
  judge_.Evaluated("refuse-not-lie");
  opening_ = false;
  ++refusals_;
  if (MayRefuse()) return;
  judge_.Fail("refuse-not-lie",
              absl::StrFormat("%s refused a disk that holds everything it promised: %s",
                              machine_.name(), error));
}

}  // namespace wt::scenarios
