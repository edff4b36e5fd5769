// FaultyStorage: every dial has its effect and no other; what it counts and what it reports.
#include "engine/storage/faulty_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "engine/base/status.h"
#include "tests/storage/worlds.h"

namespace wt::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr FileDesc kManifest{FileType::kManifest, 1};
constexpr FileDesc kJournal{FileType::kJournal, 2};
constexpr FileDesc kTable{FileType::kTable, 3};
constexpr FileDesc kTemp{FileType::kTemp, 4};
constexpr FileDesc kFiles[] = {kManifest, kJournal, kTable, kTemp};

struct Call {
  StorageCall call;
  std::function<absl::Status(Storage&, const FileDesc&)> make;
};

const std::vector<Call>& Calls() {
  static const auto read = [](Storage& s, const FileDesc& fd) -> absl::Status {
    WT_ASSIGN_OR_RETURN(const std::unique_ptr<StorageReader> reader, s.Open(fd));
    char byte[1];
    return reader->ReadAt(0, byte).status();
  };
  static const auto close = [](Storage& s, const FileDesc& fd) -> absl::Status {
    WT_ASSIGN_OR_RETURN(const std::unique_ptr<StorageReader> reader, s.Open(fd));
    return reader->Close();
  };
  static const auto append = [](Storage& s, const FileDesc& fd) -> absl::Status {
    WT_ASSIGN_OR_RETURN(const std::unique_ptr<StorageWriter> writer, s.Create(fd));
    return writer->Append("x");
  };
  static const auto sync = [](Storage& s, const FileDesc& fd) -> absl::Status {
    WT_ASSIGN_OR_RETURN(const std::unique_ptr<StorageWriter> writer, s.Create(fd));
    return writer->Sync();
  };
  static const std::vector<Call> calls = {
      {StorageCall::kOpen, [](Storage& s, const FileDesc& fd) { return s.Open(fd).status(); }},
      {StorageCall::kCreate, [](Storage& s, const FileDesc& fd) { return s.Create(fd).status(); }},
      {StorageCall::kRead, read},
      {StorageCall::kClose, close},
      {StorageCall::kWrite, append},
      {StorageCall::kSync, sync},
      {StorageCall::kRename,
       [](Storage& s, const FileDesc& fd) {
         return s.Rename(fd, {fd.type, 99});
       }},
      {StorageCall::kRemove, [](Storage& s, const FileDesc& fd) { return s.Remove(fd); }},
  };
  return calls;
}

class FaultyStorageTest : public testing::Test {
 protected:
  void SetUp() override { Renew(); }
  void Renew(uint64_t seed = 1) {
    storage_ = std::make_unique<FaultyStorage>(env_.tasks, NewMemoryStorage(env_.tasks), seed);
    for (const FileDesc& fd : kFiles) {
      ASSERT_TRUE(WriteWholeFile(storage_->base(), fd, "content").ok());
    }
  }
  bool Fails(const Call& call, const FileDesc& fd) {
    const absl::Status status = call.make(*storage_, fd);
    EXPECT_TRUE(status.ok() || MessageOf(status) == "injected: planted") << status;
    return !status.ok();
  }
  static absl::Status Planted() { return Unavailable("planted"); }

  MemoryEnv env_;
  std::unique_ptr<FaultyStorage> storage_;
};

// Sets of calls and sets of types mean all of their members, and nobody else: in the Go wrapper,
// whose switch stopped at the first, OpenOrRead never failed a read.
TEST_F(FaultyStorageTest, MasksMeanAllOfTheirMembers) {
  const StorageCalls call_sets[] = {StorageCall::kOpen | StorageCall::kRead,
                                    StorageCall::kSync | StorageCall::kWrite, StorageCall::kRemove,
                                    StorageCalls::All(), StorageCalls()};
  const FileTypes type_sets[] = {FileType::kManifest | FileType::kTable, FileType::kTemp,
                                 kAllFileTypes, FileTypes()};
  // What each call makes beside itself.
  const auto makes = [](StorageCall call, const StorageCalls& set) {
    const bool reads = call == StorageCall::kRead || call == StorageCall::kClose;
    const bool writes = call == StorageCall::kWrite || call == StorageCall::kSync;
    return set.Has(call) || (reads && set.Has(StorageCall::kOpen)) ||
           (writes && set.Has(StorageCall::kCreate));
  };
  for (const StorageCalls& calls : call_sets) {
    for (const FileTypes& types : type_sets) {
      for (const Call& call : Calls()) {
        for (const FileDesc& fd : kFiles) {
          Renew();
          storage_->Inject({.calls = calls, .types = types, .error = Planted()});
          EXPECT_EQ(Fails(call, fd), types.Has(fd.type) && makes(call.call, calls))
              << NameOf(call.call) << " " << fd.ToString();
        }
      }
    }
  }
}

TEST_F(FaultyStorageTest, RulesSayWhen) {
  const Call& open = Calls()[0];
  const auto failures = [&](FaultWhen when) {
    Renew();
    storage_->Inject({.calls = StorageCall::kOpen, .when = when, .error = Planted()});
    std::string pattern;
    for (int i = 0; i < 6; ++i) pattern += Fails(open, kFiles[i % 4]) ? 'x' : '.';
    return pattern;
  };
  EXPECT_EQ(failures(Always()), "xxxxxx");
  EXPECT_EQ(failures(Once()), "x.....");
  EXPECT_EQ(failures(Nth(3)), "..x...");
  EXPECT_EQ(failures(FromNth(4)), "...xxx");
  EXPECT_EQ(failures(WithChance(0)), "......");
  EXPECT_EQ(failures(WithChance(1'000'000)), "xxxxxx");
}

TEST_F(FaultyStorageTest, ChanceIsDrawnBySeed) {
  const auto pattern = [&](uint64_t seed) {
    Renew(seed);
    storage_->Inject(
        {.calls = StorageCall::kOpen, .when = WithChance(300'000), .error = Planted()});
    std::string text;
    for (int i = 0; i < 300; ++i) text += Fails(Calls()[0], kTable) ? 'x' : '.';
    return text;
  };
  const std::string one = pattern(1);
  EXPECT_EQ(one, pattern(1));
  EXPECT_NE(one, pattern(2));
  const auto failed = std::count(one.begin(), one.end(), 'x');
  EXPECT_GT(failed, 60);
  EXPECT_LT(failed, 130);
}

TEST_F(FaultyStorageTest, WithdrawnRulesAreGone) {
  const auto rule = storage_->Inject({.calls = StorageCall::kOpen, .error = Planted()});
  storage_->Inject({.calls = StorageCall::kRemove, .error = Planted()});
  storage_->Withdraw(rule);
  EXPECT_TRUE(storage_->Open(kTable).ok());
  EXPECT_FALSE(storage_->Remove(kTable).ok());
  storage_->WithdrawAll();
  EXPECT_TRUE(storage_->Remove(kTable).ok());
}

TEST_F(FaultyStorageTest, AFailedCallHasItsEffectOrNot) {
  for (const FaultEffect effect : {FaultEffect::kNone, FaultEffect::kDone}) {
    Renew();
    storage_->Inject({.calls = StorageCall::kRemove, .error = Planted(), .effect = effect});
    EXPECT_FALSE(storage_->Remove(kTable).ok());
    EXPECT_EQ(storage_->base().Open(kTable).ok(), effect == FaultEffect::kNone);
  }
}

TEST_F(FaultyStorageTest, PointersAndListsCanFail) {
  ASSERT_TRUE(storage_->SetMeta(kManifest).ok());
  storage_->Inject({.calls = StorageCall::kSetMeta | StorageCall::kGetMeta | StorageCall::kList,
                    .error = Planted()});
  EXPECT_FALSE(storage_->SetMeta(kManifest).ok());
  EXPECT_FALSE(storage_->GetMeta().ok());
  EXPECT_FALSE(storage_->List(kAllFileTypes).ok());
}

TEST_F(FaultyStorageTest, AWriterIsDeadAfterAnInjectedFailure) {
  std::unique_ptr<StorageWriter> writer = storage_->Create(kTable).value();
  storage_->Inject({.calls = StorageCall::kSync, .when = Once(), .error = Planted()});
  EXPECT_FALSE(writer->Sync().ok());
  EXPECT_EQ(StorageErrorOf(writer->Sync()), StorageError::kDead);
  EXPECT_EQ(StorageErrorOf(writer->Append("x")), StorageError::kDead);
}

TEST_F(FaultyStorageTest, AFailedCloseReleasesTheFile) {
  storage_->Inject({.calls = StorageCall::kClose, .error = Planted()});
  EXPECT_FALSE(storage_->Open(kTable).value()->Close().ok());
  EXPECT_FALSE(storage_->Create(kTable).value()->Close().ok());
  EXPECT_TRUE(storage_->CloseCheck().ok());
  EXPECT_TRUE(storage_->base().Create(kTable).ok());
}

TEST_F(FaultyStorageTest, CountsCallsFailuresAndBytes) {
  storage_->Inject({.calls = StorageCall::kRead, .when = Nth(2), .error = Planted()});
  std::unique_ptr<StorageReader> reader = storage_->Open(kTable).value();
  char out[5];
  EXPECT_TRUE(reader->ReadAt(0, out).ok());
  EXPECT_FALSE(reader->ReadAt(0, out).ok());
  EXPECT_TRUE(reader->ReadAt(5, out).ok());
  std::unique_ptr<StorageWriter> writer = storage_->Create(kTemp).value();
  EXPECT_TRUE(writer->Append("four").ok());
  const StorageCounter reads = storage_->Count(StorageCall::kRead);
  EXPECT_EQ(reads.calls, 3u);
  EXPECT_EQ(reads.failed, 1u);
  EXPECT_EQ(reads.bytes, 7u);  // "content" has seven
  EXPECT_EQ(storage_->Count(StorageCall::kRead, FileType::kTemp).calls, 0u);
  EXPECT_EQ(storage_->Count(StorageCall::kRead | StorageCall::kWrite).bytes, 11u);
  EXPECT_EQ(storage_->Count().calls, 6u);
}

TEST_F(FaultyStorageTest, LeaksAreListed) {
  EXPECT_TRUE(storage_->CloseCheck().ok());
  std::unique_ptr<StorageReader> reader = storage_->Open(kTable).value();
  std::unique_ptr<StorageWriter> writer = storage_->Create(kTemp).value();
  EXPECT_THAT(MessageOf(storage_->CloseCheck()), HasSubstr("open: 000003.ldb; open: 000004.tmp"));
  EXPECT_TRUE(reader->Close().ok());
  EXPECT_TRUE(writer->Close().ok());
  EXPECT_TRUE(storage_->CloseCheck().ok());
  (void)storage_->Open(kTable).value();  // destroyed without Close
  EXPECT_THAT(MessageOf(storage_->CloseCheck()), HasSubstr("000003.ldb"));
}

TEST_F(FaultyStorageTest, MisuseIsListed) {
  EXPECT_THAT(storage_->Misuse(), IsEmpty());
  std::unique_ptr<StorageWriter> writer = storage_->Create(kManifest).value();
  EXPECT_TRUE(storage_->SetMeta(kManifest).ok());
  EXPECT_TRUE(writer->Close().ok());
  EXPECT_FALSE(writer->Append("x").ok());
  EXPECT_TRUE(storage_->Remove(kManifest).ok());
  EXPECT_THAT(storage_->Misuse(), ElementsAre("SetMeta of MANIFEST-000001, which was not synced",
                                              "MANIFEST-000001: Append of a closed writer",
                                              "Remove of MANIFEST-000001, which is pointed to"));
  EXPECT_FALSE(storage_->CloseCheck().ok());
}

TEST_F(FaultyStorageTest, TheLogTellsWhatWasCalled) {
  storage_->Inject({.calls = StorageCall::kRemove, .error = Planted()});
  (void)storage_->Open(kTable);
  (void)storage_->Remove(kTable);
  (void)storage_->GetMeta();
  EXPECT_EQ(storage_->OpLog(),
            "open 000003.ldb: ok\n"
            "remove 000003.ldb: injected: planted\n"
            "get-meta : no pointer was ever set\n");
  for (int i = 0; i < 3000; ++i) (void)storage_->List(kAllFileTypes);
  EXPECT_LT(storage_->OpLog().size(), 50'000u);
}

// A stalled call waits, others go on; in the tank, where tasks are fibers, and on threads.
void CheckStall(SeamWorld& world) {
  FaultyStorage storage(world.env().tasks, NewMemoryStorage(world.env().tasks));
  ASSERT_TRUE(WriteWholeFile(storage.base(), kTable, "x").ok());
  ASSERT_TRUE(WriteWholeFile(storage.base(), kJournal, "x").ok());
  storage.Stall(StorageCall::kOpen | StorageCall::kRemove, FileType::kTable);
  bool opened = false;
  std::unique_ptr<Task> task = world.env().tasks.Spawn("opener", [&] {
    EXPECT_TRUE(storage.Open(kTable).ok());
    opened = true;
  });
  storage.AwaitStalled(1);
  EXPECT_FALSE(opened);
  EXPECT_TRUE(storage.Open(kJournal).ok());
  EXPECT_EQ(storage.Count(StorageCall::kOpen, FileType::kTable).calls, 0u);
  storage.Release();
  task->Join();
  EXPECT_TRUE(opened);
}

TEST(FaultyStorageStallTest, HoldsCallsUntilReleaseOnThreads) {
  PosixFolder world;
  CheckStall(world);
}

TEST(FaultyStorageStallTest, HoldsCallsUntilReleaseInTheTank) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    TankMachine world(seed);
    world.Run([&] { CheckStall(world); });
  }
}

}  // namespace
}  // namespace wt::test
