// "Did you mean": the names nearest to one that does not exist.
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_NEAREST_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_NEAREST_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wt::scenarios {

// Edits (insert, remove, replace, swap two neighbours) that make `b` of `a`.
size_t EditDistance(std::string_view a, std::string_view b);

// At most three, the nearest first: few edits away, or containing what was typed.
std::vector<std::string> NearestNames(std::string_view name, std::span<const std::string> known);

// `unknown scenario "torn-tial"; did you mean torn-tail?`, or `...; known: a, b, c` when nothing is
// near and the list is short.
std::string UnknownName(std::string_view what, std::string_view name,
                        std::span<const std::string> known);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_NEAREST_H_
