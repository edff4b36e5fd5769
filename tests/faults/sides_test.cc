// The shapes of partitions, for any salt and any number of machines: who is on which side, which
// links that cuts, and whom clients then do not reach.
#include "faults/sides.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

namespace wt::faults {
namespace {

using Groups = std::vector<std::vector<uint32_t>>;

Fault Of(FaultKind kind, uint64_t salt, uint32_t machine = 1) {
  return {.kind = kind, .salt = salt, .machine = machine};
}

size_t Sum(const Groups& sides) {
  size_t sum = 0;
  for (const auto& side : sides) sum += side.size();
  return sum;
}

bool Contains(const std::vector<uint32_t>& side, uint32_t machine) {
  return std::find(side.begin(), side.end(), machine) != side.end();
}

const std::vector<FaultKind>& Partitions() {
  static const std::vector<FaultKind> kinds = [] {
    std::vector<FaultKind> found;
    for (size_t i = 0; i < AllFaults().size(); ++i) {
      if (AllFaults()[i].area == Area::kPartition) found.push_back(static_cast<FaultKind>(i));
    }
    return found;
  }();
  return kinds;
}

TEST(SidesTest, APartitionSplitsIntoTwoOfAnySize) {
  std::map<size_t, int> sizes;
  for (uint64_t salt = 0; salt < 400; ++salt) {
    const Groups sides = SidesOf(Of(FaultKind::kPartition, salt), 5);
    ASSERT_EQ(sides.size(), 2u);
    EXPECT_EQ(Sum(sides), 5u);
    ++sizes[sides[0].size()];
  }
  ASSERT_EQ(sizes.size(), 4u) << "1, 2, 3 or 4 on the first side";
  for (const auto& [size, times] : sizes) EXPECT_GT(times, 50) << size;
}

TEST(SidesTest, AMinorityPartitionHasTheMachineInTheMinority) {
  std::map<size_t, int> sizes;
  for (uint64_t salt = 0; salt < 200; ++salt) {
    const Groups sides = SidesOf(Of(FaultKind::kMinorityPartition, salt, 4), 5);
    EXPECT_TRUE(Contains(sides[0], 4));
    EXPECT_LE(sides[0].size(), 2u);
    EXPECT_EQ(Sum(sides), 5u);
    ++sizes[sides[0].size()];
  }
  EXPECT_EQ(sizes.size(), 2u);
}

TEST(SidesTest, ABridgeHearsBothSidesAndTheyDoNotHearEachOther) {
  for (uint64_t salt = 0; salt < 100; ++salt) {
    const Fault fault = Of(FaultKind::kBridge, salt, 3);
    const Groups sides = SidesOf(fault, 5);
    ASSERT_EQ(sides.size(), 2u);
    EXPECT_EQ(Sum(sides), 4u);
    for (const auto& [from, to] : LinksCutBy(fault, 5)) {
      EXPECT_NE(from, 3u);
      EXPECT_NE(to, 3u);
    }
    EXPECT_EQ(LinksCutBy(fault, 5).size(), 2 * sides[0].size() * sides[1].size());
  }
}

TEST(SidesTest, InARingEachMachineHearsTwo) {
  for (uint32_t machines : {4, 5, 7}) {
    for (uint64_t salt = 0; salt < 20; ++salt) {
      const auto cut = LinksCutBy(Of(FaultKind::kRing, salt), machines);
      for (uint32_t a = 1; a <= machines; ++a) {
        uint32_t heard = 0;
        for (uint32_t b = 1; b <= machines; ++b) heard += a != b && !cut.contains({b, a});
        EXPECT_EQ(heard, 2u);
      }
    }
  }
}

TEST(SidesTest, ThreeAreARow) {
  const auto cut = LinksCutBy(Of(FaultKind::kRing, 1), 3);
  ASSERT_EQ(cut.size(), 2u) << "one pair, both ways";
  EXPECT_TRUE(cut.contains({cut.begin()->second, cut.begin()->first}));
}

TEST(SidesTest, AloneThereIsNothingToCut) {
  for (FaultKind kind : Partitions()) {
    EXPECT_TRUE(LinksCutBy(Of(kind, 1), 1).empty()) << InfoOf(kind).name;
  }
}

TEST(SidesTest, TwoAreCutByEverythingButABridgeOrARing) {
  for (FaultKind kind : Partitions()) {
    const bool can_cut = kind != FaultKind::kBridge && kind != FaultKind::kRing;
    EXPECT_EQ(LinksCutBy(Of(kind, 2), 2).empty(), !can_cut) << InfoOf(kind).name;
  }
}

TEST(SidesTest, EitherSideMayLoseItsClients) {
  std::set<bool> first;
  for (uint64_t salt = 0; salt < 30; ++salt) {
    Fault fault = Of(FaultKind::kPartition, salt);
    fault.cuts_clients = true;
    first.insert(ClientsCutBy(fault, 5) == SidesOf(fault, 5)[0]);
  }
  EXPECT_EQ(first.size(), 2u);
}

TEST(SidesTest, WordsNameTheSides) {
  EXPECT_EQ(SidesInWords(Of(FaultKind::kOneWayCut, 2, 3), 3), "{3 hears nobody}");
  EXPECT_EQ(SidesInWords(Of(FaultKind::kOneWayCut, 3, 3), 3), "{nobody hears 3}");
  EXPECT_EQ(SidesInWords(Of(FaultKind::kIsolation, 0, 2), 3), "{2 | 1 3}");
}

// What must hold of every partition.
RC_GTEST_PROP(SidesPropertyTest, EveryPartitionIsSound, ()) {
  const auto machines = *rc::gen::inRange<uint32_t>(2, 9);
  Fault fault = Of(*rc::gen::elementOf(Partitions()), *rc::gen::arbitrary<uint64_t>(),
                   *rc::gen::inRange<uint32_t>(1, machines + 1));
  fault.cuts_clients = true;
  std::set<uint32_t> seen;
  for (const auto& side : SidesOf(fault, machines)) {
    RC_ASSERT(!side.empty());
    for (uint32_t machine : side) RC_ASSERT(seen.insert(machine).second);
  }
  RC_ASSERT(*seen.begin() >= 1u);
  RC_ASSERT(*seen.rbegin() <= machines);
  const auto cut = LinksCutBy(fault, machines);
  for (const auto& [from, to] : cut) {
    RC_ASSERT(from != to);
    const bool both_ways = cut.contains({to, from});
    RC_ASSERT(both_ways == (fault.kind != FaultKind::kOneWayCut));
  }
  RC_ASSERT(!ClientsCutBy(fault, machines).empty());
  fault.cuts_clients = false;
  RC_ASSERT(ClientsCutBy(fault, machines).empty());
}

}  // namespace
}  // namespace wt::faults
