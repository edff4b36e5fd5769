#include "scenarios/campaign/step_pattern.h"

#include <charconv>
#include <string>

#include "engine/base/status.h"

namespace wt::scenarios {

bool Matches(std::string_view pattern, const reports::Step& step) {
  const size_t slash = pattern.find('/');
  if (slash != pattern.npos && pattern.substr(0, slash) == step.machine) {
    pattern.remove_prefix(slash + 1);
  }
  if (!step.what.starts_with(pattern)) return false;
  return step.what.size() == pattern.size() || pattern.ends_with(' ') ||
         std::string_view(" :,").find(step.what[pattern.size()]) != std::string_view::npos;
}

absl::StatusOr<StopPoint> ParseBreak(std::string_view text) {
  StopPoint stop{.event = std::string(text)};
  const size_t mark = text.rfind('#');
  if (mark != text.npos) {
    stop.event = std::string(text.substr(0, mark));
    const std::string_view nth = text.substr(mark + 1);
    const auto [end, error] = std::from_chars(nth.data(), nth.data() + nth.size(), stop.nth);
    if (error != std::errc() || end != nth.data() + nth.size() || stop.nth == 0) {
      return InvalidArgument("\"%s\": want a number from 1 on behind the #", text);
    }
  }
  if (stop.event.empty()) {
    return InvalidArgument(
        "an empty step: want one such as n2/engine.opening or primary.elected#2");
  }
  return stop;
}

}  // namespace wt::scenarios
