#include "engine/storage/pointer_files.h"

#include <algorithm>
#include <memory>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "engine/storage/names.h"

namespace wt {
namespace {

constexpr std::string_view kScratchName = "CURRENT.tmp";
// No name is longer; what is longer is no pointer.
constexpr uint64_t kLongestPointer = 64;

// By falling number.
std::vector<std::string> SwitchesOnTheirWay(const std::vector<std::string>& names) {
  std::vector<uint64_t> numbers;
  for (const std::string& name : names) {
    if (const std::optional<uint64_t> number = ParsePendingName(name)) numbers.push_back(*number);
  }
  std::sort(numbers.rbegin(), numbers.rend());
  std::vector<std::string> pending;
  for (uint64_t number : numbers) pending.push_back(PendingNameOf(number));
  return pending;
}

}  // namespace

absl::Status PointerFiles::Set(const FileDesc& fd) {
  WT_CHECK(IsValid(fd) && mode_ == StorageMode::kReadWrite);
  WT_RETURN_IF_ERROR(folder_.CheckAlive());
  if (settled_ == fd) return absl::OkStatus();
  std::vector<std::string> on_their_way;
  if (!settled_.has_value()) {
    WT_ASSIGN_OR_RETURN(const std::vector<std::string> names, folder_.List());
    on_their_way = SwitchesOnTheirWay(names);
  }
  return Switch(fd, on_their_way);
}

absl::StatusOr<FileDesc> PointerFiles::Get() {
  if (mode_ == StorageMode::kReadWrite) WT_RETURN_IF_ERROR(folder_.CheckAlive());
  WT_ASSIGN_OR_RETURN(const Findings found, Look());
  if (!found.winner.has_value()) {
    if (found.damaged) return CorruptedError({}, "neither CURRENT nor another pointer is whole");
    return NotFound("no pointer to a file that exists");
  }
  if (mode_ == StorageMode::kReadWrite && settled_ != found.winner) {
    // It may show and not be durable: a sync of an earlier life may have failed.
    WT_RETURN_IF_ERROR(Switch(*found.winner, found.on_their_way));
  }
  return *found.winner;
}

absl::StatusOr<PointerFiles::Findings> PointerFiles::Look() {
  Findings found;
  WT_ASSIGN_OR_RETURN(const std::vector<std::string> names, folder_.List());
  found.on_their_way = SwitchesOnTheirWay(names);
  WT_ASSIGN_OR_RETURN(const std::optional<FileDesc> pending,
                      FirstOf(found.on_their_way, &found.damaged));
  WT_ASSIGN_OR_RETURN(
      found.winner,
      FirstOf({std::string(kCurrentName), std::string(kCurrentBackupName)}, &found.damaged));
  // A switch that never finished its way may be much older than what CURRENT says.
  const bool is_newer =
      pending.has_value() && (!found.winner.has_value() || pending->number > found.winner->number);
  if (is_newer) found.winner = pending;
  return found;
}

absl::StatusOr<std::optional<FileDesc>> PointerFiles::FirstOf(const std::vector<std::string>& names,
                                                              bool* damaged) {
  for (const std::string& name : names) {
    WT_ASSIGN_OR_RETURN(const std::optional<FileDesc> target, Candidate(name, damaged));
    if (target.has_value()) return target;
  }
  return std::optional<FileDesc>();
}

absl::StatusOr<std::optional<FileDesc>> PointerFiles::Candidate(std::string_view name,
                                                                bool* damaged) {
  const absl::StatusOr<std::string> content =
      ReadWholeFile(folder_.disk(), folder_.PathOf(name), kLongestPointer);
  if (absl::IsNotFound(content.status())) return std::optional<FileDesc>();
  if (!content.ok() && !absl::IsResourceExhausted(content.status())) return content.status();
  const std::optional<FileDesc> target = content.ok() ? ParsePointer(*content) : std::nullopt;
  if (!target.has_value()) {
    *damaged = true;
    return target;
  }
  WT_ASSIGN_OR_RETURN(const bool exists, folder_.Exists(*target));
  return exists ? target : std::nullopt;
}

absl::Status PointerFiles::Switch(const FileDesc& fd,
                                  const std::vector<std::string>& on_their_way) {
  settled_.reset();
  WT_RETURN_IF_ERROR(BackUp(fd));
  WT_RETURN_IF_ERROR(WriteScratch(PointerTo(fd)));
  Disk& disk = folder_.disk();
  // From here on the new pointer may be found after a crash, whatever the disk says.
  absl::Status done = Publish(PendingNameOf(fd.number), on_their_way);
  if (done.ok()) done = folder_.Sync();
  if (!done.ok()) return InDoubtError(fd, done);
  // Only when CURRENT counts may others go; and they must be gone for good, or one whose target is
  // missing now would point to a later file of that number.
  for (const std::string& name : on_their_way) {
    const absl::Status removed = disk.Remove(folder_.PathOf(name));
    if (!removed.ok() && !absl::IsNotFound(removed)) return InDoubtError(fd, removed);
  }
  if (!on_their_way.empty()) done = folder_.Sync();
  if (!done.ok()) return InDoubtError(fd, done);
  settled_ = fd;
  return absl::OkStatus();
}

// A switch of this number that is there already may be the only pointer that is whole: its name may
// not go before CURRENT is durable.
absl::Status PointerFiles::Publish(const std::string& pending,
                                   const std::vector<std::string>& on_their_way) {
  Disk& disk = folder_.disk();
  std::string from = folder_.PathOf(kScratchName);
  const bool is_there =
      std::find(on_their_way.begin(), on_their_way.end(), pending) != on_their_way.end();
  if (!is_there) {
    const std::string path = folder_.PathOf(pending);
    WT_RETURN_IF_ERROR(disk.Rename(from, path));
    from = path;
  }
  return disk.Rename(from, folder_.PathOf(kCurrentName));
}

absl::Status PointerFiles::BackUp(const FileDesc& next) {
  bool damaged = false;
  const absl::StatusOr<std::optional<FileDesc>> current = Candidate(kCurrentName, &damaged);
  // An unreadable CURRENT is as good as none, and is about to be replaced.
  if (!current.ok() || !current->has_value() || **current == next) return absl::OkStatus();
  return Put(kCurrentBackupName, PointerTo(**current));
}

absl::Status PointerFiles::Put(std::string_view name, std::string_view content) {
  WT_RETURN_IF_ERROR(WriteScratch(content));
  return folder_.disk().Rename(folder_.PathOf(kScratchName), folder_.PathOf(name));
}

// Always a new file: one that is there may have lost, in a failed sync, what it shows.
absl::Status PointerFiles::WriteScratch(std::string_view content) {
  WT_CHECK(ParsePointer(content).has_value());
  Disk& disk = folder_.disk();
  const std::string path = folder_.PathOf(kScratchName);
  const absl::Status removed = disk.Remove(path);
  if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  WT_ASSIGN_OR_RETURN(const std::unique_ptr<File> file, disk.Open(path, OpenMode::kCreate));
  WT_RETURN_IF_ERROR(WriteFully(*file, 0, content));
  WT_RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

}  // namespace wt
