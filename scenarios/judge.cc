#include "scenarios/judge.h"

#include <bit>
#include <utility>

#include "engine/base/check.h"
#include "scenarios/matrix_axes.h"

namespace wt::scenarios {
namespace {

constexpr size_t kTimes = 8;  // of an invariant and a phase

}  // namespace

void Judge::Evaluated(std::string_view invariant) {
  auto found = rows_.find(invariant);
  if (found == rows_.end()) found = rows_.emplace(invariant, Row()).first;
  Row& row = found->second;
  ++row.times;
  const Circumstances::Now& now = circumstances_.At(sim_.now());
  if (row.times == 1 || row.now != now) {
    row.Settle();
    row.now = now;
    row.NoteTime(sim_.now());
  }
  ++row.unsettled;
}

void Judge::Row::Settle() {
  if (unsettled == 0) return;
  if (cells.empty()) cells.resize(MatrixColumns() * kPhases);
  for (uint64_t faults = now.faults; faults != 0; faults &= faults - 1) {
    const auto column = static_cast<size_t>(std::countr_zero(faults));
    for (uint64_t phases = now.phases; phases != 0; phases &= phases - 1) {
      const size_t cell = column * kPhases + static_cast<size_t>(std::countr_zero(phases));
      WT_CHECK(cell < cells.size());
      cells[cell] += unsettled;
    }
  }
  unsettled = 0;
}

void Judge::Row::NoteTime(sim::SimTime at) {
  for (uint64_t phases = now.phases; phases != 0; phases &= phases - 1) {
    std::vector<sim::SimTime>& times = some[static_cast<size_t>(std::countr_zero(phases))];
    if (times.size() < kTimes) times.push_back(at);
  }
}

std::vector<Evaluation> Judge::evaluations() const {
  std::vector<Evaluation> all;
  for (const auto& [invariant, row] : rows_) {
    for (size_t phase = 0; phase < kPhases; ++phase) {
      for (const sim::SimTime at : row.some[phase]) {
        all.push_back({invariant, static_cast<Phase>(phase), at});
      }
    }
  }
  return all;
}

Judge::Counts Judge::evaluated() const {
  Counts counts;
  for (const auto& [invariant, row] : rows_) counts[invariant] = row.times;
  return counts;
}

reports::MatrixCounts Judge::matrix() const {
  reports::MatrixCounts counts;
  for (const auto& [invariant, row] : rows_) {
    const std::optional<size_t> position = MatrixRowOf(invariant);
    if (!position.has_value()) continue;
    Row settled = row;
    settled.Settle();
    const size_t first = *position * settled.cells.size();
    for (size_t i = 0; i < settled.cells.size(); ++i) {
      if (settled.cells[i] > 0) counts[static_cast<uint32_t>(first + i)] = settled.cells[i];
    }
  }
  return counts;
}

}  // namespace wt::scenarios
