// Facts that the engine reports as they happen: typed, cheap, and the only thing that invariants
// watch, reports draw and digests hash.
//
//   env.events.Emit({.kind = EventKind::kLogSynced, .a = segment, .b = end, .c = last.value()});
//
// Emit never suspends and never fails; the sink stamps time and machine. Adding a kind is one line
// in WT_EVENTS.
#ifndef WAVETANK_ENGINE_ENV_EVENTS_H_
#define WAVETANK_ENGINE_ENV_EVENTS_H_

#include <cstdint>
#include <string_view>

namespace wt {

// X(kind, name, names of a b c d, what text holds). An empty field name means "not used".
//
// A log range is (segment, from, to): bytes of that segment's file.
#define WT_EVENTS(X)                                                                            \
  X(LogAppended, "log.appended", "index", "term", "command_hash", "timestamp", "")              \
  X(LogSynced, "log.synced", "segment", "from", "to", "last_index", "")                         \
  X(LogSegmentCreated, "log.segment_created", "segment", "first_index", "incarnation", "", "")  \
  X(LogSegmentSealed, "log.segment_sealed", "segment", "last_index", "bytes", "", "")           \
  X(LogSegmentRemoved, "log.segment_removed", "segment", "", "", "", "")                        \
  X(LogTailCut, "log.tail_cut", "segment", "at", "last_index", "", "")                          \
  X(LogTailAmbiguous, "log.tail_ambiguous", "segment", "at", "last_index", "", "")              \
  X(LogSuffixOverridden, "log.suffix_overridden", "from_index", "", "", "", "")                 \
  X(LogCompacted, "log.compacted", "through_index", "", "", "", "")                             \
  X(LogReset, "log.reset", "index", "term", "", "", "")                                         \
  X(LogRecovered, "log.recovered", "first_index", "last_index", "segments", "last_term", "")      \
  X(LogPoisoned, "log.poisoned", "segment", "", "", "", "error")                                \
  X(LogDamaged, "log.damaged", "segment", "at", "", "", "error")                                \
  X(CommitAdvanced, "commit.advanced", "commit_index", "last_log_index", "", "", "")            \
  X(EntryApplied, "entry.applied", "index", "term", "result_hash", "state_digest", "")          \
  X(SnapshotStarted, "snapshot.started", "index", "term", "", "", "")                           \
  X(SnapshotCreated, "snapshot.created", "index", "term", "bytes", "reused_bytes", "id")        \
  X(SnapshotDeleted, "snapshot.deleted", "index", "term", "", "", "id")                         \
  X(SnapshotLoaded, "snapshot.loaded", "index", "term", "", "state_digest", "id")               \
  X(SnapshotRestored, "snapshot.restored", "index", "term", "", "state_digest", "id")           \
  X(SnapshotFailed, "snapshot.failed", "index", "", "", "", "error")                            \
  X(SnapshotDamaged, "snapshot.damaged", "", "", "", "", "error")                               \
  X(EngineOpening, "engine.opening", "", "", "", "", "")                                        \
  X(EngineRecovered, "engine.recovered", "last_applied", "commit_index", "last_log_index",      \
    "state_digest", "")                                                                         \
  X(EngineRefused, "engine.refused", "", "", "", "", "error")                                   \
  X(EngineStopped, "engine.stopped", "", "", "", "", "error")                                   \
  X(ReadServed, "read.served", "last_applied", "barrier", "", "", "")                           \
  X(ReplicaStarted, "replica.started", "session", "term", "last_index", "doubtful", "why")      \
  X(ReplicaTrusted, "replica.trusted", "epoch", "floor_term", "floor_index", "", "")            \
  X(ReplicaWaits, "replica.waits", "", "", "", "", "for_whom")                                  \
  X(ReplicaSetAside, "replica.set_aside", "", "", "", "", "why")                                \
  X(ReplicaStopped, "replica.stopped", "", "", "", "", "error")                                 \
  X(TermEntered, "term.entered", "term", "", "", "", "")                                        \
  X(VoteReleased, "vote.released", "term", "candidate", "session", "epoch", "")                 \
  X(PrimaryElected, "primary.elected", "term", "last_index", "last_term", "", "")               \
  X(PrimaryServing, "primary.serving", "term", "commit_index", "", "", "")                      \
  X(PrimarySteppedDown, "primary.stepped_down", "term", "", "", "", "why")                      \
  X(QuorumCommitted, "quorum.committed", "commit_index", "term", "", "", "")                    \
  X(AckReleased, "ack.released", "primary", "term", "match", "counts", "")                      \
  X(ConfigurationAdopted, "configuration.adopted", "index", "", "", "", "members")              \
  X(SnapshotOffered, "snapshot.offered", "to", "index", "term", "chunks", "id")                 \
  X(SnapshotReceiving, "snapshot.receiving", "from", "index", "term", "chunk", "id")            \
  X(SnapshotReceived, "snapshot.received", "index", "term", "sent_bytes", "reused_bytes", "id") \
  X(EntryRepaired, "entry.repaired", "index", "term", "from", "", "")                           \
  X(MessageDropped, "message.dropped", "from", "", "", "", "why")                               \
  X(LogRepaired, "log.repaired", "index", "term", "segment", "at", "")                          \
  X(SnapshotInstalled, "snapshot.installed", "index", "term", "bytes", "reused_bytes", "id")

enum class EventKind : uint16_t {
#define WT_EVENT_KIND(kind, name, a, b, c, d, text) k##kind,
  WT_EVENTS(WT_EVENT_KIND)
#undef WT_EVENT_KIND
};

struct EventInfo {
  std::string_view name;  // "area.past_participle": stable, greppable
  std::string_view fields[4];
  std::string_view text;
};

inline constexpr EventInfo kEventInfo[] = {
#define WT_EVENT_INFO(kind, name, a, b, c, d, text) {name, {a, b, c, d}, text},
    WT_EVENTS(WT_EVENT_INFO)
#undef WT_EVENT_INFO
};

constexpr const EventInfo& InfoOf(EventKind kind) {
  return kEventInfo[static_cast<uint16_t>(kind)];
}

struct Event {
  EventKind kind;
  uint64_t a = 0;
  uint64_t b = 0;
  uint64_t c = 0;
  uint64_t d = 0;
  std::string_view text = {};  // lives as long as the call
};

class EventSink {
 public:
  virtual ~EventSink() = default;

  // Does not suspend. Callable with locks held.
  virtual void Emit(const Event& event) = 0;

  // A place that a campaign should have been to ("log.tail_cut_mid_batch"): counted per run, and
  // a campaign lists those never seen. Does not suspend. `goal` is a string literal.
  virtual void Reached(std::string_view goal) = 0;
};

}  // namespace wt

// Marks a condition that must be seen true at least once in a campaign.
#define WT_SOMETIMES(sink, goal, condition) \
  do {                                      \
    if (condition) (sink).Reached(goal);    \
  } while (false)

#endif  // WAVETANK_ENGINE_ENV_EVENTS_H_
