// Damage to sealed files: every bit of every kind of byte flipped, sectors zeroed, every length cut
// to, pages swapped, older and foreign bytes put in place. Reading gives what was written, or an
// error that names the file; never other bytes. What ends torn may be shorter only where a crash
// could have done it: it was never closed, or its end was cut off (engine/storage/FORMAT.md).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/storage/sealed_format.h"
#include "tests/storage/worlds.h"

namespace wt::test {
namespace {

constexpr uint64_t kFullPage = kSealedPageBytes + kPageOverhead;

// How a file is written: pieces, and after which of them a sync comes.
struct Piece {
  uint64_t size;
  bool synced;
};
struct Shape {
  const char* name;
  FileDesc fd;
  std::vector<Piece> pieces;
  bool closed = true;

  // Each sync but the last is an end that a crash can have left.
  bool MayEndEarly() const { return MayEndTorn(fd.type) || pieces.size() > 1; }
};
const Shape kShapes[] = {
    {"empty table", {FileType::kTable, 1}, {{0, true}}},
    {"small table", {FileType::kTable, 2}, {{100, true}}},
    {"table of full pages", {FileType::kTable, 3}, {{2 * 4096, true}}},
    {"table", {FileType::kTable, 4}, {{10'000, true}}},
    {"table synced on the way", {FileType::kTable, 5}, {{5'000, true}, {5'000, true}, {7, true}}},
    {"journal", {FileType::kJournal, 6}, {{100, true}, {4'400, true}, {30, true}}},
    {"manifest", {FileType::kManifest, 7}, {{9'000, true}, {600, true}}},
    {"unclosed journal",
     {FileType::kJournal, 8},
     {{100, true}, {4'400, true}, {30, true}},
     /*closed=*/false},
};

std::string ContentOf(const Shape& shape, uint64_t version) {
  uint64_t size = 0;
  for (const Piece& piece : shape.pieces) size += piece.size;
  return Noise(shape.fd.number + 100 * version, size);
}

class SealedDamageTest : public testing::Test {
 protected:
  void SetUp() override {
    storage_ = world_.Open(StorageMode::kReadWrite).value();
    for (const Shape& shape : kShapes) Write(shape, 1);
    for (const Shape& shape : kShapes) older_[shape.fd] = Bytes(shape.fd);
    for (const Shape& shape : kShapes) Write(shape, 2);
    for (const Shape& shape : kShapes) newest_[shape.fd] = Bytes(shape.fd);
  }

  std::string& Bytes(const FileDesc& fd) { return *world_.files().contents.at(fd); }

  void Write(const Shape& shape, uint64_t version) {
    const std::unique_ptr<StorageWriter> writer = storage_->Create(shape.fd).value();
    const std::string content = ContentOf(shape, version);
    uint64_t at = 0;
    for (const Piece& piece : shape.pieces) {
      ASSERT_TRUE(writer->Append(std::string_view(content).substr(at, piece.size)).ok());
      at += piece.size;
      if (piece.synced) {
        ASSERT_TRUE(writer->Sync().ok());
      }
    }
    if (shape.closed) {
      ASSERT_TRUE(writer->Close().ok());
    }
  }

  // Reads in two ways: all at once, and a few bytes from everywhere.
  absl::StatusOr<std::string> ReadAll(const FileDesc& fd) {
    WT_ASSIGN_OR_RETURN(const std::unique_ptr<StorageReader> reader, storage_->Open(fd));
    WT_ASSIGN_OR_RETURN(const uint64_t size, reader->Size());
    std::string all(size, '?');
    WT_ASSIGN_OR_RETURN(const uint64_t read, reader->ReadAt(0, all));
    EXPECT_EQ(read, size);
    for (uint64_t at = 0; at < size; at += 1500) {
      char some[10];
      WT_ASSIGN_OR_RETURN(const uint64_t got, reader->ReadAt(at, some));
      EXPECT_EQ(std::string(some, got), all.substr(at, 10));
    }
    return all;
  }

  enum class MayShrink { kNo, kYes };

  // Whether the damage was found out. `bytes` take the place of the file's for the look.
  bool Look(const Shape& shape, std::string bytes, MayShrink may_shrink = MayShrink::kNo) {
    Bytes(shape.fd) = std::move(bytes);
    const absl::StatusOr<std::string> content = ReadAll(shape.fd);
    Bytes(shape.fd) = newest_.at(shape.fd);
    const std::string expected = ContentOf(shape, 2);
    if (content.ok()) {
      const bool shrinks = may_shrink == MayShrink::kYes || !shape.closed;
      EXPECT_TRUE(*content == expected || (shrinks && expected.starts_with(*content)))
          << shape.name << ": " << content->size() << " bytes";
      return false;
    }
    FileDesc damaged;
    if (IsCorrupted(content.status(), &damaged)) {
      EXPECT_EQ(damaged, shape.fd);
    }
    EXPECT_NE(MessageOf(content.status()).find(shape.fd.ToString()), std::string::npos)
        << content.status();
    return true;
  }

  Encrypted<Memory> world_;
  std::unique_ptr<Storage> storage_;
  std::map<FileDesc, std::string> older_;
  std::map<FileDesc, std::string> newest_;
};

TEST_F(SealedDamageTest, UndamagedFilesAreRead) {
  for (const Shape& shape : kShapes) {
    EXPECT_FALSE(Look(shape, newest_[shape.fd])) << shape.name;
    EXPECT_EQ(ReadAll(shape.fd).value_or("?").size(), ContentOf(shape, 2).size());
  }
}

// Every bit of headers, tags and padding; of ciphertext every 97th.
TEST_F(SealedDamageTest, AFlippedBitIsFound) {
  for (const Shape& shape : kShapes) {
    const std::string& bytes = newest_[shape.fd];
    uint64_t found = 0;
    uint64_t tried = 0;
    for (uint64_t bit = 0; bit < bytes.size() * 8; bit += bit / 8 < 700 ? 3 : 97) {
      std::string damaged = bytes;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      ++tried;
      found += Look(shape, std::move(damaged)) ? 1 : 0;
      if (HasFailure()) FAIL() << shape.name << " bit " << bit;
    }
    // The rest is padding, and what an unclosed journal holds behind its last proof.
    EXPECT_GT(found * 100, tried * (shape.closed ? 45 : 30)) << shape.name << " of " << tried;
  }
}

TEST_F(SealedDamageTest, AZeroedSectorIsFound) {
  for (const Shape& shape : kShapes) {
    for (uint64_t at = 0; at < newest_[shape.fd].size(); at += kSectorBytes) {
      std::string damaged = newest_[shape.fd];
      for (uint64_t i = at; i < std::min(at + kSectorBytes, damaged.size()); ++i) damaged[i] = 0;
      (void)Look(shape, std::move(damaged));
      if (HasFailure()) FAIL() << shape.name << " sector at " << at;
    }
  }
}

// A table is whole or refused, but for the ends that its syncs were; a journal may look as after a
// crash.
TEST_F(SealedDamageTest, ACutIsFoundWhereNoCrashCanCut) {
  for (const Shape& shape : kShapes) {
    const bool torn = MayEndTorn(shape.fd.type);
    uint64_t unseen = 0;
    for (uint64_t size = 0; size < newest_[shape.fd].size(); ++size) {
      const bool found = Look(shape, newest_[shape.fd].substr(0, size),
                              shape.MayEndEarly() ? MayShrink::kYes : MayShrink::kNo);
      unseen += found ? 0 : 1;
      if (HasFailure()) FAIL() << shape.name << " cut to " << size;
    }
    if (!torn) {
      EXPECT_EQ(unseen, shape.pieces.size() - 1) << shape.name;
    }
  }
}

TEST_F(SealedDamageTest, ACutAtAPageBorderIsFoundInATable) {
  const Shape& table = kShapes[3];
  for (uint64_t pages = 0; pages < 3; ++pages) {
    EXPECT_TRUE(Look(table, newest_[table.fd].substr(0, kSealedHeaderBytes + pages * kFullPage)));
  }
}

TEST_F(SealedDamageTest, BytesBehindTheEndAreFoundOrIgnored) {
  for (const Shape& shape : kShapes) {
    for (const uint64_t size : {1, 64, 512, 4160}) {
      const bool found = Look(shape, newest_[shape.fd] + Noise(1, size));
      EXPECT_TRUE(found || MayEndTorn(shape.fd.type)) << shape.name;
      (void)Look(shape, newest_[shape.fd] + newest_[shape.fd].substr(0, size));
    }
  }
}

TEST_F(SealedDamageTest, SwappedPagesAreFound) {
  for (const Shape& shape : {kShapes[2], kShapes[3]}) {
    std::string damaged = newest_[shape.fd];
    const uint64_t first = kSealedHeaderBytes;
    const std::string page = damaged.substr(first, kFullPage);
    const std::string next = damaged.substr(first + kFullPage, kFullPage);
    damaged.replace(first, kFullPage + next.size(), next + page);
    EXPECT_TRUE(Look(shape, damaged)) << shape.name;
    damaged = newest_[shape.fd];
    damaged.replace(first + kFullPage, next.size(), page.substr(0, next.size()));
    EXPECT_TRUE(Look(shape, damaged)) << shape.name;
  }
}

TEST_F(SealedDamageTest, SwappedSectorsAreFound) {
  for (const Shape& shape : kShapes) {
    const uint64_t sectors = newest_[shape.fd].size() / kSectorBytes;
    for (uint64_t a = 0; a < sectors; ++a) {
      for (uint64_t b = a + 1; b < sectors; b += 3) {
        std::string damaged = newest_[shape.fd];
        std::swap_ranges(damaged.begin() + a * kSectorBytes,
                         damaged.begin() + (a + 1) * kSectorBytes,
                         damaged.begin() + b * kSectorBytes);
        (void)Look(shape, std::move(damaged));
        if (HasFailure()) FAIL() << shape.name << " sectors " << a << " and " << b;
      }
    }
  }
}

// A page of an older file of the same name, or of another file, page for page and byte for byte.
TEST_F(SealedDamageTest, StaleAndForeignPagesAreFound) {
  for (const Shape& shape : kShapes) {
    for (const Shape& other : kShapes) {
      const std::string& from = other.fd == shape.fd ? older_[shape.fd] : newest_[other.fd];
      for (uint64_t at = 0; at < newest_[shape.fd].size(); at += kSectorBytes) {
        const uint64_t length = std::min<uint64_t>(
            {kSectorBytes, newest_[shape.fd].size() - at, from.size() - std::min(at, from.size())});
        std::string damaged = newest_[shape.fd];
        damaged.replace(at, length, from.substr(std::min(at, from.size()), length));
        (void)Look(shape, std::move(damaged));
        if (HasFailure()) FAIL() << shape.name << " with " << other.name << " at " << at;
      }
      if (other.fd == shape.fd) continue;
      EXPECT_TRUE(Look(shape, from)) << shape.name << " replaced by " << other.name;
    }
  }
}

// What tells: a later page that knows how much had been durable.
TEST_F(SealedDamageTest, AJournalThatWentOnTellsOfItsDamagedBeginning) {
  for (const Shape& shape : kShapes) {
    if (!MayEndTorn(shape.fd.type)) continue;
    std::string damaged = newest_[shape.fd];
    damaged[kSealedHeaderBytes + 60] ^= 1;  // its first page
    EXPECT_TRUE(Look(shape, damaged)) << shape.name;
    damaged = newest_[shape.fd];
    damaged[20] ^= 1;  // its header
    EXPECT_TRUE(Look(shape, damaged)) << shape.name;
  }
}

// And a closed one knows it of its last page too.
TEST_F(SealedDamageTest, AClosedJournalTellsOfItsDamagedEnd) {
  const Shape& journal = kShapes[5];
  const FileDesc fd = journal.fd;
  uint64_t last = 0;
  uint64_t before = 0;
  for (std::optional<uint64_t> at = FindPageHeader(fd, newest_[fd], 0); at.has_value();
       at = FindPageHeader(fd, newest_[fd], *at + 1)) {
    before = last;
    last = *at;
  }
  std::string damaged = newest_[fd];
  damaged[before + kPageHeaderBytes + 3] ^= 1;  // what was written last
  EXPECT_TRUE(Look(journal, damaged));
}

// Any mixture of damages, anywhere.
RC_GTEST_FIXTURE_PROP(SealedDamageTest, NoDamageGivesWrongBytes, ()) {
  const Shape& shape = kShapes[*rc::gen::inRange<size_t>(0, std::size(kShapes))];
  std::string damaged = newest_[shape.fd];
  const int damages = *rc::gen::inRange(1, 4);
  for (int i = 0; i < damages && !damaged.empty(); ++i) {
    const size_t at = *rc::gen::inRange<size_t>(0, damaged.size());
    const size_t length = std::min<size_t>(*rc::gen::inRange<size_t>(1, 5000), damaged.size() - at);
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
        damaged[at] = static_cast<char>(damaged[at] ^ *rc::gen::inRange(1, 256));
        break;
      case 1:
        damaged.replace(at, length, std::string(length, '\0'));
        break;
      case 2:
        damaged.resize(at);
        break;
      case 3:
        damaged.erase(at, length);
        break;
      case 4:
        damaged.insert(at, Noise(length, length));
        break;
      default:
        damaged.replace(at, length, older_[shape.fd].substr(0, length));
    }
  }
  (void)Look(shape, damaged, shape.MayEndEarly() ? MayShrink::kYes : MayShrink::kNo);
  RC_ASSERT(!HasFailure());
}

}  // namespace
}  // namespace wt::test
