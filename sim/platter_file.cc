#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "sim/disk_image.h"

namespace wt::sim {
namespace {

uint64_t SectorOf(uint64_t offset) { return offset / kSectorBytes; }

// Copies the part of [offset, offset + bytes) that lies in `sector` into `content`.
void Overlay(uint64_t sector, uint64_t offset, std::string_view bytes, std::string& content) {
  const uint64_t start = sector * kSectorBytes;
  const uint64_t from = std::max(offset, start);
  const uint64_t to = std::min(offset + bytes.size(), start + kSectorBytes);
  WT_CHECK_LT(from, to);
  std::memcpy(content.data() + (from - start), bytes.data() + (from - offset), to - from);
}

}  // namespace

std::string_view NameOf(HarmCause cause) {
  switch (cause) {
    case HarmCause::kLostSync:
      return "lost sync";
    case HarmCause::kPhantomWrite:
      return "phantom write";
    case HarmCause::kMisdirected:
      return "misdirected write";
    case HarmCause::kCorruptWrite:
      return "corrupt write";
    case HarmCause::kRot:
      return "rot";
    case HarmCause::kLatentError:
      return "latent error";
    case HarmCause::kStale:
      return "stale sector";
    case HarmCause::kSwapped:
      return "swapped sectors";
  }
  FailCheck(__FILE__, __LINE__, "unknown harm cause");
}

std::string PlatterFile::Sector(uint64_t sector) const {
  return bytes_.CopyPadded(sector * kSectorBytes, kSectorBytes);
}

const std::string* PlatterFile::OlderSector(uint64_t sector) const {
  auto it = older_.find(sector);
  return it == older_.end() ? nullptr : &it->second.content;
}

// Only the most recently started sectors are worth keeping: versions of a tail, slots of a
// superblock. The bound keeps a file that is rewritten in place from doubling.
void PlatterFile::Remember(uint64_t offset, uint64_t length, uint64_t epoch) {
  constexpr size_t kRemembered = 64;
  if (offset >= size() || length == 0) return;
  const uint64_t last = SectorOf(std::min(size(), offset + length) - 1);
  for (uint64_t sector = SectorOf(offset); sector <= last; ++sector) {
    auto [it, is_new] = older_.try_emplace(sector, Older{epoch, {}});
    if (!is_new && it->second.epoch == epoch) continue;
    it->second = Older{epoch, Sector(sector)};
    if (older_.size() > kRemembered) older_.erase(older_.begin());
  }
}

void PlatterFile::OverlayHonest(uint64_t offset, std::string_view bytes) {
  if (honest_.empty() || bytes.empty()) return;
  const uint64_t last = SectorOf(offset + bytes.size() - 1);
  for (auto it = honest_.lower_bound(SectorOf(offset)); it != honest_.end() && it->first <= last;
       ++it) {
    Overlay(it->first, offset, bytes, it->second.content);
  }
  ForgetCured(SectorOf(offset), last);
}

void PlatterFile::ForgetCured(uint64_t first_sector, uint64_t last_sector) {
  if (owes_) return;
  for (auto it = honest_.lower_bound(first_sector);
       it != honest_.end() && it->first <= last_sector;) {
    const bool cured = !bad_.contains(it->first) && it->second.content == Sector(it->first);
    it = cured ? honest_.erase(it) : std::next(it);
  }
}

void PlatterFile::SettleSize() {
  if (!owes_ && honest_size_ == size()) honest_size_.reset();
}

void PlatterFile::Settle() {
  owes_ = false;
  ForgetCured(0, ~uint64_t{0});
  SettleSize();
}

void PlatterFile::Write(uint64_t offset, std::string_view bytes, uint64_t epoch) {
  Remember(offset, bytes.size(), epoch);
  bytes_.Write(offset, bytes);
  OverlayHonest(offset, bytes);
}

void PlatterFile::WriteLate(uint64_t offset, std::string_view bytes, uint64_t epoch) {
  if (bytes.empty()) return;
  Remember(offset, bytes.size(), epoch);
  bytes_.Write(offset, bytes);
  ForgetCured(SectorOf(offset), SectorOf(offset + bytes.size() - 1));
}

void PlatterFile::Extend(uint64_t size) {
  if (size > bytes_.size()) bytes_.Resize(size);
  NoteHonestExtend(size);
  SettleSize();
}

void PlatterFile::Truncate(uint64_t size) {
  CutPhysically(size);
  NoteHonestTruncate(size);
  SettleSize();
}

void PlatterFile::ResizeLate(uint64_t size) {
  bytes_.Resize(size);
  ForgetCured(SectorOf(size), ~uint64_t{0});  // a late cut may complete a late write
  SettleSize();
}

void PlatterFile::CutPhysically(uint64_t size) {
  if (size < bytes_.size()) bytes_.Resize(size);
  bad_.erase(bad_.lower_bound(SectorOf(size + kSectorBytes - 1)), bad_.end());
}

void PlatterFile::NoteHonestExtend(uint64_t size) {
  if (honest_size_.has_value()) honest_size_ = std::max(*honest_size_, size);
}

void PlatterFile::NoteHonestTruncate(uint64_t size) {
  if (honest_size_.has_value()) honest_size_ = std::min(*honest_size_, size);
  const auto first_gone = honest_.lower_bound(SectorOf(size + kSectorBytes - 1));
  if (owes_) {
    for (auto it = first_gone; it != honest_.end(); ++it)
      it->second.content.assign(kSectorBytes, '\0');
  } else {
    honest_.erase(first_gone, honest_.end());
  }
  const uint64_t within = size % kSectorBytes;
  auto it = honest_.find(SectorOf(size));
  if (within == 0 || it == honest_.end()) return;
  std::fill(it->second.content.begin() + static_cast<ptrdiff_t>(within), it->second.content.end(),
            '\0');
  ForgetCured(it->first, it->first);
}

void PlatterFile::ExpectWrite(uint64_t offset, std::string_view bytes, HarmCause cause) {
  if (bytes.empty()) return;
  const uint64_t last = SectorOf(offset + bytes.size() - 1);
  for (uint64_t sector = SectorOf(offset); sector <= last; ++sector) {
    auto [it, is_new] = honest_.try_emplace(sector, Honest{cause, {}});
    if (is_new) it->second.content = Sector(sector);
    Overlay(sector, offset, bytes, it->second.content);
  }
  ForgetCured(SectorOf(offset), last);
}

void PlatterFile::ExpectExtend(uint64_t size) {
  honest_size_ = std::max(honest_size_.value_or(this->size()), size);
  SettleSize();
}

void PlatterFile::ExpectTruncate(uint64_t size) {
  honest_size_ = std::min(honest_size_.value_or(this->size()), size);
  NoteHonestTruncate(size);
  // What the platter still has there would be zeros if the file grew again.
  if (this->size() > size) {
    ExpectWrite(size, std::string(this->size() - size, '\0'), HarmCause::kLostSync);
  }
  SettleSize();
}

void PlatterFile::Damage(uint64_t sector, std::string_view content, HarmCause cause) {
  WT_CHECK_EQ(content.size(), kSectorBytes);
  const uint64_t start = sector * kSectorBytes;
  WT_CHECK_LT(start, size());
  auto [it, is_new] = honest_.try_emplace(sector, Honest{cause, {}});
  if (is_new) it->second.content = Sector(sector);
  bytes_.Write(start, content.substr(0, std::min(kSectorBytes, size() - start)));
  ForgetCured(sector, sector);
}

void PlatterFile::MarkBad(uint64_t sector) {
  WT_CHECK_LT(sector * kSectorBytes, size());
  bad_.insert(sector);
  honest_.try_emplace(sector, Honest{HarmCause::kLatentError, Sector(sector)});
}

void PlatterFile::HealBad(uint64_t sector) {
  if (bad_.erase(sector) != 0) ForgetCured(sector, sector);
}

std::vector<Harm> PlatterFile::Harms() const {
  std::map<uint64_t, HarmCause> causes;
  for (const auto& [sector, honest] : honest_) {
    if (bad_.contains(sector) || honest.content != Sector(sector)) {
      causes.emplace(sector, honest.cause);
    }
  }
  if (honest_size_.has_value() && honest_size_ != size()) {
    const uint64_t low = std::min(*honest_size_, size());
    const uint64_t high = std::max(*honest_size_, size());
    for (uint64_t sector = SectorOf(low); sector <= SectorOf(high - 1); ++sector) {
      causes.emplace(sector, HarmCause::kLostSync);
    }
  }
  std::vector<Harm> harms;
  for (const auto& [sector, cause] : causes) harms.push_back({sector, cause});
  return harms;
}

std::string PlatterFile::HonestBytes() const {
  std::string honest = bytes_.CopyPadded(0, honest_size_.value_or(size()));
  for (const auto& [sector, entry] : honest_) {
    const uint64_t start = sector * kSectorBytes;
    if (start >= honest.size()) continue;
    const uint64_t count = std::min<uint64_t>(kSectorBytes, honest.size() - start);
    honest.replace(start, count, entry.content, 0, count);
  }
  return honest;
}

}  // namespace wt::sim
