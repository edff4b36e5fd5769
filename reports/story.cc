#include "reports/story.h"

#include <map>

#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "reports/table.h"

namespace wt::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kHarness = "harness";

std::string_view MachineOf(const Step& step) {
  return step.machine.empty() ? kHarness : std::string_view(step.machine);
}

std::string_view FirstWord(std::string_view text) { return text.substr(0, text.find(' ')); }

// Tracks in order of name, the harness first.
std::map<std::string, int> Tracks(const std::vector<Step>& story) {
  std::map<std::string, int> tracks;
  for (const Step& step : story) tracks[std::string(MachineOf(step))] = 0;
  int next = 2;
  for (auto& [name, track] : tracks) track = name == kHarness ? 1 : next++;
  return tracks;
}

Json Metadata(std::string_view what, int track, std::string_view name) {
  return Json{{"ph", "M"},
              {"pid", 1},
              {"tid", track},
              {"name", std::string(what)},
              {"args", {{"name", std::string(name)}}}};
}

Json Instant(const Step& step, int track) {
  WT_CHECK(track > 0);
  Json arguments{{"what", step.what}};
  if (!step.note.empty()) arguments["note"] = step.note;
  const std::string_view name = FirstWord(step.what);
  return Json{{"ph", "i"},
              {"s", "t"},
              {"ts", step.at_us},
              {"pid", 1},
              {"tid", track},
              {"name", std::string(name)},
              {"cat", std::string(name.substr(0, name.find('.')))},
              {"args", std::move(arguments)}};
}

}  // namespace

std::string StoryText(const std::vector<Step>& story, Look look) {
  Table table({{"time", Align::kRight}, {"machine"}, {"what", Align::kLeft, 72}, {"note"}});
  for (const Step& step : story) {
    table.AddRow({{Seconds(step.at_us), Ink::kDim},
                  {step.machine, Ink::kCyan},
                  {step.what},
                  {step.note.empty() ? "" : "← " + step.note, Ink::kYellow}});
  }
  return table.ToString(look);
}

std::string StoryTrace(std::string_view title, const std::vector<Step>& story) {
  const std::map<std::string, int> tracks = Tracks(story);
  Json events = Json::array();
  events.push_back(Metadata("process_name", 0, title));
  for (const auto& [name, track] : tracks) events.push_back(Metadata("thread_name", track, name));
  for (const Step& step : story) {
    events.push_back(Instant(step, tracks.at(std::string(MachineOf(step)))));
  }
  const Json json{{"displayTimeUnit", "ms"}, {"traceEvents", std::move(events)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace wt::reports
