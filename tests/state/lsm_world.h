// Machines over an LSM so small that everything happens to it soon, on a simulated machine whose
// disk loses what was not synced when its power goes.
#ifndef WAVETANK_TESTS_STATE_LSM_WORLD_H_
#define WAVETANK_TESTS_STATE_LSM_WORLD_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/state/lsm_state_machine.h"
#include "engine/storage/file_storage.h"
#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::test {

inline LsmStateOptions TinyOptions() {
  LsmStateOptions options;
  options.piece_bytes = 512;
  options.lsm.memtable_bytes = 6 * kKiB;
  options.lsm.level0_trigger = 2;
  options.lsm.level1_bytes = 8 * kKiB;
  options.lsm.level_ratio = 3;
  options.lsm.table_bytes = 4 * kKiB;
  options.lsm.table.block_bytes = 512;
  options.lsm.use_mapping = false;
  options.lsm.manifest_bytes = 2 * kKiB;
  return options;
}

inline std::unique_ptr<LsmStateMachine> MustOpen(Env env, std::string folder = "state") {
  auto storage = OpenFileStorage(env, {.folder = std::move(folder)});
  WT_CHECK(storage.ok());
  auto machine = LsmStateMachine::Open(env, *std::move(storage), TinyOptions());
  WT_CHECK(machine.ok());
  return *std::move(machine);
}

inline std::string Settled(StateMachine& machine, const LogEntry& entry) {
  WT_CHECK(machine.Prepare(entry).ok());
  std::string result = machine.Apply(entry);
  WT_CHECK(machine.Settle().ok());
  return result;
}

inline sim::RunEnd OnMachine(sim::Simulator& sim, const std::function<void(Env)>& body) {
  sim::Machine& machine = sim.AddMachine("n1");
  return sim.Run([&] {
    machine.Boot(body);
    machine.AwaitExit();
  });
}

inline void InWorld(const std::function<void(Env)>& body, uint64_t seed = 11) {
  sim::Simulator sim({.seed = seed, .rarely_ppm = 20'000});
  const sim::RunEnd end = OnMachine(sim, body);
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.invariant << ": " << end.message;
}

}  // namespace wt::test

#endif  // WAVETANK_TESTS_STATE_LSM_WORLD_H_
