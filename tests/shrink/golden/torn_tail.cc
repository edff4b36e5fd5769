// acked-writes-survive: client 1 was told OK for SET k000=v1.1.0: (index 2) at 0.004s; after n1
// restarted, k000 is missing
// This is what `wavetank shrink` has left of a run of torn-tail: 2 operations, 1 fault, 1 machine.
#include <gtest/gtest.h>

#include "scenarios/execute.h"
#include "scenarios/plan.h"

namespace wt::scenarios {
namespace {

constexpr char kPlan[] = R"plan({
  "wavetank_plan": 1,
  "why": "",
  "scenario": "torn-tail",
  "seed": 1,
  "machines": 1,
  "policy": "round-robin",
  "pct_depth": 3,
  "storm_ns": 30000000,
  "calm_ns": 1000000000,
  "knobs": {"segment_bytes":65536,"alignment":4096,"snapshot_log_bytes":1048576,"snapshots_kept":1,
      "compress":false,"incremental":false,"rarely_ppm":0},
  "faults": [
    {"fault":"power-loss","at_ns":20000000,"lasts_ns":1000000,"amount":0,"salt":0,"machine":1}
  ],
  "operations": [
    {"client":0,"op":"put","key":0,"span":1,"value_bytes":0,"think_ns":0},
    {"client":0,"op":"get","key":0,"span":1,"value_bytes":0,"think_ns":1000000}
  ]
}
)plan";

TEST(TornTailTest, AckedWritesSurvive) {
  const absl::StatusOr<Plan> plan = PlanFromJson(kPlan);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const reports::RunRecord record = Execute(*plan, {}).record;
  EXPECT_EQ(record.verdict, reports::Verdict::kPass) << record.invariant << ": " << record.message;
}

}  // namespace
}  // namespace wt::scenarios
