// A plan as JSON: what is written is read back, for any plan; what is damaged is refused with one
// clear error and never a crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "scenarios/plan.h"

namespace wt::scenarios {
namespace {

using testing::HasSubstr;

Plan Example() {
  Plan plan;
  plan.why = "an example";
  plan.scenario = "torn-tail";
  plan.seed = 0x1234567890abcdef;
  plan.policy = sim::SchedulePolicy::kPct;
  plan.knobs = {.segment_bytes = 65536, .snapshot_log_bytes = 1000, .snapshots_kept = 2};
  plan.storm = std::chrono::seconds(10);
  plan.calm = std::chrono::seconds(5);
  plan.operations = {{.client = 1, .kind = OpKind::kBatch, .key = 3, .span = 4, .value_bytes = 9},
                     {.client = 0, .kind = OpKind::kCompareAndSet, .think = Duration(77)}};
  plan.faults = {
      {.kind = FaultKind::kBitRot, .at = Duration(5), .amount = 2, .salt = ~uint64_t{0}}};
  return plan;
}

// The example, with the first `from` replaced by `to`.
std::string Changed(const std::string& from, const std::string& to) {
  std::string text = ToJson(Example());
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

std::string ErrorOf(const std::string& text) {
  const absl::Status status = PlanFromJson(text).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status << " for:\n" << text;
  return std::string(status.message().data(), status.message().size());
}

TEST(PlanJsonTest, AnExampleComesBack) {
  absl::StatusOr<Plan> read = PlanFromJson(ToJson(Example()));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, Example());
}

TEST(PlanJsonTest, OneOperationOrFaultIsALine) {
  Plan plan = Example();
  const std::string before = ToJson(plan);
  plan.operations.push_back({.client = 2});
  const std::string after = ToJson(plan);
  EXPECT_EQ(std::count(after.begin(), after.end(), '\n'),
            std::count(before.begin(), before.end(), '\n') + 1);
}

TEST(PlanJsonTest, TextThatIsNotJsonNamesTheLine) {
  EXPECT_THAT(ErrorOf(Changed("\"seed\": ", "\"seed\" ")), HasSubstr("line 5"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("line 1"));
  EXPECT_THAT(ErrorOf("{\n"), HasSubstr("not JSON"));
}

TEST(PlanJsonTest, AnUnknownVersionIsRefusedByNumber) {
  EXPECT_THAT(ErrorOf(Changed("\"wavetank_plan\": 1", "\"wavetank_plan\": 2")),
              HasSubstr("version 2"));
}

TEST(PlanJsonTest, AnUnknownFieldIsRefusedWhereverItIs) {
  EXPECT_THAT(ErrorOf(Changed("\"why\"", "\"surprise\": 1,\n  \"why\"")), HasSubstr("unknown"));
  EXPECT_THAT(ErrorOf(Changed("{\"segment_bytes\"", "{\"surprise\": 1, \"segment_bytes\"")),
              HasSubstr("knobs"));
  EXPECT_THAT(ErrorOf(Changed("{\"fault\"", "{\"surprise\": 1, \"fault\"")),
              HasSubstr("faults[0]"));
  EXPECT_THAT(ErrorOf(Changed("{\"client\"", "{\"surprise\": 1, \"client\"")),
              HasSubstr("operations[0]"));
}

TEST(PlanJsonTest, AMissingFieldIsNamed) {
  EXPECT_THAT(ErrorOf(Changed("  \"scenario\": \"torn-tail\",\n", "")), HasSubstr("\"scenario\""));
  EXPECT_THAT(ErrorOf(Changed("\"key\":3,", "")), HasSubstr("\"key\""));
}

TEST(PlanJsonTest, AWrongTypeNamesFieldAndPlace) {
  EXPECT_THAT(ErrorOf(Changed("\"seed\": ", "\"seed\": \"x\", \"was\": ")), HasSubstr("seed"));
  EXPECT_THAT(ErrorOf(Changed("\"key\":3", "\"key\":\"three\"")),
              testing::AllOf(HasSubstr("operations[0]"), HasSubstr("key")));
  EXPECT_THAT(ErrorOf(Changed("\"key\":3", "\"key\":3.5")), HasSubstr("key"));
  EXPECT_THAT(ErrorOf(Changed("\"key\":3", "\"key\":-3")), HasSubstr("key"));
  EXPECT_THAT(ErrorOf(Changed("\"compress\":true", "\"compress\":1")), HasSubstr("compress"));
  EXPECT_THAT(ErrorOf(Changed("\"why\": \"an example\"", "\"why\": 7")), HasSubstr("why"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("object"));
  EXPECT_THAT(ErrorOf("null"), HasSubstr("object"));
}

TEST(PlanJsonTest, ANumberThatDoesNotFitIsRefused) {
  EXPECT_THAT(ErrorOf(Changed("\"key\":3", "\"key\":4294967296")), HasSubstr("key"));
  EXPECT_THAT(ErrorOf(Changed("\"storm_ns\": 10000000000", "\"storm_ns\": 9223372036854775808")),
              HasSubstr("storm_ns"));
  ErrorOf(Changed("\"key\":3", "\"key\":1e999"));
  ErrorOf(Changed("\"key\":3", "\"key\":123456789012345678901234567890"));
}

TEST(PlanJsonTest, AnUnknownNameIsRefused) {
  EXPECT_THAT(ErrorOf(Changed("bit-rot", "bit-rust")), HasSubstr("bit-rust"));
  EXPECT_THAT(ErrorOf(Changed("\"pct\"", "\"fair\"")), HasSubstr("fair"));
  EXPECT_THAT(ErrorOf(Changed("\"op\":\"batch\"", "\"op\":\"botch\"")), HasSubstr("botch"));
}

TEST(PlanJsonTest, WhatNoRunCouldDoIsRefused) {
  EXPECT_THAT(ErrorOf(Changed("\"machines\": 1", "\"machines\": 0")), HasSubstr("machines"));
  EXPECT_THAT(ErrorOf(Changed("\"snapshots_kept\":2", "\"snapshots_kept\":0")),
              HasSubstr("snapshots_kept"));
  EXPECT_THAT(ErrorOf(Changed("\"alignment\":4096", "\"alignment\":4097")), HasSubstr("alignment"));
  EXPECT_THAT(ErrorOf(Changed("\"machine\":1}", "\"machine\":2}")), HasSubstr("faults[0]"));
  EXPECT_THAT(ErrorOf(Changed("\"machine\":1}", "\"machine\":0}")), HasSubstr("faults[0]"));
  EXPECT_THAT(ErrorOf(Changed("\"span\":4", "\"span\":0")), HasSubstr("span"));
}

TEST(PlanJsonTest, DeepNestingIsRefusedWithoutADeepStack) {
  ErrorOf(std::string(100'000, '['));
  ErrorOf(std::string(100'000, '[') + std::string(100'000, ']'));
}

TEST(PlanJsonTest, ACommentOfAnyBytesCanBeWritten) {
  Plan plan = Example();
  plan.why = "not UTF-8: \xff\xfe";
  absl::StatusOr<Plan> read = PlanFromJson(ToJson(plan));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->why, HasSubstr("not UTF-8"));
}

rc::Gen<Duration> AnyDuration() {
  return rc::gen::map(rc::gen::inRange<int64_t>(0, sim::kForever.count() + 1),
                      [](int64_t ns) { return Duration(ns); });
}

rc::Gen<ClientOp> AnyOp() {
  return rc::gen::build<ClientOp>(
      rc::gen::set(&ClientOp::client), rc::gen::set(&ClientOp::key),
      rc::gen::set(&ClientOp::span, rc::gen::inRange(1u, ~0u)),
      rc::gen::set(&ClientOp::value_bytes),
      rc::gen::set(
          &ClientOp::kind,
          rc::gen::map(rc::gen::inRange(0, 6), [](int kind) { return static_cast<OpKind>(kind); })),
      rc::gen::set(&ClientOp::think, AnyDuration()));
}

// Of any kind that one machine can have; plan_faults_test has those of groups.
rc::Gen<faults::Fault> AnyFault() {
  using faults::Fault;
  const auto any = rc::gen::build<Fault>(
      rc::gen::set(&Fault::kind,
                   rc::gen::map(rc::gen::inRange<size_t>(0, faults::AllFaults().size()),
                                [](size_t k) { return static_cast<FaultKind>(k); })),
      rc::gen::set(&Fault::at, AnyDuration()), rc::gen::set(&Fault::lasts, AnyDuration()),
      rc::gen::set(&Fault::amount), rc::gen::set(&Fault::salt),
      rc::gen::set(&Fault::machine, rc::gen::just(1u)));
  return rc::gen::suchThat(any, [](const Fault& fault) { return ProblemOf(fault, 1).empty(); });
}

rc::Gen<std::string> AnyText() {
  return rc::gen::container<std::string>(rc::gen::inRange(char{1}, char{127}));
}

rc::Gen<Plan> AnyPlan() {
  return rc::gen::build<Plan>(
      rc::gen::set(&Plan::why, AnyText()), rc::gen::set(&Plan::scenario, AnyText()),
      rc::gen::set(&Plan::seed), rc::gen::set(&Plan::pct_depth),
      rc::gen::set(&Plan::policy,
                   rc::gen::map(rc::gen::inRange(0, 3),
                                [](int p) { return static_cast<sim::SchedulePolicy>(p); })),
      rc::gen::set(&Plan::storm, AnyDuration()), rc::gen::set(&Plan::calm, AnyDuration()),
      rc::gen::set(&Plan::operations, rc::gen::container<std::vector<ClientOp>>(AnyOp())),
      rc::gen::set(&Plan::faults, rc::gen::container<std::vector<faults::Fault>>(AnyFault())));
}

RC_GTEST_PROP(PlanJsonPropertyTest, EveryPlanComesBack, ()) {
  const Plan plan = *AnyPlan();
  absl::StatusOr<Plan> read = PlanFromJson(ToJson(plan));
  RC_ASSERT(read.ok());
  RC_ASSERT(*read == plan);
  RC_ASSERT(ToJson(*read) == ToJson(plan));
}

RC_GTEST_PROP(PlanJsonPropertyTest, DamagedTextIsReadOrRefusedButNeverKills, ()) {
  std::string text = ToJson(Example());
  const auto damages = *rc::gen::inRange(1, 6);
  for (int i = 0; i < damages; ++i) {
    const size_t at = *rc::gen::inRange<size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        text[at] = *rc::gen::arbitrary<char>();
        break;
      case 1:
        text.erase(at, *rc::gen::inRange<size_t>(1, 40));
        break;
      case 2:
        text.insert(at,
                    *rc::gen::element<std::string>("-", "9", "\"", "{", "]", "null", "1e9", ","));
        break;
      default:
        text.resize(at + 1);
        break;
    }
  }
  const absl::StatusOr<Plan> read = PlanFromJson(text);
  RC_ASSERT(read.ok() || absl::IsInvalidArgument(read.status()));
  RC_ASSERT(read.ok() || !read.status().message().empty());
}

}  // namespace
}  // namespace wt::scenarios
