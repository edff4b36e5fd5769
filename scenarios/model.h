// What the state should be, by definitions so simple that they can be believed: every key's values
// by index. Independent of the engine's state machines, and compared with them.
#ifndef WAVETANK_SCENARIOS_MODEL_H_
#define WAVETANK_SCENARIOS_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/units.h"
#include "engine/state/command.h"
#include "engine/state/result.h"

namespace wt::scenarios {

class Model {
 public:
  // Executes the next entry and says what its proposer must be told.
  // Requires: index == last() + 1.
  Result Apply(LogIndex index, const Command& command);
  // An entry that changes nothing (no command, or one that does not decode).
  void Skip(LogIndex index);
  // How often an idempotent command came again and was answered as the first time.
  uint64_t repeated() const { return repeated_; }

  LogIndex last() const { return last_; }

  // As of the state after exactly the entries up to `at`. Requires: at <= last().
  std::optional<std::string> ValueAt(std::string_view key, LogIndex at) const;
  int64_t CounterAt(std::string_view name, LogIndex at) const;

  // The index that wrote the value that `key` has at `at`, 0 when it was never written.
  LogIndex WriterAt(std::string_view key, LogIndex at) const;

  // Forgets everything after `index`.
  void Rewind(LogIndex index);

  const auto& keys() const { return values_; }

 private:
  struct Version {
    LogIndex index;
    std::optional<std::string> value;
  };
  using Versions = std::vector<Version>;

  const Version* Find(std::string_view key, LogIndex at) const;
  void Write(LogIndex index, const std::string& key, std::optional<std::string> value);
  Result Count(LogIndex index, const std::string& name, bool negative, int64_t delta);

  // The first answer to (space, key). Runs are shorter than any time to live.
  struct Remembered {
    LogIndex index;
    std::string command;
    Result result;
  };
  Result ApplyOnce(LogIndex index, const Once& once);
  Result Execute(LogIndex index, LogIndex before, const Command& command);

  LogIndex last_;
  uint64_t repeated_ = 0;
  std::map<std::pair<std::string, std::string>, Remembered> remembered_;
  std::map<std::string, Versions, std::less<>> values_;
  std::map<std::string, std::vector<std::pair<LogIndex, int64_t>>, std::less<>> counters_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_MODEL_H_
