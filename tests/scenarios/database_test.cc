// What watches a run of a database: which log entries are what clients write, which reads are wrong
// and under which name, which files should be gone; and that its scenarios pass, twice the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/log/format.h"
#include "engine/state/command.h"
#include "scenarios/catalog.h"
#include "scenarios/crash.h"
#include "scenarios/database/leaks.h"
#include "scenarios/database/reads.h"
#include "scenarios/database/writes.h"
#include "scenarios/execute.h"
#include "tests/scenarios/invariant_bench.h"

namespace wt::scenarios {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// ---- Writes

WriteBatch PutOf(std::string_view key, std::string_view value) {
  WriteBatch batch;
  batch.Put(key, value);
  return batch;
}

Event AppendedBytes(uint64_t index, const std::string& bytes) {
  return {.kind = EventKind::kLogAppended, .a = index, .b = 1, .c = Hash64(bytes), .d = index};
}

TEST(DatabaseWritesTest, AnEntryIsSomeOfTheBatchesUnderWayInAnyOrder) {
  EXPECT_EQ(FailureOf([](Bench& bench) {
              Writes writes(bench.judge, bench.shadow);
              const WriteBatch a = PutOf("a", "1");
              const WriteBatch b = PutOf("b", "2");
              const WriteBatch c = PutOf("c", "3");
              const uint64_t first = writes.Begin(a);
              const uint64_t second = writes.Begin(b);
              const uint64_t third = writes.Begin(c);
              bench.Tell(writes, AppendedBytes(1, c.bytes() + a.bytes()));
              bench.Tell(writes, {.kind = EventKind::kCommitAdvanced, .a = 1, .b = 1});
              EXPECT_EQ(writes.End(first), LogIndex(1));
              EXPECT_EQ(writes.End(second), std::nullopt);
              EXPECT_EQ(writes.End(third), LogIndex(1));
              EXPECT_EQ(writes.largest_group(), 2u);
              EXPECT_EQ(bench.shadow.model().ValueAt("c", LogIndex(1)), "3");
              EXPECT_EQ(bench.shadow.model().ValueAt("b", LogIndex(1)), std::nullopt);
            }),
            "");
}

TEST(DatabaseWritesTest, WhatNobodyWritesIsAPhantom) {
  EXPECT_EQ(FailureOf([](Bench& bench) {
              Writes writes(bench.judge, bench.shadow);
              writes.Begin(PutOf("a", "1"));
              bench.Tell(writes, AppendedBytes(1, PutOf("a", "2").bytes()));
            }),
            "no-phantom");
}

TEST(DatabaseWritesTest, ABatchIsAppendedOnceAndInItsOwnLife) {
  const WriteBatch batch = PutOf("a", "1");
  EXPECT_EQ(FailureOf([&](Bench& bench) {
              Writes writes(bench.judge, bench.shadow);
              writes.Begin(batch);
              bench.Tell(writes, AppendedBytes(1, batch.bytes()));
              bench.Tell(writes, AppendedBytes(2, batch.bytes()));
            }),
            "no-phantom");
  EXPECT_EQ(FailureOf([&](Bench& bench) {
              Writes writes(bench.judge, bench.shadow);
              writes.Begin(batch);
              bench.Tell(writes, {.kind = EventKind::kEngineOpening});
              bench.Tell(writes, AppendedBytes(1, batch.bytes()));
            }),
            "no-phantom");
}

// ---- Reads: entry 1 puts a and b, entry 2 puts a and c together, entry 3 deletes b.

void Tell(Bench& bench) {
  const Command commands[] = {KvBatch{{KvSet{"a", "1"}, KvSet{"b", "1"}}},
                              KvBatch{{KvSet{"a", "2"}, KvSet{"c", "2"}}}, KvDelete{"b"}};
  uint64_t index = 0;
  for (const Command& command : commands) {
    const std::string bytes = EncodeCommand(command);
    bench.shadow.Register(bytes);
    ++index;
    ASSERT_FALSE(bench.shadow.OnAppended(LogIndex(index), Term(1), WallTime(), Hash64(bytes)));
  }
  ASSERT_FALSE(bench.shadow.ApplyThrough(LogIndex(index)));
}

std::string VerdictOf(const PointRead& read, uint64_t at, Blame blame = Blame::kAnswer) {
  return FailureOf([&](Bench& bench) {
    Tell(bench);
    Reads(bench.judge, bench.shadow).Check(read, LogIndex(at), blame);
  });
}

TEST(DatabaseReadsTest, AWrongReadHasTheNameOfWhatIsWrong) {
  EXPECT_EQ(VerdictOf({"a", "2"}, 3), "");
  EXPECT_EQ(VerdictOf({"a", std::nullopt}, 3), "acked-writes-survive");
  EXPECT_EQ(VerdictOf({"a", "never"}, 3), "no-phantom");
  EXPECT_EQ(VerdictOf({"b", "never"}, 3), "no-phantom");
  EXPECT_EQ(VerdictOf({"b", "1"}, 3), "no-phantom");
  EXPECT_EQ(VerdictOf({"a", "2"}, 1), "atomic-commit");
  EXPECT_EQ(VerdictOf({"c", std::nullopt}, 2), "atomic-commit");
  EXPECT_EQ(VerdictOf({"a", "1"}, 2, Blame::kHeldView), "repeatable-view");
}

std::string VerdictOf(const ScanOptions& options, const KeyValues& found, uint64_t at,
                      const std::optional<std::string>& again) {
  return FailureOf([&](Bench& bench) {
    Tell(bench);
    Reads reads(bench.judge, bench.shadow);
    std::optional<PointRead> other;
    if (const auto doubt = reads.DoubtIn(options, found, LogIndex(at), LogIndex(at))) {
      other = PointRead{*doubt, again};
    }
    reads.Check(found, LogIndex(at), other);
  });
}

TEST(DatabaseReadsTest, AScanIsWrongByItselfWhenAReadOfTheKeyIsRight) {
  EXPECT_EQ(VerdictOf({}, {{"a", "2"}, {"c", "2"}}, 3, std::nullopt), "");
  EXPECT_EQ(VerdictOf({.backward = true}, {{"c", "2"}, {"a", "2"}}, 3, std::nullopt), "");
  EXPECT_EQ(VerdictOf({.limit = 1, .backward = true}, {{"c", "2"}}, 3, std::nullopt), "");
  EXPECT_EQ(VerdictOf({}, {{"a", "2"}}, 3, "2"), "ordered-scan");
  EXPECT_EQ(VerdictOf({.range = {.lower = "b", .upper = "d"}}, {{"a", "2"}, {"c", "2"}}, 3, "2"),
            "ordered-scan");
  EXPECT_EQ(VerdictOf({}, {{"a", "2"}, {"b", "1"}, {"c", "2"}}, 3, "1"), "no-phantom");
}

TEST(DatabaseReadsTest, AReadWithoutAViewIsAsOfSomeEntryMeanwhile) {
  const auto within = [](const PointRead& read, uint64_t from, uint64_t to) {
    return FailureOf([&](Bench& bench) {
      Tell(bench);
      Reads(bench.judge, bench.shadow).CheckWithin(read, LogIndex(from), LogIndex(to));
    });
  };
  EXPECT_EQ(within({"a", "1"}, 1, 3), "");
  EXPECT_EQ(within({"a", "2"}, 1, 3), "");
  EXPECT_EQ(within({"a", "1"}, 2, 3), "no-phantom");
  EXPECT_EQ(within({"a", std::nullopt}, 1, 3), "acked-writes-survive");
}

TEST(DatabaseReadsTest, AWalkIsComparedStepByStep) {
  using Kind = WalkStep::Kind;
  const auto verdict = [](const std::vector<WalkStep>& walk) {
    return FailureOf([&](Bench& bench) {
      Tell(bench);
      Reads(bench.judge, bench.shadow).Check(walk, LogIndex(1));
    });
  };
  const std::pair<std::string, std::string> a = {"a", "1"};
  const std::pair<std::string, std::string> b = {"b", "1"};
  EXPECT_EQ(verdict({{Kind::kFirst, "", a},
                     {Kind::kNext, "", b},
                     {Kind::kPrev, "", a},
                     {Kind::kPrev, "", std::nullopt},
                     {Kind::kSeekForPrev, "ab", a},
                     {Kind::kSeek, "ab", b},
                     {Kind::kLast, "", b},
                     {Kind::kNext, "", std::nullopt}}),
            "");
  EXPECT_EQ(verdict({{Kind::kFirst, "", a}, {Kind::kNext, "", std::nullopt}}), "ordered-scan");
  EXPECT_EQ(verdict({{Kind::kLast, "", b}, {Kind::kPrev, "", b}}), "ordered-scan");
}

// ---- Files

TEST(DatabaseLeaksTest, EveryFileIsNeededOrNamed) {
  const sim::DurableFile pointer = {"tables/CURRENT", "MANIFEST-000009\n"};
  const sim::DurableFile manifest = {"tables/MANIFEST-000009", "x"};
  const sim::DurableFile table = {"tables/000010.ldb", "x"};
  const LogIndex none(0);
  EXPECT_THAT(LeaksIn({pointer, manifest, table, {"tables/CURRENT.bak", ""}}, {10}, none),
              IsEmpty());
  EXPECT_THAT(LeaksIn({pointer, manifest, table}, {}, none),
              ElementsAre(HasSubstr("000010.ldb is in no level")));
  EXPECT_THAT(LeaksIn({pointer, manifest}, {10}, none), ElementsAre(HasSubstr("not there")));
  EXPECT_THAT(LeaksIn({pointer, manifest, {"tables/MANIFEST-000008", ""}}, {}, none),
              ElementsAre(HasSubstr("MANIFEST-000008 is no longer pointed to")));
  EXPECT_THAT(LeaksIn({pointer, manifest, {"tables/CURRENT.tmp", ""}}, {}, none),
              ElementsAre(HasSubstr("CURRENT.tmp is no file of a storage")));
  EXPECT_THAT(LeaksIn({pointer, manifest, {"tables/000011.tmp", ""}}, {}, none),
              ElementsAre(HasSubstr("leftover")));
}

TEST(DatabaseLeaksTest, SegmentsBehindTheTablesAreOnes) {
  const auto segment = [](uint64_t number, uint64_t first) {
    SegmentHeader header;
    header.segment = number;
    header.previous.last_index = LogIndex(first - 1);
    return sim::DurableFile{"log/" + SegmentName(number), EncodeSegmentHeader(header)};
  };
  EXPECT_THAT(LeaksIn({segment(1, 1), segment(2, 9)}, {}, LogIndex(7)), IsEmpty());
  EXPECT_THAT(LeaksIn({segment(1, 1), segment(2, 9)}, {}, LogIndex(8)),
              ElementsAre(HasSubstr("covered by the tables, to entry 8")));
}

// ---- Runs

TEST(DatabaseScenariosTest, PassAndRepeatThemselves) {
  uint64_t found = 0;
  for (const Scenario& scenario : Catalog()) {
    if (!scenario.database || !scenario.in_default_set) continue;
    ++found;
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      const scenarios::Run run = Execute(scenario, seed, {});
      EXPECT_EQ(run.record.verdict, reports::Verdict::kPass)
          << scenario.name << ":" << seed << " " << run.record.invariant << " "
          << run.record.message;
      EXPECT_EQ(Execute(DrawPlan(scenario, seed), {}).record.digest, run.record.digest)
          << scenario.name << ":" << seed;
    }
  }
  EXPECT_EQ(found, 8u);
}

TEST(DatabaseScenariosTest, EveryCrashStateOfOneSeedIsRecovered) {
  const Scenario scenario = *FindScenario("lsm-small");
  const CrashResult result =
      EnumerateCrashes(scenario, {.seed = 2, .depth = 1, .exhaustive_atoms = 4});
  EXPECT_THAT(result.failures, IsEmpty());
  EXPECT_GT(result.points, 60u);
  EXPECT_GT(result.distinct, 500u);
}

}  // namespace
}  // namespace wt::scenarios
