// A state machine whose entries live in an LSM: memtables and sorted tables on a storage of its
// own. The commands, answers and digests are those of TableStateMachine, entry for entry.
//
//   WT_ASSIGN_OR_RETURN(auto machine, LsmStateMachine::Open(env, std::move(storage), {}));
//   ... Replica::Open(env, options, *machine) ... replica->Close();
//   machine->Close();
//
// Each command is run over its working set: Prepare reads the few entries that it will look for,
// Apply runs it over these alone, Settle writes what has changed, as one batch of the entry's
// index. So Apply is the same code, and as pure, as over a table in memory; and the digest, a sum
// over all entries, is kept up to date at the price of one read for each entry that is written.
//
// What is on the storage is derived: a start believes snapshot and log alone. Whatever the storage
// still has of the last life is a stock of tables that Restore need not write again; nothing of it
// is believed without being compared, and all of it may be lost.
#ifndef WAVETANK_ENGINE_STATE_LSM_STATE_MACHINE_H_
#define WAVETANK_ENGINE_STATE_LSM_STATE_MACHINE_H_

#include <memory>
#include <string>
#include <string_view>

#include "engine/env/env.h"
#include "engine/kv/write_batch.h"
#include "engine/lsm/lsm_store.h"
#include "engine/state/command_runner.h"
#include "engine/state/lsm_image.h"
#include "engine/state/state_machine.h"
#include "engine/storage/storage.h"

namespace wt {

struct LsmStateOptions {
  // `derived` and `make_log_durable` are set by the machine.
  LsmOptions lsm = {.memtable_bytes = 16 * kMiB};
  uint64_t piece_bytes = 64 * kKiB;  // of tables, in snapshots; at most kLargestPieceBytes
};

// What the last Restore found in the storage, and what it had to write.
struct LsmRestoreFigures {
  uint64_t adopted_bytes = 0;
  uint64_t written_bytes = 0;
};

class LsmStateMachine final : public StateMachine {
 public:
  // A machine with the empty state. Suspends. Errors: the storage's; none for what is damaged.
  static absl::StatusOr<std::unique_ptr<LsmStateMachine>> Open(Env env,
                                                               std::unique_ptr<Storage> storage,
                                                               LsmStateOptions options);

  absl::Status Prepare(const LogEntry& entry) override;
  std::string Apply(const LogEntry& entry) override;
  absl::Status Settle() override;
  absl::StatusOr<std::string> Query(std::string_view command) const override;
  std::unique_ptr<ChunkSource> Freeze() const override;
  absl::Status Restore(ChunkSource& source) override;
  // Requires: the storage can be read.
  std::string GetState() const override;
  absl::Status SetState(std::string_view state) override;
  LogIndex last_applied() const override { return head_.last_applied; }
  Hash128 Digest() const override { return DigestOf(head_); }

  const LsmRestoreFigures& restored() const { return restored_; }
  LsmStore& store() { return *store_; }

  // Ends the background, after whoever applies has ended. Twice is fine. Suspends.
  absl::Status Close();

 private:
  LsmStateMachine(std::unique_ptr<Storage> storage, LsmStateOptions options);

  absl::Status BeginOnce();
  absl::Status InstallState(MachineState state);
  bool IsBlank() const { return head_ == StateHead(); }

  const std::unique_ptr<Storage> storage_;
  const LsmStateOptions options_;
  const CommandRunner runner_;
  std::unique_ptr<StorageLock> lock_;
  std::unique_ptr<LsmStore> store_;
  bool begun_ = false;
  StateHead head_;
  LsmRestoreFigures restored_;

  // Of the entry that is being applied.
  LogIndex prepared_;
  EntryTable before_;  // its working set, as it was
  EntryTable work_;
  WriteBatch changes_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_LSM_STATE_MACHINE_H_
