// Faults that concern several machines, or the whole of one: disks that are emptied, exchanged or
// copied while the power is off, storms of restarts, turns, and what falls on every machine at
// once.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/env/file_io.h"
#include "sim/machine.h"
#include "sim/trace.h"
#include "sim/virtual_clock.h"
#include "sim/virtual_disk.h"
#include "tests/faults/test_operator.h"

namespace wt::faults {
namespace {

using namespace std::chrono_literals;
using sim::Machine;

// Machines that hold a durable file "log/a" with their name, and 64 unsynced sectors in "log/b".
class Fleet3 {
 public:
  explicit Fleet3(uint64_t seed = 5) : sim({.seed = seed}), injector(sim, who, {"log/"}) {
    for (const char* name : {"n1", "n2", "n3"}) sim.AddMachine(name);
  }

  Machine& operator[](uint32_t id) { return *sim.machines()[id - 1]; }
  std::string Durable(uint32_t id, std::string_view path = "log/a") {
    return (*this)[id].disk().DurableBytes(path).value_or("none");
  }

  template <typename Story>
  void Run(Story story) {
    const sim::RunEnd end = sim.Run([&] {
      for (uint32_t id : {1, 2, 3}) Boot((*this)[id]);
      sim.SleepFor(1s);
      story();
    });
    EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
  }

  void Boot(Machine& machine) {
    machine.Boot([name = machine.name()](Env env) {
      EXPECT_TRUE(env.disk.CreateDirectory("log").ok());
      for (const char* path : {"log/a", "log/b"}) {
        absl::StatusOr<std::unique_ptr<File>> file = env.disk.Open(path, OpenMode::kCreate);
        ASSERT_TRUE(file.ok()) << file.status();
        EXPECT_TRUE(WriteFully(**file, 0, name).ok());
        EXPECT_TRUE((*file)->Sync().ok());
        EXPECT_TRUE(env.disk.SyncDirectory("log").ok());
        EXPECT_TRUE(env.disk.SyncDirectory("").ok());
        if (path[4] == 'a') continue;
        EXPECT_TRUE(WriteFully(**file, kSectorBytes, std::string(64 * kSectorBytes, 'u')).ok());
      }
      for (;;) env.tasks.SleepFor(1h);
    });
  }

  // Injects them, with times that count from now, and waits until all is over.
  void Inject(std::vector<Fault> faults) {
    const sim::SimTime start = sim.now();
    for (Fault& fault : faults) fault.at += start;
    sim.tasks().Spawn("injector", [&] { injector.Run(faults); })->Join();
  }

  sim::Simulator sim;
  TestOperator who;
  Injector injector;
};

TEST(FleetFaultsTest, AWipedMachineIsOffAndHasNothing) {
  Fleet3 fleet;
  fleet.Run([&] {
    fleet.Inject({{.kind = FaultKind::kWipe, .lasts = 30ms, .machine = 2}});
    EXPECT_EQ(fleet.who.calls, (std::vector<std::string>{"cut n2", "wipe n2"}));
    EXPECT_EQ(fleet.who.down, 30ms);
    EXPECT_TRUE(fleet[2].disk().DurableImage().empty());
    EXPECT_EQ(fleet[2].state(), Machine::State::kOff);
    EXPECT_EQ(fleet.Durable(1), "n1");
    EXPECT_EQ(fleet.Durable(3), "n3");
  });
}

TEST(FleetFaultsTest, ExchangedDisksChangePlacesWhileBothAreOff) {
  Fleet3 fleet;
  fleet.Run([&] {
    fleet.Inject({{.kind = FaultKind::kDiskExchange, .lasts = 30ms, .machine = 1, .other = 3}});
    EXPECT_EQ(fleet.who.calls, (std::vector<std::string>{"cut n1", "cut n3", "exchange n1 n3"}));
    EXPECT_EQ(fleet.Durable(1), "n3");
    EXPECT_EQ(fleet.Durable(2), "n2");
    EXPECT_EQ(fleet.Durable(3), "n1");
    EXPECT_EQ(fleet[2].state(), Machine::State::kRunning);
    EXPECT_EQ(fleet.who.phrases.front(), "disk-exchange with n3 for 30 ms");
  });
}

TEST(FleetFaultsTest, AForeignDiskIsACopyAndItsOwnerNoticesNothing) {
  Fleet3 fleet;
  fleet.Run([&] {
    fleet.Inject({{.kind = FaultKind::kForeignDisk, .machine = 1, .other = 3}});
    EXPECT_EQ(fleet.who.calls, (std::vector<std::string>{"cut n1", "copy n3 to n1"}));
    EXPECT_EQ(fleet.Durable(1), "n3");
    EXPECT_EQ(fleet.Durable(3), "n3");
    EXPECT_EQ(fleet[3].state(), Machine::State::kRunning);
  });
}

TEST(FleetFaultsTest, WhenThePrimaryIsTheOtherOneTheMachineIsItsPartner) {
  Fleet3 fleet;
  fleet.Run([&] {
    fleet.who.primary = &fleet[3];
    fleet.Inject(
        {{.kind = FaultKind::kForeignDisk, .machine = 1, .other = 3, .target = Target::kPrimary}});
    EXPECT_EQ(fleet.who.calls, (std::vector<std::string>{"cut n3", "copy n1 to n3"}));
  });
}

TEST(FleetFaultsTest, ARestartStormKillsAsOftenAsItSaysWithinItsTime) {
  Fleet3 fleet;
  fleet.Run([&] {
    const sim::SimTime start = fleet.sim.now();
    fleet.Inject({{.kind = FaultKind::kRestartStorm, .lasts = 100ms, .amount = 5, .machine = 2}});
    EXPECT_EQ(fleet.who.calls, std::vector<std::string>(5, "kill n2"));
    EXPECT_EQ(fleet.who.down, 0ms) << "each restart is at once";
    EXPECT_EQ(fleet.sim.now() - start, 80ms);
  });
}

TEST(FleetFaultsTest, TurnsVisitEachMachineOnceInTheOrderOfTheSalt) {
  for (const auto& [kind, verb] : {std::pair(FaultKind::kRollingRestart, "close "),
                                   std::pair(FaultKind::kRollingKill, "kill ")}) {
    std::set<std::vector<std::string>> orders;
    for (uint64_t salt = 0; salt < 30; ++salt) {
      Fleet3 fleet;
      fleet.Run([&, kind = kind, verb = verb] {
        const sim::SimTime start = fleet.sim.now();
        fleet.Inject({{.kind = kind, .lasts = 100ms, .amount = 40, .salt = salt}});
        EXPECT_EQ(fleet.sim.now() - start, 200ms) << "three turns";
        EXPECT_EQ(fleet.who.down, 40ms);
        orders.insert(fleet.who.calls);
        std::vector<std::string> sorted = fleet.who.calls;
        std::sort(sorted.begin(), sorted.end());
        const std::string name(verb);
        EXPECT_EQ(sorted, (std::vector{name + "n1", name + "n2", name + "n3"}));
      });
    }
    EXPECT_EQ(orders.size(), 6u) << "every order of three";
  }
}

TEST(FleetFaultsTest, WhatConcernsAllMachinesTakesPlaceOnceAlsoOnEvery) {
  Fleet3 fleet;
  fleet.Run([&] {
    fleet.Inject({{.kind = FaultKind::kRollingKill, .lasts = 10ms, .target = Target::kEvery}});
    EXPECT_EQ(fleet.who.calls.size(), 3u);
  });
}

TEST(FleetFaultsTest, StopMeansThatNoFurtherTurnIsTaken) {
  Fleet3 fleet;
  const std::vector<Fault> faults = {
      {.kind = FaultKind::kRollingKill, .at = 2s, .lasts = 100ms},
      {.kind = FaultKind::kRestartStorm, .at = 2s, .lasts = 1s, .amount = 10, .machine = 1},
      {.kind = FaultKind::kKillThenPowerLoss, .at = 2s, .amount = 500'000, .machine = 1}};
  fleet.Run([&] {
    auto injecting = fleet.sim.tasks().Spawn("injector", [&] { fleet.injector.Run(faults); });
    fleet.sim.SleepFor(1s + 50ms);
    const size_t calls = fleet.who.calls.size();
    EXPECT_EQ(calls, 3u);
    fleet.injector.Stop();
    injecting->Join();
    fleet.sim.SleepFor(5s);
    EXPECT_EQ(fleet.who.calls.size(), calls);
  });
}

TEST(FleetFaultsTest, OtherFaultsComeInTimeBetweenTheStepsOfOne) {
  Fleet3 fleet;
  fleet.Run([&] {
    fleet.Inject({{.kind = FaultKind::kKillThenPowerLoss, .amount = 500'000, .machine = 1},
                  {.kind = FaultKind::kKill, .at = 200ms, .machine = 2}});
    EXPECT_EQ(fleet.who.calls, (std::vector<std::string>{"kill n1", "kill n2", "cut n1"}));
  });
}

TEST(FleetFaultsTest, ACorrelatedPowerLossTakesAllAndLeavesEachItsOwnSubset) {
  int differing = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Fleet3 fleet(seed);
    fleet.Run([&] {
      const sim::SimTime start = fleet.sim.now();
      fleet.Inject({{.kind = FaultKind::kPowerLoss, .lasts = 30ms, .target = Target::kEvery}});
      EXPECT_EQ(fleet.who.calls, (std::vector<std::string>{"cut n1", "cut n2", "cut n3"}));
      EXPECT_EQ(fleet.sim.now(), start) << "at the same instant";
      EXPECT_EQ(fleet.injector.counts().at("power-loss"), 1u);
      std::set<std::string> all_left;
      for (uint32_t id : {1, 2, 3}) {
        EXPECT_EQ(fleet.Durable(id), fleet[id].name()) << "synced";
        all_left.insert(fleet.Durable(id, "log/b").substr(2));
      }
      if (all_left.size() > 1) ++differing;
    });
  }
  EXPECT_GE(differing, 7) << "of ten";
}

TEST(FleetFaultsTest, OnEveryMachineTheChoicesDiffer) {
  std::set<Duration> jumps;
  Fleet3 fleet;
  fleet.Run([&] {
    std::vector<WallTime> before;
    for (uint32_t id : {1, 2, 3}) before.push_back(fleet[id].clock().WallNow());
    for (uint64_t salt = 0; salt < 10; ++salt) {
      fleet.Inject({{.kind = FaultKind::kWallClockJump,
                     .amount = 1'000,
                     .salt = salt,
                     .target = Target::kEvery}});
    }
    for (uint32_t id : {1, 2, 3}) jumps.insert(fleet[id].clock().WallNow() - before[id - 1]);
  });
  EXPECT_GT(jumps.size(), 1u) << "some forward, some back";
}

TEST(FleetFaultsTest, ThePrimaryIsPausedAndResumed) {
  Fleet3 fleet;
  fleet.Run([&] {
    fleet.who.primary = &fleet[2];
    const std::vector<Fault> faults = {{.kind = FaultKind::kPause,
                                        .at = fleet.sim.now(),
                                        .lasts = 100ms,
                                        .target = Target::kPrimary}};
    auto injecting = fleet.sim.tasks().Spawn("injector", [&] { fleet.injector.Run(faults); });
    fleet.sim.SleepFor(50ms);
    EXPECT_EQ(fleet[2].state(), Machine::State::kPaused);
    EXPECT_EQ(fleet[1].state(), Machine::State::kRunning);
    fleet.who.primary = &fleet[1];  // another one meanwhile: what began on n2 ends on n2
    injecting->Join();
    EXPECT_EQ(fleet[2].state(), Machine::State::kRunning);
  });
}

TEST(FleetFaultsTest, TheSameSeedIsTheSameRun) {
  const auto digest = [](uint64_t seed) {
    std::vector<FaultSpec> specs;
    for (FaultKind kind : {FaultKind::kWipe, FaultKind::kDiskExchange, FaultKind::kForeignDisk,
                           FaultKind::kRestartStorm, FaultKind::kRollingKill, FaultKind::kPause,
                           FaultKind::kPowerLoss, FaultKind::kSlowProcessor}) {
      specs.push_back({.kind = kind,
                       .every = Between(100ms, 900ms),
                       .lasts = Between(0ms, 100ms),
                       .amount = Between(1, 50)});
    }
    Fleet3 fleet(seed);
    fleet.Run([&] { fleet.Inject(Draw(specs, 3, 5s, seed)); });
    return fleet.sim.trace().digest();
  };
  EXPECT_EQ(digest(1), digest(1));
  EXPECT_NE(digest(1), digest(2));
}

}  // namespace
}  // namespace wt::faults
