#include "scenarios/campaign/protocol.h"

#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/json_lines.h"

namespace wt::scenarios {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json Parse(std::string_view line) { return Json::parse(line, nullptr, /*allow_exceptions=*/false); }

uint64_t Number(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_unsigned() ? found->get<uint64_t>() : 0;
}
std::string Text(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

std::vector<std::string> Texts(const Json& json, const char* key) {
  std::vector<std::string> texts;
  const auto found = json.find(key);
  if (found == json.end() || !found->is_array()) return texts;
  for (const Json& text : *found) {
    if (text.is_string()) texts.push_back(text.get<std::string>());
  }
  return texts;
}

Json ToJson(const StopPoint& stop) {
  return Json{{"ns", static_cast<uint64_t>(stop.time.count())},
              {"record", stop.record},
              {"event", stop.event},
              {"nth", stop.nth}};
}
StopPoint StopFrom(const Json& json) {
  return {.time = Duration(static_cast<int64_t>(Number(json, "ns"))),
          .record = Number(json, "record"),
          .event = Text(json, "event"),
          .nth = Number(json, "nth")};
}

Json ToJson(const Stopped& stopped) {
  return Json{{"record", stopped.record}, {"at_us", stopped.at_us}, {"view", stopped.view}};
}
Stopped StoppedFrom(const Json& json) {
  return {
      .record = Number(json, "record"), .at_us = Number(json, "at_us"), .view = Text(json, "view")};
}

Json ToJson(const std::vector<Checkpoint>& checkpoints) {
  Json json = Json::array();
  for (const Checkpoint& checkpoint : checkpoints) {
    json.push_back(Json::array({checkpoint.record, checkpoint.digest, checkpoint.at_us}));
  }
  return json;
}

absl::StatusOr<std::vector<Checkpoint>> CheckpointsFrom(const Json& json) {
  std::vector<Checkpoint> checkpoints;
  for (const Json& element : json) {
    if (!element.is_array() || element.size() != 3) {
      return InvalidArgument("run: a checkpoint is three numbers");
    }
    for (const Json& number : element) {
      if (!number.is_number_unsigned()) return InvalidArgument("run: a checkpoint is numbers");
    }
    checkpoints.push_back(
        {element[0].get<uint64_t>(), element[1].get<uint64_t>(), element[2].get<uint64_t>()});
  }
  return checkpoints;
}

std::string Problem(std::string_view what) { return Dump(Json{{"problem", std::string(what)}}); }

// The problem that an answer reports, if any.
absl::Status ProblemOf(const Json& json) {
  if (!json.is_object()) return InvalidArgument("a worker's answer is not JSON");
  const std::string problem = Text(json, "problem");
  return problem.empty() ? absl::OkStatus() : FailedPrecondition("%s", problem);
}

std::string ServePlan(const Tank& tank, const Scenario& scenario, uint64_t seed) {
  if (scenario.is_story() || !tank.draw_plan) return Problem("a directed scenario has no plan");
  return Dump(Json{{"plan", tank.plan_to_json(tank.draw_plan(scenario, seed))}});
}

Run Timed(const std::function<Run()>& run) {
  const auto start = std::chrono::steady_clock::now();
  Run result = run();
  const auto elapsed = std::chrono::steady_clock::now() - start;
  result.record.wall_us = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
  return result;
}

std::string ServeGivenPlan(const Tank& tank, const Request& request) {
  absl::StatusOr<Plan> plan = tank.plan_from_json(request.plan);
  if (!plan.ok()) return Problem(MessageOf(plan.status()));
  return ToLine(Timed([&] { return tank.execute_plan(*plan, request.options); }));
}

}  // namespace

const Scenario* FindIn(std::span<const Scenario> scenarios, std::string_view name) {
  for (const Scenario& scenario : scenarios) {
    if (scenario.name == name) return &scenario;
  }
  return nullptr;
}

std::string ToLine(const Request& request) {
  Json json{{"what", request.what == Request::What::kPlan ? "plan" : "run"},
            {"scenario", request.scenario},
            {"seed", request.seed}};
  const ExecuteOptions& options = request.options;
  if (!request.plan.empty()) json["plan"] = request.plan;
  if (options.story) json["story"] = 1u;
  if (options.routine) json["routine"] = 1u;
  if (options.reseed.record > 0) json["reseed_at"] = options.reseed.record;
  if (options.reseed.record > 0) json["reseed"] = options.reseed.seed;
  if (options.checkpoints) json["checkpoints"] = 1u;
  if (options.trace_to > 0) json["trace_from"] = options.trace_from;
  if (options.trace_to > 0) json["trace_to"] = options.trace_to;
  if (options.stop.set()) json["stop"] = ToJson(options.stop);
  if (!options.show.empty()) json["show"] = options.show;
  return Dump(json);
}

absl::StatusOr<Request> RequestFromLine(std::string_view line) {
  const Json json = Parse(line);
  if (!json.is_object()) return InvalidArgument("a request is a JSON object");
  Request request;
  const std::string what = Text(json, "what");
  if (what != "run" && what != "plan") return InvalidArgument("unknown request \"%s\"", what);
  request.what = what == "plan" ? Request::What::kPlan : Request::What::kRun;
  request.scenario = Text(json, "scenario");
  request.seed = Number(json, "seed");
  request.plan = Text(json, "plan");
  request.options.story = Number(json, "story") > 0;
  request.options.routine = Number(json, "routine") > 0;
  request.options.reseed = {Number(json, "reseed_at"), Number(json, "reseed")};
  request.options.checkpoints = Number(json, "checkpoints") > 0;
  request.options.trace_from = Number(json, "trace_from");
  request.options.trace_to = Number(json, "trace_to");
  if (json.contains("stop")) request.options.stop = StopFrom(json["stop"]);
  request.options.show = Texts(json, "show");
  return request;
}

std::string ToLine(const Run& run) {
  Json json{{"record", reports::RecordToJson(run.record)}};
  if (!run.story.empty()) json["story"] = reports::StepsToJson(run.story);
  if (!run.checkpoints.empty()) json["checkpoints"] = ToJson(run.checkpoints);
  if (!run.trace.empty()) json["trace"] = run.trace;
  if (run.stopped) json["stopped"] = ToJson(*run.stopped);
  return Dump(json);
}

absl::StatusOr<Run> RunFromLine(std::string_view line) {
  const Json json = Parse(line);
  WT_RETURN_IF_ERROR(ProblemOf(json));
  Run run;
  WT_ASSIGN_OR_RETURN(run.record, reports::RecordFromJson(Text(json, "record")));
  if (json.contains("story")) {
    WT_ASSIGN_OR_RETURN(run.story, reports::StepsFromJson(Text(json, "story")));
  }
  if (json.contains("checkpoints")) {
    WT_ASSIGN_OR_RETURN(run.checkpoints, CheckpointsFrom(json["checkpoints"]));
  }
  run.trace = Texts(json, "trace");
  if (json.contains("stopped")) run.stopped = StoppedFrom(json["stopped"]);
  return run;
}

std::string Serve(const Tank& tank, std::string_view line) {
  absl::StatusOr<Request> request = RequestFromLine(line);
  if (!request.ok()) return Problem(MessageOf(request.status()));
  if (!request->plan.empty()) return ServeGivenPlan(tank, *request);
  const Scenario* scenario = FindIn(tank.scenarios, request->scenario);
  if (scenario == nullptr) return Problem("unknown scenario " + request->scenario);
  if (request->what == Request::What::kPlan) return ServePlan(tank, *scenario, request->seed);
  return ToLine(Timed([&] { return tank.execute(*scenario, request->seed, request->options); }));
}

absl::StatusOr<std::string> PlanFromLine(std::string_view line) {
  const Json json = Parse(line);
  WT_RETURN_IF_ERROR(ProblemOf(json));
  std::string plan = Text(json, "plan");
  if (plan.empty()) return InvalidArgument("a worker's answer holds no plan");
  return plan;
}

}  // namespace wt::scenarios
