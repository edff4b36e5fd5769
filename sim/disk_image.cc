#include "sim/disk_image.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/base/coding.h"

namespace wt::sim {

DiskImage::DiskImage() : names_(std::make_shared<NameMap>()) {
  WT_CHECK_EQ(NewInode(/*is_directory=*/true), kRootInode);
}

const PlatterFile* DiskImage::Find(InodeNumber inode) const {
  auto it = inodes_.find(inode);
  return it == inodes_.end() ? nullptr : it->second.get();
}

PlatterFile& DiskImage::Mutable(InodeNumber inode) {
  auto it = inodes_.find(inode);
  WT_CHECK(it != inodes_.end());
  if (it->second.use_count() > 1) it->second = std::make_shared<PlatterFile>(*it->second);
  return *it->second;
}

std::vector<InodeNumber> DiskImage::Inodes() const {
  std::vector<InodeNumber> numbers;
  for (const auto& [number, file] : inodes_) numbers.push_back(number);
  return numbers;
}

InodeNumber DiskImage::NewInode(bool is_directory) {
  InodeNumber number = next_;
  if (free_.empty()) {
    ++next_;
  } else {
    number = free_.back();
    free_.pop_back();
  }
  const bool is_new = inodes_.emplace(number, std::make_shared<PlatterFile>(is_directory)).second;
  WT_CHECK(is_new);
  return number;
}

void DiskImage::FreeInode(InodeNumber inode) {
  WT_CHECK_NE(inode, kRootInode);
  WT_CHECK_EQ(inodes_.erase(inode), 1u);
  free_.push_back(inode);
}

NameMap& DiskImage::MutableNames() {
  if (names_.use_count() > 1) names_ = std::make_shared<NameMap>(*names_);
  return *names_;
}

void DiskImage::SetName(const NameKey& key, InodeNumber inode) {
  WT_CHECK(!key.second.empty());
  if (inode == kNoInode) {
    MutableNames().erase(key);
  } else {
    WT_CHECK(inodes_.contains(inode));
    MutableNames()[key] = inode;
  }
}

void DiskImage::AddNameHarm(std::string path, HarmCause cause) {
  name_harms_.emplace(std::move(path), cause);
}

void DiskImage::ClearNameHarm(std::string_view path) {
  if (auto it = name_harms_.find(path); it != name_harms_.end()) name_harms_.erase(it);
}

std::vector<NameHarm> DiskImage::NameHarms() const {
  std::vector<NameHarm> harms;
  for (const auto& [path, cause] : name_harms_) harms.push_back({path, cause});
  return harms;
}

bool DiskImage::NameHarmed(std::string_view path) const {
  if (name_harms_.empty()) return false;
  for (size_t end = 0; end != std::string_view::npos;) {
    end = path.find('/', end + 1);
    if (name_harms_.contains(path.substr(0, end))) return true;
  }
  return false;
}

void DiskImage::AddGhost(const PagedBytes& bytes) {
  constexpr size_t kGhosts = 8;
  if (bytes.size() == 0) return;
  if (ghosts_.size() == kGhosts) ghosts_.erase(ghosts_.begin());
  ghosts_.push_back(bytes);
}

InodeNumber DiskImage::Resolve(std::string_view path) const {
  InodeNumber at = kRootInode;
  while (!path.empty() && at != kNoInode) {
    const size_t slash = path.find('/');
    auto it = names_->find(NameKey(at, std::string(path.substr(0, slash))));
    at = it == names_->end() ? kNoInode : it->second;
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return at;
}

std::vector<std::pair<std::string, InodeNumber>> DiskImage::Walk() const {
  std::vector<std::pair<std::string, InodeNumber>> found;
  std::set<InodeNumber> visited = {kRootInode};
  std::vector<std::pair<std::string, InodeNumber>> folders = {{"", kRootInode}};
  for (size_t next = 0; next < folders.size(); ++next) {
    const auto [prefix, folder] = folders[next];
    for (auto it = names_->lower_bound(NameKey(folder, ""));
         it != names_->end() && it->first.first == folder; ++it) {
      std::string path = prefix.empty() ? it->first.second : prefix + "/" + it->first.second;
      found.emplace_back(path, it->second);
      const bool descend = inodes_.at(it->second)->is_directory();
      if (descend && visited.insert(it->second).second) folders.emplace_back(path, it->second);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

void DiskImage::DropUnreachable() {
  std::set<InodeNumber> reachable = {kRootInode};
  for (const auto& [path, inode] : Walk()) reachable.insert(inode);
  std::vector<NameKey> lost;
  for (const auto& [key, inode] : *names_) {
    if (!reachable.contains(key.first)) lost.push_back(key);
  }
  for (const NameKey& key : lost) MutableNames().erase(key);
  for (InodeNumber inode : Inodes()) {
    if (reachable.contains(inode)) continue;
    AddGhost(inodes_.at(inode)->bytes());
    FreeInode(inode);
  }
}

void DiskImage::SettleAll() {
  for (InodeNumber inode : Inodes()) {
    if (inodes_.at(inode)->owes()) Mutable(inode).Settle();
  }
}

std::vector<DurableFile> DiskImage::Files() const {
  std::vector<DurableFile> files;
  for (const auto& [path, inode] : Walk()) {
    const PlatterFile& file = *inodes_.at(inode);
    if (!file.is_directory()) files.push_back({path, file.bytes().ToString()});
  }
  return files;
}

std::optional<std::string> DiskImage::BytesOf(std::string_view path) const {
  const PlatterFile* file = Find(Resolve(path));
  if (file == nullptr || file->is_directory()) return std::nullopt;
  return file->bytes().ToString();
}

std::vector<Harm> DiskImage::HarmsOf(std::string_view path) const {
  const PlatterFile* file = Find(Resolve(path));
  return file == nullptr ? std::vector<Harm>() : file->Harms();
}

uint64_t HashImage(const DiskImage& image) {
  uint64_t hash = 0;
  std::map<InodeNumber, uint64_t> first_seen;
  for (const auto& [path, inode] : image.Walk()) {
    const PlatterFile& file = *image.Find(inode);
    const uint64_t alias = first_seen.emplace(inode, first_seen.size()).first->second;
    std::string text = path;
    PutU64(text, alias);
    PutU8(text, file.is_directory() ? 1 : 0);
    for (uint64_t sector : file.bad_sectors()) PutU64(text, sector);
    PutU64(text, file.bytes().Hash());
    hash = Hash64(text, hash);
  }
  return hash;
}

std::pair<std::string_view, std::string_view> SplitPath(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {std::string_view(), path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace wt::sim
