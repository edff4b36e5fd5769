// The conformance suite: files, handles, names and sessions. What each test proves is its name; the
// numbers in "edge n" are those of engine/storage/STORAGE.md.
#include "tests/storage/conformance.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "gmock/gmock.h"

namespace wt::test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Noise(uint64_t seed, uint64_t size) {
  Draw draw(seed, {KeyOf("noise")});
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(draw.Next());
  return bytes;
}

void StorageConformanceTest::InWorld(const std::function<void()>& body) {
  world_ = GetParam().make();
  world_->Run([&] {
    absl::StatusOr<std::unique_ptr<Storage>> opened = world_->Open(StorageMode::kReadWrite);
    ASSERT_TRUE(opened.ok()) << opened.status();
    storage_ = *std::move(opened);
    body();
    if (storage_ != nullptr) {
      EXPECT_TRUE(storage_->Close().ok());
    }
    storage_.reset();
  });
}

void StorageConformanceTest::Reopen(StorageMode mode) {
  ASSERT_TRUE(storage_->Close().ok());
  storage_.reset();
  absl::StatusOr<std::unique_ptr<Storage>> opened = world_->Open(mode);
  WT_CHECK(opened.ok());
  storage_ = *std::move(opened);
}

void StorageConformanceTest::Write(const FileDesc& fd, std::string_view content) {
  const absl::Status written = WriteWholeFile(*storage_, fd, content);
  EXPECT_TRUE(written.ok()) << written;
}

std::string StorageConformanceTest::Read(const FileDesc& fd) {
  const absl::StatusOr<std::string> content = ReadWholeFile(*storage_, fd, 1 << 30);
  EXPECT_TRUE(content.ok()) << content.status();
  return content.value_or("<error>");
}

std::vector<FileDesc> StorageConformanceTest::List(FileTypes types) {
  const absl::StatusOr<std::vector<FileDesc>> files = storage_->List(types);
  EXPECT_TRUE(files.ok()) << files.status();
  return files.value_or(std::vector<FileDesc>{});
}

namespace {

constexpr FileDesc kManifest{FileType::kManifest, 3};
constexpr FileDesc kJournal{FileType::kJournal, 4};
constexpr FileDesc kTable{FileType::kTable, 5};
constexpr FileDesc kTemp{FileType::kTemp, 6};
constexpr FileDesc kEveryType[] = {kManifest, kJournal, kTable, kTemp};

TEST_P(StorageConformanceTest, AFileIsReadAsItWasWritten) {
  InWorld([&] {
    for (const FileDesc& fd : kEveryType) {
      for (const uint64_t size : {0, 1, 511, 512, 4095, 4096, 4097, 8192, 70'000, 300'001}) {
        const std::string content = Noise(size, size);
        Write(fd, content);
        EXPECT_TRUE(Read(fd) == content) << fd.ToString() << " of " << size;
      }
    }
  });
}

TEST_P(StorageConformanceTest, PiecesAndSyncsLeaveNoTraceInTheContent) {
  InWorld([&] {
    for (const FileDesc& fd : kEveryType) {
      Draw draw(7, {static_cast<uint64_t>(fd.type)});
      absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage_->Create(fd);
      ASSERT_TRUE(writer.ok()) << writer.status();
      std::string content;
      for (int piece = 0; piece < 60; ++piece) {
        const std::string bytes = Noise(piece, draw.Below(draw.OneIn(4) ? 9000 : 300));
        content += bytes;
        ASSERT_TRUE((*writer)->Append(bytes).ok());
        if (draw.OneIn(3)) {
          ASSERT_TRUE((*writer)->Sync().ok());
        }
      }
      ASSERT_TRUE((*writer)->Sync().ok());
      ASSERT_TRUE((*writer)->Close().ok());
      EXPECT_TRUE(Read(fd) == content) << fd.ToString();
    }
  });
}

TEST_P(StorageConformanceTest, ReadsBeginAndEndAnywhere) {
  InWorld([&] {
    for (const FileDesc& fd : kEveryType) {
      const std::string content = Noise(1, 20'000);
      Write(fd, content);
      absl::StatusOr<std::unique_ptr<StorageReader>> reader = storage_->Open(fd);
      ASSERT_TRUE(reader.ok()) << reader.status();
      EXPECT_EQ(*(*reader)->Size(), content.size());
      Draw draw(11);
      for (int i = 0; i < 200; ++i) {
        const uint64_t from = draw.Below(content.size() + 100);
        std::string out(draw.Below(draw.OneIn(2) ? 64 : 12'000), '?');
        const absl::StatusOr<uint64_t> read = (*reader)->ReadAt(from, out);
        ASSERT_TRUE(read.ok()) << read.status();
        const std::string expected =
            content.substr(std::min<uint64_t>(from, content.size()), out.size());
        ASSERT_TRUE(out.substr(0, *read) == expected) << "from " << from;
      }
      ASSERT_TRUE((*reader)->Close().ok());
    }
  });
}

TEST_P(StorageConformanceTest, AMappingShowsTheContentOrThereIsNone) {
  InWorld([&] {
    const std::string content = Noise(2, 9999);
    Write(kTable, content);
    absl::StatusOr<std::unique_ptr<StorageReader>> reader = storage_->Open(kTable);
    ASSERT_TRUE(reader.ok());
    absl::StatusOr<std::unique_ptr<FileMapping>> mapping = (*reader)->Map();
    ASSERT_TRUE(mapping.ok()) << mapping.status();
    ASSERT_TRUE((*reader)->Close().ok());
    if (*mapping != nullptr) {
      EXPECT_TRUE((*mapping)->bytes() == content);
    }
  });
}

TEST_P(StorageConformanceTest, AnUnsyncedFileIsReadAfterItsClose) {
  InWorld([&] {
    for (const FileDesc& fd : kEveryType) {
      absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage_->Create(fd);
      ASSERT_TRUE(writer.ok());
      ASSERT_TRUE((*writer)->Append("unsynced").ok());
      ASSERT_TRUE((*writer)->Close().ok());
      EXPECT_EQ(Read(fd), "unsynced");
    }
  });
}

TEST_P(StorageConformanceTest, CreateEmptiesAFile) {
  InWorld([&] {
    Write(kTable, Noise(3, 10'000));
    Write(kTable, "short");
    EXPECT_EQ(Read(kTable), "short");
  });
}

TEST_P(StorageConformanceTest, WhatWasSyncedSurvivesClosingAndOpening) {
  InWorld([&] {
    for (const FileDesc& fd : kEveryType) Write(fd, fd.ToString());
    ASSERT_TRUE(storage_->SetMeta(kManifest).ok());
    for (const StorageMode mode : {StorageMode::kReadWrite, StorageMode::kReadOnly}) {
      Reopen(mode);
      for (const FileDesc& fd : kEveryType) EXPECT_EQ(Read(fd), fd.ToString());
      EXPECT_EQ(storage_->GetMeta().value_or(FileDesc{}), kManifest);
    }
  });
}

// Edge 10: the order of List is by type and number.
TEST_P(StorageConformanceTest, ListIsSortedAndKnowsMasks) {
  InWorld([&] {
    EXPECT_THAT(List(), IsEmpty());
    const FileDesc far{FileType::kTable, 1'000'000};
    const FileDesc near{FileType::kTable, 99};
    for (const FileDesc& fd : {far, kTemp, near, kJournal, kManifest}) Write(fd, "x");
    EXPECT_THAT(List(), ElementsAre(kManifest, kJournal, near, far, kTemp));
    EXPECT_THAT(List(FileType::kTable), ElementsAre(near, far));
    EXPECT_THAT(List(FileType::kTemp | FileType::kManifest), ElementsAre(kManifest, kTemp));
    EXPECT_THAT(List(FileTypes()), IsEmpty());
  });
}

TEST_P(StorageConformanceTest, WhatIsNotThereIsNotFound) {
  InWorld([&] {
    for (const FileDesc& fd : kEveryType) {
      EXPECT_TRUE(absl::IsNotFound(storage_->Open(fd).status()));
      EXPECT_TRUE(absl::IsNotFound(storage_->Remove(fd)));
      EXPECT_TRUE(absl::IsNotFound(storage_->Rename(fd, {fd.type, 99})));
    }
    EXPECT_THAT(List(), IsEmpty());
  });
}

TEST_P(StorageConformanceTest, ARemovedFileIsGone) {
  InWorld([&] {
    for (const FileDesc& fd : kEveryType) {
      Write(fd, "x");
      EXPECT_TRUE(storage_->Remove(fd).ok());
      EXPECT_TRUE(absl::IsNotFound(storage_->Open(fd).status()));
      EXPECT_TRUE(absl::IsNotFound(storage_->Remove(fd)));
    }
    EXPECT_THAT(List(), IsEmpty());
  });
}

TEST_P(StorageConformanceTest, ARenamedFileHasItsContentUnderTheNewName) {
  InWorld([&] {
    const std::string content = Noise(5, 200'000);
    Write(kTemp, content);
    Write(kTable, "replaced");
    const absl::Status renamed = storage_->Rename(kTemp, kTable);
    ASSERT_TRUE(renamed.ok()) << renamed;
    EXPECT_TRUE(Read(kTable) == content);
    EXPECT_THAT(List(), ElementsAre(kTable));
    Reopen();
    EXPECT_TRUE(Read(kTable) == content);
    EXPECT_THAT(List(), ElementsAre(kTable));
  });
}

TEST_P(StorageConformanceTest, AnEmptyFileCanBeRenamed) {
  InWorld([&] {
    Write(kTemp, "");
    ASSERT_TRUE(storage_->Rename(kTemp, kJournal).ok());
    EXPECT_EQ(Read(kJournal), "");
  });
}

// Edge 10: one writer, or many readers.
TEST_P(StorageConformanceTest, AWriterHasItsFileForItself) {
  InWorld([&] {
    for (const bool closes : {true, false}) {
      absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage_->Create(kTemp);
      ASSERT_TRUE(writer.ok()) << writer.status();
      ASSERT_TRUE((*writer)->Append("mine").ok());
      Write(kTable, "other");
      for (const absl::Status& status :
           {storage_->Open(kTemp).status(), storage_->Create(kTemp).status(),
            storage_->Remove(kTemp), storage_->Rename(kTemp, kJournal),
            storage_->Rename(kTable, kTemp)}) {
        EXPECT_EQ(StorageErrorOf(status), StorageError::kFileOpen) << status;
      }
      EXPECT_EQ(Read(kTable), "other");
      ASSERT_TRUE((*writer)->Sync().ok());
      if (closes) {
        ASSERT_TRUE((*writer)->Close().ok());
      }
      writer->reset();
      EXPECT_TRUE(storage_->Remove(kTemp).ok());
    }
  });
}

TEST_P(StorageConformanceTest, ReadersKeepAFileFromBeingReplaced) {
  InWorld([&] {
    Write(kTable, "read");
    Write(kTemp, "other");
    absl::StatusOr<std::unique_ptr<StorageReader>> one = storage_->Open(kTable);
    absl::StatusOr<std::unique_ptr<StorageReader>> two = storage_->Open(kTable);
    ASSERT_TRUE(one.ok() && two.ok());
    ASSERT_TRUE((*one)->Close().ok());
    for (const absl::Status& status :
         {storage_->Create(kTable).status(), storage_->Rename(kTable, kJournal),
          storage_->Rename(kTemp, kTable)}) {
      EXPECT_EQ(StorageErrorOf(status), StorageError::kFileOpen) << status;
    }
    EXPECT_THAT(List(), ElementsAre(kTable, kTemp));
    two->reset();  // unclosed
    EXPECT_TRUE(storage_->Rename(kTemp, kTable).ok());
    EXPECT_EQ(Read(kTable), "other");
  });
}

TEST_P(StorageConformanceTest, ReadersGoOnWhenTheirFileIsRemoved) {
  InWorld([&] {
    const std::string content = Noise(6, 30'000);
    Write(kTable, content);
    absl::StatusOr<std::unique_ptr<StorageReader>> reader = storage_->Open(kTable);
    ASSERT_TRUE(reader.ok());
    ASSERT_TRUE(storage_->Remove(kTable).ok());
    std::string out(content.size(), '\0');
    EXPECT_EQ((*reader)->ReadAt(0, out).value_or(0), content.size());
    EXPECT_TRUE(out == content);
  });
}

TEST_P(StorageConformanceTest, AClosedHandleSaysSo) {
  InWorld([&] {
    absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage_->Create(kTable);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Close().ok());
    EXPECT_TRUE(IsClosed((*writer)->Append("x")));
    EXPECT_TRUE(IsClosed((*writer)->Sync()));
    EXPECT_TRUE(IsClosed((*writer)->Close()));
    absl::StatusOr<std::unique_ptr<StorageReader>> reader = storage_->Open(kTable);
    ASSERT_TRUE(reader.ok()) << reader.status();
    ASSERT_TRUE((*reader)->Close().ok());
    char byte[1];
    EXPECT_TRUE(IsClosed((*reader)->ReadAt(0, byte).status()));
    EXPECT_TRUE(IsClosed((*reader)->Size().status()));
    EXPECT_TRUE(IsClosed((*reader)->Close()));
  });
}

// Edge 8: handles outlive Close, not the storage.
TEST_P(StorageConformanceTest, HandlesWorkAfterTheStorageIsClosed) {
  InWorld([&] {
    Write(kTable, "read on");
    absl::StatusOr<std::unique_ptr<StorageReader>> reader = storage_->Open(kTable);
    absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage_->Create(kTemp);
    ASSERT_TRUE(reader.ok() && writer.ok());
    ASSERT_TRUE(storage_->Close().ok());
    std::string out(7, '\0');
    EXPECT_EQ((*reader)->ReadAt(0, out).value_or(0), 7u);
    EXPECT_EQ(out, "read on");
    EXPECT_TRUE((*writer)->Append("written on").ok());
    EXPECT_TRUE((*writer)->Sync().ok());
    EXPECT_TRUE((*writer)->Close().ok());
    Reopen();
    EXPECT_EQ(Read(kTemp), "written on");
  });
}

TEST_P(StorageConformanceTest, HandlesMayBeDestroyedAfterTheStorage) {
  InWorld([&] {
    Write(kTable, "x");
    absl::StatusOr<std::unique_ptr<StorageReader>> reader = storage_->Open(kTable);
    absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage_->Create(kTemp);
    absl::StatusOr<std::unique_ptr<StorageLock>> session = storage_->Lock();
    ASSERT_TRUE(reader.ok() && writer.ok() && session.ok());
    storage_.reset();
    reader->reset();
    writer->reset();
    session->reset();
    storage_ = world_->Open(StorageMode::kReadWrite).value();
    EXPECT_EQ(Read(kTable), "x");
  });
}

TEST_P(StorageConformanceTest, OneSessionAtATime) {
  InWorld([&] {
    absl::StatusOr<std::unique_ptr<StorageLock>> first = storage_->Lock();
    ASSERT_TRUE(first.ok());
    EXPECT_TRUE(IsLocked(storage_->Lock().status()));
    first->reset();
    absl::StatusOr<std::unique_ptr<StorageLock>> second = storage_->Lock();
    ASSERT_TRUE(second.ok());
    EXPECT_TRUE(IsLocked(storage_->Lock().status()));
    ASSERT_TRUE(storage_->Close().ok());
    EXPECT_TRUE(IsClosed(storage_->Lock().status()));
    Reopen();
    absl::StatusOr<std::unique_ptr<StorageLock>> third = storage_->Lock();
    EXPECT_TRUE(third.ok()) << third.status();
    second->reset();  // of the closed storage: holds nothing here
    EXPECT_TRUE(IsLocked(storage_->Lock().status()));
  });
}

TEST_P(StorageConformanceTest, AReadOnlyStorageGivesLocksThatHoldNothing) {
  InWorld([&] {
    Reopen(StorageMode::kReadOnly);
    absl::StatusOr<std::unique_ptr<StorageLock>> one = storage_->Lock();
    absl::StatusOr<std::unique_ptr<StorageLock>> two = storage_->Lock();
    EXPECT_TRUE(one.ok() && two.ok());
    ASSERT_TRUE(storage_->Close().ok());
    EXPECT_TRUE(IsClosed(storage_->Lock().status()));
  });
}

TEST_P(StorageConformanceTest, AReadOnlyStorageChangesNothing) {
  InWorld([&] {
    for (const FileDesc& fd : kEveryType) Write(fd, "kept");
    ASSERT_TRUE(storage_->SetMeta(kManifest).ok());
    Reopen(StorageMode::kReadOnly);
    storage_->Log("a line");
    EXPECT_TRUE(IsReadOnly(storage_->Create(kTable).status()));
    EXPECT_TRUE(IsReadOnly(storage_->Remove(kTable)));
    EXPECT_TRUE(IsReadOnly(storage_->Rename(kTable, kTemp)));
    EXPECT_TRUE(IsReadOnly(storage_->SetMeta(kManifest)));
    for (const FileDesc& fd : kEveryType) EXPECT_EQ(Read(fd), "kept");
    EXPECT_EQ(storage_->GetMeta().value_or(FileDesc{}), kManifest);
  });
}

// Edge 8: as often as one likes.
TEST_P(StorageConformanceTest, CloseIsFineAnyNumberOfTimes) {
  InWorld([&] {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(storage_->Close().ok());
    storage_->Log("nobody hears this");
    EXPECT_TRUE(IsClosed(storage_->Lock().status()));
    EXPECT_TRUE(IsClosed(storage_->GetMeta().status()));
    EXPECT_TRUE(IsClosed(storage_->List(kAllFileTypes).status()));
    EXPECT_TRUE(storage_->Close().ok());
  });
}

}  // namespace
}  // namespace wt::test
