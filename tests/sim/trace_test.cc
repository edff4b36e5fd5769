// The trace: every part of a record is in the digest; checkpoints bracket a difference; a captured
// window says it in words and changes nothing. And the keyed randomness that machines see.
#include "sim/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::sim {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

uint64_t DigestOfOne(TraceActor actor, SimTime at, TraceKind kind, uint64_t what,
                     std::vector<uint64_t> words, std::string_view text) {
  Trace trace(1);
  trace.Record(actor, at, kind, what, words, text);
  EXPECT_EQ(trace.count(), 1u);
  return trace.digest();
}

TEST(TraceTest, EveryPartOfARecordIsInTheDigest) {
  const std::set<uint64_t> digests = {
      DigestOfOne({1, 2}, SimTime(3), TraceKind::kDisk, 4, {5, 6}, "seven"),
      DigestOfOne({2, 2}, SimTime(3), TraceKind::kDisk, 4, {5, 6}, "seven"),
      DigestOfOne({1, 3}, SimTime(3), TraceKind::kDisk, 4, {5, 6}, "seven"),
      DigestOfOne({1, 2}, SimTime(4), TraceKind::kDisk, 4, {5, 6}, "seven"),
      DigestOfOne({1, 2}, SimTime(3), TraceKind::kClock, 4, {5, 6}, "seven"),
      DigestOfOne({1, 2}, SimTime(3), TraceKind::kDisk, 5, {5, 6}, "seven"),
      DigestOfOne({1, 2}, SimTime(3), TraceKind::kDisk, 4, {6, 5}, "seven"),
      DigestOfOne({1, 2}, SimTime(3), TraceKind::kDisk, 4, {5, 6, 0}, "seven"),
      DigestOfOne({1, 2}, SimTime(3), TraceKind::kDisk, 4, {5, 6}, "eight"),
      DigestOfOne({1, 2}, SimTime(3), TraceKind::kDisk, 4, {5, 6}, ""),
  };
  EXPECT_EQ(digests.size(), 10u);
}

TEST(TraceTest, OrderIsInTheDigest) {
  Trace ab(1), ba(1);
  const uint64_t a[] = {1}, b[] = {2};
  ab.Record({}, {}, TraceKind::kDisk, 1, a);
  ab.Record({}, {}, TraceKind::kDisk, 1, b);
  ba.Record({}, {}, TraceKind::kDisk, 1, b);
  ba.Record({}, {}, TraceKind::kDisk, 1, a);
  EXPECT_NE(ab.digest(), ba.digest());
}

TEST(TraceTest, CheckpointsBracketTheFirstDifference) {
  const uint64_t count = 5 * Trace::kCheckpointEvery;
  const uint64_t different = 2 * Trace::kCheckpointEvery + 17;
  Trace left(1), right(1);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t same[] = {i};
    const uint64_t other[] = {i + (i == different)};
    left.Record({}, SimTime(i), TraceKind::kDisk, 1, same);
    right.Record({}, SimTime(i), TraceKind::kDisk, 1, other);
  }
  ASSERT_EQ(left.checkpoints().size(), 5u);
  EXPECT_EQ(left.checkpoints()[1], right.checkpoints()[1]);
  EXPECT_EQ(left.checkpoints()[2].number, right.checkpoints()[2].number);
  for (size_t i = 2; i < 5; ++i) EXPECT_NE(left.checkpoints()[i], right.checkpoints()[i]);
}

// A run whose records are looked at through a window.
struct Windowed {
  uint64_t digest;
  uint64_t count;
  std::vector<TraceRecord> records;
};

Windowed RunWith(uint64_t from, uint64_t to) {
  Simulator sim({.seed = 3});
  sim.trace().CaptureWindow(from, to);
  Machine& n1 = sim.AddMachine("n1");
  sim.Run([&] {
    n1.Boot([](Env env) {
      env.events.Emit({.kind = EventKind::kLogAppended, .a = 7, .b = 2, .c = 99});
      env.events.Emit({.kind = EventKind::kEngineRefused, .text = "no room"});
      env.tasks.SleepFor(milliseconds(1500));
      env.events.Reached("slept");
    });
    n1.AwaitExit();
  });
  return {sim.trace().digest(), sim.trace().count(), sim.trace().captured()};
}

TEST(TraceTest, AWindowSaysInWordsWhatHappenedAndChangesNothing) {
  const Windowed nothing = RunWith(0, 0);
  const Windowed all = RunWith(0, 1000);
  EXPECT_TRUE(nothing.records.empty());
  EXPECT_EQ(all.digest, nothing.digest);
  ASSERT_EQ(all.records.size(), all.count);
  std::string text;
  for (const TraceRecord& record : all.records) text += record.ToString() + "\n";
  EXPECT_THAT(text, HasSubstr("n1/main"));
  EXPECT_THAT(text, HasSubstr("log.appended index=7 term=2 "));
  EXPECT_THAT(text, HasSubstr("engine.refused \"no room\""));
  EXPECT_THAT(text, HasSubstr("machine.booted"));
  EXPECT_THAT(text, HasSubstr("task.spawned"));
  EXPECT_THAT(text, HasSubstr("1.500000000 n1/main"));
  EXPECT_THAT(text, HasSubstr("goal.reached \"slept\""));
  const Windowed part = RunWith(2, 5);
  ASSERT_EQ(part.records.size(), 3u);
  EXPECT_EQ(part.records[0].ToString(), all.records[2].ToString());
}

// What Random gives to a machine in its first and second incarnation.
struct Drawn {
  std::vector<uint64_t> first, second;
};

Drawn DrawTwice(uint64_t seed, bool disturb) {
  Drawn drawn;
  Simulator sim({.seed = seed});
  Machine& n1 = sim.AddMachine("n1");
  sim.Run([&] {
    for (std::vector<uint64_t>* out : {&drawn.first, &drawn.second}) {
      n1.Boot([&, out](Env env) {
        for (int i = 0; i < 5; ++i) {
          if (disturb) env.random.Next("another.stream");
          out->push_back(env.random.Next("log.salt"));
        }
      });
      n1.AwaitExit();
    }
  });
  return drawn;
}

TEST(SimRandomTest, IsAFunctionOfSeedIncarnationStreamAndOrdinal) {
  const Drawn once = DrawTwice(1, false);
  EXPECT_EQ(once.first, DrawTwice(1, false).first);
  EXPECT_EQ(once.first, DrawTwice(1, true).first);  // another stream moves nothing
  EXPECT_NE(once.first, once.second);
  EXPECT_NE(once.first, DrawTwice(2, false).first);
  EXPECT_EQ(std::set<uint64_t>(once.first.begin(), once.first.end()).size(), 5u);
}

int RarelyCount(const SimulatorOptions& options, int sites) {
  int yes = 0;
  Simulator sim(options);
  Machine& n1 = sim.AddMachine("n1");
  sim.Run([&] {
    n1.Boot([&](Env env) {
      for (int site = 0; site < sites; ++site) {
        for (int i = 0; i < 100; ++i) yes += env.random.Rarely("site." + std::to_string(site));
      }
    });
    n1.AwaitExit();
  });
  return yes;
}

TEST(SimRandomTest, RarelyIsOffByDefaultAndFollowsItsDials) {
  EXPECT_EQ(RarelyCount({}, 40), 0);
  EXPECT_EQ(RarelyCount({.rarely_ppm = 500'000, .rarely_armed_ppm = 0}, 40), 0);
  EXPECT_EQ(RarelyCount({.rarely_ppm = 1'000'000, .rarely_armed_ppm = 1'000'000}, 40), 4000);
  const int some = RarelyCount({.rarely_ppm = 100'000, .rarely_armed_ppm = 500'000}, 40);
  EXPECT_GT(some, 50);
  EXPECT_LT(some, 400);
}

TEST(SimRandomTest, ASiteIsArmedOrNotForAWholeSeed) {
  std::set<int> counts;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    counts.insert(RarelyCount({.seed = seed, .rarely_ppm = 1'000'000}, 1));
  }
  EXPECT_EQ(counts, (std::set<int>{0, 100}));
}

}  // namespace
}  // namespace wt::sim
