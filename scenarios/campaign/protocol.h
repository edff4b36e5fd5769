// What a campaign and its worker processes say to each other: one JSON object a line, a request
// down, an answer up.
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_PROTOCOL_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_PROTOCOL_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "scenarios/execute.h"
#include "scenarios/plan.h"
#include "scenarios/scenario.h"

namespace wt::scenarios {

// What a tank can do, as values, so that the runner is tested with tanks that crash and hang.
struct Tank {
  std::span<const Scenario> scenarios;
  std::function<Run(const Scenario&, uint64_t seed, const ExecuteOptions&)> execute;
  std::function<Run(const Plan&, const ExecuteOptions&)> execute_plan{};
  std::function<Plan(const Scenario&, uint64_t seed)> draw_plan{};
  std::function<std::string(const Plan&)> plan_to_json{};
  std::function<absl::StatusOr<Plan>(std::string_view)> plan_from_json{};
};

const Scenario* FindIn(std::span<const Scenario> scenarios, std::string_view name);

struct Request {
  enum class What {
    kRun,   // execute scenario and seed, or `plan` when there is one
    kPlan,  // draw the plan and answer with its JSON
  };
  What what = What::kRun;
  std::string scenario{};
  uint64_t seed = 0;
  std::string plan{};  // as JSON
  ExecuteOptions options{};
};

std::string ToLine(const Request& request);
absl::StatusOr<Request> RequestFromLine(std::string_view line);

std::string ToLine(const Run& run);
absl::StatusOr<Run> RunFromLine(std::string_view line);

// Answers one request line with one line: a run, a plan, or {"problem": "..."}.
std::string Serve(const Tank& tank, std::string_view line);

// The answer to a kPlan request. Errors: the problem that the worker reported, or
// InvalidArgument when the line is no answer.
absl::StatusOr<std::string> PlanFromLine(std::string_view line);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_PROTOCOL_H_
