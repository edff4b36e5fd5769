#include "engine/kv/memory_store.h"

#include <algorithm>
#include <atomic>

#include "absl/container/btree_map.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/mutex.h"
#include "engine/kv/write_batch.h"

namespace wt {
namespace {

struct Version {
  LogIndex index;
  std::optional<std::string> value;  // none: deleted
};
using Versions = std::vector<Version>;  // oldest first, never empty

class MemoryStore final : public KeyValueStore {
 public:
  explicit MemoryStore(Tasks& tasks) : mu_(tasks) {}

  absl::Status Apply(LogIndex index, std::string_view batch) override {
    MutexLock lock(mu_);
    if (closed_) return FailedPrecondition("the store is closed");
    WT_CHECK_EQ(index, applied_index() + 1);
    LetGoOfViews();
    BatchReader it(batch);
    while (it.Next()) {
      const BatchOperation& operation = it.operation();
      std::optional<std::string> value;
      if (operation.is_put) value = std::string(operation.value);
      Take(index, std::string(operation.key), std::move(value));
    }
    WT_CHECK(it.ok());
    applied_ = index.value();
    return absl::OkStatus();
  }

  LogIndex applied_index() const override { return LogIndex(applied_.load()); }
  LogIndex durable_index() const override { return LogIndex(0); }

  std::shared_ptr<const ReadView> View() override {
    MutexLock lock(mu_);
    auto view = std::make_shared<const ReadView>(applied_index());
    views_.push_back(view);
    return view;
  }

  absl::StatusOr<std::optional<std::string>> Read(std::string_view key,
                                                  const ReadView* view) override {
    MutexLock lock(mu_);
    const auto found = map_.find(key);
    if (found == map_.end()) return std::optional<std::string>();
    return Visible(found->second, view == nullptr ? applied_index() : view->index());
  }

  std::unique_ptr<KeyValueIterator> NewIterator(KeyRange range,
                                                std::shared_ptr<const ReadView> view) override;

  absl::Status Flush() override { return absl::OkStatus(); }
  absl::Status Compact() override { return absl::OkStatus(); }
  absl::Status Verify() override { return absl::OkStatus(); }
  StoreStatistics statistics() override {
    MutexLock lock(mu_);
    return {{"keys", map_.size()}};
  }
  void OnDurable(std::function<void(LogIndex)>) override {}
  absl::Status Close() override {
    MutexLock lock(mu_);
    closed_ = true;
    return absl::OkStatus();
  }

  // The first key that `is_wanted` says yes to and that is visible, from `from` on in the given
  // direction. For the iterator.
  std::optional<std::pair<std::string, std::string>> Find(const KeyRange& range, LogIndex at,
                                                          const std::optional<std::string>& from,
                                                          bool including, bool forward);

 private:
  using Map = absl::btree_map<std::string, Versions, std::less<>>;

  static std::optional<std::string> Visible(const Versions& versions, LogIndex at) {
    for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
      if (it->index <= at) return it->value;
    }
    return std::nullopt;
  }

  void Take(LogIndex index, std::string key, std::optional<std::string> value)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    Versions& versions = map_[std::move(key)];
    if (!versions.empty() && versions.back().index == index) versions.pop_back();
    versions.push_back({index, std::move(value)});
    // What no view can see any more: all but the newest that the oldest view sees.
    const LogIndex oldest = views_.empty() ? index : OldestView();
    auto keep = versions.end() - 1;
    while (keep != versions.begin() && keep->index > oldest) --keep;
    versions.erase(versions.begin(), keep);
  }

  LogIndex OldestView() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    LogIndex oldest = applied_index();
    for (const auto& weak : views_) {
      if (const auto view = weak.lock()) oldest = std::min(oldest, view->index());
    }
    return oldest;
  }
  void LetGoOfViews() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    std::erase_if(views_, [](const auto& view) { return view.expired(); });
  }

  Mutex mu_;
  Map map_ ABSL_GUARDED_BY(mu_);
  std::atomic<uint64_t> applied_ = 0;  // written under mu_
  std::vector<std::weak_ptr<const ReadView>> views_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

std::optional<std::pair<std::string, std::string>> MemoryStore::Find(
    const KeyRange& range, LogIndex at, const std::optional<std::string>& from, bool including,
    bool forward) {
  MutexLock lock(mu_);
  const auto in_range = [&](const std::string& key) {
    return !(range.lower && key < *range.lower) && !(range.upper && key >= *range.upper);
  };
  if (forward) {
    auto it = map_.begin();
    if (range.lower) it = map_.lower_bound(*range.lower);
    if (from && !(range.lower && *from < *range.lower)) {
      it = including ? map_.lower_bound(*from) : map_.upper_bound(*from);
    }
    for (; it != map_.end() && in_range(it->first); ++it) {
      if (auto value = Visible(it->second, at)) return std::pair(it->first, *std::move(value));
    }
    return std::nullopt;
  }
  auto it = map_.end();
  if (range.upper) it = map_.lower_bound(*range.upper);
  if (from && !(range.upper && *from >= *range.upper)) {
    it = including ? map_.upper_bound(*from) : map_.lower_bound(*from);
  }
  while (it != map_.begin()) {
    --it;
    if (!in_range(it->first)) break;
    if (auto value = Visible(it->second, at)) return std::pair(it->first, *std::move(value));
  }
  return std::nullopt;
}

class MemoryIterator final : public KeyValueIterator {
 public:
  MemoryIterator(MemoryStore& store, KeyRange range, std::shared_ptr<const ReadView> view)
      : store_(store), range_(std::move(range)), view_(std::move(view)) {}

  void SeekToFirst() override { Find(std::nullopt, true, true); }
  void SeekToLast() override { Find(std::nullopt, true, false); }
  void Seek(std::string_view key) override { Find(std::string(key), true, true); }
  void SeekForPrev(std::string_view key) override { Find(std::string(key), true, false); }
  void Next() override {
    WT_CHECK(Valid());
    Find(at_->first, false, true);
  }
  void Prev() override {
    WT_CHECK(Valid());
    Find(at_->first, false, false);
  }
  bool Valid() const override { return at_.has_value(); }
  absl::Status status() const override { return absl::OkStatus(); }
  std::string_view key() const override {
    WT_CHECK(Valid());
    return at_->first;
  }
  std::string_view value() const override {
    WT_CHECK(Valid());
    return at_->second;
  }

 private:
  void Find(const std::optional<std::string>& from, bool including, bool forward) {
    at_ = store_.Find(range_, view_->index(), from, including, forward);
  }

  MemoryStore& store_;
  const KeyRange range_;
  const std::shared_ptr<const ReadView> view_;
  std::optional<std::pair<std::string, std::string>> at_;
};

std::unique_ptr<KeyValueIterator> MemoryStore::NewIterator(KeyRange range,
                                                           std::shared_ptr<const ReadView> view) {
  if (view == nullptr) view = View();
  return std::make_unique<MemoryIterator>(*this, std::move(range), std::move(view));
}

}  // namespace

std::unique_ptr<KeyValueStore> NewMemoryStore(Tasks& tasks) {
  return std::make_unique<MemoryStore>(tasks);
}

}  // namespace wt
