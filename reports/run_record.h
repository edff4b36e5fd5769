// What a run leaves behind, as data. Everything that is printed or written comes from this; nothing
// here depends on the time of day, the machine or the order in which seeds were run, except
// wall_us and output.
#ifndef WAVETANK_REPORTS_RUN_RECORD_H_
#define WAVETANK_REPORTS_RUN_RECORD_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wt::reports {

enum class Verdict { kPass, kFail, kInconclusive, kError };

// "pass", "fail", "inconclusive", "error".
std::string_view NameOf(Verdict verdict);
std::optional<Verdict> VerdictNamed(std::string_view name);

// One line of the story: what happened, where, when.
struct Step {
  uint64_t at_us = 0;
  std::string machine;  // "n1"; empty for the harness
  std::string what;     // "log.synced upto 413"
  std::string note;     // "lost-fsync #1", or empty
  uint64_t record = 0;  // how many trace records there were: where to stop in order to see it
  bool operator==(const Step&) const = default;
};

// How often an invariant was evaluated while a fault and a phase were current: by number of the
// cell (matrix.h). Without those of count 0.
using MatrixCounts = std::map<uint32_t, uint64_t>;

struct RunRecord {
  std::string scenario;
  uint64_t seed = 0;
  Verdict verdict = Verdict::kPass;
  std::string invariant;          // of a failure; else empty
  std::string message;            // one sentence in the user's terms
  std::string signature;          // invariant + normalised message + kinds of the causal steps
  std::vector<Step> why;          // at most five, the last is the violation
  uint64_t failed_at_us = 0;      // virtual
  uint64_t virtual_us = 0;
  uint64_t events = 0;
  std::map<std::string, uint64_t> faults;      // kind -> how many took place
  std::map<std::string, uint64_t> goals;       // reached, how often
  std::map<std::string, uint64_t> invariants;  // evaluated on non-trivial state, how often
  MatrixCounts matrix{};                       // the same by fault and phase; in no line of results
  uint64_t digest = 0;
  uint64_t wall_us = 0;
  std::string output;  // what the process wrote before it died of this run; else empty
};

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_RUN_RECORD_H_
