// EncryptedStorage beyond the conformance suite: keys, what lies on the medium, and every state
// that a power cut can leave of a sealed journal, a table and a rename.
#include "engine/storage/encrypted_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "engine/base/checksum.h"
#include "engine/storage/sealed_format.h"
#include "scenarios/crash_states.h"
#include "tests/sim/disk_fixture.h"
#include "tests/storage/tears.h"
#include "tests/storage/worlds.h"

namespace wt::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr FileDesc kTable{FileType::kTable, 7};
constexpr FileDesc kJournal{FileType::kJournal, 8};
constexpr FileDesc kTemp{FileType::kTemp, 9};

absl::StatusOr<std::unique_ptr<Storage>> OpenWith(Memory& world, const SecretKey& key,
                                                  StorageMode mode = StorageMode::kReadWrite) {
  WT_ASSIGN_OR_RETURN(std::unique_ptr<Storage> base, world.Open(mode));
  return OpenEncryptedStorage(world.env(), std::move(base), key);
}

TEST(EncryptedStorageTest, AnotherKeyIsOneErrorAtOpening) {
  Memory world;
  {
    std::unique_ptr<Storage> storage = OpenWith(world, TestKey()).value();
    ASSERT_TRUE(WriteWholeFile(*storage, kTable, "secret").ok());
    ASSERT_TRUE(WriteWholeFile(*storage, kJournal, "secret").ok());
  }
  const auto before = world.files().contents;
  for (const StorageMode mode : {StorageMode::kReadWrite, StorageMode::kReadOnly}) {
    const absl::Status refused = OpenWith(world, TestKey('x'), mode).status();
    EXPECT_TRUE(IsWrongKey(refused)) << refused;
    EXPECT_EQ(world.files().contents, before);
    EXPECT_TRUE(OpenWith(world, TestKey(), mode).ok());
  }
}

TEST(EncryptedStorageTest, AnotherKeyIsToldByTheFileToo) {
  Memory world;
  std::unique_ptr<Storage> other = OpenWith(world, TestKey('x')).value();
  ASSERT_TRUE(WriteWholeFile(*OpenWith(world, TestKey()).value(), kTable, "secret").ok());
  EXPECT_TRUE(IsWrongKey(other->Open(kTable).status()));
}

TEST(EncryptedStorageTest, DamageOfTheKeyCheckIsDamage) {
  Memory world;
  std::unique_ptr<Storage> storage = OpenWith(world, TestKey()).value();
  ASSERT_TRUE(WriteWholeFile(*storage, kTable, "secret").ok());
  (*world.files().contents[kTable])[42] ^= 1;
  EXPECT_TRUE(IsCorrupted(storage->Open(kTable).status()));
}

TEST(EncryptedStorageTest, PlainFilesAreRefusedByName) {
  Memory world;
  ASSERT_TRUE(
      WriteWholeFile(*world.Open(StorageMode::kReadWrite).value(), kTable, std::string(2000, 'p'))
          .ok());
  std::unique_ptr<Storage> storage = OpenWith(world, TestKey()).value();
  FileDesc damaged;
  EXPECT_TRUE(IsCorrupted(storage->Open(kTable).status(), &damaged));
  EXPECT_EQ(damaged, kTable);
}

TEST(EncryptedStorageTest, AnotherVersionIsRefusedWithItsNumber) {
  Memory world;
  std::unique_ptr<Storage> storage = OpenWith(world, TestKey()).value();
  ASSERT_TRUE(WriteWholeFile(*storage, kTable, "x").ok());
  (*world.files().contents[kTable])[8] = 9;
  const absl::Status refused = storage->Open(kTable).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_THAT(MessageOf(refused), testing::HasSubstr("version 9"));
}

TEST(EncryptedStorageTest, NothingOfTheContentIsOnTheMedium) {
  Memory world;
  std::unique_ptr<Storage> storage = OpenWith(world, TestKey()).value();
  const std::string secret = "attack at dawn, attack at dawn";
  for (const FileDesc& fd : {kTable, kJournal}) {
    ASSERT_TRUE(WriteWholeFile(*storage, fd, secret + std::string(8192, 'z')).ok());
    const std::string& bytes = *world.files().contents[fd];
    EXPECT_EQ(bytes.find("attack"), std::string::npos);
    EXPECT_EQ(bytes.find("zzzz"), std::string::npos);
  }
}

// The same bytes, sealed again, share nothing: no nonce is used twice under a key.
TEST(EncryptedStorageTest, EqualContentsDoNotLookEqual) {
  Memory world;
  std::unique_ptr<Storage> storage = OpenWith(world, TestKey()).value();
  const std::string content(2 * kSealedPageBytes, 'z');
  ASSERT_TRUE(WriteWholeFile(*storage, kTable, content).ok());
  const std::string first = *world.files().contents[kTable];
  ASSERT_TRUE(WriteWholeFile(*storage, kTable, content).ok());
  const std::string second = *world.files().contents[kTable];
  ASSERT_EQ(first.size(), second.size());
  const auto cipher_text = [](const std::string& file, uint64_t page) {
    return file.substr(
        kSealedHeaderBytes + page * (kSealedPageBytes + kPageOverhead) + kPageHeaderBytes,
        kSealedPageBytes);
  };
  const std::string pages[] = {cipher_text(first, 0), cipher_text(first, 1), cipher_text(second, 0),
                               cipher_text(second, 1)};
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < i; ++j) EXPECT_NE(pages[i].substr(0, 16), pages[j].substr(0, 16));
  }
}

TEST(EncryptedStorageTest, AFileRenamedBehindItsBackIsRefused) {
  Memory world;
  std::unique_ptr<Storage> storage = OpenWith(world, TestKey()).value();
  ASSERT_TRUE(WriteWholeFile(*storage, kTable, "seven").ok());
  world.files().contents[{FileType::kTable, 11}] = world.files().contents[kTable];
  const absl::Status refused = storage->Open({FileType::kTable, 11}).status();
  EXPECT_TRUE(IsCorrupted(refused));
  EXPECT_THAT(MessageOf(refused), testing::HasSubstr("sealed as 000007.ldb"));
}

TEST(EncryptedStorageTest, ItsOwnTemporaryFilesAreHiddenAndSwept) {
  Memory world;
  const FileDesc own{FileType::kTemp, uint64_t{1} << 62};
  ASSERT_TRUE(WriteWholeFile(*world.Open(StorageMode::kReadWrite).value(), own, "left").ok());
  EXPECT_TRUE(OpenWith(world, TestKey(), StorageMode::kReadOnly).ok());
  EXPECT_EQ(world.files().contents.size(), 1u);
  std::unique_ptr<Storage> storage = OpenWith(world, TestKey()).value();
  EXPECT_THAT(world.files().contents, IsEmpty());
  EXPECT_TRUE(IsInvalidFile(storage->Create(own).status()));
  EXPECT_TRUE(IsInvalidFile(storage->Open(own).status()));
  EXPECT_TRUE(IsInvalidFile(storage->Rename(kTemp, own)));
}

// Version 1 for ever: key, salt and content give these bytes.
TEST(SealedFormatTest, IsPinned) {
  const SealedFile file(TestKey(), kJournal, "sixteen bytes ok");
  std::string bytes = file.header();
  ASSERT_EQ(bytes.size(), 512u);
  file.SealPage({.length = 5, .is_end = true, .synced = 512, .mark = file.mark()}, "hello", bytes);
  EXPECT_EQ(bytes.size(), 512u + 72 + 5);
  EXPECT_EQ(HashBytes128(bytes).ToString(), "a1618e079eb2e54e52ae5ae6da051832");
}

// ---- Power cuts, in the tank's disk.

using scenarios::CrashPoint;
using sim::DiskProfile;

class Points : public sim::DiskObserver {
 public:
  explicit Points(sim::VirtualDisk& disk) : disk_(disk) { disk_.AddObserver(this); }
  ~Points() override { disk_.RemoveObserver(this); }
  void OnBarrier(std::string_view path) override { Add(std::string(path)); }
  void Add(std::string where) {
    points_.emplace_back(disk_, std::move(where));
    promised_.push_back(promised);
  }
  const std::deque<CrashPoint>& points() const { return points_; }
  uint64_t promised_at(size_t i) const { return promised_[i]; }

  uint64_t promised = 0;  // what the test has been told to be durable

 private:
  sim::VirtualDisk& disk_;
  std::deque<CrashPoint> points_;
  std::vector<uint64_t> promised_;
};

class Tank {
 public:
  explicit Tank(DiskProfile profile) : rig(1, profile) {}
  std::unique_ptr<Storage> Open() {
    const Env env{base_.clock, base_.tasks, *rig.files, base_.network, base_.events, base_.random};
    absl::StatusOr<std::unique_ptr<Storage>> files = OpenFileStorage(env, {});
    EXPECT_TRUE(files.ok()) << files.status();
    absl::StatusOr<std::unique_ptr<Storage>> storage =
        OpenEncryptedStorage(env, *std::move(files), TestKey());
    EXPECT_TRUE(storage.ok()) << storage.status();
    return storage.ok() ? *std::move(storage) : nullptr;
  }
  std::unique_ptr<Storage> OpenImage(const sim::DiskImage& image) {
    rig.disk.LoadImage(image);
    rig.files = &rig.disk.NewIncarnation();
    return Open();
  }

  sim::DiskRig rig;

 private:
  MemoryEnv base_;
};

class EncryptedCrashTest : public testing::TestWithParam<DiskProfile> {
 protected:
  // Calls `look` with the storage as every crash state leaves it.
  void ForEachState(const Points& points, uint64_t exhaustive,
                    const std::function<void(Storage&, size_t point)>& look) {
    for (size_t i = 0; i < points.points().size(); ++i) {
      const CrashPoint& point = points.points()[i];
      const auto visit = [&](const sim::CrashSubset& subset) {
        if (!Legal(GetParam(), point.atoms(), subset)) return true;
        ++states_;
        garbled_ += subset.tear.has_value() && subset.tear->kind == sim::TearKind::kGarbled ? 1 : 0;
        Tank after(GetParam());
        look(*after.OpenImage(point.Materialize(subset)), i);
        EXPECT_FALSE(HasFailure()) << point.where() << " " << point.Describe(subset);
        return !HasFailure();
      };
      scenarios::ForEachSubset(point, {.exhaustive_atoms = exhaustive}, visit);
      if (!HasFailure()) ForEachTear(point, visit);
      if (HasFailure()) return;
    }
    EXPECT_GT(states_, 10u);
    if (GetParam() == DiskProfile::kPosixMin) {  // journalling file systems do not do that
      EXPECT_GT(garbled_, 3u);
    }
  }

  void TearDown() override { RecordProperty("states", std::to_string(states_)); }

  uint64_t states_ = 0;
  uint64_t garbled_ = 0;
};

// Torn sectors included, under the weakest profile also those that take synced bytes of their
// sector with them.
TEST_P(EncryptedCrashTest, AJournalKeepsWhatWasSyncedAndInventsNothing) {
  Tank tank(GetParam());
  std::unique_ptr<Storage> storage = tank.Open();
  Points points(tank.rig.disk);
  const std::string content = Noise(1, 9'000);
  std::unique_ptr<StorageWriter> writer = storage->Create(kJournal).value();
  uint64_t appended = 0;
  for (const uint64_t size : {100, 30, 4'096, 1, 2'000}) {
    ASSERT_TRUE(writer->Append(std::string_view(content).substr(appended, size)).ok());
    appended += size;
    ASSERT_TRUE(writer->Sync().ok());
    points.promised = appended;
    points.Add("synced");
  }
  ASSERT_TRUE(writer->Append(std::string_view(content).substr(appended, 500)).ok());
  ASSERT_TRUE(writer->Close().ok());
  points.Add("closed");
  ForEachState(points, 7, [&](Storage& after, size_t i) {
    const absl::StatusOr<std::string> found = ReadWholeFile(after, kJournal, 1 << 20);
    if (points.promised_at(i) == 0 && absl::IsNotFound(found.status())) return;
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_TRUE(content.starts_with(*found));
    EXPECT_GE(found->size(), points.promised_at(i));
  });
}

TEST_P(EncryptedCrashTest, ATableIsWholeWhenSyncedAndNeverWrong) {
  Tank tank(GetParam());
  std::unique_ptr<Storage> storage = tank.Open();
  Points points(tank.rig.disk);
  const std::string content = Noise(2, 6'000);
  std::unique_ptr<StorageWriter> writer = storage->Create(kTable).value();
  ASSERT_TRUE(writer->Append(content).ok());
  points.Add("appended");
  ASSERT_TRUE(writer->Sync().ok());
  points.promised = 1;
  points.Add("synced");
  ASSERT_TRUE(writer->Close().ok());
  points.Add("closed");
  ForEachState(points, 7, [&](Storage& after, size_t i) {
    const absl::StatusOr<std::string> found = ReadWholeFile(after, kTable, 1 << 20);
    if (points.promised_at(i) > 0 || found.ok()) {
      EXPECT_TRUE(found.ok() && *found == content) << found.status();
    } else {
      EXPECT_TRUE(absl::IsNotFound(found.status()) || IsCorrupted(found.status()));
    }
  });
}

TEST_P(EncryptedCrashTest, ARenameLeavesTheWholeFileUnderOneNameAtLeast) {
  Tank tank(GetParam());
  std::unique_ptr<Storage> storage = tank.Open();
  const std::string content = Noise(3, 1'500);
  ASSERT_TRUE(WriteWholeFile(*storage, kTemp, content).ok());
  ASSERT_TRUE(WriteWholeFile(*storage, kTable, "replaced").ok());
  Points points(tank.rig.disk);
  ASSERT_TRUE(storage->Rename(kTemp, kTable).ok());
  points.promised = 1;
  points.Add("renamed");
  ForEachState(points, 7, [&](Storage& after, size_t i) {
    const std::string target = ReadWholeFile(after, kTable, 1 << 20).value_or("<error>");
    const absl::StatusOr<std::string> source = ReadWholeFile(after, kTemp, 1 << 20);
    EXPECT_TRUE(target == content || (target == "replaced" && source.value_or("") == content));
    EXPECT_TRUE(source.ok() ? *source == content : absl::IsNotFound(source.status()));
    if (points.promised_at(i) > 0) {
      EXPECT_TRUE(target == content);
      EXPECT_TRUE(absl::IsNotFound(source.status()));
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Profiles, EncryptedCrashTest,
                         testing::Values(DiskProfile::kPosixMin, DiskProfile::kExt4,
                                         DiskProfile::kXfs, DiskProfile::kBtrfs),
                         [](const auto& info) {
                           std::string name(sim::NameOf(info.param));
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace wt::test
