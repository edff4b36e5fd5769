// Which entries of a run in order must be kept when it is written again: those that some read can
// still see.
//
//   Retention keeps(pinned, [&](std::string_view key) { return levels.MayBeBelow(1, key); });
//   for (...) if (keeps.Keep(it->entry())) ...
//
// A read sees a key at a version: one that is pinned, or one as new as anything (later than all of
// these). So of the versions of a key between two neighbours among the pinned only the newest
// counts. A deletion that every read sees through, with nothing below it to hide, goes as well.
#ifndef WAVETANK_ENGINE_LSM_RETENTION_H_
#define WAVETANK_ENGINE_LSM_RETENTION_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lsm/internal_key.h"

namespace wt {

class Retention {
 public:
  // `pinned`: sorted, the oldest first. `may_hide`: whether an older entry of the key may lie where
  // this run does not look; none: always.
  explicit Retention(std::vector<LogIndex> pinned,
                     std::function<bool(std::string_view key)> may_hide = nullptr);

  // Requires: entries in the order of internal_key.h.
  bool Keep(const InternalEntry& entry);

 private:
  // The place of the oldest pinned version that sees entries of `version`; pinned_.size(): none.
  size_t StripeOf(LogIndex version) const;

  const std::vector<LogIndex> pinned_;
  const std::function<bool(std::string_view key)> may_hide_;
  std::optional<std::string> key_;  // of the entry before
  size_t stripe_ = 0;               // of it
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_RETENTION_H_
