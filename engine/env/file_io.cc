#include "engine/env/file_io.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {
namespace {

absl::StatusOr<uint64_t> ReadPatiently(File& file, uint64_t offset, std::span<char> out) {
  for (int attempt = 1;; ++attempt) {
    absl::StatusOr<uint64_t> read = file.ReadAt(offset, out);
    if (read.ok() || !absl::IsUnavailable(read.status()) || attempt == kReadAttempts) return read;
  }
}

}  // namespace

absl::StatusOr<uint64_t> ReadFully(File& file, uint64_t offset, std::span<char> out) {
  uint64_t done = 0;
  while (done < out.size()) {
    WT_ASSIGN_OR_RETURN(uint64_t read, ReadPatiently(file, offset + done, out.subspan(done)));
    WT_CHECK_LE(read, out.size() - done);
    if (read == 0) break;
    done += read;
  }
  return done;
}

absl::Status WriteFully(File& file, uint64_t offset, std::string_view data) {
  while (!data.empty()) {
    WT_ASSIGN_OR_RETURN(uint64_t written, file.WriteAt(offset, data));
    WT_CHECK(written > 0 && written <= data.size());
    offset += written;
    data.remove_prefix(written);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadWholeFile(Disk& disk, std::string_view path, uint64_t limit) {
  WT_ASSIGN_OR_RETURN(std::unique_ptr<File> file, disk.Open(path, OpenMode::kReadOnly));
  WT_ASSIGN_OR_RETURN(uint64_t size, file->Size());
  if (size > limit) {
    return ResourceExhausted("%s: %d bytes, more than the limit of %d", path, size, limit);
  }
  std::string content(size, '\0');
  absl::StatusOr<uint64_t> read = ReadFully(*file, 0, content);
  if (!read.ok()) return Annotate(read.status(), path);
  content.resize(*read);
  return content;
}

namespace {

// Whether `parent`, which is there, has what `path` names.
absl::StatusOr<bool> IsIn(Disk& disk, std::string_view parent, std::string_view path) {
  const std::string_view name = path.substr(parent.empty() ? 0 : parent.size() + 1);
  WT_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> siblings, disk.List(parent));
  return std::any_of(siblings.begin(), siblings.end(),
                     [name](const auto& sibling) { return sibling.name == name; });
}

enum class Found { kNothing, kEmpty, kInUse };

absl::StatusOr<Found> FindDirectory(Disk& disk, std::string_view path) {
  WT_ASSIGN_OR_RETURN(const bool is_there, IsIn(disk, DirectoryOf(path), path));
  if (!is_there) return Found::kNothing;
  WT_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, disk.List(path));
  return entries.empty() ? Found::kEmpty : Found::kInUse;
}

}  // namespace

absl::Status CreateDurableDirectory(Disk& disk, std::string_view path) {
  WT_CHECK(!path.empty());
  const std::string meanwhile = std::string(path) + ".tmp";
  WT_ASSIGN_OR_RETURN(const Found there, FindDirectory(disk, path));
  WT_ASSIGN_OR_RETURN(const Found on_its_way, FindDirectory(disk, meanwhile));
  if (on_its_way > there) {
    WT_RETURN_IF_ERROR(disk.Rename(meanwhile, path));
  } else if (there == Found::kEmpty) {
    WT_RETURN_IF_ERROR(disk.Rename(path, meanwhile));
    WT_RETURN_IF_ERROR(disk.Rename(meanwhile, path));
  } else {
    WT_RETURN_IF_ERROR(disk.CreateDirectory(path));
  }
  return disk.SyncDirectory(DirectoryOf(path));
}

std::string_view DirectoryOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

absl::StatusOr<bool> PathExists(Disk& disk, std::string_view path) {
  const std::string_view parent = DirectoryOf(path);
  if (!parent.empty()) {
    WT_ASSIGN_OR_RETURN(const bool has_parent, PathExists(disk, parent));
    if (!has_parent) return false;
  }
  return IsIn(disk, parent, path);
}

}  // namespace wt
