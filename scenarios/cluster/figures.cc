#include "scenarios/cluster/figures.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "sim/machine.h"

namespace wt::scenarios {
namespace {

int64_t Millis(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

void Figures::OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) {
  const uint32_t id = machine.id();
  switch (event.kind) {
    case EventKind::kPrimaryElected:
      return OnElected(id, Term(event.a), at);
    case EventKind::kPrimaryServing:
      return OnServing(id, at);
    case EventKind::kPrimarySteppedDown:
    case EventKind::kReplicaStopped:
    case EventKind::kReplicaStarted:
      return OnDead(id, at);
    case EventKind::kQuorumCommitted:
      return OnCommitted(id, LogIndex(event.a), at);
    case EventKind::kEntryApplied:
      return OnApplied(id, LogIndex(event.a), at);
    default:
      return;
  }
}

void Figures::OnDead(uint32_t machine, sim::SimTime at) {
  serving_[machine - 1] = false;
  if (machine != primary_) return;
  OnSilent(machine, at);
  primary_ = 0;
}

void Figures::OnSilent(uint32_t machine, sim::SimTime at) {
  if (machine == primary_ && !gone_at_.has_value()) gone_at_ = at;
}

void Figures::OnCommitted(uint32_t machine, LogIndex index, sim::SimTime at) {
  if (machine == primary_ && serving_[machine - 1]) gone_at_.reset();  // it is there after all
  if (calm_) committed_at_.insert({index, at});
}

void Figures::OnElected(uint32_t machine, Term term, sim::SimTime at) {
  if (term < term_) return;
  primary_ = machine;
  term_ = term;
  serving_[machine - 1] = false;
  if (!gone_at_.has_value()) return;
  worst_detection_ = std::max(worst_detection_, at - *gone_at_);
  Hold(at - *gone_at_, kDetectionBound, "another primary was elected");
}

void Figures::OnServing(uint32_t machine, sim::SimTime at) {
  serving_[machine - 1] = true;
  if (machine != primary_ || !gone_at_.has_value()) return;
  worst_failover_ = std::max(worst_failover_, at - *gone_at_);
  ++failovers_;
  Hold(at - *gone_at_, kFailoverBound, "another primary served");
  gone_at_.reset();
}

void Figures::OnApplied(uint32_t, LogIndex index, sim::SimTime at) {
  const auto committed = committed_at_.find(index);
  if (!calm_ || committed == committed_at_.end()) return;
  worst_lag_ = std::max(worst_lag_, at - committed->second);
}

void Figures::Hold(Duration took, Duration bound, const char* what) {
  if (!held_) return;
  judge_.Evaluated("converges");
  if (took < bound) return;
  judge_.Fail("converges", absl::StrFormat("%s %d ms after the last was gone, promised %d ms", what,
                                           Millis(took), Millis(bound)));
}

}  // namespace wt::scenarios
