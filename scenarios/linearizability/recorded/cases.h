// A table of recorded histories with their known verdicts, and another checker's time for each.
//
// Tab-separated, with a head line. Columns are found by their names, in any order:
//   file                          relative to the table's folder
//   model                         a name or a description (reader.h)
//   expected_linearizable         true, false
//   ..._us                        the other checker's microseconds; may be missing
// Other columns, empty lines and those that begin with # are left out.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_RECORDED_CASES_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_RECORDED_CASES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "scenarios/linearizability/recorded/reader.h"

namespace wt::lin {

struct RecordedCase {
  std::string file;
  const RecordedModel* model = nullptr;
  bool linearizable = true;
  std::optional<double> reference_us{};
};

// Errors: InvalidArgument, with file and line.
absl::StatusOr<std::vector<RecordedCase>> ReadCases(std::string_view file, std::string_view text);

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_RECORDED_CASES_H_
