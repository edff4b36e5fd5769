#include "engine/lsm/lsm_store.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/kv/write_batch.h"
#include "engine/lsm/merging_iterator.h"
#include "engine/lsm/sorted_batches.h"
#include "engine/lsm/visible_iterator.h"

namespace wt {
namespace {

// How much each cause slows writers down: nanoseconds for a KiB.
constexpr uint64_t kDelayPerTable = 2000;  // of level 0, beyond level0_slowdown
constexpr uint64_t kDelayWhenFull = 5000;  // no more memtables may be sealed

// The memory of one memtable waits for the next.
size_t ChunksKept(uint64_t memtable_bytes) {
  return std::min<uint64_t>(memtable_bytes, kGiB) / ChunkPool::kChunkBytes;
}

// For room, at a time: however patient a writer is, the end of this wait can be counted.
constexpr Duration kLongestWait = std::chrono::hours(1);

}  // namespace

class LsmStore::Iterator final : public KeyValueIterator {
 public:
  Iterator(std::shared_ptr<const ReadState> state, std::shared_ptr<const ReadView> view,
           LogIndex at, KeyRange range)
      : state_(std::move(state)),
        view_(std::move(view)),
        visible_(Merged(*state_), at, std::move(range)) {}

  void SeekToFirst() override { visible_.SeekToFirst(); }
  void SeekToLast() override { visible_.SeekToLast(); }
  void Seek(std::string_view key) override { visible_.Seek(key); }
  void SeekForPrev(std::string_view key) override { visible_.SeekForPrev(key); }
  void Next() override { visible_.Next(); }
  void Prev() override { visible_.Prev(); }
  bool Valid() const override { return visible_.Valid(); }
  absl::Status status() const override { return visible_.status(); }
  std::string_view key() const override { return visible_.key(); }
  std::string_view value() const override { return visible_.value(); }

 private:
  static std::unique_ptr<InternalIterator> Merged(const ReadState& state) {
    std::vector<std::unique_ptr<InternalIterator>> inputs;
    inputs.push_back(state.active->NewIterator());
    for (const Sealed& one : state.sealed) inputs.push_back(one.memtable->NewIterator());
    state.levels->AddIterators(inputs);
    return NewMergingIterator(std::move(inputs));
  }

  const std::shared_ptr<const ReadState> state_;  // before visible_, which reads from it
  const std::shared_ptr<const ReadView> view_;
  VisibleIterator visible_;
};

LsmStore::LsmStore(Env env, Storage& storage, LsmOptions options)
    : env_(env),
      storage_(storage),
      options_(std::move(options)),
      cache_(env.tasks, options_.block_cache_bytes),
      obsolete_(env, storage),
      chunk_pool_(std::make_shared<ChunkPool>(ChunksKept(options_.memtable_bytes))),
      apply_mu_(env.tasks),
      manifest_mu_(env.tasks),
      mu_(env.tasks),
      sealed_(env.tasks),
      due_(env.tasks),
      pause_(env.tasks),
      changed_(env.tasks) {}

LsmStore::~LsmStore() = default;

// ---- Writing

// Whether too much waits to be flushed or merged for another memtable to be sealed.
bool LsmStore::IsBehind() const {
  return state_->sealed.size() >= options_.max_sealed ||
         (options_.compaction && state_->levels->level(0).size() >= options_.level0_stop);
}

absl::Status LsmStore::AwaitRoom() {
  MutexLock apply(apply_mu_);
  const bool has_room = active_->ApproximateBytes() < options_.memtable_bytes;
  if (has_room && !refuses_) return absl::OkStatus();
  MutexLock lock(mu_);
  std::optional<Time> since;
  while (begun_ && IsBehind() && failure_.ok() && !closing_) {
    if (trouble_.ok()) {
      since.reset();
      changed_.Wait(mu_);
      continue;
    }
    const Time now = env_.clock.Now();
    if (!since.has_value()) since = now;
    const Duration waited = now - *since;
    if (waited >= options_.room_patience) {
      ++counters_.refused_for_room;
      env_.events.Reached("lsm.refused_for_room");
      return ResourceExhausted("the tables have no room, and memory is full: %s",
                               MessageOf(trouble_));
    }
    changed_.WaitFor(mu_, std::min(options_.room_patience - waited, kLongestWait));
  }
  return StoppedStatus();
}

absl::Status LsmStore::Apply(LogIndex index, std::string_view batch) {
  MutexLock apply(apply_mu_);
  if (refuses_) {
    MutexLock lock(mu_);
    return StoppedStatus();
  }
  WT_CHECK_EQ(index, applied_index() + 1);
  if (WantsToSeal()) WT_RETURN_IF_ERROR(SealOrGrow());
  Gather(index, batch);
  InsertGathered(index);
  return absl::OkStatus();
}

std::unique_ptr<KeyValueStore::Prepared> LsmStore::Prepare(Batches batches) const {
  return std::make_unique<SortedBatches>(batches);
}

absl::Status LsmStore::ApplyPrepared(const Prepared& prepared) {
  const auto& sorted = static_cast<const SortedBatches&>(prepared);
  MutexLock apply(apply_mu_);
  if (refuses_) {
    MutexLock lock(mu_);
    return StoppedStatus();
  }
  WT_CHECK_EQ(sorted.first(), applied_index() + 1);
  if (WantsToSeal()) WT_RETURN_IF_ERROR(SealOrGrow());
  active_->InsertAll(sorted.entries());
  applied_ = sorted.last().value();  // and with that visible
  return absl::OkStatus();
}

// Several for a memtable, so that it ends near its limit.
uint64_t LsmStore::prepared_bytes() const {
  return std::clamp(options_.memtable_bytes / 4, 4 * kKiB, 32 * kMiB);
}

// What is in the log already is taken up, room or not.
absl::Status LsmStore::SealOrGrow() {
  const absl::Status sealed = SealActive();
  if (!absl::IsResourceExhausted(sealed)) return sealed;
  env_.events.Reached("lsm.memtable_beyond_its_limit");
  return absl::OkStatus();
}

bool LsmStore::WantsToSeal() {
  return active_->ApproximateBytes() >= options_.memtable_bytes ||
         env_.random.Rarely("lsm.seal_early");
}

// Into the memtable by and by: nobody sees an entry before InsertGathered has said so.
void LsmStore::Gather(LogIndex index, std::string_view batch) {
  BatchReader it(batch);
  while (it.Next()) {
    if (gathered_.size() == memtable::Tree::kTogether) {
      active_->InsertAll(gathered_);
      gathered_.clear();
    }
    gathered_.push_back(EntryOf(it.operation(), index));
  }
  WT_CHECK(it.ok());
}

void LsmStore::InsertGathered(LogIndex through) {
  active_->InsertAll(gathered_);
  gathered_.clear();
  applied_ = through.value();  // and with that visible
}

Duration LsmStore::WriteDelay(uint64_t bytes) {
  const uint64_t per_kib = delay_per_kib_.load(std::memory_order_relaxed);
  if (per_kib == 0) return Duration::zero();
  const uint64_t delay = bytes * per_kib / kKiB;
  ++counters_.slowdowns;
  counters_.slowdown_nanoseconds += delay;
  return Duration(delay);
}

// Waits while too much waits to be flushed or merged, unless that is for want of room on the disk.
// Errors: ResourceExhausted: for that, and nothing was sealed.
absl::Status LsmStore::SealActive() {
  MutexLock lock(mu_);
  if (IsBehind()) ++counters_.waits_for_background;
  while (begun_ && IsBehind() && failure_.ok() && !closing_ && trouble_.ok()) changed_.Wait(mu_);
  WT_RETURN_IF_ERROR(StoppedStatus());
  if (begun_ && IsBehind()) return trouble_;
  const LogIndex last = applied_index();
  const LogIndex before = state_->sealed.empty() ? durable_index() : state_->sealed.front().last;
  if (last == before) return absl::OkStatus();
  std::vector<Sealed> sealed = state_->sealed;
  sealed.insert(sealed.begin(), {state_->active, last});
  auto fresh = std::make_shared<Memtable>(chunk_pool_);
  active_ = fresh.get();
  Publish(std::move(fresh), std::move(sealed), state_->levels);
  sealed_.SignalOne();
  return absl::OkStatus();
}

void LsmStore::Publish(std::shared_ptr<Memtable> active, std::vector<Sealed> sealed,
                       std::shared_ptr<const Levels> levels) {
  auto next = std::make_shared<ReadState>();
  next->active = std::move(active);
  next->sealed = std::move(sealed);
  next->levels = std::move(levels);
  uint64_t delay = next->sealed.size() >= options_.max_sealed ? kDelayWhenFull : 0;
  const uint64_t tables = next->levels->level(0).size();
  if (options_.compaction && tables >= options_.level0_slowdown) {
    delay += (tables - options_.level0_slowdown + 1) * kDelayPerTable;
  }
  delay_per_kib_.store(delay, std::memory_order_relaxed);
  state_ = std::move(next);
}

absl::Status LsmStore::Flush() {
  LogIndex target;
  {
    MutexLock apply(apply_mu_);
    target = applied_index();
    WT_RETURN_IF_ERROR(SealActive());
  }
  MutexLock lock(mu_);
  WT_CHECK(begun_);
  while (durable_index() < target && failure_.ok() && !closing_ && trouble_.ok()) {
    changed_.Wait(mu_);
  }
  if (durable_index() >= target) return absl::OkStatus();
  return trouble_.ok() ? StoppedStatus() : trouble_;
}

absl::Status LsmStore::Compact() {
  WT_RETURN_IF_ERROR(Flush());
  MutexLock lock(mu_);
  const uint64_t mine = ++full_wanted_;
  due_.SignalOne();
  while (full_done_ < mine && failure_.ok() && !closing_ && trouble_.ok()) changed_.Wait(mu_);
  if (full_done_ >= mine) return absl::OkStatus();
  return trouble_.ok() ? StoppedStatus() : trouble_;
}

// ---- Reading

std::shared_ptr<const LsmStore::ReadState> LsmStore::State() {
  MutexLock lock(mu_);
  return state_;
}

std::shared_ptr<const Levels> LsmStore::levels() { return State()->levels; }

FrozenLsm LsmStore::Freeze() {
  MutexLock lock(mu_);
  FrozenLsm frozen{.index = applied_index(), .flushed = durable_index(), .levels = state_->levels};
  frozen.memtables.push_back(state_->active);
  for (const Sealed& one : state_->sealed) frozen.memtables.push_back(one.memtable);
  WT_CHECK_LE(frozen.flushed, frozen.index);
  return frozen;
}

// A compaction that has begun keeps the newest version of every key that it sees, and this view is
// at least as new.
std::shared_ptr<const ReadView> LsmStore::View() {
  MutexLock lock(mu_);
  auto view = std::make_shared<const ReadView>(applied_index());
  std::erase_if(views_, [](const auto& one) { return one.expired(); });
  views_.push_back(view);
  return view;
}

std::vector<LogIndex> LsmStore::Pinned() {
  std::vector<LogIndex> pinned;
  for (const auto& weak : views_) {
    if (const auto view = weak.lock()) pinned.push_back(view->index());
  }
  std::sort(pinned.begin(), pinned.end());
  pinned.erase(std::unique(pinned.begin(), pinned.end()), pinned.end());
  return pinned;
}

// The state first, the index then: a state older than the index lacks what came since, and is still
// one that there was; an index older than the state may ask for what was merged away.
absl::StatusOr<std::optional<std::string>> LsmStore::Read(std::string_view key,
                                                          const ReadView* view) {
  const std::shared_ptr<const ReadState> state = State();
  const InternalKey wanted{key, view == nullptr ? applied_index() : view->index()};
  const auto answer = [](const InternalEntry& entry) -> std::optional<std::string> {
    if (entry.kind == EntryKind::kDelete) return std::nullopt;
    return std::string(entry.value);
  };
  if (const auto found = state->active->Get(wanted)) return answer(*found);
  for (const Sealed& one : state->sealed) {
    if (const auto found = one.memtable->Get(wanted)) return answer(*found);
  }
  WT_ASSIGN_OR_RETURN(const std::optional<FoundEntry> found, state->levels->Get(wanted));
  if (!found.has_value() || found->kind == EntryKind::kDelete) return std::optional<std::string>();
  return std::optional<std::string>(found->value);
}

std::unique_ptr<KeyValueIterator> LsmStore::NewIterator(KeyRange range,
                                                        std::shared_ptr<const ReadView> view) {
  std::shared_ptr<const ReadState> state = State();
  const LogIndex at = view == nullptr ? applied_index() : view->index();
  return std::make_unique<Iterator>(std::move(state), std::move(view), at, std::move(range));
}

std::unique_ptr<KeyValueIterator> LsmStore::IteratorOver(std::shared_ptr<Memtable> memtable,
                                                         std::shared_ptr<const Levels> levels,
                                                         LogIndex at) {
  auto state = std::make_shared<ReadState>();
  state->active = std::move(memtable);
  state->levels = std::move(levels);
  return std::make_unique<Iterator>(std::move(state), nullptr, at, KeyRange{});
}

absl::Status LsmStore::Verify() {
  const std::shared_ptr<const Levels> all = levels();
  for (uint32_t level = 0; level < kLevels; ++level) {
    for (const TableRef& one : all->level(level)) WT_RETURN_IF_ERROR(one->table->VerifyAll());
  }
  return absl::OkStatus();
}

StoreStatistics LsmStore::statistics() {
  const std::shared_ptr<const ReadState> state = State();
  StoreStatistics numbers = {{"memtable_bytes", state->active->ApproximateBytes()},
                             {"sealed_memtables", state->sealed.size()},
                             {"applied_index", applied_.load()},
                             {"flushed_index", flushed_.load()},
                             {"write_delay_ns_per_kib", delay_per_kib_.load()},
                             {"flushes", counters_.flushes.load()},
                             {"flushed_bytes", counters_.flushed_bytes.load()},
                             {"compactions", counters_.compactions.load()},
                             {"moves", counters_.moves.load()},
                             {"compacted_bytes_in", counters_.compacted_bytes_in.load()},
                             {"compacted_bytes_out", counters_.compacted_bytes_out.load()},
                             {"slowdowns", counters_.slowdowns.load()},
                             {"slowdown_ns", counters_.slowdown_nanoseconds.load()},
                             {"waits_for_background", counters_.waits_for_background.load()},
                             {"manifests", counters_.manifests.load()},
                             {"retries_for_room", counters_.retries.load()},
                             {"refused_for_room", counters_.refused_for_room.load()},
                             {"has_no_room", HasNoRoom() ? 1u : 0u}};
  for (uint32_t level = 0; level < kLevels; ++level) {
    const std::string name = absl::StrFormat("level%d_", level);
    numbers.emplace_back(name + "tables", state->levels->level(level).size());
    numbers.emplace_back(name + "bytes", state->levels->bytes(level));
  }
  const BlockCache::Counters cache = cache_.counters();
  numbers.emplace_back("cache_hits", cache.hits);
  numbers.emplace_back("cache_misses", cache.misses);
  numbers.emplace_back("cache_bytes", cache.bytes);
  return numbers;
}

// ---- The end

absl::Status LsmStore::StoppedStatus() {
  if (!failure_.ok()) return FailedPrecondition("the store has stopped: %s", MessageOf(failure_));
  if (closing_) return FailedPrecondition("the store is closed");
  return absl::OkStatus();
}

bool LsmStore::HasNoRoom() {
  MutexLock lock(mu_);
  return !trouble_.ok();
}

absl::Status LsmStore::failure() {
  MutexLock lock(mu_);
  return failure_;
}

void LsmStore::WakeAll() {
  for (CondVar* waiting : {&sealed_, &due_, &pause_, &changed_}) waiting->SignalAll();
}

void LsmStore::Stop(const absl::Status& failure) {
  WT_CHECK(!failure.ok());
  MutexLock lock(mu_);
  if (failure_.ok() && !closing_) {
    failure_ = failure;
    // Of one that is derived, its owner tells.
    if (!options_.derived) {
      env_.events.Emit({.kind = EventKind::kEngineStopped, .text = MessageOf(failure)});
    }
  }
  refuses_ = true;
  WakeAll();
}

absl::Status LsmStore::Close() {
  {
    MutexLock lock(mu_);
    if (std::exchange(closing_, true)) return absl::OkStatus();
    refuses_ = true;
    WakeAll();
  }
  if (flusher_ != nullptr) flusher_->Join();
  if (compactor_ != nullptr) compactor_->Join();
  return absl::OkStatus();
}

}  // namespace wt
