// Scopes: among whom the machine of a fault is drawn. The victims of a run are fixed, harm stays
// among them, and no spec moves the faults of another kind.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "faults/fault.h"

namespace wt::faults {
namespace {

using namespace std::chrono_literals;

FaultSpec Of(FaultKind kind, Scope on) {
  return {.kind = kind,
          .every = Between(50ms, 400ms),
          .lasts = Between(0ms, 100ms),
          .amount = Between(1, 9),
          .on = on};
}

std::vector<Fault> DrawOne(const FaultSpec& spec, const Fleet& fleet, uint64_t seed) {
  return Draw(std::vector{spec}, fleet, 20s, seed);
}

std::set<uint32_t> MachinesOf(const std::vector<Fault>& faults) {
  std::set<uint32_t> machines;
  for (const Fault& fault : faults) machines.insert(fault.machine);
  return machines;
}

std::vector<Fault> OfKind(const std::vector<Fault>& faults, FaultKind kind) {
  std::vector<Fault> found;
  for (const Fault& fault : faults) {
    if (fault.kind == kind) found.push_back(fault);
  }
  return found;
}

TEST(DrawTest, VictimsAreAMinorityAndEachMinorityIsDrawn) {
  const std::map<uint32_t, size_t> sizes = {{1, 1}, {2, 0}, {3, 1}, {4, 1}, {5, 2}, {6, 2}, {7, 3}};
  for (const auto& [machines, size] : sizes) {
    std::set<std::set<uint32_t>> seen;
    for (uint64_t seed = 0; seed < 200; ++seed) {
      const std::set<uint32_t> victims = VictimsOf({.machines = machines}, seed);
      EXPECT_EQ(victims.size(), size);
      for (uint32_t victim : victims) EXPECT_TRUE(victim >= 1 && victim <= machines);
      seen.insert(victims);
    }
    if (machines == 3) {
      EXPECT_EQ(seen.size(), 3u);
    }
    if (machines == 5) {
      EXPECT_EQ(seen.size(), 10u);
    }
  }
}

TEST(DrawTest, VictimsAreAMinorityOfTheFewestVoters) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(VictimsOf({.machines = 7, .voters = 3}, seed).size(), 1u);
    EXPECT_EQ(VictimsOf({.machines = 5, .voters = 2}, seed).size(), 0u);
  }
}

TEST(DrawTest, AnyMachineMeansEachOfThem) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const auto faults = DrawOne(Of(FaultKind::kKill, Scope::kAny), {.machines = 3}, seed);
    EXPECT_EQ(MachinesOf(faults), (std::set<uint32_t>{1, 2, 3}));
    for (const Fault& fault : faults) EXPECT_EQ(fault.target, Target::kMachine);
  }
}

TEST(DrawTest, AMinorityMeansTheVictimsOfTheRunForEverySpec) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const std::set<uint32_t> victims = VictimsOf({.machines = 5}, seed);
    for (FaultKind kind : {FaultKind::kBitRot, FaultKind::kWipe, FaultKind::kLostSync}) {
      EXPECT_EQ(MachinesOf(DrawOne(Of(kind, Scope::kMinority), {.machines = 5}, seed)), victims);
    }
  }
}

TEST(DrawTest, TwoHaveNoMinorityAndOneIsItsOwn) {
  EXPECT_TRUE(DrawOne(Of(FaultKind::kBitRot, Scope::kMinority), {.machines = 2}, 1).empty());
  const auto any = DrawOne(Of(FaultKind::kBitRot, Scope::kAny), {.machines = 1}, 1);
  EXPECT_FALSE(any.empty());
  EXPECT_EQ(DrawOne(Of(FaultKind::kBitRot, Scope::kMinority), {.machines = 1}, 1), any);
}

TEST(DrawTest, PrimaryAndEveryAreTargets) {
  for (const Fault& fault : DrawOne(Of(FaultKind::kPause, Scope::kPrimary), {.machines = 3}, 1)) {
    EXPECT_EQ(fault.target, Target::kPrimary);
    EXPECT_TRUE(fault.machine >= 1 && fault.machine <= 3) << "when nobody is primary";
  }
  for (const Fault& fault : DrawOne(Of(FaultKind::kPause, Scope::kEvery), {.machines = 3}, 1)) {
    EXPECT_EQ(fault.target, Target::kEvery);
  }
}

TEST(DrawTest, DisksAreExchangedAmongVictimsAloneButCopiedFromAnybody) {
  std::set<uint32_t> copied;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Fleet five{.machines = 5};
    const std::set<uint32_t> victims = VictimsOf(five, seed);
    const auto exchanges = DrawOne(Of(FaultKind::kDiskExchange, Scope::kMinority), five, seed);
    EXPECT_FALSE(exchanges.empty());
    for (const Fault& fault : exchanges) {
      EXPECT_NE(fault.machine, fault.other);
      EXPECT_TRUE(victims.contains(fault.machine) && victims.contains(fault.other));
    }
    for (const Fault& fault : DrawOne(Of(FaultKind::kForeignDisk, Scope::kMinority), five, seed)) {
      EXPECT_NE(fault.machine, fault.other);
      EXPECT_TRUE(victims.contains(fault.machine));
      copied.insert(fault.other);
    }
    EXPECT_TRUE(
        DrawOne(Of(FaultKind::kDiskExchange, Scope::kMinority), {.machines = 3}, seed).empty())
        << "it takes two victims";
  }
  EXPECT_EQ(copied.size(), 5u);
}

TEST(DrawTest, TheOnlyMachineIsNeverWiped) {
  EXPECT_TRUE(DrawOne(Of(FaultKind::kWipe, Scope::kAny), {.machines = 1}, 1).empty());
}

TEST(DrawTest, ClientsAreCutAsOftenAsTheSpecSays) {
  FaultSpec spec = Of(FaultKind::kIsolation, Scope::kAny);
  const auto share = [&](uint32_t ppm) {
    spec.cut_clients_ppm = ppm;
    const auto faults = Draw(std::vector{spec}, 3, 200s, 4);
    const auto cut = std::count_if(faults.begin(), faults.end(),
                                   [](const Fault& fault) { return fault.cuts_clients; });
    return 100 * static_cast<size_t>(cut) / faults.size();
  };
  EXPECT_EQ(share(0), 0u);
  EXPECT_EQ(share(1'000'000), 100u);
  EXPECT_GT(share(300'000), 25u);
  EXPECT_LT(share(300'000), 35u);
}

TEST(DrawTest, TwoSpecsOfOneKindDrawDifferentFaults) {
  const FaultSpec spec = Of(FaultKind::kKill, Scope::kAny);
  const std::vector<FaultSpec> twice = {spec, spec};
  const auto faults = Draw(twice, 1, 20s, 3);
  std::set<sim::SimTime> times;
  for (const Fault& fault : faults) times.insert(fault.at);
  EXPECT_EQ(times.size(), faults.size()) << "none is there twice";
  const auto first = Draw(std::vector{spec}, 1, 20s, 3);
  EXPECT_GT(faults.size(), first.size() * 3 / 2);
  for (const Fault& fault : first) {
    EXPECT_EQ(std::count(faults.begin(), faults.end(), fault), 1) << "the first spec is as alone";
  }
}

TEST(DrawTest, TurnsFitIntoTheStorm) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    FaultSpec spec = Of(FaultKind::kRollingRestart, Scope::kAny);
    spec.lasts = Between(1s, 5s);
    for (const Fault& fault : DrawOne(spec, {.machines = 5}, seed)) {
      EXPECT_LE(fault.at + 5 * fault.lasts, 20s);
    }
  }
}

TEST(DrawTest, HarmedByNamesWhomHarmMayHit) {
  const Fault harmless{.kind = FaultKind::kKill, .machine = 1};
  const Fault rot{.kind = FaultKind::kBitRot, .machine = 2};
  const Fault exchange{.kind = FaultKind::kDiskExchange, .machine = 4, .other = 3};
  const Fault copy{.kind = FaultKind::kForeignDisk, .machine = 5, .other = 1};
  const auto harmed = [](std::vector<Fault> faults) { return HarmedBy(faults, 5); };
  using Set = std::set<uint32_t>;
  EXPECT_EQ(harmed({harmless}), Set());
  EXPECT_EQ(harmed({harmless, rot}), (Set{2}));
  EXPECT_EQ(harmed({exchange, copy}), (Set{3, 4, 5}));
  Fault on_primary = rot;
  on_primary.target = Target::kPrimary;
  EXPECT_EQ(harmed({on_primary}), (Set{1, 2, 3, 4, 5}));
  Fault loss_everywhere = harmless;
  loss_everywhere.target = Target::kEvery;
  EXPECT_EQ(harmed({loss_everywhere}), Set());
}

TEST(DrawTest, ProblemsAreNamedByTheirField) {
  const std::pair<Fault, const char*> cases[] = {
      {{.kind = FaultKind::kKill, .machine = 4}, "machine: 4, want 1 to 3"},
      {{.kind = FaultKind::kKill, .machine = 0}, "machine: 0, want 1 to 3"},
      {{.kind = FaultKind::kKill, .other = 2}, "other: 2, want 0"},
      {{.kind = FaultKind::kDiskExchange}, "other: 0, want 1 to 3"},
      {{.kind = FaultKind::kDiskExchange, .other = 1}, "other: 1, want 1 to 3 and not machine 1"},
      {{.kind = FaultKind::kForeignDisk, .other = 4}, "other: 4"},
      {{.kind = FaultKind::kForeignDisk, .other = 2, .target = Target::kEvery}, "target: "},
      {{.kind = FaultKind::kKill, .cuts_clients = true}, "cuts_clients: kill is no partition"}};
  for (const auto& [fault, problem] : cases) {
    EXPECT_EQ(ProblemOf(fault, 3).rfind(problem, 0), 0u) << ProblemOf(fault, 3);
  }
  EXPECT_NE(ProblemOf({.kind = FaultKind::kWipe}, 1), "");
  EXPECT_EQ(ProblemOf({.kind = FaultKind::kWipe}, 2), "");
  EXPECT_EQ(ProblemOf({.kind = FaultKind::kForeignDisk, .other = 3}, 3), "");
}

// Some specs of any kind that the scope and the kind allow.
rc::Gen<FaultSpec> AnySpec() {
  return rc::gen::exec([] {
    const auto kind = static_cast<FaultKind>(*rc::gen::inRange<size_t>(0, AllFaults().size()));
    auto on = static_cast<Scope>(*rc::gen::inRange(0, 4));
    if (on == Scope::kEvery && TakesTwo(kind)) on = Scope::kAny;
    FaultSpec spec = Of(kind, on);
    if (InfoOf(kind).area == Area::kPartition) {
      spec.cut_clients_ppm = *rc::gen::inRange(0u, 1'000'001u);
    }
    return spec;
  });
}

RC_GTEST_PROP(DrawPropertyTest, EveryDrawCanBeInjectedAndHarmStaysInItsScope, ()) {
  const auto specs = *rc::gen::container<std::vector<FaultSpec>>(AnySpec());
  const auto machines = *rc::gen::inRange<uint32_t>(1, 8);
  const auto seed = *rc::gen::arbitrary<uint64_t>();
  const std::vector<Fault> faults = Draw(specs, machines, 5s, seed);
  for (const Fault& fault : faults) RC_ASSERT(ProblemOf(fault, machines) == "");
  const bool contained = std::all_of(specs.begin(), specs.end(), [](const FaultSpec& spec) {
    return spec.on == Scope::kMinority || InfoOf(spec.kind).severity == Severity::kBenign;
  });
  if (!contained) return;
  const std::set<uint32_t> victims = VictimsOf({.machines = machines}, seed);
  for (uint32_t machine : HarmedBy(faults, machines)) RC_ASSERT(victims.contains(machine));
}

RC_GTEST_PROP(DrawPropertyTest, WithoutOneSpecOtherKindsAreTheSame, ()) {
  const auto specs = *rc::gen::nonEmpty(rc::gen::container<std::vector<FaultSpec>>(AnySpec()));
  const auto machines = *rc::gen::inRange<uint32_t>(1, 6);
  const auto seed = *rc::gen::arbitrary<uint64_t>();
  const auto without = *rc::gen::inRange<size_t>(0, specs.size());
  std::vector<FaultSpec> fewer = specs;
  fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(without));
  const auto all = Draw(specs, machines, 5s, seed);
  const auto some = Draw(fewer, machines, 5s, seed);
  for (const FaultSpec& spec : fewer) {
    if (spec.kind == specs[without].kind) continue;
    RC_ASSERT(OfKind(all, spec.kind) == OfKind(some, spec.kind));
  }
}

TEST(DrawTest, MostSuddenEndsAreAimedAndNothingElseIs) {
  for (FaultKind kind : {FaultKind::kPowerLoss, FaultKind::kKill, FaultKind::kKillThenPowerLoss}) {
    const auto faults = DrawOne(Of(kind, Scope::kAny), {.machines = 3}, 7);
    const auto aimed = std::ranges::count(faults, kAim, &Fault::aim);
    EXPECT_GT(aimed, std::ssize(faults) / 2);
    EXPECT_LT(aimed, std::ssize(faults)) << "some come at any time";
  }
  for (const Fault& fault : DrawOne(Of(FaultKind::kPause, Scope::kAny), {.machines = 3}, 7)) {
    EXPECT_EQ(fault.aim, Duration(0));
  }
}

TEST(DrawTest, AimMovesNothingElse) {
  FaultSpec spec = Of(FaultKind::kPowerLoss, Scope::kAny);
  std::vector<Fault> aimed = DrawOne(spec, {.machines = 3}, 7);
  spec.aimed_ppm = 0;
  for (Fault& fault : aimed) fault.aim = {};
  EXPECT_EQ(DrawOne(spec, {.machines = 3}, 7), aimed);
}

}  // namespace
}  // namespace wt::faults
