// Proves that a mistyped name is answered with the one that was meant, and that a name that
// resembles nothing is not answered with nonsense.
#include "scenarios/campaign/nearest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace wt::scenarios {
namespace {

const std::vector<std::string> kNames = {"torn-tail", "lost-fsync", "kill-storm", "full-disk"};

TEST(EditDistanceTest, CountsEdits) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("abc", ""), 3u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(EditDistance("torn", "tron"), 1u);  // two neighbours swapped
}

RC_GTEST_PROP(EditDistanceTest, IsSymmetricAndZeroOnlyForEqualTexts,
              (const std::string& a, const std::string& b)) {
  RC_ASSERT(EditDistance(a, b) == EditDistance(b, a));
  RC_ASSERT((EditDistance(a, b) == 0) == (a == b));
}

TEST(NearestNamesTest, FindsTheOneThatWasMeant) {
  EXPECT_EQ(NearestNames("torn-tial", kNames), std::vector<std::string>{"torn-tail"});
  EXPECT_EQ(NearestNames("disk", kNames), std::vector<std::string>{"full-disk"});
  EXPECT_TRUE(NearestNames("zzzzzz", kNames).empty());
}

TEST(UnknownNameTest, IsOneLineThatHelps) {
  EXPECT_EQ(UnknownName("scenario", "torn-tial", kNames),
            "unknown scenario \"torn-tial\"; did you mean torn-tail?");
  EXPECT_EQ(UnknownName("scenario", "zzzzzz", kNames),
            "unknown scenario \"zzzzzz\"; known: torn-tail, lost-fsync, kill-storm, full-disk");
}

}  // namespace
}  // namespace wt::scenarios
