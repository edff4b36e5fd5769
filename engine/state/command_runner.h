// Runs encoded commands over a table of entries, for the families that a machine serves.
#ifndef WAVETANK_ENGINE_STATE_COMMAND_RUNNER_H_
#define WAVETANK_ENGINE_STATE_COMMAND_RUNNER_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/state/command.h"
#include "engine/state/entry_table.h"

namespace wt {

class CommandRunner {
 public:
  explicit CommandRunner(std::initializer_list<CommandFamily> families);

  // The encoded result. What is malformed or not served is refused in it, and changes nothing.
  std::string Run(EntryTable& table, int64_t log_time, std::string_view command) const;

  // Errors: InvalidArgument for a malformed or a writing command.
  absl::StatusOr<std::string> Query(const EntryTable& table, const Command& command) const;

  bool Serves(CommandFamily family) const;

  // DataLoss when an entry with this key and value cannot be in the table of such a machine.
  absl::Status CheckEntry(std::string_view key, std::string_view value) const;

 private:
  uint32_t families_ = 0;  // bit 1 << family
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_COMMAND_RUNNER_H_
