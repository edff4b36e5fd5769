#include "scenarios/cli/steering.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "faults/fault.h"

namespace wt::cli {
namespace {

using scenarios::Scenario;

bool Has(const Scenario& scenario, const std::string& fault) {
  return std::ranges::any_of(scenario.faults, [&](const faults::FaultSpec& spec) {
    return faults::InfoOf(spec.kind).name == fault;
  });
}

}  // namespace

Steering::Steering(std::span<const Scenario> scenarios, const AxesOf& axes_of) {
  std::map<std::pair<size_t, size_t>, Corner> corners;
  for (const Scenario& scenario : scenarios) {
    if (scenario.is_story()) continue;
    const reports::MatrixAxes axes = axes_of(std::span(&scenario, 1));
    for (size_t f = 0; f < axes.faults.size(); ++f) {
      if (!Has(scenario, axes.faults[f].name)) continue;
      for (size_t p = 0; p < axes.phases.size(); ++p) {
        std::vector<uint32_t> cells;
        for (size_t i = 0; i < axes.invariants.size(); ++i) {
          const uint32_t cell = axes.CellOf(i, f, p);
          if (axes.possible[cell]) cells.push_back(cell);
        }
        if (cells.empty()) continue;
        Corner& corner = corners[{f, p}];
        corner.aim = axes.faults[f].name + "@" + axes.phases[p];
        corner.fillers.push_back({&scenario, std::move(cells)});
      }
    }
  }
  for (auto& [position, corner] : corners) corners_.push_back(std::move(corner));
}

std::vector<Heading> Steering::HeadingsFor(const reports::MatrixCounts& counts) const {
  std::vector<Heading> headings;
  for (const Corner& corner : corners_) {
    std::set<uint32_t> empty;
    std::vector<std::pair<size_t, const Scenario*>> fillers;
    for (const Filler& filler : corner.fillers) {
      size_t left = 0;
      for (uint32_t cell : filler.cells) {
        if (counts.contains(cell)) continue;
        empty.insert(cell);
        ++left;
      }
      if (left > 0) fillers.emplace_back(left, filler.scenario);
    }
    if (fillers.empty()) continue;
    std::ranges::stable_sort(fillers, std::ranges::greater(),
                             [](const auto& filler) { return filler.first; });
    Heading heading{.aim = corner.aim, .empty = empty.size()};
    for (const auto& [left, scenario] : fillers) heading.scenarios.push_back(scenario);
    headings.push_back(std::move(heading));
  }
  std::ranges::stable_sort(headings, std::ranges::greater(), &Heading::empty);
  return headings;
}

}  // namespace wt::cli
