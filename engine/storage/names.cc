#include "engine/storage/names.h"

#include "absl/strings/str_format.h"
#include "engine/base/check.h"

namespace wt {
namespace {

constexpr size_t kLeastDigits = 6;
constexpr std::string_view kManifestPrefix = "MANIFEST-";

// Digits alone, as many as need be, and not one more than `least` with a zero in front.
std::optional<uint64_t> ParseNumber(std::string_view digits, size_t least) {
  if (digits.size() < least) return std::nullopt;
  if (digits.size() > least && digits.front() == '0') return std::nullopt;
  uint64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const uint64_t digit = static_cast<uint64_t>(c - '0');
    if (number > (kMaxFileNumber - digit) / 10) return std::nullopt;
    number = number * 10 + digit;
  }
  return number;
}

std::optional<FileDesc> ParseSix(FileType type, std::string_view digits) {
  const std::optional<uint64_t> number = ParseNumber(digits, kLeastDigits);
  if (!number.has_value()) return std::nullopt;
  return FileDesc{type, *number};
}

FileType TypeOfExtension(std::string_view extension) {
  if (extension == ".log") return FileType::kJournal;
  if (extension == ".ldb" || extension == ".sst") return FileType::kTable;
  if (extension == ".tmp") return FileType::kTemp;
  return FileType::kNone;
}

}  // namespace

std::string FileDesc::ToString() const {
  if (IsValid(*this)) return NameOf(*this);
  return absl::StrFormat("invalid file %d/%d", static_cast<int>(type), number);
}

std::string NameOf(const FileDesc& fd) {
  WT_CHECK(IsValid(fd));
  switch (fd.type) {
    case FileType::kManifest:
      return absl::StrFormat("MANIFEST-%06d", fd.number);
    case FileType::kJournal:
      return absl::StrFormat("%06d.log", fd.number);
    case FileType::kTable:
      return absl::StrFormat("%06d.ldb", fd.number);
    case FileType::kTemp:
      return absl::StrFormat("%06d.tmp", fd.number);
    case FileType::kNone:
      break;
  }
  WT_CHECK(!"a file type");
  return {};
}

std::string OldNameOf(const FileDesc& fd) {
  WT_CHECK(IsValid(fd));
  return fd.type == FileType::kTable ? absl::StrFormat("%06d.sst", fd.number) : std::string();
}

std::optional<FileDesc> ParseName(std::string_view name) {
  if (name.starts_with(kManifestPrefix)) {
    return ParseSix(FileType::kManifest, name.substr(kManifestPrefix.size()));
  }
  const size_t dot = name.find('.');
  if (dot == name.npos) return std::nullopt;
  const FileType type = TypeOfExtension(name.substr(dot));
  if (type == FileType::kNone) return std::nullopt;
  return ParseSix(type, name.substr(0, dot));
}

std::string PendingNameOf(uint64_t number) {
  WT_CHECK_LE(number, kMaxFileNumber);
  return absl::StrFormat("%s.%d", kCurrentName, number);
}

std::optional<uint64_t> ParsePendingName(std::string_view name) {
  if (!name.starts_with(kCurrentName)) return std::nullopt;
  name.remove_prefix(kCurrentName.size());
  if (!name.starts_with('.')) return std::nullopt;
  return ParseNumber(name.substr(1), 1);
}

std::string PointerTo(const FileDesc& fd) {
  WT_CHECK(fd.type == FileType::kManifest);
  return NameOf(fd) + "\n";
}

std::optional<FileDesc> ParsePointer(std::string_view content) {
  if (!content.ends_with('\n')) return std::nullopt;
  content.remove_suffix(1);
  const std::optional<FileDesc> target = ParseName(content);
  return target.has_value() && target->type == FileType::kManifest ? target : std::nullopt;
}

}  // namespace wt
