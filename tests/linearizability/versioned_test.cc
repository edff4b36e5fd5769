// Proves the check of claimed log indexes: each way to break real time is found, and nothing else.
#include "scenarios/linearizability/versioned.h"

#include <gtest/gtest.h>

#include <vector>

namespace wt::lin {
namespace {

using Kind = VersionViolation::Kind;
using Operations = std::vector<VersionedOperation>;

VersionedOperation Write(uint32_t call, uint32_t ret, uint64_t index) {
  return {.call = call, .ret = ret, .is_write = true, .index = LogIndex(index)};
}
VersionedOperation Read(uint32_t call, uint32_t ret, uint64_t index) {
  return {.call = call, .ret = ret, .index = LogIndex(index)};
}
VersionedOperation ReadOf(uint32_t call, uint32_t ret, uint64_t index, uint64_t value_of) {
  VersionedOperation read = Read(call, ret, index);
  read.value_of = LogIndex(value_of);
  return read;
}

std::optional<Kind> KindOf(const Operations& operations) {
  const auto violation = CheckVersions(operations);
  return violation ? std::optional(violation->kind) : std::nullopt;
}

TEST(VersionedTest, IndexesKeepRealTime) {
  EXPECT_EQ(KindOf({}), std::nullopt);
  EXPECT_EQ(KindOf({Write(0, 1, 1), Read(2, 3, 1), Write(4, 5, 2)}), std::nullopt);
  EXPECT_EQ(KindOf({Write(0, 3, 2), Write(1, 2, 1)}), std::nullopt);  // concurrent
  EXPECT_EQ(KindOf({Write(0, 1, 5), Read(2, 3, 4)}), Kind::kWentBack);
  EXPECT_EQ(KindOf({Read(0, 1, 5), Write(2, 3, 5)}), Kind::kWentBack);
  EXPECT_EQ(KindOf({Read(0, 1, 5), Read(2, 3, 4)}), Kind::kWentBack);
}

TEST(VersionedTest, TheViolationNamesBoth) {
  const auto violation = CheckVersions(Operations{Read(0, 1, 3), Read(2, 3, 7), Read(4, 5, 6)});
  ASSERT_TRUE(violation.has_value());
  EXPECT_EQ(violation->first, 1u);
  EXPECT_EQ(violation->second, 2u);
}

TEST(VersionedTest, AWriteHasItsOwnIndex) {
  EXPECT_EQ(KindOf({Write(0, 2, 7), Write(1, 3, 7)}), Kind::kSharedIndex);
}

TEST(VersionedTest, AReadShowsTheNewestWriteOfItsState) {
  EXPECT_EQ(KindOf({Write(0, 1, 3), ReadOf(2, 3, 4, 3)}), std::nullopt);
  EXPECT_EQ(KindOf({Write(0, 1, 3), ReadOf(2, 3, 4, 4)}), std::nullopt);  // of unknown outcome
  EXPECT_EQ(KindOf({Write(0, 1, 3), ReadOf(2, 3, 4, 0)}), Kind::kStaleValue);
  EXPECT_EQ(KindOf({ReadOf(0, 1, 4, 5)}), Kind::kFromFuture);
  Operations other_key = {Write(0, 1, 3), ReadOf(2, 3, 4, 0)};
  other_key[1].key = 1;
  EXPECT_EQ(KindOf(other_key), std::nullopt);
}

}  // namespace
}  // namespace wt::lin
