// One entry of the log: the unit of replication, of recovery and of delivery.
#ifndef WAVETANK_ENGINE_LOG_LOG_ENTRY_H_
#define WAVETANK_ENGINE_LOG_LOG_ENTRY_H_

#include <cstdint>
#include <string>

#include "engine/base/checksum.h"
#include "engine/base/units.h"

namespace wt {

enum class EntryType : uint8_t {
  kCommand = 1,  // for the state machine
  kNoop = 2,     // opens a term; changes no state
  kConfig = 3,   // membership; for the replicas, not the state machine
};

struct LogEntry {
  Term term;
  LogIndex index;
  WallTime timestamp;  // the proposer's wall clock: "log time" for who must agree on a time
  EntryType type = EntryType::kCommand;
  std::string command;

  bool operator==(const LogEntry&) const = default;
};

// What must be durable of a node beside its entries.
struct HardState {
  Term term;
  uint64_t voted_for = 0;  // 0 = nobody in this term
  LogIndex commit_index;
  bool operator==(const HardState&) const = default;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LOG_LOG_ENTRY_H_
