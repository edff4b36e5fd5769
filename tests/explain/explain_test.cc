// Proves that what a failure needs is found and nothing else is taken for it: which faults, alone
// or two together, in which time, and from which record on it is certain; that rates are rates of
// the plan with other seeds; and that a budget, an interruption and the number of jobs change only
// what they should. The tank judges plans by rules that are known.
#include "scenarios/explain/explain.h"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "tests/shrink/synthetic_tank.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;
using faults::Fault;
using faults::FaultKind;
using synthetic::CountOf;
using synthetic::Failure;
using synthetic::Rule;
using synthetic::TankWith;

const Failure kLost{"acked-writes-survive", "after n1 restarted, k017 is missing"};

Plan SmallPlan() {
  Plan plan = synthetic::PlanOf("torn-tail", 5);
  plan.knobs = {.rarely_ppm = 500};
  plan.policy = sim::SchedulePolicy::kRoundRobin;
  plan.operations = {{.kind = OpKind::kPut, .key = 17}, {.kind = OpKind::kGet, .key = 3}};
  plan.faults = {{.kind = FaultKind::kLostSync, .at = 1s, .amount = 7},
                 {.kind = FaultKind::kSlowDisk, .at = 1500ms, .lasts = 10ms, .amount = 2},
                 {.kind = FaultKind::kPowerLoss, .at = 2s}};
  plan.storm = 5s;
  return plan;
}

// A lie of the disk, then a cut, and something to be lost.
Failure LostWrite(const Plan& plan) {
  const bool lost = CountOf(plan, FaultKind::kLostSync) > 0 &&
                    CountOf(plan, FaultKind::kPowerLoss) > 0 && CountOf(plan, OpKind::kPut) > 0;
  return lost ? kLost : Failure{};
}

Explanation MustExplain(const Tank& tank, const Plan& plan, const ExplainOptions& options = {}) {
  absl::StatusOr<Explanation> explanation = Explain(tank, plan, options);
  WT_CHECK(explanation.ok());
  return *std::move(explanation);
}

const Part& PartNamed(const Explanation& explanation, std::string_view name) {
  for (const Part& part : explanation.parts) {
    if (part.name == name) return part;
  }
  WT_CHECK(false);
}

std::vector<std::string> Necessary(const Explanation& explanation) {
  std::vector<std::string> names;
  for (const Part& part : explanation.parts) {
    if (part.need == Need::kNecessary) names.push_back(part.name);
  }
  return names;
}

TEST(ExplainTest, WhatIsNecessaryIsFoundAndNothingElse) {
  const Explanation explanation = MustExplain(TankWith(LostWrite), SmallPlan());
  EXPECT_EQ(explanation.end, ExplainEnd::kDone);
  EXPECT_THAT(Necessary(explanation),
              testing::ElementsAre("lost-fsync #1", "power-loss #1", "put k017"));
  EXPECT_EQ(explanation.as_it_is, (Share{.failed = 8, .runs = 8}));
  for (std::string_view name : {"slow-disk #1", "get k003"}) {
    EXPECT_EQ(PartNamed(explanation, name).need, Need::kNot) << name;
    EXPECT_EQ(PartNamed(explanation, name).without, (Share{.failed = 8, .runs = 8})) << name;
  }
  EXPECT_TRUE(PartNamed(explanation, "put k017").without.none());
  EXPECT_EQ(PartNamed(explanation, "lost-fsync #1").details, "n1 at 1.000s, 7 syncs");
}

TEST(ExplainTest, AKnobIsLeftOutByItself) {
  const auto rule = [](const Plan& plan) { return plan.knobs.rarely_ppm > 0 ? kLost : Failure{}; };
  Plan plan = SmallPlan();
  plan.knobs.segment_bytes = 12345;
  const Explanation explanation = MustExplain(TankWith(rule), plan);
  size_t knobs = 0;
  for (const Part& part : explanation.parts) knobs += part.kind == PartKind::kKnob ? 1 : 0;
  EXPECT_GE(knobs, 2u);
  ASSERT_EQ(Necessary(explanation).size(), 1u);
  EXPECT_THAT(Necessary(explanation)[0], testing::HasSubstr("rarely"));
}

TEST(ExplainTest, AKnobThatAnotherBelongsToIsLeftOutByItself) {
  const auto rule = [](const Plan& plan) {
    return plan.policy == sim::SchedulePolicy::kPct ? kLost : Failure{};
  };
  Plan plan = SmallPlan();
  plan.policy = sim::SchedulePolicy::kPct;
  plan.pct_depth = 5;  // of note only where the policy is another
  EXPECT_THAT(Necessary(MustExplain(TankWith(rule), plan)), testing::ElementsAre("policy"));
}

TEST(ExplainTest, WhereAGroupsStateLiesIsLeftOutByItself) {
  const auto rule = [](const Plan& plan) {
    return plan.group->store == StateStore::kLsm ? kLost : Failure{};
  };
  Plan plan = synthetic::PlanOf("lsm-replicas", 5);
  plan.faults.clear();
  plan.group->store = StateStore::kLsm;
  plan.group->memtable_bytes = 64 * kKiB;
  EXPECT_THAT(Necessary(MustExplain(TankWith(rule), plan)), testing::ElementsAre("group.store"));
}

TEST(ExplainTest, OfTwoThatDoTheSameOneIsNecessary) {
  const auto rule = [](const Plan& plan) {
    return CountOf(plan, FaultKind::kLostSync) + CountOf(plan, FaultKind::kPowerLoss) > 0
               ? kLost
               : Failure{};
  };
  const Explanation explanation = MustExplain(TankWith(rule), SmallPlan());
  EXPECT_THAT(Necessary(explanation), testing::ElementsAre("lost-fsync #1 or power-loss #1"));
  EXPECT_EQ(PartNamed(explanation, "lost-fsync #1").need, Need::kNot);
}

// One seed in four fails; in four of them one, with the slow disk gone.
TEST(ExplainTest, RatesAreOfSeeds) {
  const auto rule = [](const Plan& plan) {
    const uint64_t of = CountOf(plan, FaultKind::kSlowDisk) > 0 ? 4 : 16;
    const bool unlucky = plan.seed % of == 1 && CountOf(plan, FaultKind::kPowerLoss) > 0;
    return unlucky ? kLost : Failure{};
  };
  Plan plan = SmallPlan();
  plan.seed = 1001;
  const Explanation explanation = MustExplain(TankWith(rule), plan);
  // The own one, and of 1..31 each fourth.
  EXPECT_EQ(explanation.as_it_is, (Share{.failed = 9, .runs = 32}));
  const Part& slow = PartNamed(explanation, "slow-disk #1");
  EXPECT_EQ(slow.without, (Share{.failed = 2, .runs = 32}));
  EXPECT_EQ(slow.need, Need::kHelps);
  EXPECT_EQ(PartNamed(explanation, "power-loss #1").need, Need::kNecessary);
  EXPECT_EQ(PartNamed(explanation, "lost-fsync #1").need, Need::kNot);
}

TEST(ExplainTest, AFaultMayComeWithinItsWindow) {
  // The cut must come at least 300 ms after the lie, and by 2.345 s; the lie when it likes.
  const auto rule = [](const Plan& plan) {
    const Fault* lie = nullptr;
    for (const Fault& fault : plan.faults) {
      if (fault.kind == FaultKind::kLostSync) lie = &fault;
      if (fault.kind != FaultKind::kPowerLoss || lie == nullptr) continue;
      if (fault.at >= lie->at + 300ms && fault.at <= 2345ms) return kLost;
    }
    return Failure{};
  };
  Plan plan = SmallPlan();
  std::erase_if(plan.faults, [](const Fault& f) { return f.kind == FaultKind::kSlowDisk; });
  const Explanation explanation = MustExplain(TankWith(rule), plan);
  const std::optional<Window> lie = PartNamed(explanation, "lost-fsync #1").window;
  const std::optional<Window> cut = PartNamed(explanation, "power-loss #1").window;
  ASSERT_TRUE(lie && cut);
  EXPECT_EQ(lie->from_us, 0u);
  EXPECT_NEAR(static_cast<double>(lie->to_us), 1'700'000.0, 50'000.0);
  EXPECT_LE(lie->to_us, 1'700'000u) << "an edge is a time at which it was seen to fail";
  EXPECT_NEAR(static_cast<double>(cut->from_us), 1'300'000.0, 50'000.0);
  EXPECT_GE(cut->from_us, 1'300'000u);
  EXPECT_NEAR(static_cast<double>(cut->to_us), 2'345'000.0, 30'000.0);
  EXPECT_LE(cut->to_us, 2'345'000u);
}

TEST(ExplainTest, TheLastFaultMayComeAsLateAsTheStormOfItsScenario) {
  // What comes when the storm is over does not come at all.
  const auto rule = [](const Plan& plan) {
    return !plan.faults.empty() && plan.faults[0].at <= plan.storm ? kLost : Failure{};
  };
  Plan plan = SmallPlan();
  const Duration storm = FindScenario(plan.scenario)->storm;
  plan.faults = {{.kind = FaultKind::kPowerLoss, .at = 1s}};
  plan.storm = 1s;
  ASSERT_GT(storm, 5s);
  const Explanation explanation = MustExplain(TankWith(rule), plan);
  const std::optional<Window> window = PartNamed(explanation, "power-loss #1").window;
  ASSERT_TRUE(window);
  EXPECT_EQ(window->to_us, static_cast<uint64_t>(storm.count()) / 1000);
}

TEST(ExplainTest, AFaultDoesNotPassItsNeighbour) {
  const auto rule = [](const Plan& plan) {
    return CountOf(plan, FaultKind::kSlowDisk) > 0 ? kLost : Failure{};
  };
  const Explanation explanation = MustExplain(TankWith(rule), SmallPlan());
  EXPECT_EQ(PartNamed(explanation, "slow-disk #1").window,
            (Window{.from_us = 1'000'000, .to_us = 2'000'000}));
  EXPECT_FALSE(PartNamed(explanation, "power-loss #1").window) << "it is not necessary";
}

TEST(ExplainTest, NeighboursAreThoseInTimeHoweverAPlanNamesThem) {
  const auto rule = [](const Plan& plan) {
    return CountOf(plan, FaultKind::kSlowDisk) > 0 ? kLost : Failure{};
  };
  Plan plan = SmallPlan();
  std::ranges::reverse(plan.faults);
  std::swap(plan.faults[0], plan.faults[1]);  // the slow disk, the cut, the lie
  const Explanation explanation = MustExplain(TankWith(rule), plan);
  EXPECT_EQ(PartNamed(explanation, "slow-disk #1").window,
            (Window{.from_us = 1'000'000, .to_us = 2'000'000}));
}

// A run of a thousand records with a step at each tenth; it fails, whatever the seed, when chance
// is changed at `certain` or later, and before with one seed in `one_in`.
Tank TankOfRecords(uint64_t certain, uint64_t one_in, uint64_t likely = 0, uint64_t odds = 1) {
  Tank tank = TankWith([](const Plan&) { return kLost; });
  tank.execute_plan = [=](const Plan& plan, const ExecuteOptions& how) {
    Run run = synthetic::Judge([](const Plan&) { return kLost; }, plan);
    run.record.events = 1000;
    for (uint64_t record = 10; how.story && record < 1000; record += 10) {
      run.story.push_back({.at_us = record * 100,
                           .machine = "n1",
                           .what = "step " + std::to_string(record),
                           .record = record});
    }
    const Reseed& reseed = how.reseed;
    const uint64_t of = likely > 0 && reseed.record >= likely ? odds : one_in;
    const bool passes = reseed.record > 0 && reseed.record < certain && reseed.seed % of != 0;
    if (passes) run.record = {.scenario = plan.scenario, .seed = plan.seed, .events = 1000};
    return run;
  };
  return tank;
}

TEST(ExplainTest, CertaintyIsFoundToTheRecord) {
  for (uint64_t certain : {2u, 10u, 437u, 440u, 989u}) {
    const Explanation explanation = MustExplain(TankOfRecords(certain, 8), SmallPlan());
    ASSERT_TRUE(explanation.inevitable) << certain;
    const LikelihoodPoint& point = explanation.likelihood[*explanation.inevitable];
    EXPECT_EQ(point.record, certain);
    const uint64_t step = certain / 10 * 10;
    EXPECT_EQ(point.step.what, step == 0 ? "" : "step " + std::to_string(step));
    EXPECT_EQ(explanation.likelihood[0].record, 1u);
    EXPECT_EQ(explanation.likelihood[0].share, (Share{.failed = 2, .runs = 16}));
  }
}

TEST(ExplainTest, TheCurveHasAStepWhereItBecomesLikely) {
  // From record 310 on three seeds of four pass no more, to speak of.
  const Explanation explanation = MustExplain(TankOfRecords(700, 16, 310, 2), SmallPlan());
  ASSERT_TRUE(explanation.likely && explanation.inevitable);
  EXPECT_EQ(explanation.likelihood[*explanation.likely].record, 310u);
  EXPECT_EQ(explanation.likelihood[*explanation.inevitable].record, 700u);
  EXPECT_LT(*explanation.likely, *explanation.inevitable);
}

TEST(ExplainTest, WhatNeverDependsOnChanceIsInevitableFromTheBeginning) {
  const Explanation explanation = MustExplain(TankOfRecords(0, 1), SmallPlan());
  EXPECT_EQ(explanation.inevitable, 0u);
  EXPECT_EQ(explanation.likely, 0u);
}

TEST(ExplainTest, WhatDependsOnChanceToItsEndIsOnlyCertainThen) {
  const Explanation explanation = MustExplain(TankOfRecords(1000, 8), SmallPlan());
  ASSERT_TRUE(explanation.inevitable);
  EXPECT_EQ(explanation.likelihood[*explanation.inevitable].record, 1000u);
}

TEST(ExplainTest, TheChainIsOfTheStoryAndNamesTheMomentOfCertainty) {
  const Explanation explanation = MustExplain(TankOfRecords(437, 8), SmallPlan());
  ASSERT_EQ(explanation.chain.size(), 2u) << "steps that say nothing do not fill it up";
  EXPECT_EQ(explanation.chain[0].what, "step 430");
  EXPECT_EQ(explanation.chain[0].note, "inevitable from here");
  EXPECT_EQ(explanation.chain[1].what, "step 990");
}

// With a calm that is short, half of the seeds fail for that instead.
Tank TankOfCalm(bool same_run) {
  Tank tank = TankWith([](const Plan&) { return kLost; });
  tank.execute_plan = [=](const Plan& plan, const ExecuteOptions&) {
    const bool hasty = plan.calm < 1s && plan.seed % 2 == 0;
    Run run = synthetic::Judge(
        [&](const Plan&) {
          return hasty ? Failure{"converges", "no time"} : kLost;
        },
        plan);
    run.record.digest = same_run || plan.calm < 1s ? 7 : 8;
    return run;
  };
  return tank;
}

TEST(ExplainTest, WhatGoesOtherwiseHasTime) {
  Plan plan = SmallPlan();
  const Duration calm = plan.calm;
  ASSERT_GT(calm, 1s);
  plan.calm = 10ms;
  const Explanation patient = MustExplain(TankOfCalm(true), plan);
  EXPECT_EQ(patient.plan.calm, calm);
  EXPECT_TRUE(patient.as_it_is.all());
  const Explanation hasty = MustExplain(TankOfCalm(false), plan);
  EXPECT_EQ(hasty.plan.calm, 10ms) << "it would be another run";
  EXPECT_FALSE(hasty.as_it_is.all());
}

TEST(ExplainTest, APlanThatDoesNotFailIsNotExplained) {
  const Tank tank = TankWith([](const Plan&) { return Failure{}; });
  const Explanation explanation = MustExplain(tank, SmallPlan());
  EXPECT_EQ(explanation.end, ExplainEnd::kNothingToDo);
  EXPECT_EQ(explanation.runs, 1u);
  EXPECT_TRUE(explanation.parts.empty());
}

TEST(ExplainTest, ABudgetIsKeptAndWhatIsKnownStands) {
  const Tank tank = TankWith(LostWrite);
  for (uint64_t runs : {1u, 8u, 9u, 20u, 40u, 100u}) {
    const Explanation explanation = MustExplain(tank, SmallPlan(), {.runs = runs});
    EXPECT_LE(explanation.runs, runs);
    EXPECT_EQ(explanation.end, ExplainEnd::kBudget) << runs;
    EXPECT_EQ(explanation.parts.empty(), runs < 17) << runs;
    EXPECT_EQ(explanation.record.invariant, "acked-writes-survive");
  }
}

TEST(ExplainTest, ASmallBudgetIsNotSpentOnOneQuestion) {
  const auto rule = [](const Plan& plan) {
    const bool unlucky = plan.seed % 4 == 1 && CountOf(plan, FaultKind::kPowerLoss) > 0;
    return unlucky ? kLost : Failure{};
  };
  Plan plan = SmallPlan();
  plan.seed = 1001;
  const Explanation explanation = MustExplain(TankWith(rule), plan, {.runs = 50});
  EXPECT_EQ(explanation.as_it_is, (Share{.failed = 3, .runs = 8}));
  EXPECT_EQ(PartNamed(explanation, "power-loss #1").need, Need::kNecessary);
}

TEST(ExplainTest, TheResultDoesNotDependOnTheNumberOfJobs) {
  const auto summary = [](uint32_t jobs) {
    const Explanation explanation =
        MustExplain(TankOfRecords(437, 8), SmallPlan(), {.pool = {.jobs = jobs}});
    std::string text = std::to_string(explanation.runs);
    for (const Part& part : explanation.parts) {
      text += " " + part.name + std::to_string(part.without.failed);
    }
    for (const LikelihoodPoint& point : explanation.likelihood) {
      text += " " + std::to_string(point.record) + ":" + std::to_string(point.share.failed);
    }
    return text;
  };
  EXPECT_EQ(summary(3), summary(1));
}

TEST(ExplainTest, AnInterruptionLeavesWhatIsKnown) {
  std::atomic<int> stop = 0;
  ExplainOptions options{.pool = {.stop = &stop}};
  options.on_progress = [&](uint64_t, std::string_view doing) {
    if (doing == "without one fault") stop = 15;
  };
  const Explanation explanation = MustExplain(TankWith(LostWrite), SmallPlan(), options);
  EXPECT_EQ(explanation.end, ExplainEnd::kInterrupted);
  EXPECT_EQ(explanation.parts.size(), 1u);
  EXPECT_EQ(explanation.parts[0].need, Need::kNecessary);
  stop = 15;
  EXPECT_TRUE(absl::IsAborted(Explain(TankWith(LostWrite), SmallPlan(), options).status()));
}

TEST(ExplainTest, ManyOperationsAreNotLeftOutOneByOne) {
  Plan plan = SmallPlan();
  EXPECT_TRUE(IsSmall(plan));
  plan.operations.assign(41, {.kind = OpKind::kPut});
  EXPECT_FALSE(IsSmall(plan));
  const Explanation explanation = MustExplain(TankWith(LostWrite), plan);
  EXPECT_TRUE(explanation.operations_left);
  for (const Part& part : explanation.parts) EXPECT_NE(part.kind, PartKind::kOperation);
}

}  // namespace
}  // namespace wt::scenarios
