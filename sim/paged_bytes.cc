#include "sim/paged_bytes.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "engine/base/checksum.h"

namespace wt::sim {

void PagedBytes::Resize(uint64_t size) {
  hash_.reset();
  pages_.resize((size + kPageBytes - 1) / kPageBytes);
  const uint64_t within = size % kPageBytes;
  if (size < size_ && within != 0 && pages_.back() != nullptr) {
    Page& last = Mutable(pages_.size() - 1);
    std::memset(last.data() + within, 0, kPageBytes - within);
  }
  size_ = size;
}

PagedBytes::Page& PagedBytes::Mutable(uint64_t page) {
  WT_CHECK_LT(page, pages_.size());
  hash_.reset();
  std::shared_ptr<Page>& slot = pages_[page];
  if (slot == nullptr) {
    slot = std::make_shared<Page>();
  } else if (slot.use_count() > 1) {
    slot = std::make_shared<Page>(*slot);
  }
  return *slot;
}

void PagedBytes::Write(uint64_t offset, std::string_view bytes) {
  if (offset + bytes.size() > size_) Resize(offset + bytes.size());
  while (!bytes.empty()) {
    const uint64_t within = offset % kPageBytes;
    const uint64_t count = std::min<uint64_t>(bytes.size(), kPageBytes - within);
    std::memcpy(Mutable(offset / kPageBytes).data() + within, bytes.data(), count);
    offset += count;
    bytes.remove_prefix(count);
  }
}

void PagedBytes::Read(uint64_t offset, std::span<char> out) const {
  WT_CHECK_LE(offset + out.size(), size_);
  while (!out.empty()) {
    const uint64_t within = offset % kPageBytes;
    const uint64_t count = std::min<uint64_t>(out.size(), kPageBytes - within);
    const std::shared_ptr<Page>& page = pages_[offset / kPageBytes];
    if (page == nullptr) {
      std::memset(out.data(), 0, count);
    } else {
      std::memcpy(out.data(), page->data() + within, count);
    }
    offset += count;
    out = out.subspan(count);
  }
}

std::string PagedBytes::Copy(uint64_t offset, uint64_t length) const {
  if (offset >= size_) return {};
  std::string bytes(std::min(length, size_ - offset), '\0');
  Read(offset, bytes);
  return bytes;
}

std::string PagedBytes::CopyPadded(uint64_t offset, uint64_t length) const {
  std::string bytes = Copy(offset, length);
  bytes.resize(length, '\0');
  return bytes;
}

uint64_t PagedBytes::Hash() const {
  static constexpr Page kZeros{};
  if (hash_.has_value()) return *hash_;
  uint64_t hash = Hash64({reinterpret_cast<const char*>(&size_), sizeof(size_)});
  for (const std::shared_ptr<Page>& page : pages_) {
    hash = Hash64({(page == nullptr ? kZeros : *page).data(), kPageBytes}, hash);
  }
  hash_ = hash;
  return hash;
}

}  // namespace wt::sim
