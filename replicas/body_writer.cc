// The writer: what consensus wants durable, in its order.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/body.h"

namespace wt {
namespace {

// Between two looks whether a full disk has room again.
constexpr Duration kRoomRetry = std::chrono::milliseconds(100);

}  // namespace

void Replica::Body::WriteLoop() {
  std::vector<QueuedWrite> writes;
  while (AwaitWrites(&writes)) {
    const absl::Status done = writes.empty() ? SettleDoubt() : WriteAll(writes);
    if (!done.ok()) return Stop(done);
    if (!writes.empty()) Persisted(writes.back().number);
  }
}

bool Replica::Body::AwaitWrites(std::vector<QueuedWrite>* writes) {
  MutexLock lock(mu_);
  while (queue_.empty() && !MaySettleDoubt() && !has_ended()) writer_.Wait(mu_);
  if (has_ended()) return false;
  writing_since_ = env_.clock.Now();
  CallDriver();
  *writes = queue_.Take();
  return true;
}

absl::Status Replica::Body::WriteAll(const std::vector<QueuedWrite>& writes) {
  bool is_logged = false;
  for (const QueuedWrite& write : writes) {
    // What comes later must not be durable without what came before.
    if (write.epochs.has_value() && std::exchange(is_logged, false)) {
      WT_RETURN_IF_ERROR(ExecuteStep([this] { return engine_->Sync(); }));
    }
    WT_RETURN_IF_ERROR(Execute(write));
    is_logged = is_logged || !write.epochs.has_value();
  }
  if (!is_logged) return absl::OkStatus();
  return ExecuteStep([this] { return engine_->Sync(); });
}

// Every write so far is durable, and nothing that this life has heard is needed by the next one.
absl::Status Replica::Body::SettleDoubt() {
  record_.doubtful = false;
  env_.events.Reached("replica.doubt_settled");
  WT_RETURN_IF_ERROR(
      ExecuteStep([this] { return WriteStandingRecord(env_, options_.cluster_id, record_); }));
  MutexLock lock(mu_);
  doubt_is_recorded_ = false;
  writing_since_.reset();
  return absl::OkStatus();
}

absl::Status Replica::Body::Execute(const QueuedWrite& write) {
  if (write.truncate_from.has_value()) {
    WT_RETURN_IF_ERROR(ExecuteStep([&] { return engine_->Truncate(*write.truncate_from); }));
    appended_ = std::min(appended_.load(), write.truncate_from->value() - 1);
  }
  if (write.vote.has_value()) {
    WT_RETURN_IF_ERROR(ExecuteStep(
        [&] { return engine_->SetVote(write.vote->first, write.vote->second.value()); }));
  }
  if (write.entries != nullptr) {
    WT_CHECK_EQ(write.entries->front().index.value(), appended_.load() + 1);
    WT_RETURN_IF_ERROR(ExecuteStep([&] { return engine_->Append(*write.entries); }));
    NoteAppended(write.entries->back().index);
  }
  if (write.install.has_value()) WT_RETURN_IF_ERROR(Install(*write.install));
  if (!write.epochs.has_value()) return absl::OkStatus();
  record_.epochs = *write.epochs;
  return ExecuteStep([this] { return WriteStandingRecord(env_, options_.cluster_id, record_); });
}

// A full disk refuses before effect: what waits keeps its order and waits on.
absl::Status Replica::Body::ExecuteStep(const std::function<absl::Status()>& step) {
  for (;;) {
    absl::Status done = step();
    if (!absl::IsResourceExhausted(done)) return done;
    env_.events.Reached("replica.disk_full");
    WaitForRoom();
    MutexLock lock(mu_);
    if (has_ended()) return Aborted("the replica has ended");
  }
}

void Replica::Body::WaitForRoom() {
  MutexLock lock(mu_);
  const Time until = env_.clock.Now() + kRoomRetry;
  while (!has_ended()) {
    const Time now = env_.clock.Now();
    if (now >= until) return;
    writer_.WaitFor(mu_, until - now);
  }
}

// The snapshot lies ready: it was written, and verified, before consensus heard of it.
absl::Status Replica::Body::Install(LogEnd end) {
  for (const Snapshot& snapshot : engine_->snapshots().List()) {
    if (snapshot.index != end.index || snapshot.term != end.term) continue;
    WT_RETURN_IF_ERROR(ExecuteStep([&]() -> absl::Status {
      // From its beginning, each time.
      WT_ASSIGN_OR_RETURN(std::unique_ptr<ChunkSource> source,
                          engine_->snapshots().Load(snapshot.id));
      return engine_->InstallSnapshot(end.index, end.term, snapshot.state_digest, *source);
    }));
    NoteAppended(engine_->last_log_index());
    return absl::OkStatus();
  }
  if (end.index <= engine_->last_applied()) return absl::OkStatus();  // the log has led there
  return DataLoss("snapshot of entry %d, term %d: gone before it was installed", end.index.value(),
                  end.term.value());
}

void Replica::Body::NoteAppended(LogIndex last) {
  appended_ = last.value();
  if (!applier_wants_append_.exchange(false)) return;
  MutexLock lock(mu_);
  WakeOthers();
}

void Replica::Body::Persisted(uint64_t number) {
  Turn turn;
  {
    MutexLock lock(mu_);
    if (has_ended()) return;
    writing_since_.reset();
    durable_write_ = number;
    queue_.Finish(number);
    if (intake_ != nullptr) intake_ready_.SignalAll();
    consensus_->Persisted(env_.clock.Now(), number);
    if (consensus_->role() == Role::kPrimary) {
      waiters_.OnDurable(consensus_->durable(), consensus_->term(), turn.answers);
    }
    Settle(turn);
  }
  Deliver(turn);
}

}  // namespace wt
