#include "scenarios/database/leaks.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

#include "absl/strings/str_format.h"
#include "engine/lsm/lsm_store.h"
#include "engine/storage/names.h"
#include "scenarios/invariants/no_leak.h"

namespace wt::scenarios {
namespace {

constexpr std::string_view kFolder = "tables/";
constexpr std::string_view kAlways[] = {"LOCK", "LOG", "LOG.old", kCurrentName, kCurrentBackupName};

std::optional<FileDesc> ManifestThatCounts(const std::vector<sim::DurableFile>& files) {
  for (const sim::DurableFile& file : files) {
    if (file.path == std::string(kFolder) + std::string(kCurrentName)) {
      return ParsePointer(file.bytes);
    }
  }
  return std::nullopt;
}

// What is wrong with its being there; empty when nothing is.
std::string ProblemWith(std::string_view name, const std::optional<FileDesc>& manifest,
                        const std::set<uint64_t>& tables) {
  if (std::ranges::find(kAlways, name) != std::end(kAlways)) return "";
  const std::optional<FileDesc> fd = ParseName(name);
  if (!fd.has_value()) return "is no file of a storage";
  if (fd->type == FileType::kTable) return tables.contains(fd->number) ? "" : "is in no level";
  if (fd->type == FileType::kManifest) return fd == manifest ? "" : "is no longer pointed to";
  return "is a leftover";
}

}  // namespace

std::vector<std::string> LeaksIn(const std::vector<sim::DurableFile>& files,
                                 const std::set<uint64_t>& tables, LogIndex in_tables) {
  std::vector<std::string> leaks;
  const std::optional<FileDesc> manifest = ManifestThatCounts(files);
  std::set<uint64_t> missing = tables;
  for (const sim::DurableFile& file : files) {
    if (!file.path.starts_with(kFolder)) continue;
    const std::string_view name = std::string_view(file.path).substr(kFolder.size());
    const std::string problem = ProblemWith(name, manifest, tables);
    if (!problem.empty()) leaks.push_back(file.path + " " + problem);
    const std::optional<FileDesc> fd = ParseName(name);
    if (fd.has_value() && fd->type == FileType::kTable) missing.erase(fd->number);
  }
  for (uint64_t number : missing) {
    leaks.push_back(absl::StrFormat("table %d is in a level, and its file is not there", number));
  }
  for (std::string& segment : ObsoleteSegments(files, in_tables, "the tables, to")) {
    leaks.push_back(std::move(segment));
  }
  return leaks;
}

std::vector<std::string> LeaksIn(const std::vector<sim::DurableFile>& files, Database& database) {
  std::set<uint64_t> tables;
  const std::shared_ptr<const Levels> levels = dynamic_cast<LsmStore&>(database.store()).levels();
  for (uint32_t level = 0; level < kLevels; ++level) {
    for (const TableRef& one : levels->level(level)) tables.insert(one->record.identity.number);
  }
  return LeaksIn(files, tables, database.store().durable_index());
}

}  // namespace wt::scenarios
