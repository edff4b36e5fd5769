// Is one sequence the beginning of another? By fingerprints, for values that are asked about often.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_PREFIXES_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_PREFIXES_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "scenarios/linearizability/values.h"

namespace wt::lin {

class Prefixes {
 public:
  explicit Prefixes(const Values& values) : values_(values) {}

  // Whether the sequence with the fingerprint `beginning` is one of `value`'s, itself included. The
  // first question about a value takes the time of its length, any other a look-up.
  bool IsPrefix(uint64_t beginning, uint32_t value);

 private:
  const std::vector<uint64_t>& PrefixesOf(uint32_t value);

  const Values& values_;
  std::vector<std::vector<uint64_t>> by_value_;        // by length, the empty one included
  absl::flat_hash_map<uint64_t, uint32_t> length_of_;  // of every prefix above
};

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_PREFIXES_H_
