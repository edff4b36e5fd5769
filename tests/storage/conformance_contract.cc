// The conformance suite, second part: the pointer, the order of checks as a table, and a long walk
// of random calls against a model of a few lines.
#include <map>
#include <optional>

#include "engine/base/random.h"
#include "gmock/gmock.h"
#include "tests/storage/conformance.h"

namespace wt::test {
namespace {

constexpr FileDesc kOld{FileType::kManifest, 3};
constexpr FileDesc kNew{FileType::kManifest, 7};
constexpr FileDesc kTable{FileType::kTable, 5};

TEST_P(StorageConformanceTest, ThePointerIsWhatWasSetLast) {
  InWorld([&] {
    EXPECT_TRUE(absl::IsNotFound(storage_->GetMeta().status()));
    Write(kOld, "old");
    Write(kNew, "new");
    EXPECT_TRUE(absl::IsNotFound(storage_->GetMeta().status()));
    for (const FileDesc& fd : {kOld, kNew, kNew, kOld}) {  // numbers may fall
      const absl::Status set = storage_->SetMeta(fd);
      ASSERT_TRUE(set.ok()) << set;
      EXPECT_EQ(storage_->GetMeta().value_or(FileDesc{}), fd);
    }
    for (int i = 0; i < 3; ++i) {
      Reopen();
      EXPECT_EQ(storage_->GetMeta().value_or(FileDesc{}), kOld);
    }
  });
}

TEST_P(StorageConformanceTest, ThePointerCanBeSetBeforeItIsRead) {
  InWorld([&] {
    Write(kOld, "old");
    Write(kNew, "new");
    ASSERT_TRUE(storage_->SetMeta(kNew).ok());
    Reopen();
    ASSERT_TRUE(storage_->SetMeta(kOld).ok());
    EXPECT_EQ(storage_->GetMeta().value_or(FileDesc{}), kOld);
    Reopen();
    EXPECT_EQ(storage_->GetMeta().value_or(FileDesc{}), kOld);
  });
}

// Edges 3 and 5: a pointer to nothing, or to a journal, is not set in the first place.
TEST_P(StorageConformanceTest, OnlyAManifestThatExistsIsPointedTo) {
  InWorld([&] {
    Write(kOld, "old");
    Write(kTable, "table");
    ASSERT_TRUE(storage_->SetMeta(kOld).ok());
    EXPECT_TRUE(absl::IsNotFound(storage_->SetMeta(kNew)));
    EXPECT_TRUE(IsInvalidFile(storage_->SetMeta(kTable)));
    EXPECT_EQ(storage_->GetMeta().value_or(FileDesc{}), kOld);
  });
}

TEST_P(StorageConformanceTest, APointerWhoseFileIsGoneIsNotFound) {
  InWorld([&] {
    Write(kOld, "old");
    ASSERT_TRUE(storage_->SetMeta(kOld).ok());
    ASSERT_TRUE(storage_->Remove(kOld).ok());
    EXPECT_TRUE(absl::IsNotFound(storage_->GetMeta().status()));
    Write(kNew, "new");
    ASSERT_TRUE(storage_->SetMeta(kNew).ok());
    EXPECT_EQ(storage_->GetMeta().value_or(FileDesc{}), kNew);
  });
}

TEST_P(StorageConformanceTest, AManifestMayBePointedToWhileItIsWritten) {
  InWorld([&] {
    absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage_->Create(kNew);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Append("first").ok());
    ASSERT_TRUE((*writer)->Sync().ok());
    ASSERT_TRUE(storage_->SetMeta(kNew).ok());
    EXPECT_EQ(storage_->GetMeta().value_or(FileDesc{}), kNew);
    ASSERT_TRUE((*writer)->Append(" and more").ok());
    ASSERT_TRUE((*writer)->Sync().ok());
    ASSERT_TRUE((*writer)->Close().ok());
    EXPECT_EQ(Read(kNew), "first and more");
  });
}

// ---- The order of checks.

struct Call {
  const char* name;
  absl::Status (*make)(Storage& storage, const FileDesc& fd);
  bool changes;
};
const Call kCalls[] = {
    {"Open", [](Storage& s, const FileDesc& fd) { return s.Open(fd).status(); }, false},
    {"Create", [](Storage& s, const FileDesc& fd) { return s.Create(fd).status(); }, true},
    {"Remove", [](Storage& s, const FileDesc& fd) { return s.Remove(fd); }, true},
    {"Rename from", [](Storage& s, const FileDesc& fd) { return s.Rename(fd, kOld); }, true},
    {"Rename to", [](Storage& s, const FileDesc& fd) { return s.Rename(kOld, fd); }, true},
    {"SetMeta", [](Storage& s, const FileDesc& fd) { return s.SetMeta(fd); }, true},
};

const FileDesc kInvalid[] = {
    {},
    {FileType::kNone, 7},
    {static_cast<FileType>(3), 7},   // two types
    {static_cast<FileType>(15), 7},  // all
    {static_cast<FileType>(16), 7},  // none that is known
    {FileType::kTable, kMaxFileNumber + 1},
    {FileType::kManifest, ~uint64_t{0}},
};

TEST_P(StorageConformanceTest, InvalidFilesAreRefusedBeforeAnythingElse) {
  InWorld([&] {
    const auto expect_all_refused = [&] {
      for (const Call& call : kCalls) {
        for (const FileDesc& fd : kInvalid) {
          EXPECT_TRUE(IsInvalidFile(call.make(*storage_, fd))) << call.name << fd.ToString();
        }
      }
    };
    expect_all_refused();
    Reopen(StorageMode::kReadOnly);
    expect_all_refused();
    ASSERT_TRUE(storage_->Close().ok());
    expect_all_refused();
  });
}

TEST_P(StorageConformanceTest, ReadOnlyIsToldBeforeClosed) {
  InWorld([&] {
    Reopen(StorageMode::kReadOnly);
    ASSERT_TRUE(storage_->Close().ok());
    for (const Call& call : kCalls) {
      const absl::Status status = call.make(*storage_, kNew);
      EXPECT_EQ(StorageErrorOf(status),
                call.changes ? StorageError::kReadOnly : StorageError::kClosed)
          << call.name << ": " << status;
    }
  });
}

TEST_P(StorageConformanceTest, ClosedIsToldBeforeNotFoundAndFileOpen) {
  InWorld([&] {
    absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage_->Create(kNew);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(storage_->Close().ok());
    for (const Call& call : kCalls) {
      EXPECT_TRUE(IsClosed(call.make(*storage_, kNew))) << call.name;
      EXPECT_TRUE(IsClosed(call.make(*storage_, {FileType::kManifest, 77}))) << call.name;
    }
  });
}

TEST_P(StorageConformanceTest, ARenameToItselfIsFineEvenWhereNothingElseIs) {
  InWorld([&] {
    EXPECT_TRUE(storage_->Rename(kTable, kTable).ok());  // nor need it exist
    Reopen(StorageMode::kReadOnly);
    EXPECT_TRUE(storage_->Rename(kTable, kTable).ok());
    ASSERT_TRUE(storage_->Close().ok());
    EXPECT_TRUE(storage_->Rename(kTable, kTable).ok());
    for (const FileDesc& fd : kInvalid) EXPECT_TRUE(IsInvalidFile(storage_->Rename(fd, fd)));
  });
}

// ---- A walk.

struct Model {
  std::map<FileDesc, std::string> files;
  std::optional<FileDesc> pointer;
};

FileDesc DrawFile(Draw& draw) {
  const FileType type = kFileTypes[draw.Below(4)];
  return {type, draw.Below(4)};
}

class Walk {
 public:
  Walk(Storage& storage, Model& model, Draw& draw)
      : storage_(storage), model_(model), draw_(draw) {}

  void Step() {
    switch (draw_.Below(6)) {
      case 0:
      case 1:
        return Write();
      case 2:
        return Remove();
      case 3:
        return Rename();
      case 4:
        return Point();
      default:
        return Look();
    }
  }

  void Look() {
    std::vector<FileDesc> expected;
    for (const auto& [fd, content] : model_.files) {
      expected.push_back(fd);
      EXPECT_TRUE(ReadWholeFile(storage_, fd, 1 << 20).value_or("<error>") == content)
          << fd.ToString();
    }
    EXPECT_EQ(storage_.List(kAllFileTypes).value_or(std::vector<FileDesc>{}), expected);
    const bool points = model_.pointer.has_value() && model_.files.count(*model_.pointer) > 0;
    const absl::StatusOr<FileDesc> pointer = storage_.GetMeta();
    if (points) {
      EXPECT_EQ(pointer.value_or(FileDesc{}), *model_.pointer) << pointer.status();
    } else {
      EXPECT_TRUE(!pointer.ok()) << pointer->ToString();
    }
  }

 private:
  void Write() {
    const FileDesc fd = DrawFile(draw_);
    const uint64_t size = draw_.Below(10'000);
    const std::string content = Noise(draw_.Next(), size);
    const absl::Status written = WriteWholeFile(storage_, fd, content);
    EXPECT_TRUE(written.ok()) << written;
    model_.files[fd] = content;
  }
  void Remove() {
    const FileDesc fd = DrawFile(draw_);
    if (fd == model_.pointer) return;
    EXPECT_EQ(storage_.Remove(fd).ok(), model_.files.erase(fd) == 1) << fd.ToString();
  }
  void Rename() {
    const FileDesc from = DrawFile(draw_);
    const FileDesc to = DrawFile(draw_);
    if (from == model_.pointer || to == model_.pointer || from == to) return;
    const auto it = model_.files.find(from);
    const absl::Status renamed = storage_.Rename(from, to);
    EXPECT_EQ(renamed.ok(), it != model_.files.end()) << renamed;
    if (it == model_.files.end()) return;
    model_.files[to] = it->second;
    model_.files.erase(from);
  }
  void Point() {
    const FileDesc fd{FileType::kManifest, draw_.Below(4)};
    const absl::Status set = storage_.SetMeta(fd);
    EXPECT_EQ(set.ok(), model_.files.count(fd) > 0) << set;
    if (set.ok()) model_.pointer = fd;
  }

  Storage& storage_;
  Model& model_;
  Draw& draw_;
};

TEST_P(StorageConformanceTest, ARandomWalkAgreesWithTheModel) {
  InWorld([&] {
    Model model;
    Draw draw(20261120);
    for (int life = 0; life < 4 && !HasFailure(); ++life) {
      for (int step = 0; step < 40 && !HasFailure(); ++step) {
        SCOPED_TRACE(testing::Message() << "life " << life << " step " << step);
        Walk(*storage_, model, draw).Step();
      }
      Reopen();
      Walk(*storage_, model, draw).Look();
    }
  });
}

}  // namespace
}  // namespace wt::test
