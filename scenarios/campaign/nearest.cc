#include "scenarios/campaign/nearest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace wt::scenarios {
namespace {

constexpr size_t kMostNames = 3;
constexpr size_t kShortList = 12;

bool Swapped(std::string_view a, std::string_view b, size_t i, size_t j) {
  return i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
}

bool Contains(std::string_view name, std::string_view part) {
  return part.size() >= 3 && name.find(part) != std::string_view::npos;
}

}  // namespace

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                             cost[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (Swapped(a, b, i, j)) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

std::vector<std::string> NearestNames(std::string_view name, std::span<const std::string> known) {
  std::vector<std::pair<size_t, std::string>> near;
  const size_t most = std::max<size_t>(2, name.size() / 3);
  for (const std::string& candidate : known) {
    const size_t edits = EditDistance(name, candidate);
    if (edits <= most || Contains(candidate, name)) near.emplace_back(edits, candidate);
  }
  std::ranges::sort(near);
  std::vector<std::string> names;
  for (auto& [edits, candidate] : near) {
    if (names.size() < kMostNames) names.push_back(std::move(candidate));
  }
  return names;
}

std::string UnknownName(std::string_view what, std::string_view name,
                        std::span<const std::string> known) {
  std::string text = absl::StrFormat("unknown %s \"%s\"", what, name);
  const std::vector<std::string> near = NearestNames(name, known);
  if (!near.empty()) return text + "; did you mean " + absl::StrJoin(near, ", ") + "?";
  if (known.size() <= kShortList) return text + "; known: " + absl::StrJoin(known, ", ");
  return text;
}

}  // namespace wt::scenarios
