#include "engine/state/table_state_machine.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/state/once.h"
#include "engine/state/operations.h"

namespace wt {
namespace {

std::string RefusedResult(RefusalReason reason, std::string message) {
  return EncodeResult(Refused{reason, std::move(message)});
}

}  // namespace

TableStateMachine::TableStateMachine(std::initializer_list<CommandFamily> families,
                                     StateOptions options)
    : options_(options) {
  WT_CHECK(options.target_chunk_bytes > 0 && options.target_chunk_bytes <= kMaxChunkBytes / 8);
  for (CommandFamily family : families) families_ |= 1u << static_cast<uint32_t>(family);
  WT_CHECK_NE(families_, 0u);
}

bool TableStateMachine::Serves(CommandFamily family) const {
  return (families_ >> static_cast<uint32_t>(family) & 1) != 0;
}

std::string TableStateMachine::Apply(const LogEntry& entry) {
  WT_CHECK_EQ(entry.index, state_.last_applied + 1);
  const int64_t timestamp = entry.timestamp.time_since_epoch().count();
  state_.log_time = std::max(state_.log_time, timestamp);
  std::string result;
  if (entry.type == EntryType::kCommand) result = Run(entry.command);
  state_.last_applied = entry.index;
  return result;
}

std::string TableStateMachine::Run(std::string_view bytes) {
  absl::StatusOr<Command> command = DecodeCommand(bytes);
  if (!command.ok()) return RefusedResult(RefusalReason::kMalformed, MessageOf(command.status()));
  if (!Serves(FamilyOf(*command))) {
    return RefusedResult(RefusalReason::kNotServed, "this machine does not serve the command");
  }
  const auto* once = std::get_if<Once>(&*command);
  if (once == nullptr) {
    return std::visit(
        [this](const auto& one) -> std::string {
          if constexpr (std::is_same_v<std::decay_t<decltype(one)>, Once>) {
            return {};  // taken by the caller
          } else {
            return EncodeResult(Execute(state_.table, one));
          }
        },
        *command);
  }
  const auto run_inner = [this](std::string_view inner) {
    absl::StatusOr<Command> decoded = DecodeCommand(inner);
    if (decoded.ok() && std::holds_alternative<Once>(*decoded)) {
      return RefusedResult(RefusalReason::kMalformed, "command: Once within Once");
    }
    return Run(inner);
  };
  return ExecuteOnce(state_.table, state_.log_time, *once, run_inner);
}

absl::StatusOr<std::string> TableStateMachine::Query(std::string_view bytes) const {
  WT_ASSIGN_OR_RETURN(Command command, DecodeCommand(bytes));
  if (!Serves(FamilyOf(command))) {
    return InvalidArgument("query: this machine does not serve the command");
  }
  if (const auto* get = std::get_if<KvGet>(&command)) {
    return EncodeResult(Read(state_.table, *get));
  }
  if (const auto* get = std::get_if<CounterGet>(&command)) {
    return EncodeResult(Read(state_.table, *get));
  }
  return InvalidArgument("query: a command that writes must go through the log");
}

std::unique_ptr<ChunkSource> TableStateMachine::Freeze() const {
  return FreezeState(state_, options_.target_chunk_bytes);
}

absl::Status TableStateMachine::Restore(ChunkSource& source) {
  StateReader reader = NewReader();
  for (;;) {
    WT_ASSIGN_OR_RETURN(std::string chunk, source.Next());
    if (chunk.empty()) break;
    WT_RETURN_IF_ERROR(reader.Add(chunk));
  }
  return Adopt(reader);
}

std::string TableStateMachine::GetState() const { return StateBytes(state_); }

absl::Status TableStateMachine::SetState(std::string_view state) {
  StateReader reader = NewReader();
  WT_RETURN_IF_ERROR(reader.Add(state));
  return Adopt(reader);
}

absl::Status TableStateMachine::Adopt(StateReader& reader) {
  WT_ASSIGN_OR_RETURN(MachineState state, reader.Finish());
  if (Serves(CommandFamily::kOnce)) WT_RETURN_IF_ERROR(CheckOnceRecords(state.table));
  state_ = std::move(state);
  return absl::OkStatus();
}

std::optional<std::string> TableStateMachine::Value(std::string_view key) const {
  const std::string* value = state_.table.Find(TableKey(CommandFamily::kKv, key));
  return value == nullptr ? std::nullopt : std::optional<std::string>(*value);
}

int64_t TableStateMachine::Count(std::string_view name) const {
  return ReadCounter(state_.table, name);
}

void TableStateMachine::SetInitialCount(int64_t count) {
  WT_CHECK_EQ(state_.last_applied, LogIndex(0));
  WriteCounter(state_.table, "", count);
}

absl::Status TableStateMachine::CheckEntry(std::string_view key, std::string_view value) const {
  const uint8_t family = key.empty() ? 0 : static_cast<uint8_t>(key.front());
  if (family == 0 || family >= 32 || !Serves(static_cast<CommandFamily>(family))) {
    return DataLoss("state: an entry of family %d, which this machine does not serve", family);
  }
  switch (static_cast<CommandFamily>(family)) {
    case CommandFamily::kKv:
      return CheckKvEntry(key, value);
    case CommandFamily::kCounter:
      return CheckCounterEntry(key, value);
    case CommandFamily::kOnce:
      return CheckOnceEntry(key, value);
  }
  return DataLoss("state: an entry of unknown family %d", family);
}

StateReader TableStateMachine::NewReader() const {
  return StateReader(
      [this](std::string_view key, std::string_view value) { return CheckEntry(key, value); });
}

}  // namespace wt
