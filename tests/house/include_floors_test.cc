// Proves that no file includes one from a floor that it may not know, and that the inspector would
// see it if one did.
#include "tests/house/include_floors.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wt::house {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Including(std::string path, const std::string& included) {
  return FloorViolations({MakeSource(std::move(path), "\n#include \"" + included + "\"\n")});
}

TEST(IncludeFloorsTest, TheTreeKeepsTheTable) {
  const std::vector<std::string> findings = FloorViolations(ReadSourceTree(WAVETANK_SOURCE_DIR));
  EXPECT_TRUE(findings.empty()) << Join(findings);
}

TEST(IncludeFloorsTest, FindingsNameFileLineAndInclude) {
  EXPECT_THAT(Including("sim/machine.cc", "engine/log/log_entry.h"),
              ElementsAre("sim/machine.cc:2: includes engine/log/log_entry.h: sim may include "
                          "itself, engine/base, engine/env"));
}

TEST(IncludeFloorsTest, TheEngineDoesNotKnowThatItIsSimulated) {
  for (const char* path : {"engine/base/x.h", "engine/env/x.h", "engine/log/x.cc", "engine/x.h",
                           "engine/posix/x.h", "replicas/x.h"}) {
    EXPECT_THAT(Including(path, "sim/host.h"), ElementsAre(HasSubstr("sim/host.h"))) << path;
  }
}

TEST(IncludeFloorsTest, TheSimulatorDoesNotKnowWhatItSimulates) {
  EXPECT_THAT(Including("sim/x.cc", "engine/base/check.h"), IsEmpty());
  EXPECT_THAT(Including("sim/x.cc", "engine/env/disk.h"), IsEmpty());
  for (const char* included : {"engine/engine.h", "engine/state/state_machine.h", "faults/x.h",
                               "engine/posix/posix_world.h", "reports/x.h", "scenarios/x.h"}) {
    EXPECT_THAT(Including("sim/x.cc", included), ElementsAre(HasSubstr(included)));
  }
}

TEST(IncludeFloorsTest, OnlyMainProgramsKnowTheNativeSide) {
  for (const char* path : {"engine/log/x.h", "engine/engine.h", "replicas/replica.cc"}) {
    EXPECT_THAT(Including(path, "engine/posix/posix_world.h"), ElementsAre(HasSubstr("posix")));
  }
  EXPECT_THAT(Including("replicas/server/main.cc", "engine/posix/posix_world.h"), IsEmpty());
  EXPECT_THAT(Including("scenarios/cli/main.cc", "engine/posix/posix_world.h"), IsEmpty());
}

TEST(IncludeFloorsTest, ReportsAreAFunctionOfData) {
  EXPECT_THAT(Including("reports/x.cc", "engine/env/events.h"), IsEmpty());
  EXPECT_THAT(Including("reports/x.cc", "engine/env/disk.h"), ElementsAre(HasSubstr("disk.h")));
}

TEST(IncludeFloorsTest, NobodyIncludesTests) {
  for (const char* path : {"engine/base/x.h", "sim/x.h", "scenarios/x.cc", "reports/x.h"}) {
    EXPECT_THAT(Including(path, "tests/base/failed_check.h"), ElementsAre(HasSubstr("tests/")));
  }
  EXPECT_THAT(Including("tests/sim/x.cc", "tests/base/failed_check.h"), IsEmpty());
}

TEST(IncludeFloorsTest, AFolderThatNobodyPlacedIsAFinding) {
  EXPECT_THAT(FloorViolations({MakeSource("engine/attic/x.h", "\n")}),
              ElementsAre(HasSubstr("engine/attic/x.h:1: is on no floor")));
}

}  // namespace
}  // namespace wt::house
