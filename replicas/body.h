// What a replica consists of: the engine, consensus under one lock, and the tasks between them and
// the network.
//
//   receiver   decodes what arrives and hands it to consensus, all that lies ready at a time
//   driver     the clock of consensus; proposes all that waits at a time; watches the disk
//   writer     brings writes of consensus to the engine, in order, one sync for all that wait
//   applier    applies what is committed, and answers who waits for it
//   reader     everything that must be read from this disk for others: entries for peers that are
//              behind the cache, damaged entries of theirs, snapshot offers and chunks
//   intake     a snapshot from a primary, while there is one
//   repairer   gets damaged entries from peers; ends an amnesia
//
// Each changes consensus under mu_, settles what came of it (Settle, still under mu_: queues
// writes, collects messages, answers, wakes others), and delivers it when the lock is given back.
//
// Lock order: mu_, then proposals_mu_. Neither is held during I/O, Send, or a call of the engine.
#ifndef WAVETANK_REPLICAS_BODY_H_
#define WAVETANK_REPLICAS_BODY_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "engine/env/mutex.h"
#include "replicas/consensus/consensus.h"
#include "replicas/entry_cache.h"
#include "replicas/freshness.h"
#include "replicas/group_state.h"
#include "replicas/intake.h"
#include "replicas/outbox.h"
#include "replicas/replica.h"
#include "replicas/role_watch.h"
#include "replicas/standing_record.h"
#include "replicas/transfer_pin.h"
#include "replicas/waiters.h"
#include "replicas/write_queue.h"

namespace wt {

class Replica::Body {
 public:
  Body(Env env, ReplicaOptions options, StateMachine& machine);

  // Recovers, and starts the tasks. body_open.cc
  absl::Status Open();

  // As of Replica.
  absl::StatusOr<Acknowledged> Propose(std::string command, const ProposeOptions& options);
  void ProposeAsync(std::string command, Ack ack, Done done);
  absl::StatusOr<ReadResult> Query(std::string_view command, const QueryOptions& options);
  absl::Status ChangeMembers(const Configuration& target, Duration timeout);
  absl::Status TransferTo(NodeId to, Duration timeout);
  ReplicaStatus status();
  Engine& engine() { return *engine_; }
  absl::Status AwaitStopped();
  absl::Status Close();

 private:
  // What one stay under mu_ leaves to be done without it.
  struct Turn {
    std::vector<ReplicaMessage> send;
    Answers answers;
  };
  struct Proposal {
    std::string command;
    Ack ack = Ack::kQuorum;
    Reply reply;
  };
  struct Result {
    LogIndex index;
    Term term;
    std::string result;
  };
  // A read that waits to be confirmed: one of our own, here or by `peer`; or one of `peer`'s.
  struct LocalRead {
    explicit LocalRead(Tasks& tasks) : changed(tasks) {}
    CondVar changed;
    bool is_answered = false;
    bool refused = false;
    LogIndex index;
  };
  struct Read {
    std::shared_ptr<LocalRead> local;  // null: a peer's
    NodeId peer;                       // 0: nobody else
    uint64_t peers_id = 0;
  };
  // A snapshot that a peer needs.
  struct Offering {
    std::string id;
    Time due{};  // when to offer it (again), unless the peer is heard of; max(): not now
  };

  // ---- body_open.cc
  absl::Status CheckOptions() const;
  absl::Status OpenEngine();
  absl::Status SetAsideAndOpen(EngineOptions options, const absl::Status& why,
                               std::string_view blank);
  EngineOptions OptionsOfEngine();
  LogIndex LogNeeded() ABSL_LOCKS_EXCLUDED(mu_);
  LogIndex SnapshotNeeded() ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status RecordDoubt(const LogRecovery& found);
  absl::Status Begin();
  absl::StatusOr<LogShape> ShapeOfLog();
  absl::Status ScanLog(ConsensusStart& start);
  std::string WhyDoubtful(const LogRecovery& found) const;
  void StartTasks() ABSL_LOCKS_EXCLUDED(mu_);

  // ---- body_settle.cc
  void Settle(Turn& turn) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TakeOutput(Turn& turn) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Enqueue(Write write) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Stamp(std::vector<LogEntry>& entries) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void PumpAppends(Turn& turn) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void PumpPeer(NodeId peer, Turn& turn) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  uint64_t BytesToSend(const AppendPlan& plan);
  void UpdateOffers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void LookAround(Turn& turn) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void AnswerEverywhere(Turn& turn) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void AnswerTasks(Turn& turn) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool MaySettleDoubt() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void WakeOthers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Deliver(Turn& turn) ABSL_LOCKS_EXCLUDED(mu_);
  LogIndex Applicable() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Stop(const absl::Status& failure) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status StoppedStatus() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool has_ended() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return stopping_ || !failure_.ok(); }
  std::vector<NodeId> Others() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // ---- body_driver.cc
  void DriveLoop();
  bool AwaitDue(std::vector<Proposal>* proposals) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void CallDriver() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);  // when it would wake too late
  Time Deadline() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void WatchDisk(Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::vector<Proposal> TakeProposals();
  void ProposeBatch(Time now, std::vector<Proposal> batch, Turn& turn)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Submit(Proposal proposal) ABSL_LOCKS_EXCLUDED(mu_);

  // ---- body_calls.cc
  absl::Status AwaitMembers(const Configuration& target, Term term, Time deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // ---- body_writer.cc
  void WriteLoop();
  // False when the replica has ended. Nothing to write: the doubt is to be settled.
  bool AwaitWrites(std::vector<QueuedWrite>* writes) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status WriteAll(const std::vector<QueuedWrite>& writes);
  absl::Status SettleDoubt() ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Execute(const QueuedWrite& write);
  absl::Status ExecuteStep(const std::function<absl::Status()>& step);
  absl::Status Install(LogEnd end);
  void NoteAppended(LogIndex last);
  void WaitForRoom() ABSL_LOCKS_EXCLUDED(mu_);
  void Persisted(uint64_t number) ABSL_LOCKS_EXCLUDED(mu_);

  // ---- body_applier.cc
  void ApplyLoop();
  void OnApplied(const LogEntry& entry, std::string result);
  LogIndex AwaitApplicable() ABSL_LOCKS_EXCLUDED(mu_);
  void NoteApplied() ABSL_LOCKS_EXCLUDED(mu_);

  // ---- body_receiver.cc
  void ReceiveLoop();
  std::optional<ReplicaMessage> Decode(const Message& message);
  void Drop(NodeId from, std::string_view why);
  void Dispatch(Time now, ReplicaMessage& message, Turn& turn) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void OnReadRequest(Time now, const ReplicaMessage& message, const ReadRequest& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void OnReadResponse(NodeId from, const ReadResponse& response) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void OnProgress(Time now, NodeId from, const SnapshotProgress& progress)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // ---- body_reader.cc
  void ReadLoop();
  bool AwaitReading() ABSL_LOCKS_EXCLUDED(mu_);
  void FeedPeers() ABSL_LOCKS_EXCLUDED(mu_);
  void Feed(NodeId peer) ABSL_LOCKS_EXCLUDED(mu_);
  void OnUnreadable() ABSL_LOCKS_EXCLUDED(mu_);
  void Compacted(LogIndex through) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void GiveEntries() ABSL_LOCKS_EXCLUDED(mu_);
  void NoteNeverHad(const FetchEntries& fetch, FetchedEntries& found) ABSL_LOCKS_EXCLUDED(mu_);
  void GiveChunk() ABSL_LOCKS_EXCLUDED(mu_);
  void OfferSnapshots() ABSL_LOCKS_EXCLUDED(mu_);
  void NotePin(NodeId peer, const Snapshot& snapshot) ABSL_LOCKS_EXCLUDED(mu_);
  void LetGoOfPinned() ABSL_LOCKS_EXCLUDED(mu_);
  void Offer(NodeId peer, const std::string& before) ABSL_LOCKS_EXCLUDED(mu_);
  std::optional<SnapshotOffer> MakeOffer(NodeId peer, const std::string& before)
      ABSL_LOCKS_EXCLUDED(mu_);
  void SendOne(NodeId to, wt::Body body) ABSL_LOCKS_EXCLUDED(mu_);

  // ---- body_intake.cc
  class IntakeSource;
  void OnOffer(Time now, NodeId from, SnapshotOffer offer, Turn& turn)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void OnChunk(Time now, NodeId from, FetchedChunk chunk) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void IntakeLoop();
  std::shared_ptr<Intake> AwaitIntake() ABSL_LOCKS_EXCLUDED(mu_);
  void TakeIn(const std::shared_ptr<Intake>& intake) ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<GroupState::Head> HeadOf(const std::shared_ptr<Intake>& intake);
  absl::StatusOr<GroupState::Head> Receive(const std::shared_ptr<Intake>& intake);
  absl::Status CreateSnapshot(const SnapshotOffer& offer, ChunkSource& source);
  absl::Status Adopt(const std::shared_ptr<Intake>& intake, const GroupState::Head& head)
      ABSL_LOCKS_EXCLUDED(mu_);
  void FetchLoop(const std::shared_ptr<Intake>& intake);
  bool FetchSome(const std::shared_ptr<Intake>& intake) ABSL_LOCKS_EXCLUDED(mu_);
  Duration resend_after() const { return 4 * options_.consensus.heartbeat; }

  // ---- body_repairer.cc
  void RepairLoop();
  bool AwaitRepairWork() ABSL_LOCKS_EXCLUDED(mu_);
  bool AmnesiaIsOver() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void EndAmnesia() ABSL_LOCKS_EXCLUDED(mu_);
  void RepairSome() ABSL_LOCKS_EXCLUDED(mu_);
  std::vector<DamagedEntry> Missed();
  bool AskForEntries(const std::vector<DamagedEntry>& missed) ABSL_LOCKS_EXCLUDED(mu_);
  void NoteDamage() ABSL_LOCKS_EXCLUDED(mu_);
  void NoteRepaired() ABSL_LOCKS_EXCLUDED(mu_);
  std::deque<std::pair<NodeId, FetchedEntries>> AwaitFetched() ABSL_LOCKS_EXCLUDED(mu_);
  void Pause() ABSL_LOCKS_EXCLUDED(mu_);
  void NoteNeverHad(NodeId from, const FetchedEntries& found, LogIndex first);
  bool AbandonUncommitted(LogIndex first) ABSL_LOCKS_EXCLUDED(mu_);
  void LetGoOfDamage(const std::vector<DamagedEntry>& missed) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status RepairWith(NodeId from, const std::vector<LogEntry>& entries);

  // ---- body_reads.cc
  absl::StatusOr<LogIndex> ConfirmRead(const QueryOptions& options, Time deadline)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Begins the confirmation; 0: nobody can be asked now.
  uint64_t Ask(Time now, const std::shared_ptr<LocalRead>& read, Turn& turn)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Waits for its answer for a while.
  void AwaitAnswer(const std::shared_ptr<LocalRead>& read, Time deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status CheckFreshness(const QueryOptions& options) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status AwaitApplied(LogIndex index, Time deadline) ABSL_LOCKS_EXCLUDED(mu_);
  void OnReadReady(const ReadReady& ready, Turn& turn) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Waits for a change of roles. False when `deadline` has come.
  bool AwaitChange(Time deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Env env_;
  const ReplicaOptions options_;
  const NodeId self_;
  GroupState state_;
  std::unique_ptr<Engine> engine_;
  bool has_peers_ = false;
  bool is_set_aside_ = false;  // by this Open
  bool was_amnesiac_ = false;
  bool was_in_doubt_ = false;

  Mutex mu_;
  CondVar driver_;
  CondVar writer_;
  CondVar applier_;
  CondVar reader_;
  CondVar intake_ready_;  // an intake begins; a chunk is there, or was taken; it is cancelled
  CondVar repairer_;
  CondVar changed_;  // roles, membership, what is committed of it, the end of the replay
  CondVar ended_;
  CondVar applied_changed_;
  std::optional<Consensus> consensus_ ABSL_GUARDED_BY(mu_);
  std::optional<RoleWatch> watch_ ABSL_GUARDED_BY(mu_);
  WriteQueue queue_ ABSL_GUARDED_BY(mu_);
  uint64_t durable_write_ ABSL_GUARDED_BY(mu_) = 0;
  bool doubt_is_recorded_ ABSL_GUARDED_BY(mu_) = false;
  Outbox outbox_ ABSL_GUARDED_BY(mu_);
  EntryCache cache_ ABSL_GUARDED_BY(mu_);
  Waiters waiters_ ABSL_GUARDED_BY(mu_);
  WallTime last_stamp_ ABSL_GUARDED_BY(mu_);
  uint64_t membership_waiters_ ABSL_GUARDED_BY(mu_) = 0;
  LogIndex last_configuration_ ABSL_GUARDED_BY(mu_);  // the latest kConfig entry's index
  LogIndex applied_ ABSL_GUARDED_BY(mu_);
  Freshness freshness_ ABSL_GUARDED_BY(mu_);
  bool replayed_ ABSL_GUARDED_BY(mu_) = false;  // the engine's barrier is behind
  uint64_t applied_waiters_ ABSL_GUARDED_BY(mu_) = 0;
  Time driver_wakes_at_ ABSL_GUARDED_BY(mu_){};
  std::optional<Time> writing_since_ ABSL_GUARDED_BY(mu_);
  Time disk_checked_ ABSL_GUARDED_BY(mu_){};
  bool applier_waits_ ABSL_GUARDED_BY(mu_) = false;
  std::map<uint64_t, Read> reads_ ABSL_GUARDED_BY(mu_);
  uint64_t next_read_ ABSL_GUARDED_BY(mu_) = 0;  // begins anywhere: answers to an earlier life
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;   // Close was called
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mu_);

  // For the reader.
  std::set<NodeId> to_feed_ ABSL_GUARDED_BY(mu_);  // peers behind the cache
  Time feed_after_ ABSL_GUARDED_BY(mu_){};
  std::deque<std::pair<NodeId, FetchEntries>> entries_wanted_ ABSL_GUARDED_BY(mu_);
  std::deque<std::pair<NodeId, FetchChunk>> chunks_wanted_ ABSL_GUARDED_BY(mu_);
  Time next_chunk_at_ ABSL_GUARDED_BY(mu_){};
  std::map<NodeId, Offering> offerings_ ABSL_GUARDED_BY(mu_);
  std::set<NodeId> to_offer_ ABSL_GUARDED_BY(mu_);
  TransferPin pin_ ABSL_GUARDED_BY(mu_);

  // For the intake and the repairer.
  std::shared_ptr<Intake> intake_ ABSL_GUARDED_BY(mu_);
  bool wants_repair_ ABSL_GUARDED_BY(mu_) = false;
  bool amnesiac_ ABSL_GUARDED_BY(mu_) = false;
  size_t next_donor_ ABSL_GUARDED_BY(mu_) = 0;
  // Damage up to here stays: a snapshot of our own covers it.
  LogIndex given_up_ ABSL_GUARDED_BY(mu_);
  std::deque<std::pair<NodeId, FetchedEntries>> fetched_ ABSL_GUARDED_BY(mu_);

  // Of the repairer alone.
  uint64_t asked_in_vain_ = 0;  // how often in a row nobody had what is missed
  LogIndex doubted_;            // the first entry that is missed
  std::set<NodeId> never_had_;  // who says that it never had that one

  // Of Open, then of the writer alone.
  StandingRecord record_;

  // What the engine's log ends with, as the writer has left it. Written by the writer alone.
  std::atomic<uint64_t> appended_ = 0;
  // The applier waits for the writer to get further.
  std::atomic<bool> applier_wants_append_ = false;

  // Of the applier alone, once the replay is over; the engine's locks order it behind the replay.
  bool keeps_results_ = false;
  std::vector<Result> results_;

  Mutex proposals_mu_;
  std::deque<Proposal> proposals_ ABSL_GUARDED_BY(proposals_mu_);
  bool driver_waits_ ABSL_GUARDED_BY(proposals_mu_) = false;
  bool refuses_ ABSL_GUARDED_BY(proposals_mu_) = false;

  std::vector<std::unique_ptr<Task>> tasks_;
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_BODY_H_
