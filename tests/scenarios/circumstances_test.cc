// Proves that an evaluation is counted in the cells of exactly those faults and phases that were
// current: on scripted lives of one machine, with every beginning and every end.
#include "scenarios/circumstances.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "scenarios/catalog.h"
#include "scenarios/execute.h"
#include "scenarios/matrix_axes.h"
#include "tests/scenarios/invariant_bench.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;
using faults::FaultKind;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kInvariant = "no-phantom";

// A script, and what its evaluations amount to: "power-loss recovery" -> count.
using Script = std::function<void(Bench&)>;
std::map<std::string, uint64_t> CellsOf(const Script& script) {
  std::map<std::string, uint64_t> cells;
  EXPECT_EQ(FailureOf([&](Bench& bench) {
              script(bench);
              const reports::MatrixAxes axes = MatrixAxesOf({});
              for (const auto& [cell, count] : bench.judge.matrix()) {
                const std::string name = axes.NameOf(cell);
                const std::string prefix = std::string(kInvariant) + " × ";
                EXPECT_TRUE(name.starts_with(prefix)) << name;
                cells[name.substr(prefix.size())] = count;
              }
            }),
            "");
  return cells;
}

void Evaluate(Bench& bench, int times = 1) {
  for (int i = 0; i < times; ++i) bench.judge.Evaluated(kInvariant);
}

void Tell(Bench& bench, EventKind kind, uint64_t a = 0) {
  bench.Tell(bench.judge.circumstances(), {.kind = kind, .a = a});
}

void Begin(Bench& bench, FaultKind kind, Duration lasts = {}) {
  bench.judge.circumstances().OnFault(bench.machine.id(), {.kind = kind, .lasts = lasts},
                                      bench.sim.now());
}

TEST(CircumstancesTest, WithoutFaultsAndEventsItIsQuiet) {
  EXPECT_THAT(CellsOf([](Bench& bench) { Evaluate(bench, 3); }),
              ElementsAre(std::pair("none × quiet", 3)));
}

TEST(CircumstancesTest, APhaseLastsFromItsFirstEventToBehindItsLast) {
  const std::tuple<EventKind, EventKind, const char*> phases[] = {
      {EventKind::kEngineOpening, EventKind::kEngineRecovered, "none × recovery"},
      {EventKind::kEngineOpening, EventKind::kEngineRefused, "none × recovery"},
      {EventKind::kLogSegmentSealed, EventKind::kLogSegmentCreated, "none × roll"},
      {EventKind::kSnapshotStarted, EventKind::kSnapshotCreated, "none × snapshot"},
      {EventKind::kSnapshotStarted, EventKind::kSnapshotFailed, "none × snapshot"},
      {EventKind::kTermEntered, EventKind::kPrimaryServing, "none × election"},
  };
  for (const auto& [first, last, cell] : phases) {
    EXPECT_THAT(CellsOf([&](Bench& bench) {
                  Evaluate(bench);
                  Tell(bench, first, 7);
                  bench.sim.SleepFor(1s);
                  Evaluate(bench, 2);
                  Tell(bench, last, 7);
                  bench.sim.SleepFor(1ms);
                  Evaluate(bench, 4);  // right behind it
                  bench.sim.SleepFor(2ms);
                  Evaluate(bench, 8);
                }),
                UnorderedElementsAre(std::pair("none × quiet", 9), std::pair(cell, 6)))
        << cell;
  }
}

TEST(CircumstancesTest, AnElectionIsOverWhenItsOwnTermServes) {
  EXPECT_THAT(CellsOf([](Bench& bench) {
                Tell(bench, EventKind::kTermEntered, 7);
                Tell(bench, EventKind::kPrimaryServing, 6);
                bench.sim.SleepFor(1s);
                Evaluate(bench);
              }),
              ElementsAre(std::pair("none × election", 1)));
}

TEST(CircumstancesTest, ASnapshotArrivesChunkByChunkUntilItIsInstalled) {
  EXPECT_THAT(
      CellsOf([](Bench& bench) {
        Tell(bench, EventKind::kSnapshotReceiving);
        bench.sim.SleepFor(100ms);
        Evaluate(bench);
        Tell(bench, EventKind::kSnapshotInstalled);
        bench.sim.SleepFor(100ms);
        Evaluate(bench, 10);
        Tell(bench, EventKind::kSnapshotReceiving);
        bench.sim.SleepFor(1s);  // nothing more comes
        Evaluate(bench, 100);
      }),
      UnorderedElementsAre(std::pair("none × transfer", 1), std::pair("none × quiet", 110)));
}

TEST(CircumstancesTest, PhasesAndFaultsAtOnceCountInEachCell) {
  EXPECT_THAT(CellsOf([](Bench& bench) {
                Begin(bench, FaultKind::kSlowDisk, 1s);
                Begin(bench, FaultKind::kShortIo, 1s);
                Tell(bench, EventKind::kSnapshotStarted);
                Tell(bench, EventKind::kLogCompacted);
                Evaluate(bench, 5);
              }),
              UnorderedElementsAre(
                  std::pair("slow-disk × snapshot", 5), std::pair("slow-disk × compaction", 5),
                  std::pair("short-io × snapshot", 5), std::pair("short-io × compaction", 5)));
}

TEST(CircumstancesTest, AWindowIsOverALittleAfterItsEnd) {
  EXPECT_THAT(
      CellsOf([](Bench& bench) {
        Begin(bench, FaultKind::kSlowDisk, 1s);
        Begin(bench, FaultKind::kSlowDisk, 100ms);  // within the other
        bench.sim.SleepFor(1s + 20ms);
        Evaluate(bench);
        bench.sim.SleepFor(50ms);
        Evaluate(bench, 10);
      }),
      UnorderedElementsAre(std::pair("slow-disk × quiet", 1), std::pair("none × quiet", 10)));
}

TEST(CircumstancesTest, WhatKillsAndWhatItCutShortAreCurrentUntilTheRecovery) {
  EXPECT_THAT(CellsOf([](Bench& bench) {
                Tell(bench, EventKind::kSnapshotStarted);
                Begin(bench, FaultKind::kPowerLoss, 10ms);
                bench.sim.SleepFor(30s);
                Evaluate(bench);
                Tell(bench, EventKind::kEngineOpening);
                Evaluate(bench, 10);
                Tell(bench, EventKind::kEngineRecovered);
                Evaluate(bench, 100);
                bench.sim.SleepFor(1s);
                Evaluate(bench, 1000);
              }),
              UnorderedElementsAre(std::pair("power-loss × snapshot", 111),
                                   std::pair("power-loss × recovery", 110),
                                   std::pair("none × quiet", 1000)));
}

TEST(CircumstancesTest, MomentsAreThePhasesUpToTheirEndOrTheirMachinesDeath) {
  EXPECT_EQ(FailureOf([](Bench& bench) {
              const auto ms = [](int64_t n) { return sim::SimTime(std::chrono::milliseconds(n)); };
              const sim::SimTime start = bench.sim.now();
              Tell(bench, EventKind::kLogSegmentSealed);
              bench.sim.SleepFor(3ms);
              Tell(bench, EventKind::kLogSegmentCreated);
              Tell(bench, EventKind::kLogCompacted);
              Tell(bench, EventKind::kSnapshotStarted);
              bench.sim.SleepFor(4ms);
              Begin(bench, FaultKind::kKill, 10ms);
              bench.sim.SleepFor(10ms);
              Tell(bench, EventKind::kEngineOpening);
              bench.sim.SleepFor(5ms);
              Tell(bench, EventKind::kEngineRecovered);
              const uint32_t n1 = bench.machine.id();
              EXPECT_THAT(
                  bench.judge.circumstances().moments(),
                  ElementsAre(Moment{Phase::kRoll, n1, start, start + ms(3)},
                              Moment{Phase::kCompaction, n1, start + ms(3), start + ms(3)},
                              Moment{Phase::kSnapshot, n1, start + ms(3), start + ms(7)},
                              Moment{Phase::kRecovery, n1, start + ms(17), start + ms(22)}));
            }),
            "");
}

TEST(CircumstancesTest, TheCalmHasNoWindows) {
  EXPECT_THAT(CellsOf([](Bench& bench) {
                Begin(bench, FaultKind::kSlowDisk, 1h);
                bench.judge.circumstances().OnStormOver(bench.sim.now());
                Evaluate(bench);
              }),
              ElementsAre(std::pair("none × quiet", 1)));
}

TEST(CircumstancesTest, AStoryIsNeverWithoutWhatItTells) {
  EXPECT_THAT(CellsOf([](Bench& bench) {
                bench.judge.circumstances().TellStory();
                Evaluate(bench);
                Tell(bench, EventKind::kEngineOpening);
                Evaluate(bench, 2);
              }),
              UnorderedElementsAre(std::pair("told × quiet", 1), std::pair("told × recovery", 2)));
}

TEST(CircumstancesTest, TablesAreWrittenUntilTheManifestNamesThem) {
  EXPECT_THAT(CellsOf([](Bench& bench) {
                Circumstances& now = bench.judge.circumstances();
                now.OnManifest(1, bench.sim.now());  // of nothing
                Evaluate(bench);
                now.OnTable(1, bench.sim.now());
                bench.sim.SleepFor(1s);
                Evaluate(bench, 2);
                now.OnManifest(1, bench.sim.now());
                bench.sim.SleepFor(1s);
                Evaluate(bench, 4);
              }),
              UnorderedElementsAre(std::pair("none × quiet", 5), std::pair("none × tables", 2)));
}

const Scenario& Named(std::string_view name) {
  const Scenario* scenario = FindScenario(name);
  WT_CHECK(scenario != nullptr);
  return *scenario;
}

bool IsPossible(std::string_view scenario, std::string_view cell) {
  const reports::MatrixAxes axes = MatrixAxesOf(std::span(&Named(scenario), 1));
  for (uint32_t i = 0; i < axes.cells(); ++i) {
    if (axes.NameOf(i) == cell) return axes.possible[i];
  }
  WT_CHECK(false);
}

TEST(CircumstancesTest, TablesAreWhereAnLsmIs) {
  constexpr std::string_view kCell = "no-phantom × none × tables";
  EXPECT_TRUE(IsPossible("lsm-torn", kCell));
  EXPECT_TRUE(IsPossible("lsm-replicas", kCell));
  EXPECT_FALSE(IsPossible("lagging-replica", kCell));
  EXPECT_FALSE(IsPossible("torn-tail", kCell));
  EXPECT_FALSE(IsPossible("lsm-replicas", "ordered-scan × none × tables"));
}

TEST(CircumstancesTest, AGroupIsJudgedWhileItsTablesAreWritten) {
  const Scenario& scenario = Named("lsm-replicas");
  const wt::scenarios::Run run = Execute(DrawPlan(scenario, 1), {});
  const reports::MatrixAxes axes = MatrixAxesOf(std::span(&scenario, 1));
  uint64_t seen = 0;
  for (const auto& [cell, count] : run.record.matrix) {
    const std::string name = axes.NameOf(cell);
    if (name.starts_with("linearizable × ") && name.ends_with(" × tables")) seen += count;
  }
  EXPECT_GT(seen, 0u);
  EXPECT_THAT(reports::SeenThoughImpossible(axes, run.record.matrix), testing::IsEmpty());
}

TEST(CircumstancesTest, EveryKindHasItsColumn) {
  const reports::MatrixAxes axes = MatrixAxesOf({});
  ASSERT_EQ(axes.faults.size(), MatrixColumns());
  ASSERT_LE(MatrixColumns(), 64u);
  for (size_t kind = 0; kind < faults::AllFaults().size(); ++kind) {
    EXPECT_EQ(axes.faults[ColumnOf(static_cast<FaultKind>(kind))].name,
              faults::AllFaults()[kind].name);
  }
}

}  // namespace
}  // namespace wt::scenarios
