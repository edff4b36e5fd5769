// Proves that the matrix counts only what is possible as seen, that its text and its JSON come back
// as they were and reject what is none, and that the emptiest is named first.
#include "reports/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace wt::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Two invariants, three faults in two groups, two phases; b is judged without faults alone.
MatrixAxes Axes() {
  return {.invariants = {"a", "b"},
          .faults = {{"none", "none"}, {"kill", "process"}, {"wipe", "process"}},
          .phases = {"quiet", "recovery"},
          .possible = {true, true, true, true, true, true, true, true, false, false, false, false},
          .reasons = {"b: judged in calm"}};
}

TEST(MatrixTest, CellsAreNumberedByInvariantFaultPhase) {
  const MatrixAxes axes = Axes();
  EXPECT_EQ(axes.cells(), 12u);
  EXPECT_EQ(axes.CellOf(1, 2, 1), 11u);
  EXPECT_EQ(axes.NameOf(9), "b × kill × recovery");
}

TEST(MatrixTest, WhatIsImpossibleIsNeitherPossibleNorSeen) {
  const MatrixShare share = ShareOf(Axes(), {{0, 7}, {3, 1}, {8, 5}});
  EXPECT_EQ(share.possible, 8u);
  EXPECT_EQ(share.seen, 2u);
  EXPECT_EQ(share.per_myriad(), 2500u);
  EXPECT_EQ(ShareText(share), "2 of 8 possible cells seen (25.00 %)");
  EXPECT_THAT(SeenThoughImpossible(Axes(), {{0, 7}, {8, 5}}), ElementsAre("b × kill × quiet"));
}

TEST(MatrixTest, TheEmptiestInvariantIsNamedFirst) {
  const MatrixCounts counts = {{0, 1}, {1, 1}, {2, 1}};
  EXPECT_THAT(
      NeverEvaluated(Axes(), counts),
      ElementsAre("b × none: quiet, recovery", "a × kill: recovery", "a × wipe: quiet, recovery"));
  EXPECT_THAT(MatrixMarkdown(Axes(), counts),
              HasSubstr("b  0 of 2 possible cells seen (0.00 %)\na  3 of 6"));
}

TEST(MatrixTest, TheTableGroupsFaults) {
  EXPECT_EQ(MatrixTable(Axes(), {{0, 1}, {1, 1}, {2, 1}}, {}),
            "invariant  none  process  seen\n"
            "a           2/2      1/4  50 %\n"
            "b           0/2        -   0 %\n");
}

TEST(MatrixTest, NothingPossibleHasNoPart) {
  EXPECT_EQ(MatrixMarkdown({}, {}), "");
  EXPECT_EQ(ShareOf({}, {}).per_myriad(), 0u);
}

TEST(MatrixTest, JsonIsSortedAndHoldsWhatWasCounted) {
  EXPECT_EQ(MatrixToJson(Axes(), {{4, 2}, {3, 9}}, 6),
            "{\n \"cells\": {\n  \"a\": {\n   \"kill\": {\n    \"recovery\": 9\n   },\n"
            "   \"wipe\": {\n    \"quiet\": 2\n   }\n  }\n },\n"
            " \"kind\": \"matrix\",\n \"runs\": 6\n}\n");
}

TEST(MatrixTest, JsonOfSomethingElseIsDataLoss) {
  for (const char* text :
       {"", "[]", "{}", R"({"kind":"matrix","runs":1})",
        R"({"kind":"matrix","runs":"1","cells":{}})", R"({"kind":"run","runs":1,"cells":{}})",
        R"({"kind":"matrix","runs":1,"cells":{"c":{}}})",
        R"({"kind":"matrix","runs":1,"cells":{"a":{"flood":{}}}})",
        R"({"kind":"matrix","runs":1,"cells":{"a":{"kill":{"asleep":1}}}})",
        R"({"kind":"matrix","runs":1,"cells":{"a":{"kill":{"quiet":-1}}}})"}) {
    EXPECT_TRUE(absl::IsDataLoss(MatrixFromJson(Axes(), text).status())) << text;
  }
}

TEST(MatrixTest, TextOfSomethingElseIsInvalid) {
  for (const char* text : {"1", "1:", ":1", "1:2,", ",1:2", "1:2;3:4", "1:2,1:3", "1:0", "x"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(MatrixCountsFrom(text).status())) << text;
  }
}

MatrixCounts AnyCounts() {
  MatrixCounts counts;
  for (uint32_t cell = 0; cell < 12; ++cell) {
    const auto count = *rc::gen::arbitrary<uint32_t>();
    if (count % 3 != 0) counts[cell] = count;
  }
  return counts;
}

RC_GTEST_PROP(MatrixTest, TextAndJsonComeBack, ()) {
  const MatrixCounts counts = AnyCounts();
  const auto text = MatrixCountsFrom(ToText(counts));
  RC_ASSERT(text.ok());
  RC_ASSERT(*text == counts);
  const auto json = MatrixFromJson(Axes(), MatrixToJson(Axes(), counts, 3));
  RC_ASSERT(json.ok());
  RC_ASSERT(json->counts == counts);
  RC_ASSERT(json->runs == 3u);
}

RC_GTEST_PROP(MatrixTest, ShardsAddUpInAnyOrder, ()) {
  const MatrixCounts a = AnyCounts();
  const MatrixCounts b = AnyCounts();
  MatrixCounts ab = a;
  AddTo(b, &ab);
  MatrixCounts ba = b;
  AddTo(a, &ba);
  RC_ASSERT(ab == ba);
  uint64_t sum = 0;
  for (const auto& [cell, count] : ab) sum += count;
  for (const auto& [cell, count] : a) sum -= count;
  for (const auto& [cell, count] : b) sum -= count;
  RC_ASSERT(sum == 0u);
}

}  // namespace
}  // namespace wt::reports
