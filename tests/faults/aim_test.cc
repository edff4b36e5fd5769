// An aimed fault waits for a moment at which something is in doubt, and not for long.
#include <gtest/gtest.h>

#include "engine/env/file_io.h"
#include "faults/injector.h"
#include "sim/virtual_disk.h"
#include "tests/faults/test_operator.h"

namespace wt::faults {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDue = 1s;

// How late a machine loses its power that writes `write_after` after the cut is due.
sim::SimTime LatenessOf(Duration aim, Duration write_after) {
  sim::Simulator sim({.seed = 5});
  sim::Machine& n1 = sim.AddMachine("n1");
  TestOperator who;
  Injector injector(sim, who, {});
  const std::vector<Fault> faults = {
      {.kind = FaultKind::kPowerLoss, .at = kDue, .lasts = 1ms, .salt = 3, .aim = aim}};
  sim::SimTime lateness{};
  const sim::RunEnd end = sim.Run([&] {
    n1.Boot([&](Env env) {
      env.tasks.SleepFor(kDue + write_after);
      auto file = env.disk.Open("a", OpenMode::kCreate);
      ASSERT_TRUE(file.ok()) << file.status();
      EXPECT_TRUE(WriteFully(**file, 0, "new").ok());
      while (true) env.tasks.SleepFor(1h);
    });
    injector.Run(faults);
    lateness = sim.now() - kDue;
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
  EXPECT_EQ(who.calls, std::vector<std::string>{"cut n1"});
  return lateness;
}

TEST(AimTest, AnAimedPowerCutWaitsForAWrite) {
  const sim::SimTime lateness = LatenessOf(25ms, 7ms);
  EXPECT_GE(lateness, 7ms);
  EXPECT_LE(lateness, 8ms) << "soon after it";
}

TEST(AimTest, AnAimedPowerCutDoesNotWaitForLonger) { EXPECT_EQ(LatenessOf(25ms, 50ms), 25ms); }

TEST(AimTest, WithoutAimItComesWhenItIsDue) { EXPECT_EQ(LatenessOf(0ms, 7ms), 0ms); }

TEST(AimTest, AMachineThatIsOffIsNotWaitedFor) {
  sim::Simulator sim({.seed = 5});
  sim.AddMachine("n1");
  TestOperator who;
  Injector injector(sim, who, {});
  const std::vector<Fault> faults = {{.kind = FaultKind::kPowerLoss, .at = kDue, .aim = 25ms}};
  (void)sim.Run([&] {
    injector.Run(faults);
    EXPECT_EQ(sim.now(), kDue);
  });
}

}  // namespace
}  // namespace wt::faults
