#include "scenarios/catalog.h"
#include "scenarios/random/lsm.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Power cuts, often, with whatever the cache has written early; and a disk that is slow for a
// while, so that they fall into writes that are under way, of the manifest above all.
Scenario LsmTorn() {
  return {
      .name = "lsm-torn",
      .summary = "power cuts leave torn writes and unsynced tails in tables, manifest and log",
      .story =
          "Power goes every few hundred milliseconds, often while the disk is slow, in the middle "
          "of flushes, merges, edits of "
          "the manifest and switches of the pointer; the cache has written back whatever it liked. "
          "What was not synced may be there in any part: a table that no edit names goes, a torn "
          "edit never happened, and nothing else is lost.",
      .workload = DatabaseWorkload(),
      .knobs = DatabaseKnobs(),
      .faults =
          {
              {.kind = FaultKind::kPowerLoss,
               .every = Between(40ms, 700ms),
               .lasts = Between(0ms, 80ms)},
              {.kind = FaultKind::kEarlyWriteback,
               .every = Between(500ms, 2s),
               .lasts = Between(200ms, 2s),
               .amount = Between(50'000, 700'000)},
              {.kind = FaultKind::kSlowDisk,
               .every = Between(200ms, 1s),
               .lasts = Between(200ms, 2s),
               .amount = Between(3, 40)},
              {.kind = FaultKind::kDropCache, .every = Between(500ms, 2s)},
          },
      .goals = {"lsm.manifest_tail_cut", "lsm.leftovers_removed", "lsm.tables_merged",
                "client.buffered"},
      // Many tables an edit, so that edits are longer than a sector.
      .database =
          DatabaseSetup{.table_bytes = {256, 1 * kKiB}, .level1_bytes = {4 * kKiB, 16 * kKiB}},
  };
}

}  // namespace wt::scenarios
