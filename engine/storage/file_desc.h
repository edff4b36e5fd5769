// What a file of a storage is called: its type and its number.
//
//   FileDesc table{FileType::kTable, 7};            // "000007.ldb" where files have names
//   FileTypes logs = FileType::kManifest | FileType::kJournal;
//   if (logs.Has(fd.type)) ...
#ifndef WAVETANK_ENGINE_STORAGE_FILE_DESC_H_
#define WAVETANK_ENGINE_STORAGE_FILE_DESC_H_

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace wt {

// One bit each, so that sets of them are masks. The values are in formats: never change them.
enum class FileType : uint8_t {
  kNone = 0,  // of a FileDesc that names nothing
  kManifest = 1,
  kJournal = 2,
  kTable = 4,
  kTemp = 8,
};
inline constexpr FileType kFileTypes[] = {FileType::kManifest, FileType::kJournal, FileType::kTable,
                                          FileType::kTemp};

// A set of file types.
class FileTypes {
 public:
  constexpr FileTypes() = default;
  constexpr FileTypes(FileType type) : bits_(static_cast<uint8_t>(type)) {}  // NOLINT: a set of one

  constexpr bool Has(FileType type) const {
    return type != FileType::kNone && (bits_ & static_cast<uint8_t>(type)) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr FileTypes operator|(FileTypes other) const {
    FileTypes both;
    both.bits_ = bits_ | other.bits_;
    return both;
  }
  constexpr bool operator==(const FileTypes&) const = default;

 private:
  uint8_t bits_ = 0;
};

constexpr FileTypes operator|(FileType a, FileType b) { return FileTypes(a) | FileTypes(b); }

inline constexpr FileTypes kAllFileTypes =
    FileType::kManifest | FileType::kJournal | FileTypes(FileType::kTable) | FileType::kTemp;

// Numbers fit a signed 64-bit integer, as those of LevelDB's file names do.
inline constexpr uint64_t kMaxFileNumber = std::numeric_limits<int64_t>::max();

struct FileDesc {
  FileType type = FileType::kNone;
  uint64_t number = 0;
  // By type, then by number: the order of Storage::List.
  constexpr auto operator<=>(const FileDesc&) const = default;
  std::string ToString() const;  // its name (names.h), or "invalid file 7/99"
};

// Exactly one known type, and a number that fits. An OR of types is no type.
constexpr bool IsValid(const FileDesc& fd) {
  if (fd.number > kMaxFileNumber) return false;
  return fd.type == FileType::kManifest || fd.type == FileType::kJournal ||
         fd.type == FileType::kTable || fd.type == FileType::kTemp;
}

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_FILE_DESC_H_
