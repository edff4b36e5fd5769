#include "scenarios/replicated/settings.h"

#include <utility>

namespace wt::scenarios {

Scenario StoryOf(std::string name, std::string summary, std::string story, uint32_t voters,
                 std::function<void(Stage&)> staged) {
  Scenario scenario;
  scenario.name = std::move(name);
  scenario.summary = std::move(summary);
  scenario.story = std::move(story);
  scenario.knobs = kStoryKnobs;
  scenario.calm = std::chrono::seconds(15);
  scenario.group = Group{.voters = {voters}};
  scenario.staged = std::move(staged);
  return scenario;
}

}  // namespace wt::scenarios
