// faults/README.md is a catalogue: it names every kind of fault that a scenario can ask for, with
// its unit, and no other.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/str_split.h"
#include "faults/fault.h"

namespace wt::faults {
namespace {

constexpr const char* kAreaNames[] = {"process", "disk", "clock", "partition", "link"};

// The rows of the table under "## What a scenario can ask for", by the name in its first column.
std::map<std::string, std::vector<std::string>> RowsOfReadme() {
  std::ifstream file(std::string(WAVETANK_SOURCE_DIR) + "/faults/README.md");
  std::map<std::string, std::vector<std::string>> rows;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("##")) inside = line == "## What a scenario can ask for";
    if (!inside || !line.starts_with("| `")) continue;
    std::vector<std::string> cells = absl::StrSplit(line, " | ");
    rows[cells[0].substr(3, cells[0].size() - 4)] = cells;
  }
  return rows;
}

TEST(CatalogueTest, TheReadmeListsEveryKindAsItIsAndNoOther) {
  const auto rows = RowsOfReadme();
  EXPECT_EQ(rows.size(), AllFaults().size());
  for (const FaultInfo& info : AllFaults()) {
    const auto row = rows.find(std::string(info.name));
    ASSERT_NE(row, rows.end()) << info.name << " is missing";
    ASSERT_EQ(row->second.size(), 5u) << info.name;
    EXPECT_EQ(row->second[1], kAreaNames[static_cast<int>(info.area)]) << info.name;
    const bool harmful = info.severity == Severity::kHarmful;
    EXPECT_EQ(row->second[2], harmful ? "harmful" : "benign") << info.name;
    EXPECT_EQ(row->second[3], info.unit.empty() ? "—" : info.unit) << info.name;
    EXPECT_EQ(row->second[4], std::string(info.what) + " |") << info.name;
  }
}

}  // namespace
}  // namespace wt::faults
