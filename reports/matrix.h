// The vacuity matrix: how often each invariant was evaluated on something that could have been
// wrong, while which fault was current and in which phase of the engine. A campaign that never saw
// a cell has shown nothing there, however many seeds passed.
#ifndef WAVETANK_REPORTS_MATRIX_H_
#define WAVETANK_REPORTS_MATRIX_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/run_record.h"
#include "reports/text.h"

namespace wt::reports {

// "12:5,13:700": for worker processes of the same program. Empty: no cell.
std::string ToText(const MatrixCounts& counts);
// Errors: InvalidArgument when it is not what ToText writes.
absl::StatusOr<MatrixCounts> MatrixCountsFrom(std::string_view text);

// Names, the same for every campaign of one program; and what the campaign's scenarios can reach.
struct MatrixAxes {
  struct Fault {
    std::string name;
    std::string group;  // its column in the table
  };
  std::vector<std::string> invariants;
  std::vector<Fault> faults;
  std::vector<std::string> phases;
  std::vector<bool> possible;  // by cell
  // Why the others are not, for people: "election: there is nobody to elect on one machine".
  std::vector<std::string> reasons;

  uint32_t CellOf(size_t invariant, size_t fault, size_t phase) const {
    return static_cast<uint32_t>((invariant * faults.size() + fault) * phases.size() + phase);
  }
  uint32_t cells() const { return CellOf(invariants.size(), 0, 0); }
  // "no-phantom × power-loss × recovery". Requires: cell < cells().
  std::string NameOf(uint32_t cell) const;
};

struct MatrixShare {
  uint64_t possible = 0;
  uint64_t seen = 0;  // of the possible ones

  // Of ten thousand, rounded down; 0 when nothing is possible.
  uint64_t per_myriad() const { return possible == 0 ? 0 : seen * 10'000 / possible; }
};
MatrixShare ShareOf(const MatrixAxes& axes, const MatrixCounts& counts);

// Counted, although it is declared impossible: the declaration is wrong. Names.
std::vector<std::string> SeenThoughImpossible(const MatrixAxes& axes, const MatrixCounts& counts);

// {"kind":"matrix","runs":..,"cells":{invariant:{fault:{phase:count}}}}: sorted, only what was
// counted, the same bytes for the same counts. Ends with a newline.
std::string MatrixToJson(const MatrixAxes& axes, const MatrixCounts& counts, uint64_t runs);
struct MatrixFile {
  MatrixCounts counts;
  uint64_t runs = 0;
};
// Errors: DataLoss when it is none, or of a program with other names.
absl::StatusOr<MatrixFile> MatrixFromJson(const MatrixAxes& axes, std::string_view json);
void AddTo(const MatrixCounts& from, MatrixCounts* to);

// Invariants down, groups of faults across: "seen/possible" cells of faults and phases.
std::string MatrixTable(const MatrixAxes& axes, const MatrixCounts& counts, Look look);
// The table, what was never evaluated, and why what is missing in the table is impossible.
std::string MatrixText(const MatrixAxes& axes, const MatrixCounts& counts, Look look);
// "no-phantom × wipe: roll, snapshot", one line for each pair that lacks a phase, the emptiest
// invariants first.
std::vector<std::string> NeverEvaluated(const MatrixAxes& axes, const MatrixCounts& counts);
// "1,234 of 2,000 possible cells seen (61.70 %)".
std::string ShareText(const MatrixShare& share);
// Totals and the emptiest rows, in Markdown; empty when nothing is possible.
std::string MatrixMarkdown(const MatrixAxes& axes, const MatrixCounts& counts);

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_MATRIX_H_
