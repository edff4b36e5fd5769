// Holds a story to the byte, as people see it and as Perfetto opens it.
#include "reports/story.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wt::reports {
namespace {

const std::vector<Step> kStory = {{1'118'000, "n2", "log.synced upto 413", "lost-fsync #1"},
                                  {1'500'000, "", "storm over", ""},
                                  {12'204'000, "n1", "power lost", ""}};

TEST(StoryTextTest, IsATimeline) {
  EXPECT_EQ(StoryText(kStory, {}),
            "   time  machine  what                 note\n"
            " 1.118s  n2       log.synced upto 413  ← lost-fsync #1\n"
            " 1.500s           storm over\n"
            "12.204s  n1       power lost\n");
}

TEST(StoryTraceTest, HasATrackForEachMachineAndAnInstantForEachStep) {
  const auto json = nlohmann::json::parse(StoryTrace("torn-tail:0x7", kStory));
  const auto& events = json["traceEvents"];
  ASSERT_EQ(events.size(), 1u + 3u + 3u);
  EXPECT_EQ(events[0]["args"]["name"], "torn-tail:0x7");
  std::map<std::string, int> tracks;
  for (const auto& event : events) {
    if (event["name"] == "thread_name") tracks[event["args"]["name"]] = event["tid"];
  }
  EXPECT_EQ(tracks, (std::map<std::string, int>{{"harness", 1}, {"n1", 2}, {"n2", 3}}));
  EXPECT_EQ(events[4]["ts"], 1'118'000);
  EXPECT_EQ(events[4]["tid"], 3);
  EXPECT_EQ(events[4]["name"], "log.synced");
  EXPECT_EQ(events[4]["cat"], "log");
  EXPECT_EQ(events[4]["args"]["note"], "lost-fsync #1");
  EXPECT_EQ(events[5]["tid"], 1);
}

}  // namespace
}  // namespace wt::reports
