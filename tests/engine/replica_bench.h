// An engine as a replica drives it: entries of any term, votes, truncations, snapshots from
// elsewhere.
#ifndef WAVETANK_TESTS_ENGINE_REPLICA_BENCH_H_
#define WAVETANK_TESTS_ENGINE_REPLICA_BENCH_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "tests/engine/engine_world.h"

namespace wt::test {

inline EngineOptions ReplicaOptions() {
  EngineOptions options = SmallOptions();
  options.commit_rule = CommitRule::kReplicated;
  options.log.salvage = true;
  return options;
}

// Entry `index` of `term`: sets key k<index> to a value that names both.
inline LogEntry PutAt(uint64_t index, uint64_t term = 1, uint64_t bytes = 20) {
  std::string value = absl::StrFormat("v%d of term %d|", index, term);
  value.resize(std::max<size_t>(value.size(), bytes), '.');
  return {.term = Term(term),
          .index = LogIndex(index),
          .timestamp = WallTime(std::chrono::seconds(1000 + index)),
          .command = EncodeCommand(KvSet{absl::StrFormat("k%d", index), value})};
}

inline std::vector<LogEntry> PutsFrom(uint64_t first, uint64_t last, uint64_t term = 1,
                                      uint64_t bytes = 20) {
  std::vector<LogEntry> entries;
  for (uint64_t i = first; i <= last; ++i) entries.push_back(PutAt(i, term, bytes));
  return entries;
}

// Chunks as a peer would send them; `before_next` runs before each.
class SentState : public ChunkSource {
 public:
  explicit SentState(std::vector<std::string> chunks) : chunks_(std::move(chunks)) {}
  absl::StatusOr<std::string> Next() override {
    if (before_next) WT_RETURN_IF_ERROR(before_next(next_));
    return next_ == chunks_.size() ? std::string() : chunks_[next_++];
  }

  std::function<absl::Status(size_t number)> before_next;

 private:
  std::vector<std::string> chunks_;
  size_t next_ = 0;
};

// The state after some entries, as another replica has it.
struct PeerState {
  LogIndex index;
  Term term;
  Hash128 digest;
  std::vector<std::string> chunks;

  SentState Source() const { return SentState(chunks); }
};

inline PeerState StateAfter(const std::vector<LogEntry>& entries) {
  CompositeStateMachine machine;
  for (const LogEntry& entry : entries) machine.Apply(entry);
  PeerState state = {entries.back().index, entries.back().term, machine.Digest(), {}};
  const std::unique_ptr<ChunkSource> frozen = machine.Freeze();
  for (;;) {
    std::string chunk = *frozen->Next();
    if (chunk.empty()) return state;
    state.chunks.push_back(std::move(chunk));
  }
}

// An open engine and its state. The destructor closes it, but on a dying machine.
class Replica {
 public:
  static absl::StatusOr<std::unique_ptr<Replica>> Open(
      Env env, const EngineOptions& options = ReplicaOptions()) {
    std::unique_ptr<Replica> replica(new Replica);
    WT_ASSIGN_OR_RETURN(replica->engine_, Engine::Open(env, options, replica->machine_));
    return replica;
  }
  static std::unique_ptr<Replica> MustOpen(Env env,
                                           const EngineOptions& options = ReplicaOptions()) {
    absl::StatusOr<std::unique_ptr<Replica>> replica = Open(env, options);
    EXPECT_TRUE(replica.ok()) << replica.status();
    WT_CHECK(replica.ok());
    return *std::move(replica);
  }
  ~Replica() {
    if (engine_ != nullptr && std::uncaught_exceptions() == 0) (void)engine_->Close();
  }

  Engine* operator->() { return engine_.get(); }
  Engine& engine() { return *engine_; }

  absl::Status Append(const std::vector<LogEntry>& entries) { return engine_->Append(entries); }
  // All of it: appended, durable, committed, applied.
  absl::Status Commit(const std::vector<LogEntry>& entries) {
    WT_RETURN_IF_ERROR(engine_->Append(entries));
    WT_RETURN_IF_ERROR(engine_->Sync());
    engine_->AdvanceCommit(entries.back().index);
    return engine_->ApplyCommitted();
  }
  absl::Status Install(const PeerState& state) {
    SentState source = state.Source();
    return engine_->InstallSnapshot(state.index, state.term, state.digest, source);
  }
  std::optional<std::string> Get(uint64_t index) {
    absl::StatusOr<ReadResult> read =
        engine_->Query(EncodeCommand(KvGet{absl::StrFormat("k%d", index)}));
    if (!read.ok()) return "<error> " + MessageOf(read.status());
    absl::StatusOr<Result> result = DecodeResult(read->value);
    WT_CHECK(result.ok() && std::holds_alternative<KvGetResult>(*result));
    return std::get<KvGetResult>(*result).value;
  }

 private:
  Replica() = default;
  CompositeStateMachine machine_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace wt::test

#endif  // WAVETANK_TESTS_ENGINE_REPLICA_BENCH_H_
