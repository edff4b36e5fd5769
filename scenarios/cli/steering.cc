#include "scenarios/cli/steering.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_format.h"
#include "engine/base/random.h"
#include "faults/fault.h"

namespace wt::cli {
namespace {

using scenarios::Scenario;

constexpr size_t kExamples = 4;  // of a scenario, an invariant and a phase

bool Has(const Scenario& scenario, const std::string& fault) {
  return std::ranges::any_of(scenario.faults, [&](const faults::FaultSpec& spec) {
    return faults::InfoOf(spec.kind).name == fault;
  });
}

void Shuffle(std::vector<Shot>& shots, uint64_t seed) {
  Draw draw(seed, {KeyOf("steering")});
  for (size_t i = shots.size(); i > 1; --i) std::swap(shots[i - 1], shots[draw.Below(i)]);
}

}  // namespace

Steering::Steering(std::span<const Scenario> scenarios, const AxesOf& axes_of)
    : scenarios_(scenarios), axes_(axes_of(scenarios)) {
  cells_.resize(scenarios.size());
  seeds_.resize(scenarios.size());
  for (size_t n = 0; n < scenarios.size(); ++n) {
    if (scenarios[n].is_story()) continue;
    numbers_[scenarios[n].name] = n;
    seeds_[n].resize(axes_.invariants.size() * axes_.phases.size());
    const reports::MatrixAxes axes = axes_of(scenarios.subspan(n, 1));
    for (size_t fault = 0; fault < axes.faults.size(); ++fault) {
      if (!Has(scenarios[n], axes.faults[fault].name)) continue;
      for (size_t invariant = 0; invariant < axes.invariants.size(); ++invariant) {
        for (size_t phase = 0; phase < axes.phases.size(); ++phase) {
          const uint32_t cell = axes.CellOf(invariant, fault, phase);
          if (axes.possible[cell]) cells_[n].push_back(cell);
        }
      }
    }
  }
}

size_t Steering::CornerOf(uint32_t cell) const {
  const size_t phases = axes_.phases.size();
  return cell / phases / axes_.faults.size() * phases + cell % phases;
}

void Steering::Note(const reports::RunRecord& record) {
  const auto number = numbers_.find(record.scenario);
  if (number == numbers_.end() || record.verdict != reports::Verdict::kPass) return;
  for (const auto& [cell, count] : record.matrix) {
    std::vector<uint64_t>& seeds = seeds_[number->second][CornerOf(cell)];
    const bool is_new = seeds.empty() || seeds.back() != record.seed;
    if (is_new && seeds.size() < kExamples) seeds.push_back(record.seed);
  }
}

std::vector<Shot> Steering::ShotsAt(const reports::MatrixCounts& counts, uint64_t seed,
                                    uint64_t round) const {
  std::map<uint32_t, std::vector<Example>> examples;
  for (size_t n = 0; n < scenarios_.size(); ++n) {
    for (uint32_t cell : cells_[n]) {
      if (counts.contains(cell)) continue;
      for (uint64_t known : seeds_[n][CornerOf(cell)]) {
        examples[cell].push_back({&scenarios_[n], known});
      }
    }
  }
  std::vector<Shot> shots;
  for (const auto& [cell, known] : examples) {
    Draw draw(seed, {KeyOf("steering.example"), cell});
    const Example& example = known[(draw.Below(known.size()) + round) % known.size()];
    const size_t fault = cell / axes_.phases.size() % axes_.faults.size();
    const size_t invariant = cell / axes_.phases.size() / axes_.faults.size();
    shots.push_back({.cell = cell,
                     .scenario = example.scenario,
                     .seed = example.seed,
                     .aim = absl::StrFormat("%s@%s/%s", axes_.faults[fault].name,
                                            axes_.phases[cell % axes_.phases.size()],
                                            axes_.invariants[invariant])});
  }
  Shuffle(shots, seed + round);
  return shots;
}

}  // namespace wt::cli
