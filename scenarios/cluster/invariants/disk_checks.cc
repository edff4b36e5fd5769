#include "scenarios/cluster/invariants/disk_checks.h"

namespace wt::scenarios {

DiskChecks::DiskChecks(Judge& judge, sim::Machine& machine, const Honesty& honesty)
    : judge_(judge), machine_(machine), honesty_(honesty) {
  BeginAnew();
  machine_.disk().AddObserver(this);
}

void DiskChecks::BeginAnew() {
  append_only_.emplace(judge_);
  contained_.emplace(judge_);
}

void DiskChecks::OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) {
  if (&machine != &machine_ || event.kind == EventKind::kCommitAdvanced) return;
  contained_->OnEvent(machine, at, event);
}

void DiskChecks::OnCreate(std::string_view path) {
  append_only_->OnCreate(path);
  contained_->OnCreate(path);
}

void DiskChecks::OnContent(std::string_view path, uint64_t offset, std::string_view bytes) {
  append_only_->OnContent(path, offset, bytes);
}

void DiskChecks::OnWrite(std::string_view path, uint64_t offset, uint64_t size,
                         uint64_t durable_end) {
  // A read that lied leaves no trace on the platter; who believed it mends what is whole.
  const bool may_mend = !honesty_.IsHonest(machine_.id()) ||
                        honesty_.ReadsAreInDoubt(machine_.id()) ||
                        machine_.disk().Harmed(path, offset, offset + size);
  const bool mended = append_only_->IsBelowDurableEnd(path, offset) && may_mend;
  if (!mended) append_only_->OnWrite(path, offset, size, durable_end);
}

void DiskChecks::OnTruncate(std::string_view path, uint64_t size, uint64_t durable_end) {
  append_only_->OnTruncate(path, size, durable_end);
}

void DiskChecks::OnSync(std::string_view path, uint64_t durable_end) {
  append_only_->OnSync(path, durable_end);
}

void DiskChecks::OnSyncFailed(std::string_view path) { contained_->OnSyncFailed(path); }

void DiskChecks::OnRename(std::string_view from, std::string_view to) {
  append_only_->OnRename(from, to);
}

}  // namespace wt::scenarios
