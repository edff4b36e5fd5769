#include "scenarios/database/table_watch.h"

#include "engine/storage/names.h"

namespace wt::scenarios {
namespace {

constexpr std::string_view kFolder = "tables/";

FileType TypeOf(std::string_view path) {
  if (!path.starts_with(kFolder)) return FileType::kNone;
  const std::optional<FileDesc> file = ParseName(path.substr(kFolder.size()));
  return file.has_value() ? file->type : FileType::kNone;
}

}  // namespace

void TableWatch::OnCreate(std::string_view path) {
  if (TypeOf(path) != FileType::kTable) return;
  judge_.circumstances().OnTable(machine_.id(), judge_.sim().now());
}

void TableWatch::OnRename(std::string_view, std::string_view to) { OnCreate(to); }

void TableWatch::OnSync(std::string_view path, uint64_t) {
  if (TypeOf(path) != FileType::kManifest) return;
  judge_.circumstances().OnManifest(machine_.id(), judge_.sim().now());
}

}  // namespace wt::scenarios
