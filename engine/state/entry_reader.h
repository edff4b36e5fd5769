// Reads entries of a state that need not be in memory.
#ifndef WAVETANK_ENGINE_STATE_ENTRY_READER_H_
#define WAVETANK_ENGINE_STATE_ENTRY_READER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/state/entry_table.h"

namespace wt {

// Both may suspend. Errors: of what the state lies on.
class EntryReader {
 public:
  virtual ~EntryReader() = default;
  virtual absl::StatusOr<std::optional<std::string>> Find(std::string_view key) = 0;
  // The first entries whose keys begin with `prefix`, at most `most`.
  virtual absl::StatusOr<std::vector<TableEntry>> First(std::string_view prefix, size_t most) = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_ENTRY_READER_H_
