#include "scenarios/cluster/invariants/promises.h"

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/checksum.h"

namespace wt::scenarios {

void Promises::OnSent(const std::string& command) { ++sent_[Hash64(command)]; }

void Promises::OnRefused(const std::string& command) {
  uint32_t& count = sent_[Hash64(command)];
  WT_CHECK(count > 0);
  --count;
}

void Promises::OnAcknowledged(uint32_t machine, Ack ack, LogEnd entry,
                              const Configuration& members) {
  ++acknowledged_;
  judge_.Evaluated("acked-writes-survive");
  if (ack == Ack::kAsync) {
    async_.push_back(entry);
    // Committed is more, and may come first: others' disks are quicker.
    if (ledger_.Promised(machine, entry) || ledger_.CommittedTerm(entry.index) == entry.term)
      return;
    return judge_.Fail(
        "acked-writes-survive",
        absl::StrFormat("machine %d acknowledged entry %d of term %d (async), and it "
                        "was not durable there",
                        machine, entry.index.value(), entry.term.value()));
  }
  if (ledger_.CommittedTerm(entry.index) != entry.term) {
    return judge_.Fail(
        "acked-writes-survive",
        absl::StrFormat("machine %d acknowledged entry %d of term %d (%s), which is "
                        "not committed",
                        machine, entry.index.value(), entry.term.value(), NameOf(ack)));
  }
  if (ack != Ack::kAll || !(members == ledger_.members(machine))) return;
  for (const NodeId node : members.Members()) {
    if (ledger_.Promised(static_cast<uint32_t>(node.value()), entry)) continue;
    judge_.Fail("acked-writes-survive",
                absl::StrFormat("machine %d acknowledged entry %d of term %d (all), but machine %d "
                                "never had it durably",
                                machine, entry.index.value(), entry.term.value(), node.value()));
  }
}

uint64_t Promises::Settle() {
  std::map<uint64_t, uint32_t> times;
  for (LogIndex index(1); index <= ledger_.committed(); ++index) {
    if (!ledger_.shadow().IsCommand(index)) continue;
    const uint64_t hash = ledger_.CommittedHash(index);
    const auto sent = sent_.find(hash);
    judge_.Evaluated("no-phantom");
    if (sent == sent_.end() || ++times[hash] > sent->second) {
      judge_.Fail("no-phantom", absl::StrFormat("entry %d (%s) is committed more often than it was "
                                                "sent and not refused",
                                                index.value(), ledger_.Describe(index)));
    }
  }
  uint64_t undone = 0;
  for (const LogEnd& entry : async_) undone += ledger_.CommittedTerm(entry.index) != entry.term;
  return undone;
}

}  // namespace wt::scenarios
