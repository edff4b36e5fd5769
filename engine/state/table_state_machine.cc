#include "engine/state/table_state_machine.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/state/once.h"
#include "engine/state/operations.h"

namespace wt {

TableStateMachine::TableStateMachine(std::initializer_list<CommandFamily> families,
                                     StateOptions options)
    : runner_(families), options_(options) {
  WT_CHECK(options.target_chunk_bytes > 0 && options.target_chunk_bytes <= kMaxChunkBytes / 8);
}

std::string TableStateMachine::Apply(const LogEntry& entry) {
  WT_CHECK_EQ(entry.index, state_.last_applied + 1);
  const int64_t timestamp = entry.timestamp.time_since_epoch().count();
  state_.log_time = std::max(state_.log_time, timestamp);
  std::string result;
  if (entry.type == EntryType::kCommand) {
    result = runner_.Run(state_.table, state_.log_time, entry.command);
  }
  state_.last_applied = entry.index;
  return result;
}

absl::StatusOr<std::string> TableStateMachine::Query(std::string_view bytes) const {
  WT_ASSIGN_OR_RETURN(Command command, DecodeCommand(bytes));
  return runner_.Query(state_.table, command);
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
  if (runner_.Serves(CommandFamily::kOnce)) WT_RETURN_IF_ERROR(CheckOnceRecords(state.table));
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

StateReader TableStateMachine::NewReader() const {
  return StateReader([this](std::string_view key, std::string_view value) {
    return runner_.CheckEntry(key, value);
  });
}

}  // namespace wt
