// Random histories: a few clients of one true copy, each operation taking effect at a random moment
// of its life, some without an answer; then, in most of them, one answer is another.
#ifndef WAVETANK_TESTS_LINEARIZABILITY_RANDOM_HISTORY_H_
#define WAVETANK_TESTS_LINEARIZABILITY_RANDOM_HISTORY_H_

#include <cstdint>

#include "scenarios/linearizability/operation.h"

namespace wt::lin {

struct HistoryShape {
  ModelKind model = ModelKind::kRegister;
  uint32_t operations = 7;
  uint32_t clients = 4;
  uint32_t keys = 1;
  bool unique_values = false;  // and nothing that zones does not take
};

History RandomHistory(const HistoryShape& shape, uint64_t seed);

}  // namespace wt::lin

#endif  // WAVETANK_TESTS_LINEARIZABILITY_RANDOM_HISTORY_H_
