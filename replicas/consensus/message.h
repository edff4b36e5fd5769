// What replicas tell each other, and its bytes.
//
// An envelope (who, to whom, term, life) around one body. On the wire: magic, version, cluster and
// a checksum over all of it; a receiver drops what does not fit and says why.
#ifndef WAVETANK_REPLICAS_CONSENSUS_MESSAGE_H_
#define WAVETANK_REPLICAS_CONSENSUS_MESSAGE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/checksum.h"
#include "engine/log/log_entry.h"
#include "engine/snapshot/snapshot_manager.h"
#include "replicas/consensus/configuration.h"
#include "replicas/consensus/log_shape.h"

namespace wt {

// The epochs of others that a promise was made in the knowledge of (PROTOCOL.md, "Disks that
// lie"). Sorted by node; those never recalled are left out.
struct KnownEpoch {
  NodeId node;
  uint64_t epoch = 0;
  bool operator==(const KnownEpoch&) const = default;
};
using Witness = std::vector<KnownEpoch>;

// ---- Elections

struct VoteRequest {
  bool pre = false;     // would you? In the term of the envelope, which nobody enters yet
  bool forced = false;  // the primary itself asked for it: do not mind a primary that is alive
  LogEnd end;           // of the candidate's log
  bool operator==(const VoteRequest&) const = default;
};
struct VoteResponse {
  bool pre = false;
  bool granted = false;
  Witness witness;
  bool operator==(const VoteResponse&) const = default;
};
struct TakeOver {  // campaign now
  bool operator==(const TakeOver&) const = default;
};

// ---- The log

struct AppendRequest {
  LogEnd prev;  // the entries follow this one
  LogIndex commit;
  std::vector<LogEntry> entries;  // may be empty: a probe, or news of the commit index
  bool operator==(const AppendRequest&) const = default;
};
struct AppendResponse {
  LogIndex match;         // durable, and equal to the primary's up to here; when rejected: 0
  bool rejected = false;  // the log has no such `prev`
  LogIndex prev;          // of the request
  LogEnd hint;            // when rejected: nothing behind this entry of mine can agree with yours
  Witness witness;
  bool operator==(const AppendResponse&) const = default;
};
struct Heartbeat {
  LogIndex commit;     // never beyond what the receiver is known to hold
  uint64_t round = 0;  // of read confirmation
  LogIndex horizon;    // nothing is committed beyond, whatever the receiver holds
  bool operator==(const Heartbeat&) const = default;
};
struct HeartbeatResponse {
  uint64_t round = 0;
  bool operator==(const HeartbeatResponse&) const = default;
};

// ---- Standing

struct Recall {
  bool doubtful = true;  // false: trusted already, asks whether its floor may fall
  uint64_t epoch = 0;    // that it wants to be in: the highest that it was given so far
  bool operator==(const Recall&) const = default;
};
struct RecallResponse {
  uint64_t epoch = 0;     // of the asker: what the answerer has recorded, durably
  bool amnesiac = false;  // the answerer knows that it lost something
  Term term;              // the answerer's own
  LogEnd end;             // of the answerer's own log
  LogEnd floor_end;       // what it demands of others: not below `end`
  LogEnd configured;      // the entry that made its configuration
  Configuration configuration;
  Witness witness;
  bool operator==(const RecallResponse&) const = default;
};

// ---- Between the drivers: consensus does not look into these.

struct ReadRequest {  // up to where must I have applied, to answer a read that begins now?
  uint64_t id = 0;
  bool operator==(const ReadRequest&) const = default;
};
struct ReadResponse {
  uint64_t id = 0;
  bool refused = false;  // not the primary, or not confirmed in time
  LogIndex index;
  bool operator==(const ReadResponse&) const = default;
};
struct EntryWanted {
  LogIndex index;
  Term term;
  bool operator==(const EntryWanted&) const = default;
};
struct FetchEntries {
  std::vector<EntryWanted> wanted;
  bool or_snapshot = false;  // nobody had them: a snapshot that covers them will do
  bool operator==(const FetchEntries&) const = default;
};
struct FetchedEntries {
  std::vector<LogEntry> entries;    // those it has, durable and verified
  std::vector<LogIndex> never_had;  // those that are not in its log, whole or damaged
  bool operator==(const FetchedEntries&) const = default;
};
struct SnapshotOffer {
  std::string id;
  LogEnd end;            // what the snapshot ends with
  Hash128 checksum;      // over all chunks in order: equal means the same snapshot
  Hash128 state_digest;  // of the state machine
  std::vector<ChunkInfo> chunks;
  bool operator==(const SnapshotOffer&) const = default;
};
struct FetchChunk {
  std::string id;
  Hash128 checksum;  // of the snapshot
  uint64_t number = 0;
  bool operator==(const FetchChunk&) const = default;
};
struct FetchedChunk {
  Hash128 checksum;  // of the snapshot
  uint64_t number = 0;
  bool gone = false;  // the snapshot is no more, or this chunk cannot be read
  std::string bytes;
  bool operator==(const FetchedChunk&) const = default;
};
struct SnapshotProgress {  // tells the primary that the transfer lives, or how it ended
  LogEnd end;
  enum class State : uint8_t { kReceiving, kInstalled, kFailed } state = State::kReceiving;
  bool operator==(const SnapshotProgress&) const = default;
};

using Body =
    std::variant<VoteRequest, VoteResponse, TakeOver, AppendRequest, AppendResponse, Heartbeat,
                 HeartbeatResponse, Recall, RecallResponse, ReadRequest, ReadResponse, FetchEntries,
                 FetchedEntries, SnapshotOffer, FetchChunk, FetchedChunk, SnapshotProgress>;

struct ReplicaMessage {
  NodeId from;
  NodeId to;
  Term term;                // 0: says nothing about terms (recalls, transfers)
  uint64_t session = 0;     // the sender's life
  uint64_t to_session = 0;  // an answer: the receiver's life that asked; dropped by any other
  uint64_t epoch = 0;       // of that life; 0: doubtful, or never recalled
  bool trusted = false;     // the sender's standing
  Body body;
  bool operator==(const ReplicaMessage&) const = default;
};

std::string_view NameOf(const Body& body);  // "append", "vote response", ...

// Appends to `out`, which a transport sends as it is.
void EncodeMessage(uint64_t cluster_id, const ReplicaMessage& message, std::string& out);
// Errors: DataLoss (damaged, malformed), FailedPrecondition (other version or cluster), each with
// what was expected and found.
absl::StatusOr<ReplicaMessage> DecodeMessage(uint64_t cluster_id, std::string_view bytes);

}  // namespace wt

#endif  // WAVETANK_REPLICAS_CONSENSUS_MESSAGE_H_
