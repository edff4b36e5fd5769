#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/base/units.h"
#include "engine/storage/sealed_reader.h"

namespace wt {
namespace {

constexpr uint64_t kWindowBytes = 256 * kKiB;

// A stretch of a file, read when it is asked for.
class Window {
 public:
  Window(StorageReader& base, uint64_t size) : base_(base), size_(size) {}
  uint64_t size() const { return size_; }

  // The bytes [at, at + length), fewer where the file ends; valid until the next call.
  absl::StatusOr<std::string_view> View(uint64_t at, uint64_t length) {
    WT_CHECK_LE(length, kWindowBytes);
    length = at < size_ ? std::min(length, size_ - at) : 0;
    if (at < start_ || at + length > start_ + bytes_.size()) WT_RETURN_IF_ERROR(Load(at));
    return std::string_view(bytes_).substr(at - start_, length);
  }

 private:
  absl::Status Load(uint64_t at) {
    std::string bytes(std::min(kWindowBytes, size_ - std::min(at, size_)), '\0');
    WT_ASSIGN_OR_RETURN(const uint64_t read, base_.ReadAt(at, bytes));
    bytes.resize(read);
    bytes_ = std::move(bytes);
    start_ = at;
    return absl::OkStatus();
  }

  StorageReader& base_;
  const uint64_t size_;
  uint64_t start_ = 0;
  std::string bytes_;
};

// Calls `see` with every page header of `fd` that seems to be at or behind `from`, and where, until
// it returns true. Damage is rare: no need to be quick.
template <typename See>
absl::StatusOr<bool> AnyPageHeader(const FileDesc& fd, Window& window, uint64_t from, See see) {
  for (uint64_t at = from; at < window.size(); at += kWindowBytes / 2) {
    WT_ASSIGN_OR_RETURN(const std::string_view seen, window.View(at, kWindowBytes));
    const std::string bytes(seen);  // `see` moves the window
    for (std::optional<uint64_t> found = FindPageHeader(fd, bytes, 0);
         found.has_value() && *found < kWindowBytes / 2;
         found = FindPageHeader(fd, bytes, *found + 1)) {
      const PageHeader page = *ParsePageHeader(fd, std::string_view(bytes).substr(*found));
      WT_ASSIGN_OR_RETURN(const bool enough, see(at + *found, page));
      if (enough) return true;
    }
  }
  return false;
}

// Opens the page at `at`, wherever it belongs. Nothing when there is no authentic one.
absl::StatusOr<std::optional<PageHeader>> AuthenticPage(const SealedFile& file, Window& window,
                                                        uint64_t at) {
  WT_ASSIGN_OR_RETURN(std::string_view sealed, window.View(at, kSealedPageBytes + kPageOverhead));
  const std::optional<PageHeader> page = ParsePageHeader(file.fd(), sealed);
  if (!page.has_value() || sealed.size() < page->length + kPageOverhead) {
    return std::optional<PageHeader>();
  }
  char plain[kSealedPageBytes];
  sealed = sealed.substr(0, page->length + kPageOverhead);
  return file.OpenPage(*page, sealed, {plain, page->length}) ? page : std::nullopt;
}

struct Scan {
  PageMap map;
  uint64_t at = kSealedHeaderBytes;  // behind the last good page
  bool ends_here = false;            // that page says so
};

// Page after page, as far as they are good and in their places.
absl::StatusOr<Scan> ScanPages(const SealedFile& file, Window& window) {
  Scan scan;
  while (scan.at < window.size()) {
    WT_ASSIGN_OR_RETURN(const std::optional<PageHeader> page, AuthenticPage(file, window, scan.at));
    const bool in_place = page.has_value() && page->number == scan.map.pages() &&
                          page->offset == scan.map.plain_size();
    if (!in_place) break;
    scan.map.Add(scan.at, page->length);
    scan.ends_here = page->is_end;
    scan.at = NextPageAt(scan.at + page->length + kPageOverhead, page->is_end, file.fd().type);
    if (page->is_closed) return scan;
  }
  return scan;
}

absl::Status DamagedAt(const SealedFile& file, const Scan& scan, std::string_view why) {
  return CorruptedError(file.fd(),
                        absl::StrFormat("page %d at %d: %s", scan.map.pages(), scan.at, why));
}

// Whether a page behind `at` tells that `at` had been durable when it was written.
absl::StatusOr<bool> WasDurable(const SealedFile& file, Window& window, uint64_t at) {
  return AnyPageHeader(file.fd(), window, at,
                       [&](uint64_t found, const PageHeader&) -> absl::StatusOr<bool> {
                         WT_ASSIGN_OR_RETURN(const std::optional<PageHeader> page,
                                             AuthenticPage(file, window, found));
                         return page.has_value() && page->synced > at;
                       });
}

// Whether the header is that of an older file of this name: none of its own pages are here, but
// pages of another one, which tell of durable pages before them.
absl::StatusOr<bool> HeaderIsStale(const SealedFile& file, Window& window, const Scan& scan) {
  if (scan.map.pages() > 0) return false;
  return AnyPageHeader(file.fd(), window, scan.at,
                       [&](uint64_t, const PageHeader& page) -> absl::StatusOr<bool> {
                         return page.mark != file.mark() && page.synced > kSealedHeaderBytes;
                       });
}

absl::StatusOr<PageMap> MapOfGrowing(const SealedFile& file, Window& window) {
  WT_ASSIGN_OR_RETURN(Scan scan, ScanPages(file, window));
  WT_ASSIGN_OR_RETURN(const bool was_durable, WasDurable(file, window, scan.at));
  if (was_durable) return DamagedAt(file, scan, "not what was written, and it had been durable");
  WT_ASSIGN_OR_RETURN(const bool is_stale, HeaderIsStale(file, window, scan));
  if (is_stale) return CorruptedError(file.fd(), "the header is that of an older file");
  return std::move(scan.map);
}

// The last page tells, when all before it are full.
absl::StatusOr<std::optional<PageMap>> UniformMap(const SealedFile& file, Window& window) {
  constexpr uint64_t kFullPage = kSealedPageBytes + kPageOverhead;
  const uint64_t body = window.size() - kSealedHeaderBytes;
  if (body < kPageOverhead) return std::optional<PageMap>();
  const uint64_t before = (body - 1) / kFullPage;
  WT_ASSIGN_OR_RETURN(const std::optional<PageHeader> last,
                      AuthenticPage(file, window, kSealedHeaderBytes + before * kFullPage));
  const bool is_last = last.has_value() && last->is_end && last->number == before &&
                       last->offset == before * kSealedPageBytes &&
                       before * kFullPage + last->length + kPageOverhead == body;
  if (!is_last) return std::optional<PageMap>();
  return std::optional(PageMap::Uniform(before + 1, last->offset + last->length));
}

absl::StatusOr<PageMap> MapOfWhole(const SealedFile& file, Window& window) {
  WT_ASSIGN_OR_RETURN(std::optional<PageMap> uniform, UniformMap(file, window));
  if (uniform.has_value()) return *std::move(uniform);
  WT_ASSIGN_OR_RETURN(Scan scan, ScanPages(file, window));
  if (scan.at != window.size()) return DamagedAt(file, scan, "not what was written");
  if (!scan.ends_here) return DamagedAt(file, scan, "the file ends here, unfinished or cut off");
  return std::move(scan.map);
}

// Nothing is written before the header of a file that grows is durable.
absl::StatusOr<bool> WasNeverBegun(const FileDesc& fd, Window& window) {
  if (!MayEndTorn(fd.type)) return false;
  WT_ASSIGN_OR_RETURN(
      const bool has_pages,
      AnyPageHeader(fd, window, 0,
                    [](uint64_t, const PageHeader&) -> absl::StatusOr<bool> { return true; }));
  return !has_pages;
}

absl::Status HeaderError(const FileDesc& fd, const OpenedHeader& header) {
  switch (header.verdict) {
    case HeaderVerdict::kWrongKey:
      return WrongKeyError(fd);
    case HeaderVerdict::kUnknownVersion:
      return FailedPrecondition("%s: %s", fd.ToString(), header.what);
    case HeaderVerdict::kOtherFile:
    case HeaderVerdict::kDamaged:
    case HeaderVerdict::kGood:
      break;
  }
  WT_CHECK(header.verdict != HeaderVerdict::kGood);
  return CorruptedError(fd, header.what);
}

}  // namespace

absl::StatusOr<SealedContent> OpenSealed(const SecretKey& master, const FileDesc& fd,
                                         StorageReader& base) {
  WT_ASSIGN_OR_RETURN(const uint64_t size, base.Size());
  Window window(base, size);
  WT_ASSIGN_OR_RETURN(const std::string_view bytes, window.View(0, kSealedHeaderBytes));
  OpenedHeader header = OpenHeader(master, fd, bytes);
  if (header.verdict != HeaderVerdict::kGood) {
    if (header.verdict != HeaderVerdict::kDamaged) return HeaderError(fd, header);
    WT_ASSIGN_OR_RETURN(const bool never_begun, WasNeverBegun(fd, window));
    return never_begun ? absl::StatusOr<SealedContent>(SealedContent()) : HeaderError(fd, header);
  }
  WT_ASSIGN_OR_RETURN(PageMap map, MayEndTorn(fd.type) ? MapOfGrowing(*header.file, window)
                                                       : MapOfWhole(*header.file, window));
  return SealedContent{std::move(header.file), std::move(map)};
}

}  // namespace wt
