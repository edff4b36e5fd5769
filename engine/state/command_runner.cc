#include "engine/state/command_runner.h"

#include <variant>

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

CommandRunner::CommandRunner(std::initializer_list<CommandFamily> families) {
  for (CommandFamily family : families) families_ |= 1u << static_cast<uint32_t>(family);
  WT_CHECK_NE(families_, 0u);
}

bool CommandRunner::Serves(CommandFamily family) const {
  return (families_ >> static_cast<uint32_t>(family) & 1) != 0;
}

std::string CommandRunner::Run(EntryTable& table, int64_t log_time, std::string_view bytes) const {
  absl::StatusOr<Command> command = DecodeCommand(bytes);
  if (!command.ok()) return RefusedResult(RefusalReason::kMalformed, MessageOf(command.status()));
  if (!Serves(FamilyOf(*command))) {
    return RefusedResult(RefusalReason::kNotServed, "this machine does not serve the command");
  }
  const auto* once = std::get_if<Once>(&*command);
  if (once == nullptr) {
    return std::visit(
        [&table](const auto& one) -> std::string {
          if constexpr (std::is_same_v<std::decay_t<decltype(one)>, Once>) {
            return {};  // taken by the caller
          } else {
            return EncodeResult(Execute(table, one));
          }
        },
        *command);
  }
  const auto run_inner = [&](std::string_view inner) {
    absl::StatusOr<Command> decoded = DecodeCommand(inner);
    if (decoded.ok() && std::holds_alternative<Once>(*decoded)) {
      return RefusedResult(RefusalReason::kMalformed, "command: Once within Once");
    }
    return Run(table, log_time, inner);
  };
  return ExecuteOnce(table, log_time, *once, run_inner);
}

absl::StatusOr<std::string> CommandRunner::Query(const EntryTable& table,
                                                 const Command& command) const {
  if (!Serves(FamilyOf(command))) {
    return InvalidArgument("query: this machine does not serve the command");
  }
  if (const auto* get = std::get_if<KvGet>(&command)) {
    return EncodeResult(Read(table, *get));
  }
  if (const auto* get = std::get_if<CounterGet>(&command)) {
    return EncodeResult(Read(table, *get));
  }
  return InvalidArgument("query: a command that writes must go through the log");
}

absl::Status CommandRunner::CheckEntry(std::string_view key, std::string_view value) const {
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

}  // namespace wt
