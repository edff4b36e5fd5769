// The manifest gives back its edits, loses only an end that no sync vouched for, and names every
// other damage.
#include "engine/lsm/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/status.h"
#include "engine/storage/errors.h"
#include "engine/storage/memory_storage.h"
#include "tests/support/memory_env.h"

namespace wt {
namespace {

using testing::HasSubstr;

TableRecord RecordNamed(uint64_t number) {
  return {.identity = {.number = number, .salt = number * 77},
          .adopted_as = number % 2 == 0 ? number + 100 : 0,
          .bytes = 1000 + number,
          .content = {number, ~number},
          .entries = number * 3,
          .deletes = number,
          .min_version = LogIndex(number),
          .max_version = LogIndex(number + 9),
          .smallest_key = "a" + std::to_string(number),
          .largest_key = std::string("z\0z", 3)};
}

ManifestEdit EditNamed(uint64_t number) {
  return {.flushed = LogIndex(number * 10),
          .next_file = number + 1,
          .removed = {{static_cast<uint32_t>(number % kLevels), number + 5}},
          .added = {{static_cast<uint32_t>((number + 1) % kLevels), RecordNamed(number)}}};
}

class ManifestTest : public testing::Test {
 protected:
  // A manifest of `edits` edits.
  void Write(uint64_t edits) {
    auto writer = ManifestWriter::Create(*storage_, 7, 1234, EditNamed(1));
    ASSERT_TRUE(writer.ok()) << writer.status();
    for (uint64_t i = 2; i <= edits; ++i) ASSERT_TRUE((*writer)->Append(EditNamed(i)).ok());
    EXPECT_EQ((*writer)->bytes(), bytes().size());
  }
  std::string& bytes() { return *files_->contents[kManifest]; }
  absl::StatusOr<ManifestContent> Read() { return ReadManifest(*storage_, kManifest); }

  static constexpr FileDesc kManifest{FileType::kManifest, 7};
  test::MemoryEnv env_;
  std::shared_ptr<MemoryFiles> files_ = std::make_shared<MemoryFiles>();
  std::unique_ptr<Storage> storage_ = NewMemoryStorage(env_.env().tasks, files_);
};

TEST_F(ManifestTest, GivesBackItsEditsAndIsPointedTo) {
  Write(5);
  EXPECT_EQ(*storage_->GetMeta(), kManifest);
  const ManifestContent content = *Read();
  EXPECT_FALSE(content.tail_cut);
  ASSERT_EQ(content.edits.size(), 5u);
  for (uint64_t i = 0; i < 5; ++i) EXPECT_EQ(content.edits[i], EditNamed(i + 1));
}

TEST_F(ManifestTest, AnyCutGivesAPrefixOfItsEdits) {
  Write(4);
  const std::string whole = bytes();
  size_t most = 0;
  for (size_t size = 0; size < whole.size(); ++size) {
    bytes() = whole.substr(0, size);
    const absl::StatusOr<ManifestContent> content = Read();
    if (!content.ok()) {
      EXPECT_TRUE(IsCorrupted(content.status())) << content.status();
      EXPECT_EQ(most, 0u) << "the first edit was durable before anybody pointed here";
      continue;
    }
    EXPECT_GE(content->edits.size(), most);
    most = content->edits.size();
  }
  EXPECT_EQ(most, 4u) << "what follows the last edit is room up to the next page";
}

TEST_F(ManifestTest, NothingIsWrittenThatCouldNotBeReadAgain) {
  constexpr uint64_t kLimit = 64 * kKiB;
  auto writer = ManifestWriter::Create(*storage_, 7, 1234, EditNamed(1), kLimit);
  ASSERT_TRUE(writer.ok()) << writer.status();
  absl::Status appended;
  uint64_t edits = 1;
  while ((appended = (*writer)->Append(EditNamed(edits + 1))).ok()) ++edits;
  EXPECT_TRUE(absl::IsOutOfRange(appended)) << appended;
  EXPECT_EQ((*writer)->bytes(), kLimit);
  writer->reset();
  EXPECT_EQ(bytes().size(), kLimit);
  EXPECT_EQ(Read()->edits.size(), edits);
}

TEST_F(ManifestTest, NorPointedTo) {
  Write(1);
  ManifestEdit large = EditNamed(2);
  large.added[0].table.largest_key = std::string(9 * kKiB, 'z');
  const absl::Status created = ManifestWriter::Create(*storage_, 8, 1235, large, 8 * kKiB).status();
  EXPECT_TRUE(absl::IsOutOfRange(created)) << created;
  EXPECT_EQ(*storage_->GetMeta(), kManifest);
  EXPECT_TRUE(Read().ok());
}

// Whatever it began with, there is room left when it is begun anew.
TEST_F(ManifestTest, IsLongBeforeItIsTooLong) {
  EXPECT_FALSE(IsManifestLong(kMiB, 4 * kKiB, kMiB));
  EXPECT_TRUE(IsManifestLong(kMiB + 1, 4 * kKiB, kMiB));
  EXPECT_FALSE(IsManifestLong(60 * kMiB, 30 * kMiB, kMiB));
  EXPECT_TRUE(IsManifestLong(60 * kMiB + 1, 30 * kMiB, kMiB));
  EXPECT_FALSE(IsManifestLong(228 * kMiB, 200 * kMiB, kMiB));
  EXPECT_TRUE(IsManifestLong(228 * kMiB + 1, 200 * kMiB, kMiB));
  EXPECT_FALSE(IsManifestLong(kMaxManifestBytes, kMaxManifestBytes, kMiB));
}

// One bit anywhere: the last edit goes, as a torn one would, or the damage is named.
TEST_F(ManifestTest, EveryFlippedBitIsNamedOrEndsIt) {
  Write(3);
  const std::string whole = bytes();
  for (size_t at = 0; at < whole.size(); ++at) {
    bytes() = whole;
    bytes()[at] = static_cast<char>(bytes()[at] ^ 4);
    const absl::StatusOr<ManifestContent> content = Read();
    if (content.ok()) {
      const bool is_padding = content->edits.size() == 3;
      EXPECT_EQ(content->edits.size(), is_padding ? 3u : 2u) << "byte " << at;
      EXPECT_TRUE(is_padding ? whole[at] == 0 : content->tail_cut) << "byte " << at;
    } else if (!absl::IsFailedPrecondition(content.status())) {
      EXPECT_TRUE(IsCorrupted(content.status())) << content.status();
      EXPECT_THAT(MessageOf(content.status()), HasSubstr("MANIFEST-000007"));
    }
  }
}

TEST_F(ManifestTest, AnotherManifestsBytesAreNotItsOwn) {
  Write(2);
  const std::string other = bytes();
  files_->contents[{FileType::kManifest, 8}] = std::make_shared<std::string>(other);
  const absl::Status read = ReadManifest(*storage_, {FileType::kManifest, 8}).status();
  EXPECT_THAT(MessageOf(read), HasSubstr("this is manifest 7"));
}

TEST_F(ManifestTest, ANewerFormatIsRefusedByItsNumber) {
  Write(1);
  bytes()[8] = 2;
  // With a checksum that fits, as a newer program would have written it.
  const uint64_t hash = Hash64(std::string_view(bytes()).substr(0, 32));
  bytes().replace(32, 8, reinterpret_cast<const char*>(&hash), 8);
  const absl::Status read = Read().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(read)) << read;
  EXPECT_THAT(MessageOf(read), HasSubstr("format 2"));
}

RC_GTEST_PROP(ManifestEditTest, AnyBytesAreAnEditOrRefused, (const std::string& bytes)) {
  const absl::StatusOr<ManifestEdit> edit = DecodeEdit(bytes);
  if (edit.ok()) RC_ASSERT(*DecodeEdit(EncodeEdit(*edit)) == *edit);
}

}  // namespace
}  // namespace wt
