#include "engine/storage/log_file.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"

namespace wt {
namespace {

constexpr std::string_view kLogName = "LOG";
constexpr std::string_view kOldLogName = "LOG.old";

using Micros = std::chrono::duration<int64_t, std::micro>;

Micros SinceEpoch(WallTime at) { return std::chrono::floor<Micros>(at.time_since_epoch()); }

std::chrono::sys_days DaysOf(WallTime at) {
  return std::chrono::sys_days(std::chrono::floor<std::chrono::days>(SinceEpoch(at)));
}

}  // namespace

std::string TimeOfDay(WallTime at) {
  const Micros micros = SinceEpoch(at) - DaysOf(at).time_since_epoch();
  const int64_t seconds = micros.count() / 1'000'000;
  WT_CHECK(seconds >= 0 && seconds < 86'400);
  return absl::StrFormat("%02d:%02d:%02d.%06d", seconds / 3600, seconds / 60 % 60, seconds % 60,
                         micros.count() % 1'000'000);
}

std::string DayOf(WallTime at) {
  static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::year_month_day date(DaysOf(at));
  const unsigned month = static_cast<unsigned>(date.month());
  WT_CHECK(month >= 1 && month <= 12);
  return absl::StrFormat("%s %d, %d (UTC)", kMonths[month - 1], static_cast<unsigned>(date.day()),
                         static_cast<int>(date.year()));
}

void LogFile::Write(std::string_view line) {
  MutexLock lock(mu_);
  if (closed_) return;
  if (!Append(line).ok()) file_.reset();  // the next line tries anew
}

void LogFile::Close() {
  MutexLock lock(mu_);
  closed_ = true;
  file_.reset();
}

absl::Status LogFile::Append(std::string_view line) {
  WT_RETURN_IF_ERROR(MakeReady());
  const WallTime now = clock_.WallNow();
  std::string text;
  if (day_ != DaysOf(now)) {
    text = absl::StrFormat("=============== %s ===============\n", DayOf(now));
  }
  text += absl::StrFormat("%s %s\n", TimeOfDay(now), line);
  std::replace(text.end() - 1 - line.size(), text.end() - 1, '\n', ' ');
  WT_RETURN_IF_ERROR(WriteFully(*file_, size_, text));
  size_ += text.size();
  day_ = DaysOf(now);
  return absl::OkStatus();
}

absl::Status LogFile::MakeReady() {
  if (file_ == nullptr) WT_RETURN_IF_ERROR(OpenFile());
  if (size_ <= limit_) return absl::OkStatus();
  file_.reset();
  WT_RETURN_IF_ERROR(folder_.disk().Rename(folder_.PathOf(kLogName), folder_.PathOf(kOldLogName)));
  day_.reset();
  return OpenFile();
}

absl::Status LogFile::OpenFile() {
  const std::string path = folder_.PathOf(kLogName);
  absl::StatusOr<std::unique_ptr<File>> file = folder_.disk().Open(path, OpenMode::kReadWrite);
  if (absl::IsNotFound(file.status())) file = folder_.disk().Open(path, OpenMode::kCreate);
  if (!file.ok()) return file.status();
  WT_ASSIGN_OR_RETURN(size_, (*file)->Size());
  file_ = *std::move(file);
  return absl::OkStatus();
}

}  // namespace wt
