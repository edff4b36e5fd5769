// What each command does to the table. Each is a pure function of (table, log time, command), and
// either takes effect whole or, where it answers Refused, not at all.
#ifndef WAVETANK_ENGINE_STATE_OPERATIONS_H_
#define WAVETANK_ENGINE_STATE_OPERATIONS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "engine/state/command.h"
#include "engine/state/entry_table.h"
#include "engine/state/result.h"

namespace wt {

// A key of one family's part of the table.
std::string TableKey(CommandFamily family, std::string_view key);

Result Execute(EntryTable& table, const KvSet& command);
Result Execute(EntryTable& table, const KvDelete& command);
Result Execute(EntryTable& table, const KvGet& command);
Result Execute(EntryTable& table, const KvBatch& command);
Result Execute(EntryTable& table, const KvCompareAndSet& command);
Result Execute(EntryTable& table, const CounterIncrement& command);
Result Execute(EntryTable& table, const CounterDecrement& command);
Result Execute(EntryTable& table, const CounterSet& command);
Result Execute(EntryTable& table, const CounterGet& command);

Result Read(const EntryTable& table, const KvGet& command);
Result Read(const EntryTable& table, const CounterGet& command);

// A counter that is zero has no entry, so that equal counts are equal tables.
int64_t ReadCounter(const EntryTable& table, std::string_view name);
void WriteCounter(EntryTable& table, std::string_view name, int64_t count);

// DataLoss when an entry with this key and value cannot come from the operations above.
absl::Status CheckKvEntry(std::string_view key, std::string_view value);
absl::Status CheckCounterEntry(std::string_view key, std::string_view value);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_OPERATIONS_H_
