// How a replica begins: what is on the disk, and how far it is to be believed.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/log/foreign_log.h"
#include "replicas/body.h"
#include "replicas/consensus/quorum.h"

namespace wt {
namespace {

constexpr uint64_t kScanBytes = kMiB;  // entries read at a time
constexpr int kPinSilence = 4;         // election timeouts, until a transfer is taken for dead

}  // namespace

Replica::Body::Body(Env env, ReplicaOptions options, StateMachine& machine)
    : env_(env),
      options_([&] {
        options.consensus.self = env.network.Self();
        return std::move(options);
      }()),
      self_(env.network.Self()),
      state_(machine),
      mu_(env.tasks),
      driver_(env.tasks),
      writer_(env.tasks),
      applier_(env.tasks),
      reader_(env.tasks),
      intake_ready_(env.tasks),
      repairer_(env.tasks),
      changed_(env.tasks),
      ended_(env.tasks),
      applied_changed_(env.tasks),
      cache_(options_.cache_bytes),
      pin_(kPinSilence * options_.consensus.election_timeout, options_.snapshot_kept_for),
      proposals_mu_(env.tasks) {}

absl::Status Replica::Body::Open() {
  WT_RETURN_IF_ERROR(CheckOptions());
  has_peers_ = options_.members.Members().size() > 1;
  WT_RETURN_IF_ERROR(OpenEngine());
  absl::Status begun = Begin();
  if (!begun.ok()) {
    (void)engine_->Close();
    return begun;
  }
  StartTasks();
  return absl::OkStatus();
}

absl::Status Replica::Body::CheckOptions() const {
  WT_RETURN_IF_ERROR(Validate(options_.members));
  if (self_ == NodeId(0)) return InvalidArgument("replica: this machine's id is 0");
  const ConsensusOptions& consensus = options_.consensus;
  if (consensus.heartbeat <= Duration::zero() ||
      consensus.election_timeout < 2 * consensus.heartbeat) {
    return InvalidArgument(
        "replica: heartbeat %d ns and election timeout %d ns; want at least two "
        "heartbeats to a timeout",
        consensus.heartbeat.count(), consensus.election_timeout.count());
  }
  if (options_.disk_stall <= Duration::zero()) return InvalidArgument("replica: disk_stall is 0");
  if (options_.chunks_in_flight == 0) return InvalidArgument("replica: chunks_in_flight is 0");
  if (options_.max_waiting == 0) return InvalidArgument("replica: max_waiting is 0");
  return absl::OkStatus();
}

EngineOptions Replica::Body::OptionsOfEngine() {
  EngineOptions options = options_.engine;
  options.commit_rule = CommitRule::kReplicated;
  options.log.salvage = has_peers_;
  options.log.cluster_id = options_.cluster_id;
  options.log.node_id = self_.value();
  options.on_applied = [this](const LogEntry& entry, std::string result) {
    OnApplied(entry, std::move(result));
  };
  options.log_needed = [this] { return LogNeeded(); };
  options.log_kept_bytes = options_.log_kept_bytes;
  options.snapshot_needed = [this] { return SnapshotNeeded(); };
  options.log.on_damage = [this] { NoteDamage(); };
  options.log.accept = [this, accept = options_.engine.log.accept](const LogRecovery& found) {
    if (accept) WT_RETURN_IF_ERROR(accept(found));
    return RecordDoubt(found);
  };
  return options;
}

// By a primary's slow peers. Who is not primary cannot tell, but may be it soon: what it lets go of
// now, its peers must be sent as a snapshot then.
LogIndex Replica::Body::LogNeeded() {
  MutexLock lock(mu_);
  const bool knows = consensus_.has_value() && consensus_->role() == Role::kPrimary;
  if (!knows) return has_peers_ ? LogIndex(0) : kEverything;
  LogIndex needed = kEverything;
  for (NodeId peer : Others()) needed = std::min(needed, consensus_->MatchOf(peer));
  return needed;
}

LogIndex Replica::Body::SnapshotNeeded() {
  MutexLock lock(mu_);
  return pin_.IndexAt(env_.clock.Now());
}

// Before the log forgets why: what it says of a torn tail, it says once.
absl::Status Replica::Body::RecordDoubt(const LogRecovery& found) {
  if (record_.doubtful || WhyDoubtful(found).empty()) return absl::OkStatus();
  record_.doubtful = true;
  return WriteStandingRecord(env_, options_.cluster_id, record_);
}

absl::Status Replica::Body::OpenEngine() {
  const EngineOptions options = OptionsOfEngine();
  WT_ASSIGN_OR_RETURN(record_, ReadStandingRecord(env_, options_.cluster_id));
  WT_ASSIGN_OR_RETURN(was_amnesiac_, Engine::Amnesiac(env_));
  was_in_doubt_ = record_.doubtful;
  const std::string blank = state_.GetState();
  absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(env_, options, state_);
  if (engine.ok()) {
    // A membership entry that cannot be read: nobody could say who is to be asked for it.
    const std::vector<DamagedEntry> damaged = (*engine)->Damaged();
    const auto lost = std::find_if(damaged.begin(), damaged.end(), [](const DamagedEntry& one) {
      return one.type == EntryType::kConfig;
    });
    if (lost == damaged.end()) {
      engine_ = *std::move(engine);
      return absl::OkStatus();
    }
    WT_RETURN_IF_ERROR((*engine)->Close());
    engine =
        DataLoss("log: entry %d, which changed the membership, is damaged", lost->index.value());
  }
  const absl::Status why = engine.status();
  engine = absl::UnknownError("closed");
  if (!has_peers_ || !(absl::IsDataLoss(why) || IsForeignLog(why))) return why;
  return SetAsideAndOpen(options, why, blank);
}

absl::Status Replica::Body::SetAsideAndOpen(EngineOptions options, const absl::Status& why,
                                            std::string_view blank) {
  const std::string reason = MessageOf(why);
  WT_RETURN_IF_ERROR(Engine::SetAside(env_, options, reason));
  env_.events.Emit({.kind = EventKind::kReplicaSetAside, .text = reason});
  is_set_aside_ = true;
  was_amnesiac_ = true;
  WT_RETURN_IF_ERROR(state_.SetState(blank));  // a snapshot may have been read before the refusal
  WT_ASSIGN_OR_RETURN(engine_, Engine::Open(env_, std::move(options), state_));
  return absl::OkStatus();
}

// Terms change rarely: a search for each change asks the log far less often than for each entry.
absl::StatusOr<LogShape> Replica::Body::ShapeOfLog() {
  LogStorage& log = engine_->log();
  const LogIndex first = log.first_index();
  const LogIndex last = log.last_index();
  WT_ASSIGN_OR_RETURN(const Term base, log.TermAt(first - 1));
  LogShape shape({base, first - 1});
  for (LogIndex at = first; at <= last;) {
    WT_ASSIGN_OR_RETURN(const Term term, log.TermAt(at));
    LogIndex same = at;         // has `term`
    LogIndex other = last + 1;  // has another, or is not there
    uint64_t stride = 1;        // doubles while the term stays, then the gap is halved
    while (same + 1 < other) {
      const bool is_open = other == last + 1;
      const LogIndex probe = is_open ? std::min(same + stride, last)
                                     : same + std::max<uint64_t>((other - same) / 2, 1);
      WT_ASSIGN_OR_RETURN(const Term found, log.TermAt(probe));
      (found == term ? same : other) = probe;
      stride *= 2;
    }
    for (; at <= same; ++at) shape.Append(at, term);
  }
  WT_CHECK_EQ(shape.last(), last);
  return shape;
}

// Finds the membership entries behind the snapshot, and the latest timestamp.
absl::Status Replica::Body::ScanLog(ConsensusStart& start) {
  LogStorage& log = engine_->log();
  const LogIndex end = log.last_index() + 1;
  for (LogIndex at = std::max(state_.restored_index() + 1, log.first_index()); at < end;) {
    absl::StatusOr<std::vector<LogEntry>> entries = log.GetRange(at, end, kScanBytes);
    if (absl::IsDataLoss(entries.status()) && has_peers_) {
      ++at;  // to be repaired; it is no membership entry, see OpenEngine
      continue;
    }
    WT_RETURN_IF_ERROR(entries.status());
    WT_CHECK(!entries->empty());
    MutexLock lock(mu_);
    for (const LogEntry& entry : *entries) {
      last_stamp_ = std::max(last_stamp_, entry.timestamp);
      if (entry.type != EntryType::kConfig) continue;
      WT_ASSIGN_OR_RETURN(Configuration configuration, DecodeConfiguration(entry.command));
      start.configurations.emplace_back(entry.index, std::move(configuration));
      last_configuration_ = entry.index;
    }
    at = entries->back().index + 1;
  }
  return absl::OkStatus();
}

// Empty: there is no reason to. Alone there is nobody to ask.
std::string Replica::Body::WhyDoubtful(const LogRecovery& found) const {
  if (!has_peers_) return {};
  if (is_set_aside_) return "set aside";
  if (was_amnesiac_) return "amnesiac";
  if (found.tail_ambiguous) return "ambiguous tail";
  if (found.behind_snapshot) return "log behind the snapshot";
  const bool is_blank = found.last_index == LogIndex(0) && found.hard_state.term == Term(0) &&
                        state_.restored_index() == LogIndex(0);
  if (is_blank) return "blank disk";
  if (was_in_doubt_) return "not settled in an earlier life";
  return options_.disk_trust == DiskTrust::kVerified ? "every start is verified" : "";
}

absl::Status Replica::Body::Begin() {
  WT_RETURN_IF_ERROR(RemoveStandingLeftover(env_));
  ConsensusStart start;
  start.hard_state = engine_->hard_state();
  WT_ASSIGN_OR_RETURN(start.log, ShapeOfLog());
  start.applied = engine_->commit_index();
  const std::optional<Configuration>& snapshots = state_.restored().configuration;
  start.configurations.emplace_back(state_.restored_index(), snapshots.value_or(options_.members));
  WT_RETURN_IF_ERROR(ScanLog(start));
  const bool is_named = snapshots.has_value() || start.configurations.size() > 1;
  if (!is_named && !options_.members.IsMember(self_)) {
    return InvalidArgument("replica %d is not a member of %s, and no log says otherwise",
                           self_.value(), options_.members.ToString());
  }
  has_peers_ = has_peers_ || start.configurations.back().second.Members().size() > 1;
  const std::string why = WhyDoubtful(engine_->recovery());
  start.epochs = record_.epochs;
  start.doubtful = !why.empty();
  start.amnesiac = was_amnesiac_;
  start.damaged = !engine_->Damaged().empty();
  start.session = std::max<uint64_t>(env_.random.Next("replica.session"), 1);
  env_.events.Emit({.kind = EventKind::kReplicaStarted,
                    .a = start.session,
                    .b = start.hard_state.term.value(),
                    .c = start.log.last().value(),
                    .d = start.doubtful ? 1u : 0u,
                    .text = why});
  env_.events.Emit({.kind = EventKind::kConfigurationAdopted,
                    .a = start.configurations.back().first.value(),
                    .text = start.configurations.back().second.ToString()});
  MutexLock lock(mu_);
  last_stamp_ = std::max(last_stamp_, state_.restored().log_time);
  amnesiac_ = was_amnesiac_;
  doubt_is_recorded_ = record_.doubtful;
  next_read_ = env_.random.Next("replica.reads") | 1;
  wants_repair_ |= start.damaged;  // the replay may have found some meanwhile
  appended_ = start.log.last().value();
  applied_ = state_.restored_index();
  consensus_.emplace(options_.consensus, std::move(start), env_.clock.Now());
  watch_.emplace(*consensus_);
  return absl::OkStatus();
}

void Replica::Body::StartTasks() {
  const auto spawn = [this](std::string_view name, void (Body::*loop)()) {
    tasks_.push_back(env_.tasks.Spawn(name, [this, loop] { (this->*loop)(); }));
  };
  spawn("writer", &Body::WriteLoop);
  spawn("applier", &Body::ApplyLoop);
  spawn("driver", &Body::DriveLoop);
  spawn("reader", &Body::ReadLoop);
  spawn("intake", &Body::IntakeLoop);
  spawn("repairer", &Body::RepairLoop);
  spawn("receiver", &Body::ReceiveLoop);
  Turn turn;
  {
    MutexLock lock(mu_);
    Settle(turn);  // a recall may be waiting to be sent
  }
  Deliver(turn);
}

}  // namespace wt
