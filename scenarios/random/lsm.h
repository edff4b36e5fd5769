// What the scenarios of a database have in common.
#ifndef WAVETANK_SCENARIOS_RANDOM_LSM_H_
#define WAVETANK_SCENARIOS_RANDOM_LSM_H_

#include "scenarios/scenario.h"

namespace wt::scenarios {

// Every kind of operation, on few enough keys that versions and deletions pile up.
inline Workload DatabaseWorkload() {
  return {.clients = 5,
          .operations = 1000,
          .keys = 60,
          .mix = {.put = 10,
                  .get = 4,
                  .remove = 4,
                  .batch = 4,
                  .increment = 0,
                  .scan = 3,
                  .walk = 2,
                  .view = 1,
                  .flush = 1,
                  .compact = 1,
                  .verify = 1},
          .value_bytes = {4, 240}};
}

// Segments that roll while tables are flushed and merged.
inline Knobs DatabaseKnobs() {
  return {.segment_bytes = {20 * kKiB, 96 * kKiB}, .rarely_ppm = 300'000};
}

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_RANDOM_LSM_H_
