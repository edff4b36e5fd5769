#include "tests/bench/engine/table.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"

namespace wt::bench {
namespace {

constexpr Unit kMB = Unit::kMegabytesPerSecond;
constexpr Unit kMicros = Unit::kMicroseconds;

struct Ratio {
  std::optional<double> lsm;   // to the better of the others that are log-structured
  std::optional<double> lmdb;  // to the other that is not
};

std::string FormatOf(double value, Unit unit) {
  switch (unit) {
    case Unit::kPerSecond:
      if (value >= 999'500) return absl::StrFormat("%.2f M", value / 1e6);
      return value >= 9'950 ? absl::StrFormat("%.0f k", value / 1e3)
                            : absl::StrFormat("%.2f k", value / 1e3);
    case Unit::kMegabytesPerSecond:
      return absl::StrFormat("%.0f MB", value);
    case Unit::kMicroseconds:
      return absl::StrFormat(value < 100 ? "%.2f us" : "%.0f us", value);
  }
  return "";
}

// How many times better `ours` is.
double Better(double ours, double other, Unit unit) {
  if (ours <= 0 || other <= 0) return 0;
  return unit == Unit::kMicroseconds ? other / ours : ours / other;
}

const Peer* Ours(std::span<const Peer> peers) {
  const auto found =
      std::find_if(peers.begin(), peers.end(), [](const Peer& p) { return p.is_ours; });
  return found == peers.end() ? nullptr : &*found;
}

Ratio RatioOf(const Results& results, const Row& row, std::span<const Peer> peers) {
  Ratio ratio;
  const Peer* const ours = Ours(peers);
  const Measured* const mine = ours == nullptr ? nullptr : results.Of(row.name, ours->name);
  if (mine == nullptr) return ratio;
  for (const Peer& peer : peers) {
    const Measured* const other = results.Of(row.name, peer.name);
    if (peer.is_ours || other == nullptr) continue;
    std::optional<double>& to = peer.is_lsm ? ratio.lsm : ratio.lmdb;
    to = std::min(to.value_or(1e9), Better(mine->value, other->value, row.unit));
  }
  return ratio;
}

std::string AimOf(double aim) { return aim > 0 ? absl::StrFormat("%gx", aim) : ""; }

std::string ShownRatio(std::optional<double> ratio, double aim) {
  if (!ratio.has_value()) return "";
  return absl::StrFormat("%.2fx%s", *ratio, aim > 0 && *ratio < aim ? " !" : "  ");
}

bool MeetsLeast(const Results& results, const Row& row, std::span<const Peer> peers) {
  const Peer* const ours = Ours(peers);
  const Measured* const mine = ours == nullptr ? nullptr : results.Of(row.name, ours->name);
  return mine == nullptr || mine->value >= row.least;
}

bool IsShown(const Results& results, const Row& row, std::span<const Peer> peers) {
  return std::any_of(peers.begin(), peers.end(),
                     [&](const Peer& peer) { return results.Of(row.name, peer.name) != nullptr; });
}

std::string LineOf(const Results& results, const Row& row, std::span<const Peer> peers) {
  std::string line = absl::StrFormat("%-22s", row.name);
  double others = 0;
  for (const Peer& peer : peers) {
    const Measured* const one = results.Of(row.name, peer.name);
    const bool has_cpu = one != nullptr && one->cpu > 0;
    line += absl::StrFormat(" |%10s %6s", one == nullptr ? "-" : FormatOf(one->value, row.unit),
                            has_cpu ? absl::StrFormat("%.2f", one->cpu) : "");
    if (one != nullptr) others = std::max(others, one->others);
  }
  const Ratio ratio = RatioOf(results, row, peers);
  line += absl::StrFormat(" |%9s %5s |%9s %5s", ShownRatio(ratio.lsm, row.over_lsm),
                          AimOf(row.over_lsm), ShownRatio(ratio.lmdb, row.over_lmdb),
                          AimOf(row.over_lmdb));
  line += absl::StrFormat(" |%8s%2s | %.2f\n", row.least > 0 ? FormatOf(row.least, row.unit) : "",
                          MeetsLeast(results, row, peers) ? "" : " !", others);
  return line;
}

double MedianOf(const std::vector<Measured>& rounds, double Measured::*what) {
  std::vector<double> values;
  for (const Measured& one : rounds) values.push_back(one.*what);
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

std::span<const Row> Rows() {
  static const std::vector<Row> rows = {
      {.test = "fillseq", .name = "fillseq", .over_lsm = 2},
      {.test = "fillrandom", .name = "fillrandom", .over_lsm = 2, .over_lmdb = 1, .least = 5e5},
      {.test = "overwrite", .name = "overwrite", .over_lsm = 2, .over_lmdb = 1},
      {.test = "fillbatch", .name = "fillbatch, 1000 each", .over_lsm = 3, .least = 1e6},
      {.test = "fillsync", .name = "fillsync, 1 writer", .over_lsm = 1.2},
      {.test = "fillsync", .name = "fillsync, 16 writers", .over_lsm = 2},
      {.test = "readnatural", .name = "readrandom, natural", .over_lsm = 2, .over_lmdb = 1},
      {.test = "readrandom", .name = "readrandom, compacted", .over_lsm = 1.3, .over_lmdb = 1},
      {.test = "readmissing", .name = "readmissing", .over_lsm = 1},
      {.test = "readseq", .name = "readseq", .over_lsm = 1},
      {.test = "seekrandom", .name = "seekrandom, 10 next", .over_lsm = 1},
      {.test = "recovery", .name = "recovery, 100 B", .unit = kMB, .over_lsm = 20},
      {.test = "recovery", .name = "recovery, 1 KiB", .unit = kMB, .least = 1000},
      {.test = "fillrandom", .name = "write P50", .unit = kMicros},
      {.test = "fillrandom", .name = "write P99", .unit = kMicros},
      {.test = "fillrandom", .name = "write P99.9", .unit = kMicros},
      {.test = "fillrandom", .name = "write slowest", .unit = kMicros},
      {.test = "fillrandom", .name = "background CPU a write", .unit = kMicros},
  };
  return rows;
}

void Results::Add(const std::string& row, const std::string& store, const Measured& measured) {
  Cell& cell = cells_[{row, store}];
  cell.rounds.push_back(measured);
  cell.median = {.value = MedianOf(cell.rounds, &Measured::value),
                 .cpu = MedianOf(cell.rounds, &Measured::cpu),
                 .others = MedianOf(cell.rounds, &Measured::others)};
}

const Measured* Results::Of(const std::string& row, const std::string& store) const {
  const auto found = cells_.find({row, store});
  return found == cells_.end() ? nullptr : &found->second.median;
}

const std::vector<Measured>& Results::Rounds(const std::string& row,
                                             const std::string& store) const {
  const auto found = cells_.find({row, store});
  WT_CHECK(found != cells_.end());
  return found->second.rounds;
}

std::string TableOf(const Results& results, std::span<const Peer> peers) {
  std::string table = absl::StrFormat("%-22s", "");
  for (const Peer& peer : peers) table += absl::StrFormat(" |%17s", peer.name);
  table += " |     over LSM    |    over LMDB    |  at least | others\n";
  table += absl::StrFormat("%-22s", "medians");
  for (size_t i = 0; i < peers.size(); ++i) table += " |    rate/s us/op*";
  table += " |              aim |             aim |           | cores\n";
  for (const Row& row : Rows()) {
    if (IsShown(results, row, peers)) table += LineOf(results, row, peers);
  }
  return table;
}

std::string JsonOf(const Results& results, std::span<const Peer> peers, uint64_t keys) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Row& row : Rows()) {
    if (!IsShown(results, row, peers)) continue;
    nlohmann::ordered_json stores;
    for (const Peer& peer : peers) {
      const Measured* const median = results.Of(row.name, peer.name);
      if (median == nullptr) continue;
      nlohmann::ordered_json rounds = nlohmann::ordered_json::array();
      for (const Measured& one : results.Rounds(row.name, peer.name)) {
        rounds.push_back({{"value", one.value}, {"cpu_us", one.cpu}, {"others", one.others}});
      }
      stores[peer.name] = {
          {"value", median->value}, {"cpu_us", median->cpu}, {"rounds", std::move(rounds)}};
    }
    const Ratio ratio = RatioOf(results, row, peers);
    nlohmann::ordered_json one = {{"name", row.name}, {"stores", std::move(stores)}};
    one["unit"] = row.unit == Unit::kPerSecond ? "1/s" : row.unit == kMB ? "MB/s" : "us";
    if (ratio.lsm) one["over_lsm"] = *ratio.lsm;
    if (ratio.lmdb) one["over_lmdb"] = *ratio.lmdb;
    if (row.over_lsm > 0) one["aim_over_lsm"] = row.over_lsm;
    if (row.over_lmdb > 0) one["aim_over_lmdb"] = row.over_lmdb;
    if (row.least > 0) one["aim_at_least"] = row.least;
    rows.push_back(std::move(one));
  }
  return nlohmann::ordered_json{{"keys", keys}, {"rows", std::move(rows)}}.dump(2) + "\n";
}

}  // namespace wt::bench
