#include "engine/state/working_set.h"

#include <variant>

#include "engine/base/status.h"
#include "engine/state/once.h"
#include "engine/state/operations.h"

namespace wt {
namespace {

class Loader {
 public:
  Loader(EntryReader& from, EntryTable& table) : from_(from), table_(table) {}

  absl::Status operator()(const KvSet& command) { return Kv(command.key); }
  absl::Status operator()(const KvDelete& command) { return Kv(command.key); }
  absl::Status operator()(const KvGet& command) { return Kv(command.key); }
  absl::Status operator()(const KvCompareAndSet& command) { return Kv(command.key); }
  absl::Status operator()(const KvBatch& command) {
    for (const auto& operation : command.operations) {
      WT_RETURN_IF_ERROR(std::visit([this](const auto& one) { return Kv(one.key); }, operation));
    }
    return absl::OkStatus();
  }
  absl::Status operator()(const CounterIncrement& command) { return Counter(command.name); }
  absl::Status operator()(const CounterDecrement& command) { return Counter(command.name); }
  absl::Status operator()(const CounterSet& command) { return Counter(command.name); }
  absl::Status operator()(const CounterGet& command) { return Counter(command.name); }
  absl::Status operator()(const Once& command) {
    WT_RETURN_IF_ERROR(LoadForOnce(from_, command, table_));
    const absl::StatusOr<Command> inner = DecodeCommand(command.command);
    // One that is malformed, or itself a Once, is refused and looks for nothing.
    if (!inner.ok() || std::holds_alternative<Once>(*inner)) return absl::OkStatus();
    return LoadWorkingSet(*inner, from_, table_);
  }

 private:
  absl::Status Kv(std::string_view key) { return Load(TableKey(CommandFamily::kKv, key)); }
  absl::Status Counter(std::string_view name) {
    return Load(TableKey(CommandFamily::kCounter, name));
  }
  absl::Status Load(const std::string& key) {
    WT_ASSIGN_OR_RETURN(const std::optional<std::string> value, from_.Find(key));
    if (value.has_value()) table_.Set(key, *value);
    return absl::OkStatus();
  }

  EntryReader& from_;
  EntryTable& table_;
};

}  // namespace

absl::Status LoadWorkingSet(const Command& command, EntryReader& from, EntryTable& table) {
  return std::visit(Loader(from, table), command);
}

}  // namespace wt
