#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

Scenario LsmReplicas() {
  return {
      .name = "lsm-replicas",
      .summary =
          "replicas whose state lies in an LSM: snapshots are sets of tables, sent, adopted and "
          "restored while everything is written on",
      .story =
          "The state of every replica is an LSM with tiny memtables, tables and levels, so that "
          "it is flushed and merged all the time; snapshots are frequent, and hardly any log is "
          "kept. Machines are cut off, paused, killed and without power: who comes back restores "
          "the newest snapshot over the tables that its last life has left, whichever these are, "
          "and who was away too long is sent the tables that it lacks. Now and then a disk is "
          "full, loses a sync, or rots.",
      .workload =
          {.clients = 4, .operations = 300, .keys = 60, .mix = kGroupMix, .value_bytes = {50, 700}},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kIsolation,
               .every = Between(500ms, 1500ms),
               .lasts = Between(200ms, 1s)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(400ms, 1500ms),
               .lasts = Between(50ms, 500ms)},
              {.kind = FaultKind::kKill, .every = Between(1s, 3s), .lasts = Between(10ms, 300ms)},
              {.kind = FaultKind::kPause, .every = Between(1s, 3s), .lasts = Between(100ms, 800ms)},
              {.kind = FaultKind::kMessageLoss,
               .every = Between(1s, 3s),
               .lasts = Between(100ms, 500ms),
               .amount = Between(10'000, 200'000)},
              {.kind = FaultKind::kMessageReplay,
               .every = Between(500ms, 2s),
               .lasts = Between(200ms, 1s),
               .amount = Between(20'000, 300'000)},
              {.kind = FaultKind::kMessageReordering,
               .every = Between(1s, 3s),
               .lasts = Between(200ms, 1s),
               .amount = Between(20'000, 300'000)},
              {.kind = FaultKind::kNarrowLink,
               .every = Between(1s, 3s),
               .lasts = Between(200ms, 1s),
               .amount = Between(20'000, 200'000)},
              {.kind = FaultKind::kFullDisk,
               .every = Between(1s, 4s),
               .lasts = Between(100ms, 800ms),
               .amount = Between(0, 64 * kKiB)},
              {.kind = FaultKind::kSlowDisk,
               .every = Between(1s, 4s),
               .lasts = Between(100ms, 1s),
               .amount = Between(5, 50)},
              {.kind = FaultKind::kFailedSync, .every = Between(1s, 5s), .amount = Between(1, 2)},
              {.kind = FaultKind::kReadError,
               .every = Between(1s, 4s),
               .lasts = Between(50ms, 500ms),
               .amount = Between(5'000, 100'000)},
              {.kind = FaultKind::kWriteError,
               .every = Between(2s, 6s),
               .lasts = Between(50ms, 300ms),
               .amount = Between(5'000, 100'000)},
              {.kind = FaultKind::kLostSync,
               .every = Between(1s, 4s),
               .amount = Between(1, 4),
               .on = Scope::kMinority},
              {.kind = FaultKind::kBitRot,
               .every = Between(500ms, 3s),
               .amount = Between(1, 2),
               .on = Scope::kMinority},
          },
      .swarm = true,
      .storm = 3s,
      .calm = 15s,
      .goals = {"snapshot.installed", "lsm.install_adopted", "lsm.install_wrote",
                "lsm.tables_merged"},
      .group = Group{.trust = {DiskTrust::kVerified},
                     .weathers = {Weather::kTinyFiles, Weather::kPowerCuts, Weather::kAsWritten},
                     .log_kept_bytes = {0, 16 * kKiB},
                     .stores = {StateStore::kLsm}},
  };
}

}  // namespace wt::scenarios
