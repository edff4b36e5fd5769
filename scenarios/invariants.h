// What every run checks, by name. The names are stable: a failure begins with one.
#ifndef WAVETANK_SCENARIOS_INVARIANTS_H_
#define WAVETANK_SCENARIOS_INVARIANTS_H_

#include <span>
#include <string_view>

namespace wt::scenarios {

struct InvariantInfo {
  std::string_view name;
  std::string_view always_true;  // in the user's terms
};

// In the order in which they are listed; the first four are the mission's own.
std::span<const InvariantInfo> AllInvariants();

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_INVARIANTS_H_
