#include "scenarios/table_watch.h"

#include "engine/storage/names.h"

namespace wt::scenarios {
namespace {

FileType TypeOf(std::string_view name) {
  const std::optional<FileDesc> file = ParseName(name);
  return file.has_value() ? file->type : FileType::kNone;
}

}  // namespace

bool TableWatch::IsOf(std::string_view path, FileType type) const {
  const size_t name = folder_.size() + 1;
  return path.size() > name && path[name - 1] == '/' && path.starts_with(folder_) &&
         TypeOf(path.substr(name)) == type;
}

void TableWatch::OnCreate(std::string_view path) {
  if (!IsOf(path, FileType::kTable)) return;
  judge_.circumstances().OnTable(machine_.id(), judge_.sim().now());
}

void TableWatch::OnRename(std::string_view, std::string_view to) { OnCreate(to); }

void TableWatch::OnSync(std::string_view path, uint64_t) {
  if (!IsOf(path, FileType::kManifest)) return;
  judge_.circumstances().OnManifest(machine_.id(), judge_.sim().now());
}

}  // namespace wt::scenarios
