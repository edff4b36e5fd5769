// Faults in plans: every fault that can be injected is written and read back as it is, in a plan of
// one machine and of a group; what no run of that plan could do is refused with the field's name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/status.h"
#include "scenarios/plan.h"

namespace wt::scenarios {
namespace {

using faults::Fault;
using faults::Target;
using testing::HasSubstr;

// A plan of a group from three machines on.
Plan PlanOf(uint32_t machines, std::vector<Fault> faults) {
  Plan plan{.scenario = "none", .machines = machines, .faults = std::move(faults)};
  plan.knobs = {.segment_bytes = 65536, .snapshot_log_bytes = 1000, .snapshots_kept = 2};
  if (machines > 1) plan.group = PlannedGroup{.voters = machines};
  return plan;
}

std::string ErrorOf(const std::string& text) {
  const absl::Status status = PlanFromJson(text).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status << " for:\n" << text;
  return MessageOf(status);
}

std::string ErrorOf(uint32_t machines, const Fault& fault) {
  return ErrorOf(ToJson(PlanOf(machines, {fault})));
}

std::string Changed(const Plan& plan, const std::string& from, const std::string& to) {
  std::string text = ToJson(plan);
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in\n" << text;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

TEST(PlanFaultsTest, WhatMostFaultsDoNotNeedIsNotWritten) {
  const std::string text = ToJson(PlanOf(3, {{.kind = FaultKind::kKill}}));
  for (const char* field : {"other", "target", "cuts_clients", "aim_ns"}) {
    EXPECT_EQ(text.find(field), std::string::npos) << field;
  }
}

TEST(PlanFaultsTest, AFaultOfAnotherTopologyIsRefused) {
  const std::string error = ErrorOf(3, {.kind = FaultKind::kKill, .machine = 4});
  EXPECT_THAT(error, HasSubstr("faults[0]: machine: 4, want 1 to 3"));
  EXPECT_THAT(error, HasSubstr("a plan for another topology"));
  EXPECT_THAT(error, HasSubstr("line "));
}

TEST(PlanFaultsTest, SeveralMachinesWithoutAGroupAreRefused) {
  const std::string error = ErrorOf(Changed(PlanOf(1, {}), "\"machines\": 1", "\"machines\": 3"));
  EXPECT_THAT(error, HasSubstr("machines: 3"));
  EXPECT_THAT(error, HasSubstr("a plan for another topology"));
}

TEST(PlanFaultsTest, WhatNoKindCanDoIsRefusedByField) {
  EXPECT_THAT(ErrorOf(3, {.kind = FaultKind::kKill, .other = 2}), HasSubstr("other: 2"));
  EXPECT_THAT(ErrorOf(3, {.kind = FaultKind::kDiskExchange}), HasSubstr("other: 0"));
  EXPECT_THAT(ErrorOf(3, {.kind = FaultKind::kForeignDisk, .other = 1}), HasSubstr("other: 1"));
  EXPECT_THAT(ErrorOf(3, {.kind = FaultKind::kDiskExchange, .other = 2, .target = Target::kEvery}),
              HasSubstr("target"));
  EXPECT_THAT(ErrorOf(3, {.kind = FaultKind::kMessageLoss, .cuts_clients = true}),
              HasSubstr("cuts_clients: message-loss is no partition"));
  EXPECT_THAT(ErrorOf(1, {.kind = FaultKind::kWipe}), HasSubstr("only machine"));
}

TEST(PlanFaultsTest, AnUnknownTargetOrAWrongTypeIsRefused) {
  const Plan plan = PlanOf(
      3, {{.kind = FaultKind::kIsolation, .target = Target::kPrimary, .cuts_clients = true}});
  EXPECT_THAT(ErrorOf(Changed(plan, "\"primary\"", "\"secondary\"")), HasSubstr("secondary"));
  EXPECT_THAT(ErrorOf(Changed(plan, "\"cuts_clients\":true", "\"cuts_clients\":1")),
              HasSubstr("cuts_clients: want true or false"));
}

// A fault of any kind that such a plan may hold.
rc::Gen<Fault> AnyFault(uint32_t machines) {
  return rc::gen::exec([machines] {
    const size_t kinds = faults::AllFaults().size();
    Fault fault{.kind = static_cast<FaultKind>(*rc::gen::inRange<size_t>(0, kinds))};
    fault.at = Duration(*rc::gen::inRange<int64_t>(0, sim::kForever.count()));
    fault.lasts = Duration(*rc::gen::inRange<int64_t>(0, sim::kForever.count()));
    fault.amount = *rc::gen::arbitrary<uint64_t>();
    fault.salt = *rc::gen::arbitrary<uint64_t>();
    fault.machine = *rc::gen::inRange<uint32_t>(1, machines + 1);
    fault.target = static_cast<Target>(*rc::gen::inRange(0, 3));
    if (faults::TakesTwo(fault.kind)) {
      fault.other = fault.machine % machines + 1;
      if (fault.target == Target::kEvery) fault.target = Target::kMachine;
    }
    const bool is_partition = faults::InfoOf(fault.kind).area == faults::Area::kPartition;
    fault.cuts_clients = is_partition && *rc::gen::arbitrary<bool>();
    if (faults::IsSudden(fault.kind)) {
      fault.aim = Duration(*rc::gen::inRange<int64_t>(0, 1'000'000'000));
    }
    return fault;
  });
}

RC_GTEST_PROP(PlanFaultsPropertyTest, EveryFaultThatCanBeInjectedComesBack, ()) {
  const auto machines = *rc::gen::element<uint32_t>(1, 3, 5);
  std::vector<Fault> faults = *rc::gen::container<std::vector<Fault>>(AnyFault(machines));
  std::erase_if(faults, [&](const Fault& fault) { return ProblemOf(fault, machines) != ""; });
  const Plan plan = PlanOf(machines, faults);
  const absl::StatusOr<Plan> read = PlanFromJson(ToJson(plan));
  RC_ASSERT(read.ok());
  RC_ASSERT(*read == plan);
}

}  // namespace
}  // namespace wt::scenarios
