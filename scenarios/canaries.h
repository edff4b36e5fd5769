// The canaries of the real tank: sound engines, and judges that are lied to (Lie in execute.h).
#ifndef WAVETANK_SCENARIOS_CANARIES_H_
#define WAVETANK_SCENARIOS_CANARIES_H_

#include <span>

#include "scenarios/campaign/canary.h"

namespace wt::scenarios {

std::span<const Canary> AllCanaries();

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CANARIES_H_
