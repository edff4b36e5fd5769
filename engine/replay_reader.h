// Reads the log ahead of a store that follows it: what is read, verified and sorted in a task of
// its own is taken up in another one meanwhile.
//
//   ReplayReader reader(env, log, store, from, last);
//   absl::Status done = ...; for (;;) { reader.Next() ... store.ApplyPrepared(...) }
//   reader.Stop();
//
// Used by one task.
#ifndef WAVETANK_ENGINE_REPLAY_READER_H_
#define WAVETANK_ENGINE_REPLAY_READER_H_

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "engine/env/env.h"
#include "engine/env/mutex.h"
#include "engine/kv/key_value_store.h"
#include "engine/log/log_storage.h"

namespace wt {

class ReplayReader {
 public:
  struct Chunk {
    std::vector<LogEntry> entries;  // consecutive, not empty
    std::unique_ptr<KeyValueStore::Prepared> prepared;
  };

  // Begins to read the entries [from, last]. `log` and `store` outlive it. Suspends.
  ReplayReader(Env env, LogStorage& log, KeyValueStore& store, LogIndex from, LogIndex last);

  // The chunks in order; nothing behind the last. Suspends.
  // Errors: the log's; DataLoss: an entry that is no batch.
  absl::StatusOr<std::optional<Chunk>> Next();

  // Ends the reading, at once. To be called before it is destroyed. Suspends.
  void Stop();

 private:
  void Run();
  absl::StatusOr<Chunk> Read(LogIndex from);
  // False when it was stopped.
  bool AwaitRoom();

  LogStorage& log_;
  KeyValueStore& store_;
  const LogIndex from_;
  const LogIndex last_;
  Mutex mu_;
  CondVar changed_;
  std::deque<absl::StatusOr<Chunk>> ready_ ABSL_GUARDED_BY(mu_);
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::unique_ptr<Task> task_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_REPLAY_READER_H_
