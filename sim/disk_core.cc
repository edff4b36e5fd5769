#include "sim/disk_core.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt::sim {

namespace {

bool IsBelow(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path[folder.size()] == '/' && path.starts_with(folder);
}

}  // namespace

Inode DiskCore::RootInode() {
  Inode root;
  root.number = kRootInode;
  root.is_directory = true;
  root.links = 1;
  return root;
}

InodeNumber DiskCore::Resolve(std::string_view path) const {
  InodeNumber at = kRootInode;
  while (!path.empty() && at != kNoInode) {
    const size_t slash = path.find('/');
    auto it = names_.find(NameKey(at, std::string(path.substr(0, slash))));
    at = it == names_.end() ? kNoInode : it->second;
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return at;
}

Inode& DiskCore::At(InodeNumber number) {
  auto it = inodes_.find(number);
  WT_CHECK(it != inodes_.end());
  return it->second;
}

Inode* DiskCore::Find(std::string_view path) {
  const InodeNumber number = Resolve(path);
  return number == kNoInode ? nullptr : &At(number);
}

const Inode* DiskCore::Find(std::string_view path) const {
  const InodeNumber number = Resolve(path);
  return number == kNoInode ? nullptr : &inodes_.at(number);
}

bool DiskCore::IsDirectory(std::string_view path) const {
  const Inode* inode = Find(path);
  return inode != nullptr && inode->is_directory;
}

absl::Status DiskCore::Missing(std::string_view path) const {
  for (size_t end = path.find('/'); end != path.npos; end = path.find('/', end + 1)) {
    const Inode* above = Find(path.substr(0, end));
    if (above == nullptr) break;
    if (!above->is_directory) return InvalidArgument("%s: a file is in the way", path);
  }
  return NotFound("%s: no such file or directory", path);
}

absl::StatusOr<NameKey> DiskCore::KeyFor(std::string_view path) const {
  const auto [folder, name] = SplitPath(path);
  const InodeNumber parent = Resolve(folder);
  if (parent == kNoInode || !inodes_.at(parent).is_directory) return Missing(path);
  return NameKey(parent, std::string(name));
}

void DiskCore::SetCachedName(const NameKey& key, InodeNumber number, std::string_view path) {
  if (number == kNoInode) {
    WT_CHECK_EQ(names_.erase(key), 1u);
    return;
  }
  names_[key] = number;
  At(number).path = path;
}

absl::StatusOr<Inode*> DiskCore::Create(std::string_view path, bool is_directory) {
  WT_ASSIGN_OR_RETURN(const NameKey key, KeyFor(path));
  if (names_.contains(key)) return AlreadyExists("%s: the name is taken", path);
  const InodeNumber number = image_.NewInode(is_directory);
  Inode& inode = inodes_[number];
  inode.number = number;
  inode.is_directory = is_directory;
  inode.links = 1;
  SetCachedName(key, number, path);
  pending_names_.push_back({.op = ++effects_,
                            .subject = number,
                            .subject_is_directory = is_directory,
                            .changes = {{key, number, std::string(path)}}});
  return &inode;
}

absl::Status DiskCore::Remove(std::string_view path) {
  WT_ASSIGN_OR_RETURN(const NameKey key, KeyFor(path));
  auto it = names_.find(key);
  if (it == names_.end()) return Missing(path);
  const InodeNumber number = it->second;
  if (At(number).is_directory) return InvalidArgument("%s: is a directory", path);
  pending_names_.push_back(
      {.op = ++effects_, .subject = number, .changes = {{key, kNoInode, std::string(path)}}});
  SetCachedName(key, kNoInode, path);
  Unlink(number);
  return absl::OkStatus();
}

absl::Status DiskCore::CheckRename(std::string_view from, std::string_view to) const {
  const Inode* source = Find(from);
  if (source == nullptr) return Missing(from);
  if (source->is_directory && IsBelow(to, from)) {
    return InvalidArgument("%s: cannot move into itself, to %s", from, to);
  }
  if (IsBelow(from, to)) return FailedPrecondition("%s: %s is above it", from, to);
  const Inode* target = Find(to);
  if (target == nullptr || target == source) return absl::OkStatus();
  if (target->is_directory != source->is_directory) {
    return InvalidArgument("%s: cannot replace %s, one is a directory", from, to);
  }
  if (target->is_directory && !List(to).empty()) {
    return FailedPrecondition("%s: cannot replace %s, which is not empty", from, to);
  }
  return absl::OkStatus();
}

absl::Status DiskCore::Rename(std::string_view from, std::string_view to) {
  WT_ASSIGN_OR_RETURN(const NameKey from_key, KeyFor(from));
  WT_ASSIGN_OR_RETURN(const NameKey to_key, KeyFor(to));
  WT_RETURN_IF_ERROR(CheckRename(from, to));
  const InodeNumber moved = names_.at(from_key);
  auto target = names_.find(to_key);
  const InodeNumber replaced = target == names_.end() ? kNoInode : target->second;
  if (replaced == moved) return absl::OkStatus();
  pending_names_.push_back(
      {.op = ++effects_,
       .subject = moved,
       .subject_is_directory = At(moved).is_directory,
       .replaces = replaced != kNoInode,
       .changes = {{to_key, moved, std::string(to)}, {from_key, kNoInode, std::string(from)}}});
  SetCachedName(from_key, kNoInode, from);
  SetCachedName(to_key, moved, to);
  if (replaced != kNoInode) Unlink(replaced);
  if (At(moved).is_directory) RecomputePaths();
  return absl::OkStatus();
}

std::vector<DirectoryEntry> DiskCore::List(std::string_view directory) const {
  const InodeNumber folder = Resolve(directory);
  WT_CHECK_NE(folder, kNoInode);
  std::vector<DirectoryEntry> entries;
  for (auto it = names_.lower_bound(NameKey(folder, ""));
       it != names_.end() && it->first.first == folder; ++it) {
    entries.push_back({it->first.second, inodes_.at(it->second).is_directory});
  }
  return entries;
}

void DiskCore::Unlink(InodeNumber number) {
  Inode& inode = At(number);
  WT_CHECK_GT(inode.links, 0u);
  --inode.links;
  if (inode.links == 0) image_.AddGhost(image_.Find(number)->bytes());
  if (inode.links > 0) RecomputePaths();  // a split rename left two names; the other one stays
  Collect(number);
}

void DiskCore::RecomputePaths() {
  std::vector<InodeNumber> folders = {kRootInode};
  std::set<InodeNumber> visited = {kRootInode};
  for (size_t next = 0; next < folders.size(); ++next) {
    const std::string prefix = At(folders[next]).path;
    for (auto it = names_.lower_bound(NameKey(folders[next], ""));
         it != names_.end() && it->first.first == folders[next]; ++it) {
      Inode& child = At(it->second);
      child.path = prefix.empty() ? it->first.second : prefix + "/" + it->first.second;
      if (child.is_directory && visited.insert(child.number).second) {
        folders.push_back(child.number);
      }
    }
  }
}

void DiskCore::Closed(Inode& inode) {
  WT_CHECK_GT(inode.open, 0u);
  --inode.open;
  Collect(inode.number);
}

// Frees what neither a name nor a handle holds. Its place on the platter stays as long as a crash
// could bring a name back.
void DiskCore::Collect(InodeNumber number) {
  auto it = inodes_.find(number);
  if (it == inodes_.end() || it->second.links > 0 || it->second.open > 0) return;
  used_bytes_ -= it->second.cache.size();
  inodes_.erase(it);
  zombies_.insert(number);
  CollectZombies();
}

void DiskCore::CollectZombies() {
  if (zombies_.empty()) return;
  std::set<InodeNumber> named;
  for (const auto& [key, number] : image_.names()) named.insert(number);
  for (const PendingName& name : pending_names_) {
    for (const NameChange& change : name.changes) named.insert(change.inode);
  }
  for (auto it = zombies_.begin(); it != zombies_.end();) {
    if (named.contains(*it)) {
      ++it;
    } else {
      image_.FreeInode(*it);
      it = zombies_.erase(it);
    }
  }
}

void DiskCore::Write(Inode& inode, uint64_t offset, std::string_view data, uint64_t call) {
  WT_CHECK(!data.empty());
  const uint64_t old_size = inode.cache.size();
  const uint64_t end = offset + data.size();
  inode.cache.Write(offset, data);
  used_bytes_ += inode.cache.size() - old_size;
  inode.pending.Add(
      {.op = ++effects_, .call = call, .offset = offset, .grows_to = end > old_size ? end : 0},
      data);
  if (inode.unreadable.empty()) return;
  for (uint64_t sector = offset / kSectorBytes; sector * kSectorBytes < end; ++sector) {
    inode.unreadable.erase(sector);
  }
}

void DiskCore::Truncate(Inode& inode, uint64_t size, uint64_t call) {
  const uint64_t old_size = inode.cache.size();
  if (size == old_size) return;
  if (size < old_size) image_.AddGhost(image_.Find(inode.number)->bytes());
  inode.cache.Resize(size);
  used_bytes_ += size - old_size;  // modulo 2^64, so right both ways
  inode.pending.Add(
      {.kind = size < old_size ? PendingWrite::Kind::kTruncate : PendingWrite::Kind::kExtend,
       .op = ++effects_,
       .call = call,
       .offset = size,
       .grows_to = size > old_size ? size : 0},
      {});
  const uint64_t first_gone = (size + kSectorBytes - 1) / kSectorBytes;
  inode.unreadable.erase(inode.unreadable.lower_bound(first_gone), inode.unreadable.end());
}

void DiskCore::Allocate(Inode& inode, uint64_t offset, uint64_t length, uint64_t call) {
  const uint64_t old_size = inode.cache.size();
  if (offset + length <= old_size) return;
  inode.cache.Resize(offset + length);
  used_bytes_ += inode.cache.size() - old_size;
  inode.pending.Add({.kind = PendingWrite::Kind::kAllocate,
                     .op = ++effects_,
                     .call = call,
                     .offset = offset,
                     .length = length,
                     .grows_to = offset + length},
                    {});
}

void DiskCore::DropCache(Inode& inode) {
  if (inode.is_directory) return;
  const PlatterFile& platter = *image_.Find(inode.number);
  const uint64_t size = inode.cache.size();
  inode.cache = platter.bytes();
  inode.unreadable = platter.bad_sectors();
  for (const PendingWrite& record : inode.pending.records()) {
    if (record.kind == PendingWrite::Kind::kTruncate) {
      inode.cache.Resize(std::min(inode.cache.size(), record.offset));
    } else if (record.kind == PendingWrite::Kind::kWrite && !record.data_lost) {
      inode.cache.Write(record.offset, inode.pending.BytesOf(record));
      const uint64_t end = record.offset + record.length;
      for (uint64_t s = record.offset / kSectorBytes; s * kSectorBytes < end; ++s) {
        inode.unreadable.erase(s);
      }
    }
  }
  inode.cache.Resize(size);
}

void DiskCore::DropAllCaches() {
  for (auto& [number, inode] : inodes_) DropCache(inode);
}

void DiskCore::ForgetHandles() {
  std::vector<InodeNumber> orphans;
  for (auto& [number, inode] : inodes_) {
    inode.open = 0;
    if (inode.links == 0) orphans.push_back(number);
  }
  for (InodeNumber number : orphans) Collect(number);
}

void DiskCore::Mount(DiskImage image) {
  image.DropUnreachable();
  image.SettleAll();
  image_ = std::move(image);
  names_ = image_.names();
  pending_names_.clear();
  zombies_.clear();
  inodes_.clear();
  inodes_.emplace(kRootInode, RootInode());
  used_bytes_ = 0;
  for (const auto& [path, number] : image_.Walk()) {
    const PlatterFile& platter = *image_.Find(number);
    Inode& inode = inodes_[number];
    inode.number = number;
    inode.is_directory = platter.is_directory();
    inode.path = path;
    if (++inode.links > 1) continue;
    inode.cache = platter.bytes();
    inode.unreadable = platter.bad_sectors();
    used_bytes_ += inode.cache.size();
  }
}

}  // namespace wt::sim
