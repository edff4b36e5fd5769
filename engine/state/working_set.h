// The few entries of a large state that one command reads or writes.
//
//   EntryTable work;
//   WT_RETURN_IF_ERROR(LoadWorkingSet(command, state, work));
//   runner.Run(work, log_time, bytes);       // as it would go over the whole table
#ifndef WAVETANK_ENGINE_STATE_WORKING_SET_H_
#define WAVETANK_ENGINE_STATE_WORKING_SET_H_

#include "absl/status/status.h"
#include "engine/state/command.h"
#include "engine/state/entry_reader.h"
#include "engine/state/entry_table.h"

namespace wt {

// Puts all entries into `table` that the command will look for. One that it looks for and that is
// not there then is not in the state either. May suspend. Errors: of `from`.
absl::Status LoadWorkingSet(const Command& command, EntryReader& from, EntryTable& table);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_WORKING_SET_H_
