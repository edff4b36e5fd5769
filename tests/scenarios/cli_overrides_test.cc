// Proves that --set changes the one field that it names, refuses what it cannot understand, and
// that every key of its table has an effect: none is a knob that turns nothing.
#include "scenarios/campaign/overrides.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/status.h"

namespace wt::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

Scenario Sample() {
  return {.name = "sample",
          .faults = {{.kind = FaultKind::kPowerLoss},
                     {.kind = FaultKind::kKill},
                     {.kind = FaultKind::kIsolation},
                     {.kind = FaultKind::kDiskExchange},
                     {.kind = FaultKind::kIsolation}},
          .database = DatabaseSetup{}};
}

// A value of each form that differs from every default.
std::string ValueOf(std::string_view form) {
  if (form.find("duration") != form.npos) return "77ms";
  if (form == "on or off") return "on";
  return "77";
}

TEST(ApplyOverrideTest, SetsNumbersDurationsRangesAndSwitches) {
  Scenario scenario = Sample();
  const std::vector<std::string> all = {"workload.operations=2,000", "storm=2s", "swarm=on",
                                        "workload.value_bytes=1KiB..2KiB", "workload.think=5ms"};
  ASSERT_TRUE(ApplyOverrides(all, &scenario).ok());
  EXPECT_EQ(scenario.workload.operations, 2000u);
  EXPECT_EQ(scenario.storm, seconds(2));
  EXPECT_TRUE(scenario.swarm);
  EXPECT_EQ(scenario.workload.value_bytes, (Range<uint64_t>{1024, 2048}));
  EXPECT_EQ(scenario.workload.think, (Range<Duration>{milliseconds(5), milliseconds(5)}));
}

TEST(ApplyOverrideTest, EveryKeyChangesTheScenario) {
  const auto fingerprint = [](const Scenario& s) {
    const Workload& w = s.workload;
    const Knobs& k = s.knobs;
    const DatabaseSetup& d = *s.database;
    return std::vector<uint64_t>{uint64_t(s.storm.count()),
                                 uint64_t(s.calm.count()),
                                 s.swarm,
                                 w.clients,
                                 w.operations,
                                 w.keys,
                                 w.value_bytes.low,
                                 uint64_t(w.think.low.count()),
                                 w.mix.put,
                                 w.mix.get,
                                 w.mix.remove,
                                 w.mix.batch,
                                 w.mix.increment,
                                 w.mix.compare_and_set,
                                 k.segment_bytes.low,
                                 k.snapshot_log_bytes.low,
                                 k.snapshots_kept.low,
                                 k.small_alignment_ppm,
                                 k.zeros_ahead_ppm,
                                 k.compress_ppm,
                                 k.incremental_ppm,
                                 k.rarely_ppm,
                                 d.memtable_bytes.low,
                                 d.table_bytes.low,
                                 d.block_bytes.low,
                                 d.level0_trigger.low,
                                 d.level1_bytes.low,
                                 d.level_ratio.low,
                                 d.manifest_bytes.low,
                                 d.sync_interval_ms.low,
                                 d.room_patience_ms.low,
                                 d.no_filter_ppm,
                                 d.no_cache_ppm,
                                 d.verify_always_ppm,
                                 d.alone_ppm,
                                 d.paced_ppm,
                                 d.buffered_ppm,
                                 uint64_t(d.view_held.low.count())};
  };
  size_t fields = 0;
  for (const std::string& key : OverrideKeys()) {
    if (key.starts_with("fault") || key == "aim") continue;
    Scenario scenario = Sample();
    const std::string assignment = key + "=" + ValueOf(OverrideForm(key));
    ASSERT_TRUE(ApplyOverride(assignment, &scenario).ok()) << assignment;
    const std::vector<uint64_t> before = fingerprint(Sample());
    const std::vector<uint64_t> after = fingerprint(scenario);
    size_t changed = 0;
    for (size_t i = 0; i < before.size(); ++i) changed += before[i] != after[i];
    EXPECT_EQ(changed, 1u) << key;
    ++fields;
  }
  EXPECT_EQ(fields, fingerprint(Sample()).size());
}

TEST(ApplyOverrideTest, TheKnobsOfADatabaseAreRefusedWhereThereIsNone) {
  Scenario scenario = Sample();
  scenario.database.reset();
  EXPECT_THAT(MessageOf(ApplyOverride("database.memtable_bytes=4KiB", &scenario)),
              HasSubstr("sample has no database"));
  scenario.database = DatabaseSetup{};
  EXPECT_THAT(MessageOf(ApplyOverride("database.memtable_byte=4KiB", &scenario)),
              HasSubstr("did you mean database.memtable_bytes"));
  EXPECT_THAT(MessageOf(ApplyOverride("database.level_ratio=1", &scenario)),
              HasSubstr("at least 2"));
}

TEST(ApplyOverrideTest, KeepsOnlyTheNamedFaults) {
  Scenario scenario = Sample();
  ASSERT_TRUE(ApplyOverride("faults=kill", &scenario).ok());
  ASSERT_EQ(scenario.faults.size(), 1u);
  EXPECT_EQ(scenario.faults[0].kind, FaultKind::kKill);
  ASSERT_TRUE(ApplyOverride("faults=none", &scenario).ok());
  EXPECT_TRUE(scenario.faults.empty());
}

TEST(ApplyOverrideTest, ChangesTheStrengthOfOneFault) {
  Scenario scenario = Sample();
  ASSERT_TRUE(ApplyOverride("fault.kill.every=1s..2s", &scenario).ok());
  EXPECT_EQ(scenario.faults[1].every, (Range<Duration>{seconds(1), seconds(2)}));
  EXPECT_EQ(scenario.faults[0].every, (Range<Duration>{}));
}

TEST(ApplyOverrideTest, ChangesEverySpecOfAKind) {
  Scenario scenario = Sample();
  const std::vector<std::string> all = {"fault.isolation.every=1s", "fault.isolation.lasts=2s",
                                        "fault.isolation.amount=3", "fault.isolation.on=primary",
                                        "fault.isolation.cut_clients_ppm=4"};
  ASSERT_TRUE(ApplyOverrides(all, &scenario).ok());
  for (size_t i : {2, 4}) {
    EXPECT_EQ(scenario.faults[i].every, (Range<Duration>{seconds(1), seconds(1)}));
    EXPECT_EQ(scenario.faults[i].lasts, (Range<Duration>{seconds(2), seconds(2)}));
    EXPECT_EQ(scenario.faults[i].amount, (Range<uint64_t>{3, 3}));
    EXPECT_EQ(scenario.faults[i].on, faults::Scope::kPrimary);
    EXPECT_EQ(scenario.faults[i].cut_clients_ppm, 4u);
  }
  EXPECT_EQ(scenario.faults[1], FaultSpec{.kind = FaultKind::kKill});
}

TEST(ApplyOverrideTest, AimsAtAPhaseWithAFaultThatItHas) {
  Scenario scenario = Sample();
  ASSERT_TRUE(ApplyOverride("aim=kill@roll", &scenario).ok());
  EXPECT_EQ(scenario.aim, (Aim{.fault = FaultKind::kKill, .phase = Phase::kRoll}));
  ASSERT_TRUE(ApplyOverride("aim=kill@roll/no-leak", &scenario).ok());
  EXPECT_EQ(scenario.aim,
            (Aim{.fault = FaultKind::kKill, .phase = Phase::kRoll, .invariant = "no-leak"}));
}

TEST(ApplyOverrideTest, AnAimNeedsItsFault) {
  Scenario scenario = Sample();
  const std::vector<std::string> all = {"aim=kill@roll", "faults=power-loss"};
  EXPECT_THAT(MessageOf(ApplyOverrides(all, &scenario)), HasSubstr("aim: its kind is not among"));
}

TEST(ApplyOverrideTest, ExplainsWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"storm", "\"storm\" is not key=value"},
      {"strom=2s", "did you mean storm"},
      {"storm=2", "storm: \"2\" is not a duration"},
      {"machines=3", "unknown key \"machines\""},
      {"fault.kill.on=minorty", "did you mean minority"},
      {"fault.kill.cut_clients_ppm=5", "kill is no partition"},
      {"fault.disk-exchange.on=every", "disk-exchange takes two machines"},
      {"storm=0", "storm: longer than nothing"},
      {"workload.operations=5000000000", "does not fit 32 bits"},
      {"faults=kil", "unknown fault \"kil\"; did you mean kill?"},
      {"fault.kill.evry=1s", "did you mean every"},
      {"aim=kill", "aim: \"kill\" is not KIND@PHASE"},
      {"aim=kil@roll", "did you mean kill"},
      {"aim=lost-fsync@roll", "unknown fault \"lost-fsync\""},
      {"aim=kill@rool", "did you mean roll"},
      {"fault.lost-fsync.every=1s", "unknown fault \"lost-fsync\""},
  };
  for (const auto& [assignment, complaint] : cases) {
    Scenario scenario = Sample();
    const absl::Status status = ApplyOverride(assignment, &scenario);
    ASSERT_FALSE(status.ok()) << assignment;
    EXPECT_THAT(MessageOf(status), HasSubstr(complaint)) << assignment;
  }
}

}  // namespace
}  // namespace wt::scenarios
