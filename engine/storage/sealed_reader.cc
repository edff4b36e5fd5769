#include "engine/storage/sealed_reader.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {
namespace {

constexpr uint64_t kPagesAtOnce = 64;

}  // namespace

PageMap PageMap::Uniform(uint64_t pages, uint64_t plain_size) {
  WT_CHECK(pages > 0 && plain_size <= pages * kSealedPageBytes);
  PageMap map;
  map.uniform_ = true;
  map.pages_ = pages;
  map.plain_size_ = plain_size;
  return map;
}

void PageMap::Add(uint64_t at, uint64_t length) {
  WT_CHECK(!uniform_ && (places_.empty() || places_.back().at < at));
  places_.push_back({at, plain_size_});
  plain_size_ += length;
}

PageMap::Place PageMap::PlaceOf(uint64_t number) const {
  WT_CHECK_LT(number, pages());
  Place place{.number = number};
  if (uniform_) {
    place.at = kSealedHeaderBytes + number * (kSealedPageBytes + kPageOverhead);
    place.offset = number * kSealedPageBytes;
  } else {
    place.at = places_[number].at;
    place.offset = places_[number].offset;
  }
  uint64_t next = plain_size_;
  if (number + 1 < pages()) {
    next = uniform_ ? place.offset + kSealedPageBytes : places_[number + 1].offset;
  }
  place.length = next - place.offset;
  WT_CHECK_LE(place.length, kSealedPageBytes);
  return place;
}

uint64_t PageMap::PageOf(uint64_t offset) const {
  WT_CHECK_LT(offset, plain_size_);
  if (uniform_) return offset / kSealedPageBytes;
  const auto behind =
      std::upper_bound(places_.begin(), places_.end(), offset,
                       [](uint64_t value, const Start& start) { return value < start.offset; });
  WT_CHECK(behind != places_.begin());
  return static_cast<uint64_t>(behind - places_.begin()) - 1;
}

absl::StatusOr<uint64_t> SealedReader::ReadAt(uint64_t offset, std::span<char> out) {
  if (token_ == nullptr) return ClosedError(fd_.ToString());
  const PageMap& map = content_.map;
  if (offset >= map.plain_size() || out.empty()) return uint64_t{0};
  const uint64_t end = offset + std::min<uint64_t>(out.size(), map.plain_size() - offset);
  const uint64_t last = map.PageOf(end - 1);
  for (uint64_t first = map.PageOf(offset); first <= last; first += kPagesAtOnce) {
    WT_RETURN_IF_ERROR(ReadPages(first, std::min(last, first + kPagesAtOnce - 1), offset,
                                 out.first(end - offset)));
  }
  return end - offset;
}

absl::Status SealedReader::ReadPages(uint64_t first, uint64_t last, uint64_t offset,
                                     std::span<char> out) {
  const uint64_t from = content_.map.PlaceOf(first).at;
  const PageMap::Place final = content_.map.PlaceOf(last);
  std::string sealed(final.at + final.length + kPageOverhead - from, '\0');
  WT_ASSIGN_OR_RETURN(const uint64_t read, base_->ReadAt(from, sealed));
  sealed.resize(read);
  char plain[kSealedPageBytes];
  for (uint64_t number = first; number <= last; ++number) {
    const PageMap::Place place = content_.map.PlaceOf(number);
    WT_RETURN_IF_ERROR(
        OpenPage(place, std::string_view(sealed).substr(std::min(read, place.at - from)), plain));
    const uint64_t begin = std::max(offset, place.offset);
    const uint64_t end = std::min(offset + out.size(), place.offset + place.length);
    if (begin >= end) continue;
    std::copy_n(plain + (begin - place.offset), end - begin, out.data() + (begin - offset));
  }
  return absl::OkStatus();
}

absl::Status SealedReader::OpenPage(const PageMap::Place& place, std::string_view sealed,
                                    std::span<char> out) {
  const std::string where = absl::StrFormat("page %d at %d", place.number, place.at);
  if (sealed.size() < place.length + kPageOverhead) {
    return CorruptedError(fd_, where + ": cut off");
  }
  sealed = sealed.substr(0, place.length + kPageOverhead);
  const std::optional<PageHeader> page = ParsePageHeader(fd_, sealed);
  const bool in_place = page.has_value() && page->number == place.number &&
                        page->offset == place.offset && page->length == place.length;
  if (!in_place || !content_.file->OpenPage(*page, sealed, out.first(place.length))) {
    return CorruptedError(fd_, where + ": not what was written");
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SealedReader::Size() {
  if (token_ == nullptr) return ClosedError(fd_.ToString());
  return content_.map.plain_size();
}

absl::Status SealedReader::Close() {
  if (token_ == nullptr) return ClosedError(fd_.ToString());
  token_.reset();
  return base_->Close();
}

}  // namespace wt
