// refuse-not-lie in a group: who may set its disk aside, and who may not.
#include "scenarios/cluster/invariants/refusals.h"

#include <gtest/gtest.h>

#include "tests/cluster/group_bench.h"

namespace wt::scenarios {
namespace {

std::string FailureOfSettingAside(const std::function<void(Honesty&)>& before) {
  return GroupFailureOf([&](GroupBench& bench) {
    Refusals refusals(bench.judge, bench.honesty);
    before(bench.honesty);
    refusals.OnEvent(bench.machine(1), bench.sim.now(),
                     {.kind = EventKind::kReplicaSetAside, .text = "because"});
    EXPECT_EQ(refusals.set_aside(), 1u);
    EXPECT_EQ(bench.judge.evaluated().at("refuse-not-lie"), 1u);
  });
}

TEST(RefusalsTest, AHealthyDiskThatIsSetAsideFails) {
  EXPECT_EQ(FailureOfSettingAside([](Honesty&) {}), "refuse-not-lie");
}

TEST(RefusalsTest, ADiskThatLiedMayBeSetAside) {
  EXPECT_EQ(FailureOfSettingAside([](Honesty& honesty) { honesty.Harm(1); }), "");
  EXPECT_EQ(FailureOfSettingAside([](Honesty& honesty) { honesty.Harm(2); }), "refuse-not-lie");
}

TEST(RefusalsTest, ReadsThatFailedExcuse) {
  EXPECT_EQ(FailureOfSettingAside([](Honesty& honesty) { honesty.DoubtReads(1); }), "");
}

TEST(RefusalsTest, NamesInDoubtExcuseADamagedSnapshotAlone) {
  EXPECT_EQ(FailureOfSettingAside([](Honesty& honesty) { honesty.DoubtNames(1); }),
            "refuse-not-lie");
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Refusals refusals(bench.judge, bench.honesty);
              bench.honesty.DoubtNames(1);
              refusals.OnEvent(bench.machine(1), bench.sim.now(),
                               {.kind = EventKind::kSnapshotDamaged, .text = "because"});
            }),
            "");
}

}  // namespace
}  // namespace wt::scenarios
