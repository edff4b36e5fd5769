// Proves how values on the command line are read: exactly, in integers, with one clear line for
// what cannot be. Spelling a duration and reading it back is the identity, for any duration.
#include "scenarios/campaign/values.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/status.h"

namespace wt::scenarios {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ParseDurationTest, ReadsEveryUnit) {
  EXPECT_EQ(*ParseDuration("250ms"), milliseconds(250));
  EXPECT_EQ(*ParseDuration("10m"), minutes(10));
  EXPECT_EQ(*ParseDuration("2h"), hours(2));
  EXPECT_EQ(*ParseDuration("7us"), microseconds(7));
  EXPECT_EQ(*ParseDuration("7ns"), Duration(7));
  EXPECT_EQ(*ParseDuration("0"), Duration::zero());
}

TEST(ParseDurationTest, ReadsDecimalsExactly) {
  EXPECT_EQ(*ParseDuration("1.5s"), milliseconds(1500));
  EXPECT_EQ(*ParseDuration("3.08s"), milliseconds(3080));
  EXPECT_EQ(*ParseDuration("0.1m"), seconds(6));
}

TEST(ParseDurationTest, RefusesWhatIsNoDuration) {
  for (const char* text : {"", "s", "5", "-1s", "1 day", "1.5ns", "1..2s", "99999999999h", "1.s"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

RC_GTEST_PROP(SpellTest, IsReadBackAsTheSameDuration, ()) {
  const int64_t count = *rc::gen::inRange<int64_t>(0, 1'000'000'000'000'000);
  const int64_t unit = *rc::gen::element<int64_t>(1, 1'000, 1'000'000, 1'000'000'000);
  const Duration duration(count / unit * unit);
  RC_ASSERT(*ParseDuration(Spell(duration)) == duration);
}

TEST(ParseSizeTest, ReadsBinaryAndDecimalUnits) {
  EXPECT_EQ(*ParseSize("4MiB"), 4 * kMiB);
  EXPECT_EQ(*ParseSize("512"), 512u);
  EXPECT_EQ(*ParseSize("0.5 KiB"), 512u);
  EXPECT_EQ(*ParseSize("2kB"), 2000u);
  EXPECT_FALSE(ParseSize("4mib").ok());
  EXPECT_FALSE(ParseSize("-4").ok());
}

TEST(ParseSeedTest, ReadsDecimalHexAndCommitIds) {
  EXPECT_EQ(*ParseSeed("18446744073709551615"), ~uint64_t{0});
  EXPECT_EQ(*ParseSeed("0x51f0c2a7"), 0x51f0c2a7u);
  EXPECT_EQ(*ParseSeed("1,000"), 1000u);
  // ^ of 0123456789abcdef, 0000000000000001 and 00000010.
  EXPECT_EQ(*ParseSeed("0123456789abcdef000000000000000100000010"), 0x0123456789abcdfeu);
}

TEST(ParseSeedTest, RefusesTheRest) {
  for (const char* text :
       {"", "x", "0x", "18446744073709551616", "-1", "abcdef", "0x1ffffffffffffffff"}) {
    EXPECT_FALSE(ParseSeed(text).ok()) << text;
  }
}

TEST(ParseSeedRangeTest, IsHalfOpenAndNeverEmpty) {
  EXPECT_EQ(*ParseSeedRange("0..100"), (SeedRange{0, 100}));
  EXPECT_EQ(*ParseSeedRange("0x10..0x20"), (SeedRange{16, 32}));
  EXPECT_EQ(*ParseSeedRange("5..+10"), (SeedRange{5, 15}));
  for (const char* text : {"7", "5..5", "6..5", "..", "0xffffffffffffffff..+5"}) {
    EXPECT_FALSE(ParseSeedRange(text).ok()) << text;
  }
}

TEST(ParseShardTest, CountsFromOne) {
  EXPECT_EQ(*ParseShard("2/4"), (Shard{2, 4}));
  for (const char* text : {"0/4", "5/4", "1", "1/0", "a/b"}) {
    EXPECT_FALSE(ParseShard(text).ok()) << text;
  }
}

TEST(ParseShareTest, IsOneInSoMany) {
  EXPECT_EQ(*ParseShare("1/50"), 50u);
  EXPECT_EQ(*ParseShare("1"), 1u);
  EXPECT_EQ(*ParseShare("0"), 0u);
  EXPECT_FALSE(ParseShare("2/50").ok());
  EXPECT_FALSE(ParseShare("1/0").ok());
}

TEST(ParseRunIdTest, SplitsAtTheLastColon) {
  EXPECT_EQ(*ParseRunId("torn-tail:0x7"), (RunId{"torn-tail", 7}));
  EXPECT_FALSE(ParseRunId("torn-tail").ok());
  EXPECT_FALSE(ParseRunId(":7").ok());
  EXPECT_EQ(MessageOf(ParseRunId("torn-tail:x").status()),
            "\"x\" is not a seed: decimal, 0x..., or a commit id of 40 hex digits");
}

TEST(ParseRangeTest, TakesOneValueForBothEnds) {
  EXPECT_EQ(*ParseSizeRange("64KiB"), (faults::Range<uint64_t>{65536, 65536}));
  EXPECT_EQ(*ParseDurationRange("200ms..3s"),
            (faults::Range<Duration>{milliseconds(200), seconds(3)}));
  EXPECT_FALSE(ParseSizeRange("3..2").ok());
}

}  // namespace
}  // namespace wt::scenarios
