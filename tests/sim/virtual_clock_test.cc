// The clocks of a machine: honest by default, and every dial has its effect and no other.
#include "sim/virtual_clock.h"

#include <gtest/gtest.h>

#include "engine/env/mutex.h"
#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// How far the two clocks of n1 move while true time moves by ten seconds after `turn`.
struct Moved {
  Duration monotonic;
  Duration wall;
};

template <typename Turn>
Moved TenSecondsAfter(Turn turn) {
  Moved moved{};
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  sim.Run([&] {
    sim.SleepFor(seconds(3));
    const Time monotonic = n1.clock().Now();
    const WallTime wall = n1.clock().WallNow();
    turn(n1.clock());
    sim.SleepFor(seconds(10));
    moved = {n1.clock().Now() - monotonic, n1.clock().WallNow() - wall};
  });
  return moved;
}

TEST(VirtualClockTest, IsHonestByDefault) {
  const Moved moved = TenSecondsAfter([](VirtualClock&) {});
  EXPECT_EQ(moved.monotonic, seconds(10));
  EXPECT_EQ(moved.wall, seconds(10));
}

TEST(VirtualClockTest, JumpMovesOnlyTheWallEitherWay) {
  const Moved forth = TenSecondsAfter([](VirtualClock& clock) { clock.Jump(seconds(3600)); });
  EXPECT_EQ(forth.monotonic, seconds(10));
  EXPECT_EQ(forth.wall, seconds(3610));
  const Moved back = TenSecondsAfter([](VirtualClock& clock) { clock.Jump(-seconds(3600)); });
  EXPECT_EQ(back.monotonic, seconds(10));
  EXPECT_EQ(back.wall, -seconds(3590));
}

TEST(VirtualClockTest, DriftBendsBoth) {
  const Moved fast = TenSecondsAfter([](VirtualClock& clock) { clock.SetDrift(100'000); });
  EXPECT_EQ(fast.monotonic, seconds(11));
  EXPECT_EQ(fast.wall, seconds(11));
  const Moved slow = TenSecondsAfter([](VirtualClock& clock) { clock.SetDrift(-100'000); });
  EXPECT_EQ(slow.monotonic, seconds(9));
}

TEST(VirtualClockTest, FreezeStopsBothForAWhile) {
  const Moved moved = TenSecondsAfter([](VirtualClock& clock) { clock.Freeze(seconds(4)); });
  EXPECT_EQ(moved.monotonic, seconds(6));
  EXPECT_EQ(moved.wall, seconds(6));
}

TEST(VirtualClockTest, FreezeWallStopsOnlyTheWall) {
  const Moved moved = TenSecondsAfter([](VirtualClock& clock) { clock.FreezeWall(seconds(4)); });
  EXPECT_EQ(moved.monotonic, seconds(10));
  EXPECT_EQ(moved.wall, seconds(6));
}

TEST(VirtualClockTest, AJumpDuringAFreezeCounts) {
  const Moved moved = TenSecondsAfter([](VirtualClock& clock) {
    clock.Freeze(seconds(4));
    clock.Jump(seconds(100));
  });
  EXPECT_EQ(moved.wall, seconds(106));
}

TEST(VirtualClockTest, MonotonicNeverGoesBackWhateverTheDials) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  sim.Run([&] {
    Time last = n1.clock().Now();
    for (int i = 0; i < 500; ++i) {
      switch (i % 5) {
        case 0: n1.clock().SetDrift((i % 7) * 100'000 - 300'000); break;
        case 1: n1.clock().Freeze(milliseconds(i % 11)); break;
        case 2: n1.clock().Jump(seconds(i % 13 - 6)); break;
        case 3: n1.clock().FreezeWall(milliseconds(i % 3)); break;
        default: break;
      }
      sim.SleepFor(milliseconds(i % 4));
      EXPECT_LE(last, n1.clock().Now());
      last = n1.clock().Now();
    }
  });
}

// A machine measures its waits with its own clock.
Duration TrueLengthOfTenSecondSleep(int32_t drift_ppm, Duration freeze) {
  Duration took{};
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  sim.Run([&] {
    n1.clock().SetDrift(drift_ppm);
    n1.clock().Freeze(freeze);
    n1.Boot([](Env env) { env.tasks.SleepFor(seconds(10)); });
    n1.AwaitExit();
    took = sim.now();
  });
  return took;
}

TEST(VirtualClockTest, SleepsFollowTheMachinesClock) {
  EXPECT_EQ(TrueLengthOfTenSecondSleep(0, Duration::zero()), seconds(10));
  EXPECT_EQ(TrueLengthOfTenSecondSleep(250'000, Duration::zero()), seconds(8));
  EXPECT_EQ(TrueLengthOfTenSecondSleep(-200'000, Duration::zero()), milliseconds(12'500));
  EXPECT_EQ(TrueLengthOfTenSecondSleep(0, seconds(5)), seconds(15));
}

TEST(VirtualClockTest, TimeoutsFollowTheMachinesClock) {
  Simulator sim({.spurious_wakeup_ppm = 0});
  Machine& n1 = sim.AddMachine("n1");
  sim.Run([&] {
    n1.clock().SetDrift(250'000);
    n1.Boot([&](Env env) {
      EXPECT_TRUE(absl::IsDeadlineExceeded(env.network.Receive(seconds(10)).status()));
      EXPECT_EQ(sim.now(), seconds(8));
      Mutex mutex(env.tasks);
      CondVar never(env.tasks);
      MutexLock lock(mutex);
      EXPECT_FALSE(never.WaitFor(mutex, seconds(10)));
      EXPECT_EQ(sim.now(), seconds(16));
    });
    n1.AwaitExit();
  });
}

TEST(VirtualClockTest, MachinesHaveClocksOfTheirOwn) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  Machine& n2 = sim.AddMachine("n2");
  n1.clock().Jump(seconds(60));
  EXPECT_EQ(n1.clock().WallNow() - n2.clock().WallNow(), seconds(60));
}

TEST(VirtualClockTest, EachBootStartsTheMonotonicClockSomewhereElse) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  sim.Run([&] {
    Time first{}, second{};
    n1.Boot([&](Env env) { first = env.clock.Now(); });
    n1.AwaitExit();
    n1.Boot([&](Env env) { second = env.clock.Now(); });
    n1.AwaitExit();
    EXPECT_NE(first, second);
    EXPECT_EQ(sim.now(), SimTime::zero());
  });
}

}  // namespace
}  // namespace wt::sim
