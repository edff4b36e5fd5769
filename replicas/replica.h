// One member of a replicated group: an engine, the protocol, and the I/O between them.
//
//   WT_ASSIGN_OR_RETURN(auto replica, Replica::Open(env, {.members = three, ...}, machine));
//   WT_ASSIGN_OR_RETURN(Acknowledged done, replica->Propose(command, {.ack = Ack::kQuorum}));
//
// What it does beside the protocol (PROTOCOL.md):
//   - persists before it answers; as primary it writes its disk while it sends
//   - applies behind the commit, in a task of its own: neither a slow apply nor a slow disk stops
//     heartbeats
//   - streams the log to each peer from memory, or from disk when the peer is behind, or a snapshot
//     when the log does not reach back; bounded, and throttled
//   - repairs damaged entries from its peers; begins anew, without a vote, where nothing is to be
//     repaired
//   - steps down when its disk fails or stalls; a failed write or sync stops it (AwaitStopped)
//
// Thread-safe. Every call suspends.
#ifndef WAVETANK_REPLICAS_REPLICA_H_
#define WAVETANK_REPLICAS_REPLICA_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/engine.h"
#include "engine/env/env.h"
#include "replicas/consensus/consensus.h"

namespace wt {

// When a write is acknowledged, and what it then survives (each checked by acked-writes-survive).
// What is committed is the same for all three; the mode says when the client hears of it.
enum class Ack : uint8_t {
  kAsync,   // durable on the primary: survives a crash of every machine, but not the loss of the
            // primary, nor a primary elected without it
  kQuorum,  // committed, applied: survives whatever happens to any minority
  kAll,     // committed, applied, durable on every member: survives the loss of all but one.
            // Blocks while a member is away: mind the time limit
};
std::string_view NameOf(Ack ack);

enum class Consistency : uint8_t {
  kLinearizable,  // confirmed by a majority; on a replica, the primary is asked
  kLease,         // on the primary, without asking while its lease holds; else as kLinearizable.
                  // Relies on max_clock_drift
  kStale,         // what this replica has applied, which is all that was committed `max_staleness`
                  // ago, by the primary's word as it arrived. Asks nobody
};

// Whether a start believes a disk that shows no damage. PROTOCOL.md, "Disks that lie".
enum class DiskTrust : uint8_t {
  kVerified,  // never: votes and counts only after a recall
  kBelieved,  // yes, as Raft does
};

struct ReplicaOptions {
  uint64_t cluster_id = 1;
  // Of a group that begins; a log or snapshot that has another one wins. A machine that is to join
  // a group that exists is opened with its present members and itself as a learner.
  Configuration members;
  EngineOptions engine;        // commit_rule, on_applied, log.salvage, log ids are set by Open
  ConsensusOptions consensus;  // self is set by Open
  DiskTrust disk_trust = DiskTrust::kVerified;
  Duration disk_stall = std::chrono::seconds(2);  // a write that takes longer: steps down
  uint64_t cache_bytes = 32 * kMiB;               // recent entries, for streaming without the disk
  uint64_t log_kept_bytes = 256 * kMiB;  // of log that snapshots cover, kept for slow peers
  // A snapshot that is being sent is kept for so long at most, though newer ones are there, and the
  // log behind it; not while the disk is full.
  Duration snapshot_kept_for = std::chrono::minutes(10);
  uint64_t snapshot_bytes_per_second = 0;  // of a transfer, sent; 0: no limit
  uint64_t chunks_in_flight = 4;           // of a transfer, asked for
  uint64_t max_waiting = 65'536;           // proposals without an answer; more are refused
  // Called for each entry as it is applied, in order. Must not call the replica.
  std::function<void(const LogEntry& entry, std::string_view result)> on_applied = {};
};

struct ProposeOptions {
  Ack ack = Ack::kQuorum;
  Duration timeout = std::chrono::seconds(10);  // then the outcome is unknown
};

struct Acknowledged {
  LogIndex index;
  Term term;
  std::string result;  // the state machine's, encoded; empty for kAsync: not applied yet
};

struct QueryOptions {
  Consistency consistency = Consistency::kLinearizable;
  Duration timeout = std::chrono::seconds(10);
  Duration max_staleness = std::chrono::seconds(1);  // kStale
};

struct PeerStatus {
  NodeId node;
  Progress progress;
};

struct ReplicaStatus {
  NodeId self;
  Role role = Role::kReplica;
  bool serving = false;
  Term term;
  NodeId primary;  // 0: not known
  LogIndex last;
  LogIndex durable;
  LogIndex commit;
  LogIndex applied;
  bool trusted = false;
  std::vector<NodeId> waits_for;  // who must answer before it is trusted: enough of these
  // And missed: not what own snapshots cover and nobody has.
  std::vector<DamagedEntry> damaged;
  Configuration configuration;
  std::vector<PeerStatus> peers;  // as primary
};

class Replica {
 public:
  // Recovers, and begins to take part. A single replica refuses damage (DataLoss); a member of a
  // group sets it aside and begins anew without a vote.
  // Errors: InvalidArgument (a configuration that does not hold together; self is missing in it and
  //   in no log), DataLoss, FailedPrecondition (locked), the disk's own.
  static absl::StatusOr<std::unique_ptr<Replica>> Open(Env env, ReplicaOptions options,
                                                       StateMachine& machine);
  // Requires: Close() returned, or the machine died.
  ~Replica();

  // Errors: Unavailable = the outcome is unknown: it may have happened, or may yet. Every other
  //   code = it has not happened and will not: FailedPrecondition (not the primary: status() names
  //   it if known; or stopped), ResourceExhausted (too much waits), InvalidArgument, Aborted
  //   (another entry was committed in its place).
  absl::StatusOr<Acknowledged> Propose(std::string command, const ProposeOptions& options);

  // The same without waiting: `done` is called once, from a task of the replica, and must not
  // suspend for long. Timeouts are the caller's business, except that everything is answered at
  // Close.
  using Done = std::function<void(absl::StatusOr<Acknowledged>)>;
  void ProposeAsync(std::string command, Ack ack, Done done);

  // Errors: Unavailable (no primary, not confirmed in time, or too stale), InvalidArgument,
  //   FailedPrecondition (stopped).
  absl::StatusOr<ReadResult> Query(std::string_view command, const QueryOptions& options);

  // Returns when `target` alone is in force and committed. Errors: as Propose; Aborted while
  // another change goes on.
  absl::Status ChangeMembers(const Configuration& target, Duration timeout);

  // Returns when somebody else is known as primary. Errors: FailedPrecondition, InvalidArgument,
  // Unavailable (it did not happen in time).
  absl::Status TransferTo(NodeId to, Duration timeout);

  absl::Status TakeSnapshot();

  ReplicaStatus status();
  Engine& engine();

  // Returns when it has stopped: its failure, or OK after Close.
  absl::Status AwaitStopped();
  // Answers everybody who waits, stops all tasks, closes the engine and this machine's network.
  // Twice is fine. Nobody may be in a call when the replica is destroyed.
  absl::Status Close();

 private:
  class Body;
  explicit Replica(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_REPLICA_H_
