// A random life of a group: everything that a network, disks and operators may do, drawn from a
// seed. What goes wrong is said by the group's ledger, or here: "converges", when all is well again
// and the group does not go on in time.
#ifndef WAVETANK_TESTS_CONSENSUS_MODEL_H_
#define WAVETANK_TESTS_CONSENSUS_MODEL_H_

#include <cstdint>
#include <string>

namespace wt::testing {

struct ModelOptions {
  uint64_t steps = 1500;
  bool verified = true;  // every start is doubtful, and a minority of the disks may lie
  // Nothing but five voters, elections, entries and recalls, in any order that there is: messages
  // overtake each other at will, and hardly a heartbeat comes between.
  bool races = false;
};

struct ModelResult {
  std::string violation;  // empty: none
  uint64_t commits = 0;
  uint64_t elections = 0;
  uint64_t lies = 0;
  uint64_t reads = 0;
};

ModelResult RunModel(uint64_t seed, const ModelOptions& options);

}  // namespace wt::testing

#endif  // WAVETANK_TESTS_CONSENSUS_MODEL_H_
