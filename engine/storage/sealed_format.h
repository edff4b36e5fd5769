// The bytes of a sealed file: FORMAT.md. Pure: no I/O, so that every damage can be tried.
#ifndef WAVETANK_ENGINE_STORAGE_SEALED_FORMAT_H_
#define WAVETANK_ENGINE_STORAGE_SEALED_FORMAT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/storage/cipher.h"
#include "engine/storage/file_desc.h"

namespace wt {

inline constexpr uint64_t kSealedHeaderBytes = 512;  // one sector: pages begin on another
inline constexpr uint64_t kSealedPageBytes = 4096;   // of the plain file
inline constexpr uint64_t kPageHeaderBytes = 56;
inline constexpr uint64_t kPageOverhead = kPageHeaderBytes + Cipher::kTagBytes;
inline constexpr uint64_t kSaltBytes = 16;

// Journals and manifests grow by syncs and may end torn; a table or a temporary file is whole, or
// not valid.
constexpr bool MayEndTorn(FileType type) {
  return type == FileType::kJournal || type == FileType::kManifest;
}

// What a page says of itself. Everything is authenticated.
struct PageHeader {
  uint64_t length = 0;     // of its plain bytes, at most kSealedPageBytes
  bool is_end = false;     // the file may end here: a sync or a close wrote it
  bool is_closed = false;  // the file does end here
  uint64_t number = 0;     // 0, 1, 2, …
  uint64_t offset = 0;     // plain bytes before it
  uint64_t synced = 0;     // sealed bytes that were durable when it was written
  uint64_t mark = 0;       // whose page it is: SealedFile::mark()
  bool operator==(const PageHeader&) const = default;
};

// Where the page after one that ends at `end` begins: the pages of what grows by syncs never share
// a sector with synced bytes.
constexpr uint64_t NextPageAt(uint64_t end, bool is_end, FileType type) {
  constexpr uint64_t kSector = 512;
  return is_end && MayEndTorn(type) ? (end + kSector - 1) / kSector * kSector : end;
}

// The keys of one file, and its bytes.
class SealedFile {
 public:
  // For a new file: `salt` is random and never used again.
  SealedFile(const SecretKey& master, const FileDesc& fd, std::string_view salt);

  const FileDesc& fd() const { return fd_; }
  // Tells this file from every other one of its name: half of the salt.
  uint64_t mark() const { return mark_; }
  // kSealedHeaderBytes.
  const std::string& header() const { return header_; }

  // Appends the page. Requires: header.length == plain.size(), header.mark == mark(); no page of
  // this number was ever sealed with these keys.
  void SealPage(const PageHeader& header, std::string_view plain, std::string& out) const;

  // The plain bytes of a page in `out`, or false: nothing in `out` then.
  // `sealed`: header.length + kPageOverhead bytes.
  [[nodiscard]] bool OpenPage(const PageHeader& header, std::string_view sealed,
                              std::span<char> out) const;

 private:
  const FileDesc fd_;
  const uint64_t mark_;
  const std::string header_;
  const Cipher cipher_;
};

enum class HeaderVerdict {
  kGood,
  kWrongKey,  // whole, but sealed with another key
  kUnknownVersion,
  kOtherFile,  // of another file: renamed or copied behind our back
  kDamaged,
};
struct OpenedHeader {
  HeaderVerdict verdict = HeaderVerdict::kDamaged;
  std::optional<SealedFile> file = {};  // kGood
  std::string what = {};                // for people, when not kGood
};
// `bytes`: what the sealed file begins with.
OpenedHeader OpenHeader(const SecretKey& master, const FileDesc& fd, std::string_view bytes);

// What the header of a page seems to say, not authenticated: nothing when it is no page header of
// this file. `bytes` may be longer.
std::optional<PageHeader> ParsePageHeader(const FileDesc& fd, std::string_view bytes);

// The offset of the next page header of this file in `bytes` at or behind `from`.
std::optional<uint64_t> FindPageHeader(const FileDesc& fd, std::string_view bytes, uint64_t from);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_SEALED_FORMAT_H_
