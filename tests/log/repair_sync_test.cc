// A repair whose sync failed, on a disk that then shows what it did not keep: the next life must
// not take the entry for mended.
#include <gtest/gtest.h>

#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/virtual_disk.h"
#include "tests/log/log_world.h"

namespace wt::test {
namespace {

const LogOptions kSalvaging = {.segment_bytes = 16 * kKiB, .alignment = 512, .salvage = true};

uint64_t DamagedAtOpen(Env env) {
  LogRecovery found;
  EXPECT_TRUE(OpenWal(env, kSalvaging, &found).ok());
  return found.damaged;
}

TEST(RepairSyncTest, WhatAFailedSyncLeftInTheCacheIsNotBelieved) {
  sim::Simulator sim({.seed = 1});
  sim::Machine& machine = sim.AddMachine("n1");
  const auto live = [&](const std::function<void(Env)>& life) {
    machine.Boot(life);
    machine.AwaitExit();
  };
  const sim::RunEnd end = sim.Run([&] {
    live([](Env env) {
      std::unique_ptr<LogStorage> log = OpenWal(env, kSalvaging, nullptr).value();
      for (uint64_t i = 1; i <= 30; ++i) {
        ASSERT_TRUE(log->Append(EntryAt(i, 1, 3000)).ok());
        ASSERT_TRUE(log->Sync().ok());
      }
      ASSERT_TRUE(log->Close().ok());
    });
    machine.PowerLoss();
    machine.disk().FlipBit(SegmentPath("log", 1), kSegmentHeaderBytes + 2000, 3);
    live([&](Env env) {
      LogRecovery found;
      std::unique_ptr<LogStorage> log = OpenWal(env, kSalvaging, &found).value();
      ASSERT_EQ(found.damaged, 1u);
      const uint64_t index = log->Damaged().front().index.value();
      machine.disk().faults().sync_error_ppm = 1'000'000;
      EXPECT_FALSE(log->Repair(EntryAt(index, 1, 3000)).ok());
      machine.disk().faults() = {};
      log->Close().IgnoreError();
    });
    live([](Env env) { EXPECT_EQ(DamagedAtOpen(env), 1u); });
    machine.PowerLoss();
    live([](Env env) { EXPECT_EQ(DamagedAtOpen(env), 1u); });
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
}

}  // namespace
}  // namespace wt::test
