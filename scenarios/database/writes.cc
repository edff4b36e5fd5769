#include "scenarios/database/writes.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/state/command.h"

namespace wt::scenarios {
namespace {

// The same, for the model.
std::string CommandOf(std::string_view batch) {
  KvBatch command;
  BatchReader it(batch);
  while (it.Next()) {
    const BatchOperation& operation = it.operation();
    if (operation.is_put) {
      command.operations.push_back(KvSet{std::string(operation.key), std::string(operation.value)});
    } else {
      command.operations.push_back(KvDelete{std::string(operation.key)});
    }
  }
  WT_CHECK(it.ok());
  if (command.operations.size() > 1) return EncodeCommand(command);
  return std::visit([](const auto& one) { return EncodeCommand(one); }, command.operations.front());
}

}  // namespace

uint64_t Writes::Begin(const WriteBatch& batch) {
  WT_CHECK(!batch.empty());
  under_way_[++last_].bytes = batch.bytes();
  return last_;
}

std::optional<LogIndex> Writes::End(uint64_t number) {
  const auto found = under_way_.find(number);
  WT_CHECK(found != under_way_.end());
  // Of batches alike any may be taken for the one that was appended.
  for (auto& [other, one] : under_way_) {
    if (found->second.index.has_value()) break;
    if (one.index.has_value() && one.bytes == found->second.bytes) std::swap(one, found->second);
  }
  return under_way_.extract(found).mapped().index;
}

void Writes::OnEvent(sim::Machine&, sim::SimTime, const Event& event) {
  switch (event.kind) {
    case EventKind::kEngineOpening:
      // What the last life did not append it never will.
      for (auto& [number, one] : under_way_) one.may_come = false;
      synced_ = LogIndex(0);
      return;
    case EventKind::kLogAppended:
      return OnAppended(event);
    case EventKind::kLogSynced:
      synced_ = std::max(synced_, LogIndex(event.d));
      return;
    case EventKind::kCommitAdvanced:
      return judge_.Expect("deterministic-apply",
                           shadow_.ApplyThrough(std::min(LogIndex(event.a), shadow_.last())));
    default:
      return;
  }
}

void Writes::OnAppended(const Event& event) {
  const LogIndex index(event.a);
  judge_.Evaluated("no-phantom");
  const std::vector<uint64_t> chosen = Find(event.c);
  if (chosen.empty()) {
    return judge_.Fail("no-phantom", absl::StrFormat("log entry %d holds something else than the "
                                                     "batches that clients are writing",
                                                     index.value()));
  }
  std::string bytes;
  for (uint64_t number : chosen) {
    UnderWay& one = under_way_.at(number);
    one.may_come = false;
    one.index = index;
    bytes += one.bytes;
  }
  largest_group_ = std::max<uint64_t>(largest_group_, chosen.size());
  shadow_.RegisterAs(event.c, CommandOf(bytes));
  judge_.Expect("log-matching",
                shadow_.OnAppended(index, Term(event.b),
                                   WallTime(Duration(static_cast<int64_t>(event.d))), event.c));
}

// Short ones first: groups are small, and the batches that wait are few.
std::vector<uint64_t> Writes::Find(uint64_t hash) const {
  std::vector<uint64_t> chosen;
  for (size_t length = 1; length <= under_way_.size(); ++length) {
    if (Extend(hash, length, chosen, "")) return chosen;
  }
  return {};
}

bool Writes::Extend(uint64_t hash, size_t length, std::vector<uint64_t>& chosen,
                    const std::string& bytes) const {
  if (chosen.size() == length) return Hash64(bytes) == hash;
  for (const auto& [number, one] : under_way_) {
    if (!one.may_come || std::ranges::find(chosen, number) != chosen.end()) continue;
    chosen.push_back(number);
    if (Extend(hash, length, chosen, bytes + one.bytes)) return true;
    chosen.pop_back();
  }
  return false;
}

void Writes::BeginAnew() {
  for (auto& [number, one] : under_way_) one.may_come = false;
  synced_ = LogIndex(0);
}

}  // namespace wt::scenarios
