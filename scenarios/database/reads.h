// What readers of a database were told, compared with the model: acked-writes-survive, no-phantom,
// atomic-commit, ordered-scan, repeatable-view.
#ifndef WAVETANK_SCENARIOS_DATABASE_READS_H_
#define WAVETANK_SCENARIOS_DATABASE_READS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "engine/database.h"
#include "scenarios/judge.h"
#include "scenarios/shadow.h"

namespace wt::scenarios {

// What a wrong answer is blamed on, where it may be the view: it was held for a while, and a new
// view is right about the same key.
enum class Blame : uint8_t { kAnswer, kHeldView };

struct PointRead {
  std::string key;
  std::optional<std::string> value;
};

// Where an iterator was after each step of a walk.
struct WalkStep {
  enum class Kind : uint8_t { kFirst, kLast, kSeek, kSeekForPrev, kNext, kPrev };
  Kind kind = Kind::kFirst;
  std::string target;                                           // of the seeks
  std::optional<std::pair<std::string, std::string>> position;  // nowhere: nothing
};

// Draws and does up to `steps` steps. Stops at an error.
std::vector<WalkStep> WalkAbout(KeyValueIterator& it, Draw& draw, uint32_t steps, uint32_t keys);

class Reads {
 public:
  Reads(Judge& judge, const Shadow& shadow) : judge_(judge), shadow_(shadow) {}

  // The state after entry `at`. Requires: at <= shadow.applied().
  std::map<std::string, std::string> StateAt(LogIndex at) const;

  bool IsRight(const PointRead& read, LogIndex at) const;

  // Of a view of the state after `at`.
  void Check(const PointRead& read, LogIndex at, Blame blame = Blame::kAnswer);
  // `doubt`: what a read of the same view says of the key that DoubtIn names, if it does.
  void Check(const KeyValues& found, LogIndex at, const std::optional<PointRead>& doubt,
             Blame blame = Blame::kAnswer);
  void Check(const std::vector<WalkStep>& walk, LogIndex at);

  // The first key at which the scan differs from the model as of `from`; nothing when it shows the
  // state after `from`, or one of those up to `to`.
  std::optional<std::string> DoubtIn(const ScanOptions& options, const KeyValues& found,
                                     LogIndex from, LogIndex to) const;

  // Of a read without a view: as of one of the entries from `from` to `to`.
  void CheckWithin(const PointRead& read, LogIndex from, LogIndex to);

 private:
  std::string Invariant(const PointRead& read, LogIndex at) const;

  Judge& judge_;
  const Shadow& shadow_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_DATABASE_READS_H_
