#include "engine/state/lsm_state_machine.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/lsm/lsm_install.h"
#include "engine/state/once.h"
#include "engine/state/operations.h"
#include "engine/state/working_set.h"

namespace wt {
namespace {

class StoreReader : public EntryReader {
 public:
  explicit StoreReader(LsmStore& store) : store_(store) {}

  absl::StatusOr<std::optional<std::string>> Find(std::string_view key) override {
    return store_.Read(key, nullptr);
  }

  absl::StatusOr<std::vector<TableEntry>> First(std::string_view prefix, size_t most) override {
    std::vector<TableEntry> entries;
    const std::unique_ptr<KeyValueIterator> at = store_.NewIterator({}, nullptr);
    for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next()) {
      if (entries.size() == most) break;
      entries.push_back({std::string(at->key()), std::string(at->value())});
    }
    WT_RETURN_IF_ERROR(at->status());
    return entries;
  }

 private:
  LsmStore& store_;
};

// Of a machine whose last entry did not settle: there is no state to give.
class NoSource : public ChunkSource {
 public:
  absl::StatusOr<std::string> Next() override {
    return FailedPrecondition("state: the store has stopped before the last entry was in it");
  }
};

// Calls set(key, value) and erase(key) for what makes `after` of `before`, in order.
template <typename Set, typename Erase>
void ForEachChange(const EntryTable& before, const EntryTable& after, Set set, Erase erase) {
  for (const auto& block : after.Freeze()) {
    for (const TableEntry& entry : block->entries) {
      const std::string* const old = before.Find(entry.key);
      if (old == nullptr || *old != entry.value) set(entry.key, entry.value);
    }
  }
  for (const auto& block : before.Freeze()) {
    for (const TableEntry& entry : block->entries) {
      if (after.Find(entry.key) == nullptr) erase(entry.key);
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<LsmStateMachine>> LsmStateMachine::Open(
    Env env, std::unique_ptr<Storage> storage, LsmStateOptions options) {
  if (options.piece_bytes == 0 || options.piece_bytes > kLargestPieceBytes) {
    return InvalidArgument("state: piece_bytes: %d, want 1 to %d", options.piece_bytes,
                           kLargestPieceBytes);
  }
  options.lsm.derived = true;
  options.lsm.make_log_durable = nullptr;
  std::unique_ptr<LsmStateMachine> machine(
      new LsmStateMachine(std::move(storage), std::move(options)));
  WT_ASSIGN_OR_RETURN(machine->lock_, machine->storage_->Lock());
  WT_ASSIGN_OR_RETURN(machine->store_,
                      LsmStore::Open(env, *machine->storage_, machine->options_.lsm));
  return machine;
}

LsmStateMachine::LsmStateMachine(std::unique_ptr<Storage> storage, LsmStateOptions options)
    : storage_(std::move(storage)),
      options_(std::move(options)),
      runner_({CommandFamily::kKv, CommandFamily::kCounter, CommandFamily::kOnce}) {}

// Not at Open: what the last life has left is of use until it is known that there is no snapshot.
absl::Status LsmStateMachine::BeginOnce() {
  if (begun_) return absl::OkStatus();
  WT_RETURN_IF_ERROR(store_->Begin());
  begun_ = true;
  return absl::OkStatus();
}

absl::Status LsmStateMachine::Prepare(const LogEntry& entry) {
  WT_CHECK_EQ(entry.index, head_.last_applied + 1);
  WT_RETURN_IF_ERROR(BeginOnce());
  WT_RETURN_IF_ERROR(store_->failure());
  before_ = EntryTable();
  work_ = EntryTable();
  prepared_ = entry.index;
  if (entry.type != EntryType::kCommand) return absl::OkStatus();
  const absl::StatusOr<Command> command = DecodeCommand(entry.command);
  if (!command.ok()) return absl::OkStatus();  // refused, by Apply
  StoreReader reader(*store_);
  WT_RETURN_IF_ERROR(LoadWorkingSet(*command, reader, before_));
  for (const auto& block : before_.Freeze()) {
    for (const TableEntry& one : block->entries) work_.Append(one.key, one.value);
  }
  return absl::OkStatus();
}

std::string LsmStateMachine::Apply(const LogEntry& entry) {
  WT_CHECK_EQ(entry.index, head_.last_applied + 1);
  WT_CHECK_EQ(entry.index, prepared_);
  const int64_t timestamp = entry.timestamp.time_since_epoch().count();
  head_.log_time = std::max(head_.log_time, timestamp);
  std::string result;
  if (entry.type == EntryType::kCommand) {
    result = runner_.Run(work_, head_.log_time, entry.command);
  }
  head_.last_applied = entry.index;
  WT_CHECK_GE(head_.entries + work_.size(), before_.size());
  head_.entries = head_.entries + work_.size() - before_.size();
  head_.sum = AddSums(head_.sum, SubtractSums(work_.sum(), before_.sum()));
  return result;
}

absl::Status LsmStateMachine::Settle() {
  WT_CHECK_EQ(prepared_, head_.last_applied);
  changes_.Clear();
  ForEachChange(
      before_, work_,
      [this](std::string_view key, std::string_view value) { changes_.Put(key, value); },
      [this](std::string_view key) { changes_.Delete(key); });
  return store_->Apply(prepared_, changes_.bytes());
}

absl::StatusOr<std::string> LsmStateMachine::Query(std::string_view bytes) const {
  WT_ASSIGN_OR_RETURN(const Command command, DecodeCommand(bytes));
  const bool is_read =
      std::holds_alternative<KvGet>(command) || std::holds_alternative<CounterGet>(command);
  EntryTable found;
  StoreReader reader(*store_);
  if (is_read) WT_RETURN_IF_ERROR(LoadWorkingSet(command, reader, found));
  return runner_.Query(found, command);
}

std::unique_ptr<ChunkSource> LsmStateMachine::Freeze() const {
  FrozenLsm frozen = store_->Freeze();
  if (frozen.index != head_.last_applied) return std::make_unique<NoSource>();
  return FreezeLsm(head_, std::move(frozen), options_.piece_bytes,
                   [store = store_.get()](const absl::Status& damage) { store->Distrust(damage); });
}

absl::Status LsmStateMachine::Restore(ChunkSource& source) {
  LsmInstall install(*store_);
  const absl::StatusOr<StateHead> head =
      RestoreLsm(source, install, [this](std::string_view key, std::string_view value) {
        return runner_.CheckEntry(key, value);
      });
  if (!head.ok()) {
    install.Abandon();
    return head.status();
  }
  begun_ = true;
  head_ = *head;
  prepared_ = head_.last_applied;
  restored_ = {install.adopted_bytes(), install.written_bytes()};
  return absl::OkStatus();
}

std::string LsmStateMachine::GetState() const {
  std::string out = EncodeHead(head_);
  if (head_.entries == 0) return out;
  const std::unique_ptr<KeyValueIterator> at = store_->NewIterator({}, nullptr);
  for (at->SeekToFirst(); at->Valid(); at->Next()) PutEntry(out, at->key(), at->value());
  WT_CHECK(at->status().ok());
  return out;
}

absl::Status LsmStateMachine::SetState(std::string_view bytes) {
  StateReader reader([this](std::string_view key, std::string_view value) {
    return runner_.CheckEntry(key, value);
  });
  WT_RETURN_IF_ERROR(reader.Add(bytes));
  WT_ASSIGN_OR_RETURN(MachineState state, reader.Finish());
  WT_RETURN_IF_ERROR(CheckOnceRecords(state.table));
  // A failed Restore has changed nothing: what is spare stays of use for the next.
  if (!begun_ && IsBlank() && HeadOf(state) == head_) return absl::OkStatus();
  return InstallState(std::move(state));
}

absl::Status LsmStateMachine::InstallState(MachineState state) {
  const StateHead head = HeadOf(state);
  LsmInstall install(*store_);
  for (const auto& block : state.table.Freeze()) {
    for (const TableEntry& entry : block->entries) {
      install.AddLoose({.key = entry.key,
                        .version = head.last_applied,
                        .kind = EntryKind::kPut,
                        .value = entry.value});
    }
  }
  const auto content = install.Content(head.last_applied);
  absl::Status done = content.status();
  if (done.ok()) done = install.Finish(head.last_applied, LogIndex(0));
  if (!done.ok()) {
    install.Abandon();
    return done;
  }
  begun_ = true;
  head_ = head;
  prepared_ = head_.last_applied;
  restored_ = {};
  return absl::OkStatus();
}

absl::Status LsmStateMachine::Close() {
  WT_RETURN_IF_ERROR(store_->Close());
  return storage_->Close();
}

}  // namespace wt
