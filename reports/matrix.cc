#include "reports/matrix.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/ci.h"
#include "reports/table.h"

namespace wt::reports {
namespace {

using Json = nlohmann::json;  // sorts its keys

constexpr size_t kEmptiestRows = 5;
constexpr size_t kMostNever = 40;

bool IsSeen(const MatrixCounts& counts, uint32_t cell) {
  const auto found = counts.find(cell);
  return found != counts.end() && found->second > 0;
}

MatrixShare ShareOfRow(const MatrixAxes& axes, const MatrixCounts& counts, size_t invariant) {
  MatrixShare share;
  const uint32_t end = axes.CellOf(invariant + 1, 0, 0);
  for (uint32_t cell = axes.CellOf(invariant, 0, 0); cell < end; ++cell) {
    if (!axes.possible[cell]) continue;
    ++share.possible;
    share.seen += IsSeen(counts, cell);
  }
  return share;
}

// Those of which something is possible, the least seen first.
std::vector<std::pair<MatrixShare, size_t>> EmptiestRows(const MatrixAxes& axes,
                                                         const MatrixCounts& counts) {
  std::vector<std::pair<MatrixShare, size_t>> rows;
  for (size_t i = 0; i < axes.invariants.size(); ++i) {
    const MatrixShare share = ShareOfRow(axes, counts, i);
    if (share.possible > 0) rows.emplace_back(share, i);
  }
  std::ranges::stable_sort(rows, {}, [](const auto& row) { return row.first.per_myriad(); });
  return rows;
}

std::vector<std::string> GroupsOf(const MatrixAxes& axes) {
  std::vector<std::string> groups;
  for (const MatrixAxes::Fault& fault : axes.faults) {
    if (std::ranges::find(groups, fault.group) == groups.end()) groups.push_back(fault.group);
  }
  return groups;
}

MatrixShare ShareOfGroup(const MatrixAxes& axes, const MatrixCounts& counts, size_t invariant,
                         const std::string& group) {
  MatrixShare share;
  for (size_t f = 0; f < axes.faults.size(); ++f) {
    if (axes.faults[f].group != group) continue;
    for (size_t p = 0; p < axes.phases.size(); ++p) {
      const uint32_t cell = axes.CellOf(invariant, f, p);
      if (!axes.possible[cell]) continue;
      ++share.possible;
      share.seen += IsSeen(counts, cell);
    }
  }
  return share;
}

Cell CellOf(const MatrixShare& share) {
  if (share.possible == 0) return {"-"};
  const Ink ink = share.seen == 0               ? Ink::kRed
                  : share.seen < share.possible ? Ink::kYellow
                                                : Ink::kGreen;
  return {absl::StrFormat("%d/%d", share.seen, share.possible), ink};
}

template <typename Names>
std::optional<size_t> Position(const Names& names, const std::string& name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<size_t>(found - names.begin());
}

std::optional<size_t> FaultAt(const MatrixAxes& axes, const std::string& name) {
  const auto found = std::ranges::find(axes.faults, name, &MatrixAxes::Fault::name);
  if (found == axes.faults.end()) return std::nullopt;
  return static_cast<size_t>(found - axes.faults.begin());
}

bool IsRightShape(const Json& json) {
  if (!json.is_object()) return false;
  const auto kind = json.find("kind");
  if (kind == json.end() || *kind != "matrix") return false;
  const auto runs = json.find("runs");
  const auto cells = json.find("cells");
  return runs != json.end() && runs->is_number_unsigned() && cells != json.end() &&
         cells->is_object();
}

absl::Status ReadRow(const MatrixAxes& axes, const std::string& invariant, const Json& row,
                     MatrixCounts* counts) {
  const auto i = Position(axes.invariants, invariant);
  if (!i.has_value() || !row.is_object()) return DataLoss("matrix: invariant \"%s\"", invariant);
  for (const auto& [fault, phases] : row.items()) {
    const auto f = FaultAt(axes, fault);
    if (!f.has_value() || !phases.is_object()) return DataLoss("matrix: fault \"%s\"", fault);
    for (const auto& [phase, count] : phases.items()) {
      const auto p = Position(axes.phases, phase);
      if (!p.has_value() || !count.is_number_unsigned()) {
        return DataLoss("matrix: phase \"%s\"", phase);
      }
      (*counts)[axes.CellOf(*i, *f, *p)] += count.get<uint64_t>();
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string ToText(const MatrixCounts& counts) {
  return absl::StrJoin(counts, ",", absl::PairFormatter(":"));
}

absl::StatusOr<MatrixCounts> MatrixCountsFrom(std::string_view text) {
  MatrixCounts counts;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    uint32_t cell = 0;
    uint64_t count = 0;
    const auto first = std::from_chars(at, end, cell);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != ':') break;
    const auto second = std::from_chars(first.ptr + 1, end, count);
    if (second.ec != std::errc() || count == 0 || !counts.emplace(cell, count).second) break;
    at = second.ptr;
    if (at == end) return counts;
    if (*at != ',' || ++at == end) break;
  }
  if (text.empty()) return counts;
  return InvalidArgument("matrix: want cell:count,... and no cell twice");
}

std::string MatrixAxes::NameOf(uint32_t cell) const {
  WT_CHECK(cell < cells());
  const size_t phase = cell % phases.size();
  const size_t rest = cell / phases.size();
  return absl::StrFormat("%s × %s × %s", invariants[rest / faults.size()],
                         faults[rest % faults.size()].name, phases[phase]);
}

MatrixShare ShareOf(const MatrixAxes& axes, const MatrixCounts& counts) {
  WT_CHECK(axes.possible.size() == axes.cells());
  MatrixShare share;
  for (size_t i = 0; i < axes.invariants.size(); ++i) {
    const MatrixShare row = ShareOfRow(axes, counts, i);
    share.possible += row.possible;
    share.seen += row.seen;
  }
  return share;
}

std::vector<std::string> SeenThoughImpossible(const MatrixAxes& axes, const MatrixCounts& counts) {
  std::vector<std::string> names;
  for (const auto& [cell, count] : counts) {
    WT_CHECK(cell < axes.cells());
    if (count > 0 && !axes.possible[cell]) names.push_back(axes.NameOf(cell));
  }
  return names;
}

std::string MatrixToJson(const MatrixAxes& axes, const MatrixCounts& counts, uint64_t runs) {
  Json cells = Json::object();
  for (const auto& [cell, count] : counts) {
    WT_CHECK(cell < axes.cells());
    const size_t rest = cell / axes.phases.size();
    const std::string& invariant = axes.invariants[rest / axes.faults.size()];
    const std::string& fault = axes.faults[rest % axes.faults.size()].name;
    cells[invariant][fault][axes.phases[cell % axes.phases.size()]] = count;
  }
  return Json{{"kind", "matrix"}, {"runs", runs}, {"cells", std::move(cells)}}.dump(1) + "\n";
}

absl::StatusOr<MatrixFile> MatrixFromJson(const MatrixAxes& axes, std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!IsRightShape(json)) return DataLoss("matrix: want kind, runs and cells");
  MatrixFile file{.counts = {}, .runs = json.at("runs").get<uint64_t>()};
  for (const auto& [invariant, row] : json.at("cells").items()) {
    WT_RETURN_IF_ERROR(ReadRow(axes, invariant, row, &file.counts));
  }
  return file;
}

void AddTo(const MatrixCounts& from, MatrixCounts* to) {
  for (const auto& [cell, count] : from) (*to)[cell] += count;
}

std::string MatrixTable(const MatrixAxes& axes, const MatrixCounts& counts, Look look) {
  const std::vector<std::string> groups = GroupsOf(axes);
  std::vector<Column> columns = {{"invariant"}};
  for (const std::string& group : groups) columns.push_back({group, Align::kRight});
  columns.push_back({"seen", Align::kRight});
  Table table(columns);
  for (size_t i = 0; i < axes.invariants.size(); ++i) {
    const MatrixShare all = ShareOfRow(axes, counts, i);
    if (all.possible == 0) continue;
    std::vector<Cell> row = {{axes.invariants[i]}};
    for (const std::string& group : groups) {
      row.push_back(CellOf(ShareOfGroup(axes, counts, i, group)));
    }
    row.push_back({absl::StrFormat("%d %%", all.per_myriad() / 100)});
    table.AddRow(std::move(row));
  }
  return table.ToString(look);
}

std::vector<std::string> NeverEvaluated(const MatrixAxes& axes, const MatrixCounts& counts) {
  std::vector<std::string> lines;
  for (const auto& [share, i] : EmptiestRows(axes, counts)) {
    for (size_t f = 0; f < axes.faults.size(); ++f) {
      std::vector<std::string> missing;
      for (size_t p = 0; p < axes.phases.size(); ++p) {
        const uint32_t cell = axes.CellOf(i, f, p);
        if (axes.possible[cell] && !IsSeen(counts, cell)) missing.push_back(axes.phases[p]);
      }
      if (missing.empty()) continue;
      lines.push_back(absl::StrFormat("%s × %s: %s", axes.invariants[i], axes.faults[f].name,
                                      absl::StrJoin(missing, ", ")));
    }
  }
  return lines;
}

std::string ShareText(const MatrixShare& share) {
  return absl::StrFormat("%s of %s possible cells seen (%d.%02d %%)", WithThousands(share.seen),
                         WithThousands(share.possible), share.per_myriad() / 100,
                         share.per_myriad() % 100);
}

std::string MatrixText(const MatrixAxes& axes, const MatrixCounts& counts, Look look) {
  std::string text = "invariant x fault x phase, cells seen of those possible:\n" +
                     MatrixTable(axes, counts, look);
  const std::vector<std::string> never = NeverEvaluated(axes, counts);
  if (!never.empty()) text += "\nnever evaluated:\n";
  for (size_t i = 0; i < never.size() && i < kMostNever; ++i) text += "  " + never[i] + "\n";
  if (never.size() > kMostNever) {
    text += absl::StrFormat("  and %s more; matrix.json has what was seen\n",
                            WithThousands(never.size() - kMostNever));
  }
  if (!axes.reasons.empty()) text += "\nimpossible, and not counted:\n";
  for (const std::string& reason : axes.reasons) text += "  " + reason + "\n";
  const std::vector<std::string> odd = SeenThoughImpossible(axes, counts);
  if (!odd.empty()) text += "\nseen, though declared impossible:\n";
  for (const std::string& name : odd) text += "  " + name + "\n";
  return text + "\n" + ShareText(ShareOf(axes, counts)) + "\n";
}

std::string MatrixMarkdown(const MatrixAxes& axes, const MatrixCounts& counts) {
  const MatrixShare all = ShareOf(axes, counts);
  if (all.possible == 0) return "";
  std::string rows;
  size_t shown = 0;
  for (const auto& [share, i] : EmptiestRows(axes, counts)) {
    if (++shown > kEmptiestRows) break;
    rows += absl::StrFormat("%s  %s\n", axes.invariants[i], ShareText(share));
  }
  return absl::StrFormat("## Matrix\n\nInvariant × fault × phase: %s. The emptiest rows:\n\n%s",
                         ShareText(all), Fenced(rows));
}

}  // namespace wt::reports
