// The protocol (../PROTOCOL.md) as a pure state machine: messages and the time in, one value out.
// No I/O, no clock, no thread; the same inputs give the same outputs.
//
//   consensus.Step(now, message);                 // or Tick, Propose, Persisted, ...
//   Output output = consensus.Take();
//   // 1. hand output.writes to the log, in order; they may be made durable while the rest goes on
//   // 2. send every message whose `after` is durable already; keep the others until it is
//   // 3. entries up to output.commit are committed
//   consensus.Persisted(now, number);             // when write `number` is durable
//
// Appends are pulled, so that nobody waits for a read of old entries:
//
//   if (auto plan = consensus.PlanAppend(peer)) {
//     entries = read(plan->prev.index + 1, plan->through + 1, plan->max_bytes);   // may suspend
//     if (auto message = consensus.FillAppend(now, *plan, entries)) send(*message);
//   }
//
// Not thread-safe: one lock around it, never held during I/O.
#ifndef WAVETANK_REPLICAS_CONSENSUS_CONSENSUS_H_
#define WAVETANK_REPLICAS_CONSENSUS_CONSENSUS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/units.h"
#include "engine/log/log_entry.h"
#include "replicas/consensus/configuration.h"
#include "replicas/consensus/log_shape.h"
#include "replicas/consensus/message.h"
#include "replicas/consensus/progress.h"
#include "replicas/consensus/standing.h"

namespace wt {

enum class Role : uint8_t { kReplica, kPreCandidate, kCandidate, kPrimary };
std::string_view NameOf(Role role);

struct ConsensusOptions {
  NodeId self;
  Duration heartbeat = std::chrono::milliseconds(50);
  Duration election_timeout = std::chrono::milliseconds(500);  // drawn from [1, 2) of it each time
  uint64_t max_append_bytes = 256 * kKiB;                      // of one message's entries
  uint64_t max_append_entries = 4096;
  uint64_t max_bytes_in_flight = 4 * kMiB;  // to one peer
  uint64_t max_appends_in_flight = 64;
  uint64_t max_uncommitted_bytes = 64 * kMiB;  // proposals beyond are refused
  uint32_t max_clock_drift_ppm = 10'000;       // what leases assume
};

// What a replica finds when it starts.
struct ConsensusStart {
  HardState hard_state;
  LogShape log;
  LogIndex applied;  // committed for certain: the snapshot's end at least
  // Configurations in force, each from its index on; the first is that of the snapshot, or initial.
  std::vector<std::pair<LogIndex, Configuration>> configurations;
  Witness epochs;         // the last Write::epochs that is durable
  uint64_t session = 0;   // random, not 0: names this life, and keys its election timeouts
  bool doubtful = false;  // must recall before it votes or counts. Once it was, every later start
                          // is, believed disk or not, until settled() was seen
  bool amnesiac = false;  // knows that it lost something
  bool damaged = false;   // some entries are to be repaired: does not campaign until Repaired()
};

// One write: everything in it becomes durable together or in this order, after all writes of lower
// number.
struct Write {
  uint64_t number = 0;
  std::optional<std::pair<Term, NodeId>> vote;  // term and whom it voted for, if anybody
  std::optional<LogIndex> truncate_from;
  std::vector<LogEntry> entries;
  // The snapshot that ends so takes the place of the log up to there; of all of it if `reset`.
  std::optional<LogEnd> install;
  bool reset = false;
  std::optional<Witness> epochs;  // replaces what was recorded of them; alone in its write
};

struct Outgoing {
  ReplicaMessage message;
  uint64_t after = 0;  // released when this write is durable; 0: at once
};

struct ReadReady {
  uint64_t id = 0;
  bool refused = false;  // no longer the primary
  LogIndex index;        // a state that has applied so far may answer
};

struct Output {
  std::vector<Write> writes;
  std::vector<Outgoing> messages;
  std::vector<ReadReady> reads;
  LogIndex commit;
};

// What had been committed by `at` is among the entries up to `index`.
struct Horizon {
  Time at;
  LogIndex index;
};

struct AppendPlan {
  NodeId to;
  Term term;
  LogEnd prev;
  LogIndex through;  // == prev.index: an append without entries
  uint64_t max_bytes = 0;
};

class Consensus {
 public:
  // Requires: Validate(each configuration) is OK.
  Consensus(ConsensusOptions options, ConsensusStart start, Time now);

  // ---- Inputs. Each may leave something in the output.

  // A message of a kind that the drivers exchange among themselves is a failed check.
  void Step(Time now, const ReplicaMessage& message);
  // Call when NextDeadline() has come. Too late or too early is safe.
  void Tick(Time now);
  Time NextDeadline() const;

  // Appends commands behind the log, in the present term. `entries` need type, timestamp and
  // command; term and index are given. Returns the first index.
  // Errors: FailedPrecondition (not the primary, or handing over), ResourceExhausted (too much is
  //   uncommitted): nothing was done.
  absl::StatusOr<LogIndex> Propose(Time now, std::vector<LogEntry> entries);
  // Begins a change of members; it is done when the joint configuration was left again.
  // Errors: as Propose; InvalidArgument; Aborted while another change goes on, or before the term's
  // first entry is committed.
  absl::StatusOr<LogIndex> ProposeConfiguration(Time now, WallTime stamp,
                                                const Configuration& target);
  // Hands over when `to` has everything; gives up after an election timeout.
  // Errors: FailedPrecondition (not the primary), InvalidArgument (`to` is no voter, or doubtful).
  absl::Status TransferTo(Time now, NodeId to);
  // Confirms that this is still the primary; the answer comes in Output::reads.
  void ConfirmRead(Time now, uint64_t id);
  // The same without asking anybody, while the lease holds. Nothing: no lease.
  std::optional<LogIndex> LeaseRead(Time now) const;

  // Write `number` is durable, and all before it. A number that is not outstanding any more is
  // ignored.
  void Persisted(Time now, uint64_t number);
  // The log lets go of entries up to `through`. Requires: through <= applied.
  void Compacted(LogIndex through);
  // A snapshot that ends with `end` and holds `configuration` lies ready. Emits the write that
  // installs it, unless it is not news, and enters its term when that is a later one. Requires: it
  // came from a primary of some term.
  void Install(Time now, LogEnd end, Configuration configuration);
  // All damaged entries are whole again.
  void Repaired();
  // The entry at `from` is damaged here, and every other member says that it never had it: it was
  // not committed (PROTOCOL.md, "Damage that shows"). The log ends before it from now on, and a
  // primary steps down. Without effect where it is known to be agreed on.
  void Abandon(Time now, LogIndex from);
  // This disk fails or stalls: no primary any longer, and no candidate for an election timeout.
  void DiskTrouble(Time now);

  std::optional<AppendPlan> PlanAppend(NodeId peer) const;
  // Nothing when the plan is out of date. `entries` may be fewer than planned, but not none unless
  // none were planned.
  std::optional<ReplicaMessage> FillAppend(Time now, const AppendPlan& plan,
                                           std::vector<LogEntry> entries);
  // Peers that need a snapshot: what they need is not in the log any more.
  std::vector<NodeId> AwaitingSnapshot() const;
  // How a transfer to `peer` goes. kFailed: it is probed again; kInstalled: appends go on behind
  // it.
  void OnSnapshotProgress(Time now, NodeId peer, const SnapshotProgress& progress);

  // An envelope for the drivers' own messages, from this life. Of term 0.
  ReplicaMessage Envelope(NodeId to, Body body) const;

  // ---- Output since the last Take.
  Output Take();
  bool HasOutput() const;

  // ---- The state, for drivers, tests and checks.
  Role role() const { return role_; }
  Term term() const { return term_; }
  NodeId voted_for() const { return vote_; }
  NodeId primary() const { return primary_; }  // of this term; 0: not known
  LogIndex commit() const { return commit_; }
  LogIndex durable() const { return durable_; }
  const LogShape& log() const { return log_; }
  const Configuration& configuration() const { return configurations_.back().second; }
  const Standing& standing() const { return standing_; }
  bool serving() const;  // primary, and its first entry is committed
  const Progress* progress(NodeId peer) const;
  // The primary's view: what a peer is known to hold, durably. 0 when not the primary.
  LogIndex MatchOf(NodeId peer) const;
  // When another one, as the primary of the term then, last said something new to this life.
  std::optional<Time> last_word() const { return last_word_; }
  // The newest one known. Of another primary: when its heartbeat arrived; of this one: when a round
  // was sent that a majority has answered, or votes were asked for.
  const std::optional<Horizon>& horizon() const { return horizon_; }
  // Trusted, and its own log is all that it demands of others: nothing that this life heard is
  // needed by the next one. Holds durably once every write so far is durable.
  bool settled() const { return standing_.trusted() && !standing_.asking(); }

 private:
  struct Vote {
    bool granted = false;
    ReplicaMessage from;  // without its body
  };
  struct Read {
    uint64_t id = 0;
    LogIndex index;
    uint64_t round = 0;  // of heartbeats; an answer to it or a later one confirms
  };
  struct Round {
    uint64_t number = 0;
    Horizon horizon;  // at: when it was sent
  };
  struct Unwritten {  // a write that is not durable yet
    uint64_t number = 0;
    LogIndex through;  // the entries up to here are durable with it, if not truncated meanwhile
  };
  struct Handover {
    NodeId to;
    Time until;
  };
  struct Uncommitted {
    LogIndex through;
    uint64_t bytes = 0;
  };

  // consensus.cc
  bool Precheck(Time now, const ReplicaMessage& message);
  bool MeetTerm(Time now, const ReplicaMessage& message);
  void AnswerStale(const ReplicaMessage& message);
  void Send(NodeId to, Body body, uint64_t answers_session = 0);
  void SendAfterWrites(NodeId to, Body body, uint64_t answers_session = 0);
  void SendIn(Term term, NodeId to, Body body, uint64_t answers_session);
  void Answer(const ReplicaMessage& message, Body body);
  void TickPrimary(Time now);

  void On(Time now, const ReplicaMessage& message, const VoteRequest& request);
  void On(Time now, const ReplicaMessage& message, const VoteResponse& response);
  void On(Time now, const ReplicaMessage& message, const TakeOver&);
  void On(Time now, const ReplicaMessage& message, const AppendRequest& request);
  void On(Time now, const ReplicaMessage& message, const AppendResponse& response);
  void On(Time now, const ReplicaMessage& message, const Heartbeat& heartbeat);
  void On(Time now, const ReplicaMessage& message, const HeartbeatResponse& response);
  void On(Time now, const ReplicaMessage& message, const Recall& question);
  void On(Time now, const ReplicaMessage& message, const RecallResponse& answer);
  template <typename Other>
  void On(Time, const ReplicaMessage&, const Other&);

  // writes.cc
  Write& NewWrite();
  uint64_t LastWrite() const;  // 0 when all is durable
  void WriteVote();
  void WriteEpochs();
  void AppendLocally(std::vector<LogEntry> entries, std::optional<LogIndex> truncate_from);
  void LowerDurable(LogIndex to);

  // elections.cc
  void DrawElectionDeadline(Time now);
  bool MayCampaign(Time now) const;
  bool HearsPrimary(Time now) const;
  void ElectionTimeout(Time now);
  void Campaign(Time now, Role role, bool forced);
  void CountVotesNow(Time now);
  bool MayGrant(const ReplicaMessage& message, const VoteRequest& request) const;
  void EnterTerm(Term term, NodeId vote);
  void BecomeReplica(Time now, Term term, NodeId primary);
  void BecomePrimary(Time now);

  // replication.cc
  void Follow(Time now, const ReplicaMessage& message, bool is_news);
  bool Holds(LogEnd entry) const;
  LogIndex AppendBehind(const AppendRequest& request);
  void Reject(const ReplicaMessage& message, const AppendRequest& request);
  void CommitTo(LogIndex index);
  void MaybeCommit(Time now);
  void AfterCommit(Time now);
  LogIndex CountedOf(NodeId node) const;
  absl::Status CheckProposable() const;

  // streaming.cc
  Progress* Hear(Time now, const ReplicaMessage& message);
  void Rejected(Progress& peer, const AppendResponse& response);
  bool NeedsSnapshot(const Progress& peer) const;
  bool Active(const Progress& peer, Time now) const;
  void RenewProbes(Time now);
  std::optional<AppendPlan> PlanStream(NodeId to, const Progress& peer) const;

  // reads.cc
  void Broadcast(Time now);
  bool HeardByQuorum(Time since) const;
  bool ConfirmedByQuorum(uint64_t round) const;
  void NoteConfirmed(const Round& round);
  void ReleaseReads(Time now);
  void ServePostponedReads(Time now);
  void RefuseReads();

  // membership.cc
  void LearnConfiguration(const LogEntry& entry);
  void ForgetConfigurationsFrom(LogIndex index);
  void ForgetConfigurationsThrough(LogIndex through);
  size_t PlaceOfConfigurationToVoteIn() const;
  const Configuration& ConfigurationToVoteIn() const;
  void MatchPeersToMembers(Time now);
  void AppendConfiguration(Time now, WallTime stamp, const Configuration& configuration);
  void AfterConfigurationCommit(Time now);
  void Retire(Time now);

  // recall.cc
  Term TermOfConfiguration(LogIndex index) const;
  Standing::Own OwnView() const;
  void AskRecall(Time now);
  void AnswerRecall(const ReplicaMessage& message, uint64_t epoch);
  void SettleStanding(Time now);
  bool CheckCounts(const ReplicaMessage& message);

  // transfer.cc
  void MaybeHandOver();

  ConsensusOptions options_;
  uint64_t session_;
  Role role_ = Role::kReplica;
  Term term_;
  NodeId vote_;
  NodeId primary_;
  LogIndex commit_;
  LogIndex durable_;
  LogShape log_;
  std::vector<std::pair<LogIndex, Configuration>> configurations_;
  Standing standing_;
  bool amnesiac_;
  bool damaged_;
  WallTime last_stamp_;  // the latest of any entry that passed through
  std::optional<Horizon> horizon_;

  // Replica
  LogIndex agreed_;  // the log is equal to this term's primary's up to here
  uint64_t primary_session_ = 0;
  std::optional<Time> last_word_;  // of a primary: when it said what it had not said before
  bool knows_primary_ = false;     // this term's has been heard of
  uint64_t heard_round_ = 0;       // the latest of its heartbeats
  // This life: somebody may hold a lease that an earlier one granted.
  const Time began_;
  Time election_deadline_;
  Time no_campaign_before_;
  uint64_t election_draws_ = 0;
  Time recall_at_;

  // Candidate
  std::map<NodeId, Vote> votes_;
  uint64_t vote_write_ = 0;  // the last write that holds a vote
  bool forced_ = false;
  Time campaign_at_;  // when votes were asked for

  // Primary
  std::map<NodeId, Progress> peers_;
  LogIndex first_of_term_;
  Time tick_at_;  // reads send heartbeats too, and do not put it off
  uint64_t round_ = 0;
  std::deque<Round> rounds_;
  std::deque<Read> reads_;             // by round
  std::vector<uint64_t> early_reads_;  // wait for the term's first entry
  std::optional<Handover> handover_;
  bool handed_over_ = false;  // somebody may be elected against the lease
  std::deque<Uncommitted> uncommitted_;
  uint64_t uncommitted_bytes_ = 0;

  // Writes
  uint64_t next_write_ = 1;
  uint64_t persisted_ = 0;
  std::deque<Unwritten> unwritten_;
  Output output_;
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_CONSENSUS_CONSENSUS_H_
