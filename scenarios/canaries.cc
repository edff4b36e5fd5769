#include "scenarios/canaries.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "scenarios/campaign/crash_record.h"
#include "scenarios/catalog.h"
#include "scenarios/crash.h"
#include "scenarios/execute.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kSeeds = 5;

// A backup is taken, and takes the disk's place later; nothing else goes wrong.
Scenario WithBackups(Scenario scenario) {
  scenario.faults = {{.kind = FaultKind::kDiskSwap,
                      .every = Between(200ms, 600ms),
                      .lasts = Between(0ms, 50ms),
                      .on = faults::Scope::kMinority}};
  scenario.swarm = false;
  return scenario;
}

Canary Lying(std::string name, std::string lie, std::string caught_by, Scenario scenario,
             Lie told) {
  const auto execute = [scenario = std::move(scenario), told](uint64_t seed,
                                                              const ExecuteOptions& options) {
    ExecuteOptions lying = options;
    lying.lie = told;
    return Execute(scenario, seed, lying);
  };
  return {.name = "canary-" + std::move(name),
          .lie = std::move(lie),
          .caught_by = std::move(caught_by),
          .execute = execute,
          .seeds = kSeeds};
}

// Of the crash states of a small workload.
Canary LyingOfCrashes(std::string name, std::string lie, std::string caught_by, Scenario scenario,
                      CrashLie told) {
  const auto execute = [scenario = std::move(scenario), told](uint64_t seed,
                                                              const ExecuteOptions&) {
    return RunOf(EnumerateCrashes(scenario, {.seed = seed, .depth = 1, .lie = told}), scenario);
  };
  return {.name = "canary-crash-" + std::move(name),
          .lie = std::move(lie),
          .caught_by = std::move(caught_by),
          .execute = execute,
          .seeds = kSeeds};
}

std::vector<Canary> CanariesOfCrashes() {
  const std::string lost = "the disk loses what it said was synced, and the power is cut";
  return {
      LyingOfCrashes("lost-syncs", lost, "acked-writes-survive", LogSmall(), CrashLie::kLostSyncs),
      LyingOfCrashes("lost-syncs-of-tables", lost + " (of a database)", "acked-writes-survive",
                     LsmSmall(), CrashLie::kLostSyncs),
      LyingOfCrashes("false-promise", "what was never written is said to have been durable",
                     "acked-writes-survive", LogSmall(), CrashLie::kPromise),
      LyingOfCrashes("unwritten", "what was written is said never to have been", "no-phantom",
                     LogSmall(), CrashLie::kUnwritten),
      LyingOfCrashes("other-history",
                     "the states of another workload are said to be the right ones",
                     "snapshot-equivalence", SnapshotSmall(), CrashLie::kHistory),
      LyingOfCrashes("overwrite", "durable bytes of the log are written again after a kill",
                     "wal-append-only", LogSmall(), CrashLie::kOverwrite),
  };
}

Run Sound(uint64_t seed, const ExecuteOptions& options) {
  return Execute(TornTail(), seed, options);
}

Run Wavering(uint64_t seed, const ExecuteOptions& options) {
  Run run = Sound(seed, options);
  run.record.digest ^= static_cast<uint64_t>(::getpid());
  return run;
}

[[noreturn]] Run Dying(uint64_t, const ExecuteOptions&) {
  std::fputs("canary: this process dies on purpose\n", stderr);
  std::abort();
}

std::vector<Canary> MakeCanaries() {
  const std::string untold = "the disk gives way to its older backup, and the ledger is not told";
  std::vector<Canary> canaries = {
      Lying("untold-backup", untold, "acked-writes-survive", WithBackups(TornTail()),
            Lie::kUntoldBackup),
      Lying("untold-backup-of-tables", untold + " (a database)", "acked-writes-survive",
            WithBackups(LsmStorm()), Lie::kUntoldBackup),
      Lying("untold-backup-of-group", untold + " (replicas)", "acked-writes-survive",
            WithBackups(DiskExchange()), Lie::kUntoldBackup),
      Lying("false-acknowledgement", "a client is told OK for a write that nobody proposed",
            "linearizable", TornTail(), Lie::kAcknowledgement),
      Lying("false-read", "a read is answered with what nobody wrote", "no-phantom", Failover(),
            Lie::kRead),
      Lying("overwrite", "durable bytes of the log are written again", "wal-append-only",
            TornTail(), Lie::kOverwrite),
      Lying("second-primary", "two machines win the election of one term", "election-safety",
            Failover(), Lie::kSecondPrimary),
      {.name = "canary-dying",
       .lie = "the process of a run dies",
       .caught_by = "no-crash",
       .execute = Dying},
      {.name = "canary-wavering",
       .lie = "the digest depends on the process",
       .caught_by = std::string(kByTwoDigests),
       .execute = Wavering},
      {.name = "canary-no-goal",
       .lie = "what is promised is never reached",
       .caught_by = std::string(kByMissedGoal),
       .execute = Sound},
  };
  std::ranges::move(CanariesOfCrashes(), std::back_inserter(canaries));
  return canaries;
}

}  // namespace

std::span<const Canary> AllCanaries() {
  static const std::vector<Canary> all = MakeCanaries();
  WT_CHECK(!all.empty());
  return all;
}

}  // namespace wt::scenarios
