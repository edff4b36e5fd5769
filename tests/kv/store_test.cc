// The contract of KeyValueStore, for each store there is: the same tests, and the same random
// operations beside a model. Run on real files.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/base/random.h"
#include "engine/kv/memory_store.h"
#include "engine/kv/write_batch.h"
#include "engine/lsm/lsm_store.h"
#include "engine/posix/posix_world.h"
#include "engine/rocksdb/rocksdb_store.h"
#include "engine/storage/file_storage.h"
#include "tests/posix/temporary_folder.h"

namespace wt {
namespace {

enum class Kind { kMemory, kLsm, kRocksDb };

class StoreTest : public testing::TestWithParam<Kind> {
 protected:
  StoreTest() { Open(); }
  ~StoreTest() override { Shut(); }

  void Open() {
    switch (GetParam()) {
      case Kind::kMemory:
        store_ = NewMemoryStore(world_.env().tasks);
        return;
      case Kind::kLsm:
        return OpenLsm();
      case Kind::kRocksDb:
        store_ = *OpenRocksDbStore(world_.env(), folder_.path() + "/rocksdb",
                                   {.memtable_bytes = 64 * kKiB});
        return;
    }
  }
  void OpenLsm() {
    storage_ = *OpenFileStorage(world_.env(), {});
    LsmOptions options;
    options.memtable_bytes = 16 * kKiB;
    options.level0_trigger = 2;
    options.level1_bytes = 32 * kKiB;
    options.level_ratio = 3;
    options.table_bytes = 8 * kKiB;
    options.table.block_bytes = 512;
    auto lsm = LsmStore::Open(world_.env(), *storage_, options);
    ASSERT_TRUE(lsm.ok()) << lsm.status();
    ASSERT_TRUE((*lsm)->Begin().ok());
    store_ = *std::move(lsm);
  }
  void Shut() {
    if (store_ != nullptr) {
      EXPECT_TRUE(store_->Close().ok());
    }
    store_ = nullptr;
    if (storage_ != nullptr) {
      EXPECT_TRUE(storage_->Close().ok());
    }
    storage_ = nullptr;
  }
  bool IsDurable() const { return GetParam() != Kind::kMemory; }

  void Apply(const WriteBatch& batch) {
    const absl::Status applied = store_->Apply(store_->applied_index() + 1, batch.bytes());
    ASSERT_TRUE(applied.ok()) << applied;
  }
  void Put(std::string_view key, std::string_view value) {
    WriteBatch batch;
    batch.Put(key, value);
    Apply(batch);
  }
  void Delete(std::string_view key) {
    WriteBatch batch;
    batch.Delete(key);
    Apply(batch);
  }
  std::optional<std::string> Get(std::string_view key, const ReadView* view = nullptr) {
    return *store_->Read(key, view);
  }
  std::string Keys(KeyRange range = {}, bool backward = false,
                   std::shared_ptr<const ReadView> view = nullptr) {
    std::string keys;
    const auto it = store_->NewIterator(std::move(range), std::move(view));
    for (backward ? it->SeekToLast() : it->SeekToFirst(); it->Valid();
         backward ? it->Prev() : it->Next()) {
      keys += std::string(it->key()) + "=" + std::string(it->value()) + " ";
    }
    EXPECT_TRUE(it->status().ok()) << it->status();
    return keys;
  }

  TemporaryFolder folder_;
  PosixWorld world_{{.root = folder_.path()}};
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<KeyValueStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest,
                         testing::Values(Kind::kMemory, Kind::kLsm, Kind::kRocksDb),
                         [](const auto& info) {
                           return std::string(info.param == Kind::kMemory ? "Memory"
                                              : info.param == Kind::kLsm  ? "Lsm"
                                                                          : "RocksDb");
                         });

TEST_P(StoreTest, ReadsWhatWasWrittenLast) {
  EXPECT_EQ(Get("a"), std::nullopt);
  Put("a", "1");
  Put("a", "2");
  Put("", "empty key");
  Put("b", "");
  EXPECT_EQ(Get("a"), "2");
  EXPECT_EQ(Get(""), "empty key");
  EXPECT_EQ(Get("b"), "");
  Delete("a");
  EXPECT_EQ(Get("a"), std::nullopt);
  Delete("never there");
  EXPECT_EQ(store_->applied_index(), LogIndex(6));
}

TEST_P(StoreTest, InABatchTheLaterOperationWins) {
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Delete("a");
  batch.Put("b", "1");
  batch.Put("b", "2");
  batch.Delete("c");
  batch.Put("c", "3");
  Apply(batch);
  EXPECT_EQ(Keys(), "b=2 c=3 ");
}

TEST_P(StoreTest, AnEntryWithoutOperationsCounts) {
  Apply(WriteBatch());
  EXPECT_EQ(store_->applied_index(), LogIndex(1));
}

// More than a memtable of this test holds, in entries of none to many operations.
TEST_P(StoreTest, ManyEntriesTogetherAreAsOneByOne) {
  Draw draw(31);
  std::map<std::string, std::string> want;
  std::vector<WriteBatch> entries(300);
  std::vector<std::pair<LogIndex, std::string_view>> batches;
  for (WriteBatch& entry : entries) {
    for (uint64_t i = draw.Below(40); i > 0; --i) {
      const std::string key = absl::StrFormat("%03d", draw.Below(500));
      if (draw.OneIn(4)) {
        entry.Delete(key);
        want.erase(key);
      } else {
        want[key] = absl::StrFormat("%d of %d", i, batches.size());
        entry.Put(key, want[key]);
      }
    }
    batches.emplace_back(LogIndex(batches.size() + 1), entry.bytes());
  }
  const absl::Status applied = store_->ApplyPrepared(*store_->Prepare(batches));
  ASSERT_TRUE(applied.ok()) << applied;
  EXPECT_EQ(store_->applied_index(), LogIndex(300));
  std::string all;
  for (const auto& [key, value] : want) all += key + "=" + value + " ";
  EXPECT_EQ(Keys(), all);
  Put("behind", "them");
  EXPECT_EQ(Get("behind"), "them");
}

TEST_P(StoreTest, KeysAreOrderedAsUnsignedBytes) {
  for (const char* key : {"\xff", "b", "a\x01", "a", "\x7f", "\x80"}) Put(key, "");
  EXPECT_EQ(Keys(), "a= a\x01= b= \x7f= \x80= \xff= ");
  EXPECT_EQ(Keys({}, /*backward=*/true), "\xff= \x80= \x7f= b= a\x01= a= ");
}

TEST_P(StoreTest, RangesHoldTheirLowerEndAndNotTheirUpper) {
  for (const char* key : {"a", "b", "c", "d"}) Put(key, "");
  EXPECT_EQ(Keys({.lower = "b", .upper = "d"}), "b= c= ");
  EXPECT_EQ(Keys({.lower = "b", .upper = "d"}, true), "c= b= ");
  EXPECT_EQ(Keys({.upper = "b"}), "a= ");
  EXPECT_EQ(Keys({.lower = "c"}, true), "d= c= ");
  EXPECT_EQ(Keys({.lower = "d", .upper = "b"}), "");
  EXPECT_EQ(Keys({.lower = "d", .upper = "b"}, true), "");
}

TEST_P(StoreTest, SeeksGoToTheNextOrToTheOneBefore) {
  for (const char* key : {"b", "d", "f"}) Put(key, "");
  const auto it = store_->NewIterator({.lower = "c"}, nullptr);
  EXPECT_FALSE(it->Valid());
  it->Seek("a");
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->key(), "d");
  it->Seek("e");
  EXPECT_EQ(it->key(), "f");
  it->Prev();
  EXPECT_EQ(it->key(), "d");
  it->Next();
  EXPECT_EQ(it->key(), "f");
  it->SeekForPrev("e");
  EXPECT_EQ(it->key(), "d");
  it->SeekForPrev("d");
  EXPECT_EQ(it->key(), "d");
  it->SeekForPrev("b");
  EXPECT_FALSE(it->Valid());
  it->Seek("g");
  EXPECT_FALSE(it->Valid());
  EXPECT_TRUE(it->status().ok());
}

TEST_P(StoreTest, AViewShowsOneStateForAsLongAsItIsHeld) {
  Put("a", "1");
  Put("b", "1");
  const auto view = store_->View();
  EXPECT_EQ(view->index(), LogIndex(2));
  Put("a", "2");
  Delete("b");
  Put("c", "3");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(Get("a", view.get()), "1");
    EXPECT_EQ(Get("b", view.get()), "1");
    EXPECT_EQ(Get("c", view.get()), std::nullopt);
    EXPECT_EQ(Keys({}, round == 1, view), round == 1 ? "b=1 a=1 " : "a=1 b=1 ");
    EXPECT_EQ(Keys(), "a=2 c=3 ");
    ASSERT_TRUE(store_->Flush().ok());
    ASSERT_TRUE(store_->Compact().ok());
  }
}

TEST_P(StoreTest, WhatIsFlushedIsThereWithoutTheLog) {
  if (!IsDurable()) GTEST_SKIP() << "a store in memory";
  LogIndex told;
  store_->OnDurable([&](LogIndex index) { told = index; });
  Put("a", "1");
  Delete("b");
  ASSERT_TRUE(store_->Flush().ok());
  Put("c", "3");
  Shut();
  EXPECT_GE(told, LogIndex(2));
  Open();
  EXPECT_GE(store_->durable_index(), LogIndex(2));
  EXPECT_EQ(store_->durable_index(), store_->applied_index());
  EXPECT_EQ(Get("a"), "1");
  if (store_->applied_index() == LogIndex(2)) Put("c", "3");
  EXPECT_EQ(Keys(), "a=1 c=3 ");
}

TEST_P(StoreTest, BytesOfAnyKindAndLengthComeBack) {
  Draw draw(7);
  for (uint64_t length :
       {uint64_t{0}, uint64_t{1}, uint64_t{255}, uint64_t{4096}, kMaxStoreKeyBytes}) {
    std::string key(length, '\0');
    for (char& c : key) c = static_cast<char>(draw.Next());
    std::string value(length * 3, '\0');
    for (char& c : value) c = static_cast<char>(draw.Next());
    Put(key, value);
    EXPECT_EQ(Get(key), value);
    ASSERT_TRUE(store_->Flush().ok());
    EXPECT_EQ(Get(key), value);
  }
  EXPECT_TRUE(store_->Verify().ok());
}

TEST_P(StoreTest, CloseTwiceIsFineAndWritesAreRefusedThen) {
  Put("a", "1");
  EXPECT_TRUE(store_->Close().ok());
  EXPECT_TRUE(store_->Close().ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(store_->Apply(store_->applied_index() + 1, "")));
  EXPECT_EQ(Get("a"), "1");
}

// Random operations beside a map, with views, flushes, merges and reopenings.
class StoreModel {
 public:
  void Step(Draw& draw, KeyValueStore& store) {
    const uint64_t what = draw.Below(20);
    if (what < 12) return Write(draw, store);
    if (what < 15) return Check(draw, store, {now_, nullptr});
    if (what == 15) held_.emplace_back(now_, store.View());
    if (what < 18 && !held_.empty()) Check(draw, store, held_[draw.Below(held_.size())]);
    if (held_.size() > 4) held_.erase(held_.begin());
    if (what == 18 && draw.OneIn(20)) {
      EXPECT_TRUE(store.Flush().ok());
    }
    if (what == 19 && draw.OneIn(40)) {
      EXPECT_TRUE(store.Compact().ok());
    }
  }
  // The store lost what it had not made durable; the log gives it back.
  void Reapply(KeyValueStore& store) {
    held_.clear();
    for (uint64_t i = store.applied_index().value(); i < log_.size(); ++i) {
      ASSERT_TRUE(store.Apply(LogIndex(i + 1), log_[i].bytes()).ok());
    }
  }
  void LetGoOfViews() { held_.clear(); }

 private:
  using State = std::map<std::string, std::string>;
  using Held = std::pair<State, std::shared_ptr<const ReadView>>;

  void Write(Draw& draw, KeyValueStore& store) {
    WriteBatch batch;
    const uint64_t operations = draw.Between(1, 6);
    for (uint64_t i = 0; i < operations; ++i) {
      const std::string key = absl::StrFormat("%03d", draw.Below(200));
      if (draw.OneIn(3)) {
        batch.Delete(key);
        now_.erase(key);
      } else {
        const std::string value(draw.Below(100), static_cast<char>('a' + draw.Below(26)));
        batch.Put(key, value);
        now_[key] = value;
      }
    }
    log_.push_back(batch);
    ASSERT_TRUE(store.Apply(LogIndex(log_.size()), batch.bytes()).ok());
  }

  // A walk with turns from a random place.
  static void Check(Draw& draw, KeyValueStore& store, const Held& held) {
    const State& want = held.first;
    const auto it = store.NewIterator({}, held.second);
    const std::string from = absl::StrFormat("%03d", draw.Below(200));
    it->Seek(from);
    auto at = want.lower_bound(from);
    for (int step = 0; step < 20; ++step) {
      ASSERT_EQ(it->Valid(), at != want.end()) << from;
      if (at == want.end()) break;
      ASSERT_EQ(it->key(), at->first);
      ASSERT_EQ(it->value(), at->second);
      if (draw.OneIn(3)) {
        it->Prev();
        at = at == want.begin() ? want.end() : std::prev(at);
      } else {
        it->Next();
        ++at;
      }
    }
    const auto found = want.find(from);
    EXPECT_EQ(store.Read(from, held.second.get())->has_value(), found != want.end());
  }

  State now_;
  std::vector<WriteBatch> log_;
  std::vector<Held> held_;
};

TEST_P(StoreTest, AgreesWithAModelUnderRandomOperations) {
  Draw draw(1, {KeyOf("store")});
  StoreModel model;
  for (int life = 0; life < 10 && !HasFailure(); ++life) {
    for (int step = 0; step < 600 && !HasFailure(); ++step) model.Step(draw, *store_);
    model.LetGoOfViews();
    if (!IsDurable()) continue;
    Shut();
    Open();
    model.Reapply(*store_);
  }
}

}  // namespace
}  // namespace wt
