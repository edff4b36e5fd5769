#include "engine/replay_reader.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/kv/write_batch.h"

namespace wt {
namespace {

// One is taken up, one is ready, one is being read: more would only take memory.
constexpr size_t kMostReady = 1;

}  // namespace

ReplayReader::ReplayReader(Env env, LogStorage& log, KeyValueStore& store, LogIndex from,
                           LogIndex last)
    : log_(log), store_(store), from_(from), last_(last), mu_(env.tasks), changed_(env.tasks) {
  task_ = env.tasks.Spawn("replay-reader", [this] { Run(); });
}

void ReplayReader::Run() {
  LogIndex next = from_;
  while (next <= last_ && AwaitRoom()) {
    absl::StatusOr<Chunk> chunk = Read(next);
    const bool failed = !chunk.ok();
    if (!failed) next = chunk->entries.back().index + 1;
    MutexLock lock(mu_);
    ready_.push_back(std::move(chunk));
    changed_.SignalAll();
    if (failed) break;
  }
  MutexLock lock(mu_);
  ended_ = true;
  changed_.SignalAll();
}

bool ReplayReader::AwaitRoom() {
  MutexLock lock(mu_);
  while (ready_.size() >= kMostReady && !stopped_) changed_.Wait(mu_);
  return !stopped_;
}

absl::StatusOr<ReplayReader::Chunk> ReplayReader::Read(LogIndex from) {
  Chunk chunk;
  WT_ASSIGN_OR_RETURN(chunk.entries, log_.GetRange(from, last_ + 1, store_.prepared_bytes()));
  WT_CHECK(!chunk.entries.empty());
  KeyValueStore::Batches batches;
  batches.reserve(chunk.entries.size());
  for (const LogEntry& entry : chunk.entries) {
    const absl::Status valid = CheckBatch(entry.command, kMaxStoreKeyBytes, kMaxStoreValueBytes);
    if (!valid.ok()) return DataLoss("log entry %d: %s", entry.index.value(), MessageOf(valid));
    batches.emplace_back(entry.index, entry.command);
  }
  chunk.prepared = store_.Prepare(std::move(batches));
  return chunk;
}

absl::StatusOr<std::optional<ReplayReader::Chunk>> ReplayReader::Next() {
  MutexLock lock(mu_);
  WT_CHECK(!stopped_);
  while (ready_.empty() && !ended_) changed_.Wait(mu_);
  if (ready_.empty()) return std::optional<Chunk>();
  absl::StatusOr<Chunk> chunk = std::move(ready_.front());
  ready_.pop_front();
  changed_.SignalAll();
  if (!chunk.ok()) return chunk.status();
  return std::optional<Chunk>(*std::move(chunk));
}

void ReplayReader::Stop() {
  {
    MutexLock lock(mu_);
    stopped_ = true;
    changed_.SignalAll();
  }
  if (task_ != nullptr) std::exchange(task_, nullptr)->Join();
}

}  // namespace wt
