#include "tests/support/memory_disk.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"

namespace wt::test {

class MemoryFile : public File {
 public:
  MemoryFile(MemoryDisk& disk, MemoryDisk::InodePtr inode, bool writable)
      : disk_(disk), inode_(std::move(inode)), writable_(writable), life_(disk.life_) {}

  absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) override {
    WT_RETURN_IF_ERROR(Do([] { return absl::OkStatus(); }));
    const std::string& bytes = inode_->now;
    if (offset >= bytes.size()) return 0;
    const uint64_t n = std::min({out.size(), bytes.size() - offset, disk_.max_transfer_});
    std::memcpy(out.data(), bytes.data() + offset, n);
    return n;
  }

  absl::StatusOr<uint64_t> WriteAt(uint64_t offset, std::string_view data) override {
    uint64_t written = 0;
    WT_RETURN_IF_ERROR(Do([&] { return Write(offset, data, written); }));
    return written;
  }

  absl::Status Sync() override {
    absl::Status failure;
    const MemoryDisk::Call call = Begin(&failure);
    if (call != MemoryDisk::Call::kProceed) {
      inode_->lies = inode_->lies || !disk_.IsDead();
      return failure;
    }
    if (!inode_->lies) inode_->durable = inode_->now;
    return absl::OkStatus();
  }

  absl::Status DropCache() override {
    return Do([&] {
      if (std::exchange(inode_->lies, false)) inode_->now = inode_->durable;
      return absl::OkStatus();
    });
  }

  absl::Status Truncate(uint64_t size) override {
    return Do([&] {
      inode_->now.resize(size);
      return absl::OkStatus();
    });
  }

  absl::Status Allocate(uint64_t offset, uint64_t length) override {
    return Do([&] {
      if (offset + length > inode_->now.size()) inode_->now.resize(offset + length);
      return absl::OkStatus();
    });
  }

  absl::StatusOr<uint64_t> Size() override {
    WT_RETURN_IF_ERROR(Do([] { return absl::OkStatus(); }));
    return inode_->now.size();
  }

  absl::Status Close() override {
    absl::Status status = Do([] { return absl::OkStatus(); });
    closed_ = true;
    return status;
  }

 private:
  MemoryDisk::Call Begin(absl::Status* failure) {
    const MemoryDisk::Call call = disk_.Begin(failure);
    if (closed_ || life_ != disk_.life_) {
      *failure = FailedPrecondition("closed");
      return MemoryDisk::Call::kFail;
    }
    return call;
  }

  template <typename Action>
  absl::Status Do(Action action) {
    absl::Status failure;
    const MemoryDisk::Call call = Begin(&failure);
    if (call == MemoryDisk::Call::kFail) return failure;
    absl::Status done = action();
    return call == MemoryDisk::Call::kFailAfter ? failure : done;
  }

  absl::Status Write(uint64_t offset, std::string_view data, uint64_t& written) {
    WT_CHECK(writable_ && !data.empty());
    std::string& bytes = inode_->now;
    uint64_t n = std::min<uint64_t>(data.size(), disk_.max_transfer_);
    const uint64_t total = disk_.TotalBytes();
    const uint64_t room = disk_.capacity_ > total ? disk_.capacity_ - total : 0;
    const uint64_t growth = offset + n > bytes.size() ? offset + n - bytes.size() : 0;
    if (growth > room) {
      if (growth - room >= n) return ResourceExhausted("no room");
      n -= growth - room;
    }
    if (offset + n > bytes.size()) bytes.resize(offset + n);
    std::memcpy(bytes.data() + offset, data.data(), n);
    written = n;
    return absl::OkStatus();
  }

  MemoryDisk& disk_;
  MemoryDisk::InodePtr inode_;
  bool writable_;
  bool closed_ = false;
  uint64_t life_;
};

MemoryDisk::Call MemoryDisk::Begin(absl::Status* status) {
  ++calls_;
  if (die_at_ != 0 && calls_ >= die_at_) {
    *status = FailedPrecondition("the machine is dead");
    return Call::kFail;
  }
  if (fail_at_ == 0 || calls_ != fail_at_) return Call::kProceed;
  fail_at_ = 0;
  *status = failure_;
  return effect_ == FailureEffect::kDone ? Call::kFailAfter : Call::kFail;
}

#define WT_TEST_BEGIN()                     \
  absl::Status failure;                     \
  const Call call = Begin(&failure);        \
  if (call == Call::kFail) return failure

absl::StatusOr<std::unique_ptr<File>> MemoryDisk::Open(std::string_view path, OpenMode mode) {
  WT_TEST_BEGIN();
  WT_CHECK(!path.empty() && path.front() != '/');
  auto found = names_.find(path);
  if (mode == OpenMode::kCreate) {
    if (found != names_.end()) return AlreadyExists("%s", path);
    if (directories_.count(DirectoryOf(path)) == 0) return NotFound("directory of %s", path);
    found = names_.emplace(std::string(path), std::make_shared<Inode>()).first;
  }
  if (call == Call::kFailAfter) return failure;
  if (found == names_.end()) return NotFound("%s", path);
  return std::unique_ptr<File>(
      std::make_unique<MemoryFile>(*this, found->second, mode != OpenMode::kReadOnly));
}

absl::Status MemoryDisk::Rename(std::string_view from, std::string_view to) {
  WT_TEST_BEGIN();
  auto found = names_.find(from);
  if (found == names_.end() && directories_.count(from) != 0) {
    RenameDirectory(from, to);
    return failure;
  }
  if (found == names_.end()) return NotFound("%s", from);
  InodePtr inode = found->second;
  names_.erase(found);
  names_[std::string(to)] = std::move(inode);
  return failure;
}

// At once durable, as the making of one is.
void MemoryDisk::RenameDirectory(std::string_view from, std::string_view to) {
  const auto move_below = [&](Names& names) {
    Names moved;
    for (const auto& [path, inode] : names) {
      const bool is_below = path.starts_with(std::string(from) + "/");
      moved[is_below ? std::string(to) + path.substr(from.size()) : path] = inode;
    }
    names = std::move(moved);
  };
  move_below(names_);
  move_below(durable_names_);
  move_below(lost_names_);
  directories_.erase(directories_.find(from));
  directories_.emplace(to);
}

absl::Status MemoryDisk::Remove(std::string_view path) {
  WT_TEST_BEGIN();
  auto found = names_.find(path);
  if (found == names_.end()) return NotFound("%s", path);
  names_.erase(found);
  return failure;
}

absl::Status MemoryDisk::CreateDirectory(std::string_view path) {
  WT_TEST_BEGIN();
  if (names_.count(path) != 0) return AlreadyExists("%s is a file", path);
  directories_.emplace(path);
  return failure;
}

absl::StatusOr<std::vector<DirectoryEntry>> MemoryDisk::List(std::string_view directory) {
  WT_TEST_BEGIN();
  if (call == Call::kFailAfter) return failure;
  if (directories_.count(directory) == 0) return NotFound("%s", directory);
  std::vector<DirectoryEntry> entries;
  for (const auto& [path, inode] : names_) {
    if (DirectoryOf(path) != directory) continue;
    entries.push_back({path.substr(directory.empty() ? 0 : directory.size() + 1), false});
  }
  for (const std::string& path : directories_) {
    if (path.empty() || DirectoryOf(path) != directory) continue;
    entries.push_back({path.substr(directory.empty() ? 0 : directory.size() + 1), true});
  }
  std::reverse(entries.begin(), entries.end());  // callers must sort
  return entries;
}

absl::Status MemoryDisk::SyncDirectory(std::string_view directory) {
  absl::Status failure;
  const bool fails = Begin(&failure) != Call::kProceed;
  if (IsDead()) return failure;
  if (directories_.count(directory) == 0) return NotFound("%s", directory);
  WT_RETURN_IF_ERROR(SyncNames(directory, fails));
  return failure;
}

absl::Status MemoryDisk::SyncNames(std::string_view directory, bool fails) {
  std::set<std::string> paths;
  for (const auto& [path, inode] : names_) paths.insert(path);
  for (const auto& [path, inode] : durable_names_) paths.insert(path);
  for (const std::string& path : paths) {
    if (DirectoryOf(path) != directory) continue;
    auto now = names_.find(path);
    const InodePtr inode = now == names_.end() ? nullptr : now->second;
    auto durable = durable_names_.find(path);
    if ((durable == durable_names_.end() ? nullptr : durable->second) == inode) continue;
    auto lost = lost_names_.find(path);
    if (fails) {
      lost_names_[path] = inode;
    } else if (lost == lost_names_.end() || lost->second != inode) {
      lost_names_.erase(path);
      if (inode == nullptr) durable_names_.erase(path);
      else durable_names_[path] = inode;
    }
  }
  return absl::OkStatus();
}

namespace {

class MemoryLock : public FileLock {
 public:
  MemoryLock(std::set<std::string, std::less<>>& locked, std::string path)
      : locked_(locked), path_(std::move(path)) {}
  ~MemoryLock() override { locked_.erase(path_); }

 private:
  std::set<std::string, std::less<>>& locked_;
  std::string path_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FileLock>> MemoryDisk::Lock(std::string_view path) {
  WT_TEST_BEGIN();
  if (call == Call::kFailAfter) return failure;
  if (!locked_.emplace(path).second) return FailedPrecondition("%s is locked", path);
  names_.try_emplace(std::string(path), std::make_shared<Inode>());
  return std::unique_ptr<FileLock>(std::make_unique<MemoryLock>(locked_, std::string(path)));
}

#undef WT_TEST_BEGIN

void MemoryDisk::FailAt(uint64_t n, absl::Status status, FailureEffect effect) {
  WT_CHECK(n > 0 && !status.ok());
  calls_ = 0;
  fail_at_ = n;
  failure_ = std::move(status);
  effect_ = effect;
}

void MemoryDisk::DieAt(uint64_t n) {
  WT_CHECK(n > 0);
  calls_ = 0;
  die_at_ = n;
}

void MemoryDisk::Crash(CrashKind kind, uint64_t seed) {
  die_at_ = 0;
  fail_at_ = 0;
  calls_ = 0;
  ++life_;
  locked_.clear();
  if (kind == CrashKind::kKill) return;
  CrashNames(kind, seed);
  std::set<Inode*> done;
  uint64_t number = 0;
  for (const auto& [path, inode] : names_) {
    if (done.insert(inode.get()).second) CrashInode(*inode, kind, Mix64(seed ^ Mix64(++number)));
  }
  durable_names_ = names_;
  lost_names_.clear();
}

void MemoryDisk::CrashNames(CrashKind kind, uint64_t seed) {
  Draw draw(seed, {KeyOf("names")});
  std::set<std::string> paths;
  for (const auto& [path, inode] : names_) paths.insert(path);
  for (const auto& [path, inode] : durable_names_) paths.insert(path);
  Names after;
  for (const std::string& path : paths) {
    const bool takes_new = draw.OneIn(2) && kind == CrashKind::kMixed;
    const Names& from = takes_new ? names_ : durable_names_;
    if (auto found = from.find(path); found != from.end()) after[path] = found->second;
  }
  names_ = std::move(after);
}

void MemoryDisk::CrashInode(Inode& inode, CrashKind kind, uint64_t seed) {
  std::string after = inode.durable;
  if (kind == CrashKind::kMixed && inode.now != inode.durable) {
    Draw draw(seed, {KeyOf("sectors")});
    if (draw.OneIn(2)) after.resize(inode.now.size());
    for (uint64_t at = 0; at < after.size() && at < inode.now.size(); at += kSectorBytes) {
      if (!draw.OneIn(2)) continue;
      const uint64_t end = std::min({at + kSectorBytes, after.size(), inode.now.size()});
      after.replace(at, end - at, inode.now, at, end - at);
    }
  }
  inode = Inode{after, after, false};
}

std::vector<std::string> MemoryDisk::Paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, inode] : names_) paths.push_back(path);
  return paths;
}

std::optional<std::string> MemoryDisk::Content(std::string_view path) const {
  auto found = names_.find(path);
  return found == names_.end() ? std::nullopt : std::optional<std::string>(found->second->now);
}

void MemoryDisk::Plant(std::string_view path, std::string content) {
  auto inode = std::make_shared<Inode>(Inode{content, content, false});
  names_[std::string(path)] = inode;
  durable_names_[std::string(path)] = inode;
}

uint64_t MemoryDisk::TotalBytes() const {
  uint64_t total = 0;
  for (const auto& [path, inode] : names_) total += inode->now.size();
  return total;
}

}  // namespace wt::test
