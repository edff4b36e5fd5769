// Drawing faults: a pure function of specs, machines, storm and seed; within the specs; and each
// spec by its own key, so that no other one moves it.
#include "faults/fault.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace wt::faults {
namespace {

using namespace std::chrono_literals;

const std::vector<FaultSpec>& Specs() {
  static const std::vector<FaultSpec> specs = {
      {.kind = FaultKind::kKill, .every = Between(50ms, 400ms), .lasts = Between(0ms, 100ms)},
      {.kind = FaultKind::kShortIo,
       .every = Between(100ms, 300ms),
       .lasts = Between(20ms, 2s),
       .amount = Between(1'000, 2'000)},
      {.kind = FaultKind::kBitRot, .every = Between(1s, 2s), .amount = Exactly(3)},
  };
  return specs;
}

TEST(FaultTest, EveryKindHasANameOfItsOwnAndAPhrase) {
  std::set<std::string_view> names;
  for (const FaultInfo& info : AllFaults()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_FALSE(info.what.empty()) << info.name;
    const std::optional<FaultKind> kind = FaultNamed(info.name);
    ASSERT_TRUE(kind.has_value());
    EXPECT_EQ(InfoOf(*kind).name, info.name);
  }
  EXPECT_EQ(FaultNamed("no-such-fault"), std::nullopt);
  EXPECT_EQ(FaultNamed(""), std::nullopt);
}

TEST(FaultTest, TheSameArgumentsDrawTheSameFaults) {
  EXPECT_EQ(Draw(Specs(), 2, 10s, 7), Draw(Specs(), 2, 10s, 7));
  EXPECT_NE(Draw(Specs(), 2, 10s, 7), Draw(Specs(), 2, 10s, 8));
}

TEST(FaultTest, FaultsAreInOrderOfTimeAndWithinTheStorm) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<Fault> faults = Draw(Specs(), 3, 10s, seed);
    EXPECT_GT(faults.size(), 100u);
    EXPECT_TRUE(std::is_sorted(faults.begin(), faults.end(),
                               [](const Fault& a, const Fault& b) { return a.at < b.at; }));
    for (const Fault& fault : faults) {
      EXPECT_GT(fault.at, 0ms);
      EXPECT_LT(fault.at, 10s);
      EXPECT_LE(fault.at + fault.lasts, 10s) << "calm must be calm";
    }
  }
}

TEST(FaultTest, FaultsAreAsTheirSpecSays) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    std::map<std::pair<FaultKind, uint32_t>, sim::SimTime> previous;
    for (const Fault& fault : Draw(Specs(), 2, 20s, seed)) {
      const FaultSpec& spec =
          *std::find_if(Specs().begin(), Specs().end(),
                        [&](const FaultSpec& candidate) { return candidate.kind == fault.kind; });
      EXPECT_GE(fault.amount, spec.amount.low);
      EXPECT_LE(fault.amount, spec.amount.high);
      EXPECT_LE(fault.lasts, spec.lasts.high);
      const bool is_cut = fault.at + spec.lasts.high >= 20s;
      EXPECT_TRUE(is_cut || fault.lasts >= spec.lasts.low);
      sim::SimTime& last = previous[{fault.kind, fault.machine}];
      EXPECT_GE(fault.at - last, spec.every.low);
      EXPECT_LE(fault.at - last, spec.every.high);
      last = fault.at;
    }
    EXPECT_EQ(previous.size(), 6u) << "every kind on every machine";
  }
}

TEST(FaultTest, AnotherSpecOrMachineMovesNothing) {
  const auto of = [](const std::vector<Fault>& faults, FaultKind kind, uint32_t machine) {
    std::vector<Fault> found;
    std::copy_if(faults.begin(), faults.end(), std::back_inserter(found), [&](const Fault& fault) {
      return fault.kind == kind && fault.machine == machine;
    });
    return found;
  };
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<Fault> all = Draw(Specs(), 3, 10s, seed);
    for (size_t i = 0; i < Specs().size(); ++i) {
      const std::vector<FaultSpec> alone = {Specs()[i]};
      const std::vector<Fault> fewer = Draw(alone, 2, 10s, seed);
      for (uint32_t machine : {1, 2}) {
        EXPECT_FALSE(of(fewer, Specs()[i].kind, machine).empty());
        EXPECT_EQ(of(fewer, Specs()[i].kind, machine), of(all, Specs()[i].kind, machine));
      }
    }
  }
}

TEST(FaultTest, AShorterStormIsABeginningOfALongerOne) {
  std::vector<Fault> shorter = Draw(Specs(), 1, 5s, 3);
  std::vector<Fault> longer = Draw(Specs(), 1, 10s, 3);
  std::erase_if(longer, [](const Fault& fault) { return fault.at >= 5s; });
  ASSERT_EQ(shorter.size(), longer.size());
  for (size_t i = 0; i < shorter.size(); ++i) {
    EXPECT_LE(shorter[i].lasts, longer[i].lasts) << "windows are cut at the end of the storm";
    shorter[i].lasts = longer[i].lasts;
    EXPECT_EQ(shorter[i], longer[i]);
  }
}

TEST(FaultTest, NoStormOrNoSpecsMeansNoFaults) {
  EXPECT_TRUE(Draw(Specs(), 1, 0s, 3).empty());
  EXPECT_TRUE(Draw({}, 3, 10s, 3).empty());
}

}  // namespace
}  // namespace wt::faults
