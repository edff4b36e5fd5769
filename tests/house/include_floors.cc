#include "tests/house/include_floors.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace wt::house {
namespace {

struct Floor {
  std::string_view folder;
  std::vector<std::string_view> may_include;  // beside itself
};

// The first line that a file is in counts; a folder with '/' at its end is its own files only.
const std::vector<Floor>& Floors() {
  static const std::vector<Floor> floors = [] {
    const std::vector<std::string_view> seam = {"engine/base", "engine/env"};
    const std::vector<std::string_view> stores = {"engine/base", "engine/env", "engine/storage"};
    const std::vector<std::string_view> maps = {"engine/base", "engine/env", "engine/storage",
                                                "engine/kv"};
    const std::vector<std::string_view> machines = {
        "engine/base",     "engine/env", "engine/storage", "engine/log",
        "engine/snapshot", "engine/lsm", "engine/kv"};
    // Everything of the engine but its native side, which only a main program may know.
    const std::vector<std::string_view> engine = {
        "engine/",      "engine/base",         "engine/env",    "engine/storage",
        "engine/log",   "engine/snapshot",     "engine/lsm",    "engine/kv",
        "engine/state", "engine/distribution", "engine/monitor"};
    return std::vector<Floor>{
        {"engine/base", {}},
        {"engine/env", {"engine/base"}},
        {"engine/storage", seam},
        {"engine/posix", seam},
        {"sim", seam},
        {"reports", {"engine/base", "engine/env/events.h"}},
        {"engine/log", stores},
        {"engine/snapshot", stores},
        {"engine/lsm", maps},
        {"engine/rocksdb", maps},
        {"engine/kv", stores},
        {"faults", {"engine/base", "engine/env", "sim"}},
        {"engine/state", machines},
        {"engine/distribution", machines},
        {"engine/monitor", machines},
        {"engine/", engine},
        {"replicas/server", {"engine", "replicas"}},
        {"replicas", engine},
        {"scenarios/linearizability", {"engine/base", "sim/host.h"}},
        {"scenarios", {"engine", "sim", "faults", "replicas", "reports"}},
        {"tests", {"engine", "sim", "faults", "replicas", "reports", "scenarios"}},
    };
  }();
  return floors;
}

const Floor* FloorOf(std::string_view path) {
  for (const Floor& floor : Floors()) {
    if (IsIn(path, floor.folder)) return &floor;
  }
  return nullptr;
}

// The file that the line includes, when it is one of ours.
std::optional<std::string_view> OwnInclude(std::string_view line) {
  constexpr std::string_view kStart = "#include \"";
  constexpr std::string_view kOurs[] = {"engine/",    "faults/", "replicas/", "reports/",
                                        "scenarios/", "sim/",    "tests/"};
  if (!line.starts_with(kStart)) return std::nullopt;
  line.remove_prefix(kStart.size());
  line = line.substr(0, line.find('"'));
  const bool ours = std::any_of(std::begin(kOurs), std::end(kOurs),
                                [&](std::string_view folder) { return line.starts_with(folder); });
  return ours ? std::optional(line) : std::nullopt;
}

bool MayInclude(const Floor& floor, std::string_view included) {
  return IsIn(included, floor.folder) ||
         std::any_of(floor.may_include.begin(), floor.may_include.end(),
                     [&](std::string_view folder) { return IsIn(included, folder); });
}

std::string WhatItMayInclude(const Floor& floor) {
  std::string text = std::string(floor.folder) + " may include itself";
  for (std::string_view folder : floor.may_include) text += ", " + std::string(folder);
  return text;
}

}  // namespace

std::vector<std::string> FloorViolations(const std::vector<SourceFile>& files) {
  std::vector<std::string> findings;
  for (const SourceFile& file : files) {
    const Floor* floor = FloorOf(file.path);
    if (floor == nullptr) {
      findings.push_back(Finding(file, 1, "is on no floor: add its folder to the table"));
      continue;
    }
    for (size_t i = 0; i < file.code.size(); ++i) {
      const std::optional<std::string_view> included = OwnInclude(file.code[i]);
      if (!included.has_value() || MayInclude(*floor, *included)) continue;
      findings.push_back(Finding(
          file, i + 1, "includes " + std::string(*included) + ": " + WhatItMayInclude(*floor)));
    }
  }
  return findings;
}

}  // namespace wt::house
