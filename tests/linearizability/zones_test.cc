// Proves each way in which a register with unique values can be wrong, and what zones declines.
#include "scenarios/linearizability/zones.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/linearizability/check.h"

namespace wt::lin {
namespace {

using ::testing::ElementsAre;

Operation Write(uint32_t value, uint32_t call, uint32_t ret = kOpen) {
  return {.argument = value, .call = call, .ret = ret, .function = Function::kWrite};
}
Operation Read(uint32_t value, uint32_t call, uint32_t ret) {
  return {.result = value, .call = call, .ret = ret, .function = Function::kRead};
}
Operation Cas(uint32_t expected, uint32_t desired, uint32_t call, uint32_t ret = kOpen) {
  return {.argument = PackPair(expected, desired),
          .call = call,
          .ret = ret,
          .function = Function::kCompareAndSet};
}

std::optional<ZonesResult> CheckZones(const std::vector<Operation>& operations) {
  return Zones(100, Values::kNil).Check(operations);
}
bool IsLinearizable(const std::vector<Operation>& operations) {
  const auto result = CheckZones(operations);
  EXPECT_TRUE(result.has_value());
  return result->linearizable;
}

TEST(ZonesTest, AReadNeedsAWrite) {
  EXPECT_TRUE(IsLinearizable({Read(Values::kNil, 0, 1)}));
  EXPECT_THAT(CheckZones({Write(1, 0, 1), Read(2, 2, 3)})->core, ElementsAre(1));
  EXPECT_FALSE(IsLinearizable({Read(1, 0, 1), Write(1, 2, 3)}));
  EXPECT_TRUE(IsLinearizable({Write(1, 0, 3), Read(1, 1, 2)}));
}

TEST(ZonesTest, AValueDoesNotComeBack) {
  EXPECT_FALSE(IsLinearizable({Write(1, 0, 1), Write(2, 2, 3), Read(1, 4, 5)}));
  EXPECT_FALSE(IsLinearizable({Write(1, 0, 1), Read(Values::kNil, 2, 3)}));
  EXPECT_TRUE(IsLinearizable({Write(1, 0, 1), Write(2, 2, 6), Read(1, 3, 4), Read(2, 7, 8)}));
  EXPECT_FALSE(IsLinearizable(
      {Write(1, 0, 7), Write(2, 1, 8), Read(1, 2, 3), Read(2, 4, 5), Read(1, 6, 9)}));
}

TEST(ZonesTest, AnOpenWriteHappenedOnlyIfSeen) {
  EXPECT_TRUE(IsLinearizable({Write(1, 0), Write(2, 1, 2), Read(2, 3, 4), Read(1, 5, 6)}));
  EXPECT_TRUE(IsLinearizable({Write(1, 0), Write(2, 1, 2), Read(2, 3, 4)}));
  EXPECT_FALSE(IsLinearizable({Write(1, 0), Read(1, 1, 2), Write(2, 3, 4), Read(1, 5, 6)}));
}

TEST(ZonesTest, CompareAndSetsAreChains) {
  EXPECT_TRUE(IsLinearizable({Write(1, 0, 1), Cas(1, 2, 2, 3), Read(2, 4, 5)}));
  EXPECT_FALSE(IsLinearizable({Write(1, 0, 1), Cas(1, 2, 2, 3), Read(1, 4, 5)}));
  EXPECT_FALSE(IsLinearizable({Write(1, 0, 1), Write(2, 2, 3), Cas(1, 3, 4, 5)}));
  EXPECT_FALSE(IsLinearizable({Cas(Values::kNil, 1, 0, 2), Cas(Values::kNil, 2, 1, 3)}));
  EXPECT_FALSE(IsLinearizable({Cas(1, 2, 0, 2), Cas(2, 1, 1, 3)}));
  EXPECT_FALSE(IsLinearizable({Cas(1, 2, 0, 1)}));
  EXPECT_TRUE(IsLinearizable({Cas(Values::kNil, 1, 0), Cas(1, 2, 1, 2)}));
  EXPECT_FALSE(IsLinearizable({Cas(1, 2, 0), Read(2, 1, 2)}));
}

TEST(ZonesTest, DeclinesWhatIsNotUnique) {
  EXPECT_FALSE(CheckZones({Write(1, 0, 1), Write(1, 2, 3)}).has_value());
  EXPECT_FALSE(CheckZones({Write(Values::kNil, 0, 1)}).has_value());
  Operation failed = Cas(1, 2, 0, 1);
  failed.function = Function::kCompareFailed;
  EXPECT_FALSE(CheckZones({failed}).has_value());
  failed.result = Values::kNil;
  EXPECT_TRUE(IsLinearizable({failed}));
  failed.result = 1;
  EXPECT_FALSE(IsLinearizable({failed, Write(1, 2, 3)}));
}

TEST(ZonesTest, TablesAreCleanForTheNextKey) {
  Zones zones(100, Values::kNil);
  EXPECT_TRUE(zones.Check(std::vector{Write(1, 0, 1), Read(1, 2, 3)})->linearizable);
  EXPECT_FALSE(zones.Check(std::vector{Read(1, 0, 1)})->linearizable);
  EXPECT_TRUE(zones.Check(std::vector{Write(1, 0, 1), Read(1, 2, 3)})->linearizable);
}

}  // namespace
}  // namespace wt::lin
