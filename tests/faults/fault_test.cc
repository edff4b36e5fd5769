// Drawing faults: a pure function of specs, machines, storm and seed; within the specs; and each
// spec by its own key, so that no other one moves it.
#include "faults/fault.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "engine/base/random.h"

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
    EXPECT_GT(faults.size(), 80u);
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
    std::map<FaultKind, sim::SimTime> previous;
    for (const Fault& fault : Draw(Specs(), 2, 20s, seed)) {
      const FaultSpec& spec =
          *std::find_if(Specs().begin(), Specs().end(),
                        [&](const FaultSpec& candidate) { return candidate.kind == fault.kind; });
      EXPECT_GE(fault.amount, spec.amount.low);
      EXPECT_LE(fault.amount, spec.amount.high);
      EXPECT_LE(fault.lasts, spec.lasts.high);
      const bool is_cut = fault.at + spec.lasts.high >= 20s;
      EXPECT_TRUE(is_cut || fault.lasts >= spec.lasts.low);
      sim::SimTime& last = previous[fault.kind];
      EXPECT_GE(fault.at - last, spec.every.low);
      EXPECT_LE(fault.at - last, spec.every.high);
      last = fault.at;
    }
    EXPECT_EQ(previous.size(), 3u) << "every kind";
  }
}

TEST(FaultTest, AnotherSpecMovesNothing) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<Fault> all = Draw(Specs(), 3, 10s, seed);
    for (const FaultSpec& spec : Specs()) {
      std::vector<Fault> of_kind;
      std::copy_if(all.begin(), all.end(), std::back_inserter(of_kind),
                   [&](const Fault& fault) { return fault.kind == spec.kind; });
      EXPECT_FALSE(of_kind.empty());
      EXPECT_EQ(Draw(std::vector{spec}, 3, 10s, seed), of_kind);
    }
  }
}

TEST(FaultTest, MoreMachinesMoveWhomAFaultHitsAndNothingElse) {
  std::vector<Fault> one = Draw(Specs(), 1, 10s, 3);
  std::vector<Fault> many = Draw(Specs(), 5, 10s, 3);
  EXPECT_NE(one, many);
  for (Fault& fault : many) fault.machine = 1;
  const auto by_time = [](const Fault& a, const Fault& b) {
    return std::tie(a.at, a.kind) < std::tie(b.at, b.kind);
  };
  std::sort(one.begin(), one.end(), by_time);
  std::sort(many.begin(), many.end(), by_time);
  EXPECT_EQ(one, many);
}

// Seeds of one machine mean what they meant: these were drawn before there were several.
TEST(FaultTest, DrawsOfOneMachineAreStable) {
  const std::vector<Fault> faults = Draw(Specs(), 1, 10s, 7);
  ASSERT_GT(faults.size(), 3u);
  uint64_t hash = 0;
  for (const Fault& fault : faults) {
    for (uint64_t word :
         {static_cast<uint64_t>(fault.kind), static_cast<uint64_t>(fault.at.count()),
          static_cast<uint64_t>(fault.lasts.count()), fault.amount, fault.salt,
          uint64_t{fault.machine}}) {
      hash = Mix64(hash ^ word);
    }
  }
  EXPECT_EQ(hash, 0x60d87c72d7bd093du);
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
