// Names: what the formats say, and edge 4 of STORAGE.md: nothing else is taken for a file.
#include "engine/storage/names.h"

#include <gtest/gtest.h>

#include "engine/storage/errors.h"

namespace wt {
namespace {

struct Named {
  const char* name;
  FileDesc fd;
};
const Named kNames[] = {
    {"000100.log", {FileType::kJournal, 100}},
    {"000000.log", {FileType::kJournal, 0}},
    {"000000.ldb", {FileType::kTable, 0}},
    {"999999.tmp", {FileType::kTemp, 999999}},
    {"1000000.tmp", {FileType::kTemp, 1000000}},
    {"MANIFEST-000002", {FileType::kManifest, 2}},
    {"MANIFEST-1234567", {FileType::kManifest, 1234567}},
    {"9223372036854775807.log", {FileType::kJournal, kMaxFileNumber}},
};

TEST(NamesTest, AreThoseOfTheFormat) {
  for (const Named& named : kNames) {
    EXPECT_EQ(NameOf(named.fd), named.name);
    EXPECT_EQ(ParseName(named.name), named.fd) << named.name;
    EXPECT_EQ(named.fd.ToString(), named.name);
  }
}

TEST(NamesTest, OldTablesAreKnown) {
  const FileDesc table{FileType::kTable, 7};
  EXPECT_EQ(OldNameOf(table), "000007.sst");
  EXPECT_EQ(ParseName("000007.sst"), table);
  EXPECT_EQ(OldNameOf({FileType::kJournal, 7}), "");
}

TEST(NamesTest, NothingElseIsAFile) {
  for (const char* name : {"",
                           "foo",
                           "foo-dx-100.log",
                           ".log",
                           "manifest",
                           "CURRENT",
                           "CURRENTX",
                           "CURRENT.7",
                           "MANIFES",
                           "MANIFEST",
                           "MANIFEST-",
                           "XMANIFEST-000003",
                           "MANIFEST-3x",
                           "MANIFEST-000003x",
                           "MANIFEST-3",
                           "MANIFEST--00005",
                           "MANIFEST-000005 ",
                           "MANIFEST-000004\r",
                           "MANIFEST-000004\nMANIFEST-000004",
                           "LOCK",
                           "LOCKx",
                           "LOG",
                           "LOG.old",
                           "100",
                           "100.",
                           "000100.",
                           "000100.lop",
                           "000100.log.bak",
                           "9223372036854775808.log",
                           "18446744073709551615.log",
                           "18446744073709551616.log",
                           "184467440737095516150.log",
                           "7.log",
                           "00007.log",
                           "0000007.log",
                           "+00005.log",
                           " 000005.log",
                           "000005.log\n",
                           "000100.log foo",
                           "-00001.log",
                           "0x0010.log",
                           "1_0000.log",
                           "000001.LOG",
                           "manifest-000001",
                           "000001.ldbx"}) {
    EXPECT_EQ(ParseName(name), std::nullopt) << name;
  }
}

TEST(NamesTest, ValidityIsOneTypeAndANumberThatFits) {
  EXPECT_TRUE(IsValid({FileType::kTemp, 0}));
  EXPECT_TRUE(IsValid({FileType::kTable, kMaxFileNumber}));
  EXPECT_FALSE(IsValid({}));
  EXPECT_FALSE(IsValid({FileType::kTable, kMaxFileNumber + 1}));
  for (int bits = 0; bits < 256; ++bits) {
    const bool one = bits == 1 || bits == 2 || bits == 4 || bits == 8;
    EXPECT_EQ(IsValid({static_cast<FileType>(bits), 1}), one) << bits;
  }
  EXPECT_EQ((FileDesc{static_cast<FileType>(3), 9}.ToString()), "invalid file 3/9");
}

TEST(NamesTest, PendingNamesHaveNoLeadingZeros) {
  EXPECT_EQ(PendingNameOf(0), "CURRENT.0");
  EXPECT_EQ(ParsePendingName("CURRENT.0"), 0u);
  EXPECT_EQ(ParsePendingName("CURRENT.9223372036854775807"), kMaxFileNumber);
  for (const char* name :
       {"CURRENT", "CURRENT.", "CURRENT.bak", "CURRENT.010", "CURRENT.+1", "CURRENT.1 ",
        "CURRENT.9223372036854775808", "CURREN.1", "XCURRENT.1", "CURRENT1"}) {
    EXPECT_EQ(ParsePendingName(name), std::nullopt) << name;
  }
}

TEST(FileTypesTest, MasksAreSets) {
  constexpr FileTypes kGrowing = FileType::kManifest | FileType::kJournal;
  EXPECT_TRUE(kGrowing.Has(FileType::kManifest));
  EXPECT_TRUE(kGrowing.Has(FileType::kJournal));
  EXPECT_FALSE(kGrowing.Has(FileType::kTable));
  EXPECT_FALSE(kGrowing.Has(FileType::kNone));
  EXPECT_TRUE(FileTypes().empty());
  for (FileType type : kFileTypes) EXPECT_TRUE(kAllFileTypes.Has(type));
}

TEST(StorageErrorTest, KindsAreToldApartAndSurviveContext) {
  const FileDesc table{FileType::kTable, 7};
  const std::pair<absl::Status, StorageError> kinds[] = {
      {InvalidFileError(table), StorageError::kInvalidFile},
      {NotAManifestError(table), StorageError::kInvalidFile},
      {ReadOnlyError(), StorageError::kReadOnly},
      {ClosedError("x"), StorageError::kClosed},
      {LockedError(), StorageError::kLocked},
      {FileOpenError(table, "Create"), StorageError::kFileOpen},
      {DeadError("x", absl::UnavailableError("why")), StorageError::kDead},
      {InDoubtError(table, absl::UnavailableError("why")), StorageError::kInDoubt},
      {CorruptedError(table, "what"), StorageError::kCorrupted},
      {WrongKeyError(table), StorageError::kWrongKey},
      {NoSuchFileError(table), StorageError::kNone},
      {absl::OkStatus(), StorageError::kNone},
  };
  for (const auto& [status, kind] : kinds) {
    EXPECT_EQ(StorageErrorOf(status), kind) << status;
    EXPECT_EQ(StorageErrorOf(WithContext(status, "opening")), kind) << status;
  }
  FileDesc damaged;
  EXPECT_TRUE(IsCorrupted(WithContext(CorruptedError(table, "page 3"), "reading"), &damaged));
  EXPECT_EQ(damaged, table);
  EXPECT_EQ(CorruptedError(table, "page 3").message(), "[file=000007.ldb] page 3");
  EXPECT_FALSE(IsCorrupted(absl::DataLossError("of somebody else")));
}

}  // namespace
}  // namespace wt
