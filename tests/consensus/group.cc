#include "tests/consensus/group.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "replicas/consensus/quorum.h"

namespace wt::testing {

Group::Group(GroupOptions options)
    : options_(std::move(options)), sent_(std::variant_size_v<Body>) {
  for (uint64_t i = 1; i <= options_.nodes; ++i) initial_.voters.push_back(NodeId(i));
  if (options_.initial.has_value()) initial_ = *options_.initial;
  for (uint64_t i = 1; i <= options_.nodes; ++i) {
    Machine& machine = machines_[NodeId(i)];
    machine.id = NodeId(i);
    machine.disk.base.configuration = initial_;
    machine.memory = machine.disk;
  }
  for (uint64_t i = 1; i <= options_.nodes; ++i) Start(NodeId(i));
}

void Group::Start(NodeId id) {
  Machine& m = machines_.at(id);
  WT_CHECK(!m.up());
  m.memory = m.disk;
  m.session = Mix64(options_.seed ^ Mix64(++sessions_)) | 1;
  m.persisted = 0;
  m.trusted = false;
  ConsensusOptions options = options_.consensus;
  options.self = id;
  ConsensusStart start{.hard_state = {.term = m.disk.term, .voted_for = m.disk.vote.value()},
                       .log = m.disk.Shape(),
                       .applied = m.disk.base.end.index,
                       .configurations = {{m.disk.base.end.index, m.disk.base.configuration}},
                       .epochs = m.disk.epochs,
                       .session = m.session,
                       .doubtful = options_.verified || m.doubtful,
                       .amnesiac = m.amnesiac,
                       .damaged = m.damaged};
  for (const LogEntry& entry : m.disk.entries) {
    if (entry.type != EntryType::kConfig) continue;
    start.configurations.emplace_back(entry.index, *DecodeConfiguration(entry.command));
  }
  m.core = std::make_unique<Consensus>(std::move(options), std::move(start), now_);
  m.commit = m.core->commit();
  Settle(id);
}

void Group::Crash(NodeId id) {
  Machine& m = machines_.at(id);
  WT_CHECK(m.up());
  m.core.reset();
  m.unwritten.clear();
  m.held.clear();
  m.reads.clear();
  m.memory = m.disk;
}

void Group::CrashAndForget(NodeId id, size_t kept) {
  Crash(id);
  Machine& m = machines_.at(id);
  m.journal.resize(std::min(kept, m.journal.size()));
  m.disk = {};
  m.disk.base.configuration = initial_;
  for (const Record& record : m.journal) m.disk.Apply(record);
  m.memory = m.disk;
  m.may_lie = true;
}

void Group::Tick(NodeId id) {
  if (!machines_.at(id).up()) return;
  core(id).Tick(now_);
  Settle(id);
}

void Group::Deliver(Packet packet) {
  Machine& to = machines_.at(packet.message.to);
  if (!to.up() || cut_.contains({packet.message.from, to.id})) return;
  if (packet.image.has_value()) {
    installing_ = packet.image;
    to.core->Install(now_, packet.image->end, packet.image->configuration);
    Settle(to.id);
    installing_.reset();
    // The driver would have asked chunk by chunk; the primary hears at least how it ended.
    if (Machine& from = machines_.at(packet.message.from); from.up()) {
      from.core->OnSnapshotProgress(now_, to.id,
                                    {packet.image->end, SnapshotProgress::State::kInstalled});
      Settle(from.id);
    }
    return;
  }
  to.core->Step(now_, packet.message);
  Settle(to.id);
}

bool Group::PersistNext(NodeId id) {
  Machine& m = machines_.at(id);
  if (!m.up() || m.unwritten.empty()) return false;
  Record record = std::move(m.unwritten.front());
  m.unwritten.pop_front();
  m.disk.Apply(record);
  const uint64_t number = record.write.number;
  m.journal.push_back(std::move(record));
  if (number > 0) {
    m.persisted = number;
    m.core->Persisted(now_, number);
  }
  Settle(id);
  return true;
}

bool Group::PullAppend(NodeId id, NodeId to) {
  Machine& m = machines_.at(id);
  if (!m.up()) return false;
  const std::optional<AppendPlan> plan = m.core->PlanAppend(to);
  if (!plan.has_value()) return false;
  std::vector<LogEntry> entries =
      m.memory.Read(plan->prev.index + 1, plan->through + 1, plan->max_bytes);
  std::optional<ReplicaMessage> message = m.core->FillAppend(now_, *plan, std::move(entries));
  if (!message.has_value()) return false;
  Emit(m, {*std::move(message), std::nullopt});
  return true;
}

void Group::PullAppends(NodeId id) {
  for (const auto& [to, machine] : machines_) {
    while (to != id && PullAppend(id, to)) {
    }
  }
}

void Group::SendSnapshots(NodeId id) {
  Machine& m = machines_.at(id);
  if (!m.up()) return;
  for (NodeId to : m.core->AwaitingSnapshot()) {
    if (m.core->progress(to)->state == Progress::State::kSnapshot) continue;
    m.core->OnSnapshotProgress(now_, to, {m.disk.base.end, SnapshotProgress::State::kReceiving});
    ReplicaMessage message = m.core->Envelope(to, SnapshotOffer{.end = m.disk.base.end});
    Emit(m, {std::move(message), m.disk.base});
  }
}

absl::StatusOr<LogIndex> Group::Propose(NodeId id, std::string command) {
  LogEntry entry;
  entry.command = std::move(command);
  absl::StatusOr<LogIndex> index = core(id).Propose(now_, {std::move(entry)});
  Settle(id);
  return index;
}

void Group::Read(NodeId id, uint64_t read) {
  machines_.at(id).reads[read] = ledger_.highest();
  core(id).ConfirmRead(now_, read);
  Settle(id);
}

void Group::Compact(NodeId id, LogIndex through) {
  Machine& m = machines_.at(id);
  // The snapshot is durable before the log goes.
  if (!m.up() || through <= m.memory.base.end.index || through > m.core->commit()) return;
  if (through > m.core->durable()) return;
  Record record;
  record.image =
      Image{{*m.core->log().TermAt(through), through}, ConfigurationAt(m.memory, through)};
  m.core->Compacted(through);
  Remember(m, std::move(record));
  Settle(id);
}

Configuration Group::ConfigurationAt(const Contents& contents, LogIndex index) const {
  Configuration configuration = contents.base.configuration;
  for (const LogEntry& entry : contents.entries) {
    if (entry.index > index) break;
    if (entry.type == EntryType::kConfig) configuration = *DecodeConfiguration(entry.command);
  }
  return configuration;
}

}  // namespace wt::testing
