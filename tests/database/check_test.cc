// The offline check: what it finds in folders that are whole, torn, damaged, incomplete or not
// ours, in which words, and that it changes nothing.
#include "engine/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/posix/posix_world.h"
#include "engine/rocksdb/rocksdb_store.h"
#include "tests/database/folders.h"
#include "tests/posix/temporary_folder.h"

namespace wt::test {
namespace {

using testing::HasSubstr;
using Kind = CheckFinding::Kind;

const Folder& Whole() {
  static const Folder folder = MakeFolder([](Env) { return TinyOptions(); });
  return folder;
}

std::string LastOf(const Files& files, std::string_view what) {
  std::string last;
  for (const auto& [path, bytes] : files) {
    if (path.find(what) != path.npos) last = path;
  }
  EXPECT_FALSE(last.empty()) << what;
  return last;
}

absl::StatusOr<CheckReport> CheckOf(const Files& files, const CheckOptions& options = {}) {
  absl::StatusOr<CheckReport> report = Unavailable("not asked");
  const Files after = RunOn(files, [&](Env env) { report = CheckFolder(env, options); });
  EXPECT_EQ(after, files) << "a check changed something";
  return report;
}

Files WithLogIn(const std::string& folder) {
  Files moved;
  for (const auto& [path, bytes] : Whole().files) {
    moved[path.starts_with("log/") ? folder + path.substr(3) : path] = bytes;
  }
  return moved;
}

const CheckFinding* Find(const CheckReport& report, Kind kind) {
  for (const CheckFinding& one : report.findings) {
    if (one.kind == kind) return &one;
  }
  return nullptr;
}

TEST(CheckFolderTest, AWholeFolderIsWhole) {
  const auto report = CheckOf(Whole().files);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->is_whole()) << report->findings.front().what;
  EXPECT_GT(report->tables, 1u);
  EXPECT_GT(report->table_entries, 20u);
  EXPECT_GE(report->segments, 1u);
  EXPECT_GT(report->in_tables, LogIndex(200));
  EXPECT_GT(report->last_index, report->in_tables);
}

TEST(CheckFolderTest, ATornTailIsFine) {
  Files files = Whole().files;
  std::string& bytes = files[LastOf(files, ".wal")];
  // The last batch says that the segment is closed, and holds no entry.
  bytes[bytes.find_last_not_of('\0') / 4096 * 4096 + 40] ^= 1;
  const auto report = CheckOf(files);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->is_whole());
  const CheckFinding* found = Find(*report, Kind::kFine);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->file, "log");
  EXPECT_THAT(found->means, HasSubstr("a write that a crash cut short"));
}

TEST(CheckFolderTest, DamageInTheLogNamesSegmentAndOffset) {
  Files files = Whole().files;
  const std::string path = LastOf(files, ".wal");
  files[path][4096 + 150] ^= 1;
  const auto report = CheckOf(files);
  ASSERT_TRUE(report.ok()) << report.status();
  const CheckFinding* found = Find(*report, Kind::kDamage);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->file, path);
  EXPECT_EQ(found->offset, 4096u);
  EXPECT_THAT(found->means, HasSubstr("acknowledged entries are lost"));
}

TEST(CheckFolderTest, EveryDamagedTableIsNamed) {
  Files files = Whole().files;
  uint64_t tables = 0;
  for (auto& [path, bytes] : files) {
    if (!path.ends_with(".ldb")) continue;
    bytes[70] ^= 1;  // in the first block
    ++tables;
  }
  const auto report = CheckOf(files);
  ASSERT_TRUE(report.ok()) << report.status();
  uint64_t named = 0;
  for (const CheckFinding& one : report->findings) {
    if (one.kind != Kind::kDamage) continue;
    EXPECT_TRUE(one.file.starts_with("tables/") && one.file.ends_with(".ldb")) << one.file;
    EXPECT_EQ(one.offset, 64u) << one.what;
    ++named;
  }
  EXPECT_EQ(named, tables);
}

TEST(CheckFolderTest, WhatIsMissingIsNamed) {
  for (const char* what : {".ldb", "MANIFEST"}) {
    Files files = Whole().files;
    const std::string path = LastOf(files, what);
    files.erase(path);
    const auto report = CheckOf(files);
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_NE(Find(*report, Kind::kDamage), nullptr) << what;
  }
  Files files = Whole().files;
  std::erase_if(files, [](const auto& one) { return one.first.starts_with("log/"); });
  const auto report = CheckOf(files);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->is_whole());
}

TEST(CheckFolderTest, LeftoversAreFine) {
  Files files = Whole().files;
  files["tables/009999.ldb"] = "half a table";
  const auto report = CheckOf(files);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->is_whole());
  const CheckFinding* found = Find(*report, Kind::kFine);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->file, "tables/009999.ldb");
}

// A crash in a first opening leaves it; the rename that an opening answers it with is not done.
TEST(CheckFolderTest, AnEmptyLogOfAFirstOpeningIsFine) {
  for (const char* log : {"log", "log.tmp"}) {
    RunOn({}, [&](Env env) {
      ASSERT_TRUE(env.disk.CreateDirectory("tables").ok());
      ASSERT_TRUE(env.disk.CreateDirectory(log).ok());
      const auto report = CheckFolder(env);
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_TRUE(report->is_whole()) << report->findings.front().what;
      EXPECT_EQ(report->segments, 0u);
      EXPECT_EQ(env.disk.List("")->size(), 2u);
    });
  }
}

TEST(CheckFolderTest, AnEmptyLogBesideTablesIsDamage) {
  Files files = Whole().files;
  std::erase_if(files, [](const auto& one) { return one.first.starts_with("log/"); });
  for (const bool is_flushed : {true, false}) {
    if (!is_flushed) {
      files = RunOn({}, [](Env env) {
        auto db = Database::Open(TinyOptions(), env);
        ASSERT_TRUE(db.ok() && (*db)->Write("k", "v").ok() && (*db)->Close().ok());
      });
      std::erase_if(files, [](const auto& one) { return one.first.starts_with("log/"); });
    }
    RunOn(files, [](Env env) {
      ASSERT_TRUE(env.disk.CreateDirectory("log").ok());
      const auto report = CheckFolder(env);
      ASSERT_TRUE(report.ok()) << report.status();
      const CheckFinding* found = Find(*report, Kind::kDamage);
      ASSERT_NE(found, nullptr);
      EXPECT_EQ(found->file, "log");
    });
  }
}

// An opening ends the rename; a check reads what it would find.
TEST(CheckFolderTest, ALogOnTheWayToItsNameIsRead) {
  const auto report = CheckOf(WithLogIn("log.tmp"));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->is_whole()) << report->findings.front().what;
  EXPECT_GT(report->last_index, report->in_tables);
}

TEST(CheckFolderTest, ALogOfAnotherNameIsFound) {
  for (const char* folder : {"wal", "journal/of/it"}) {
    Files files = WithLogIn(folder);
    for (const CheckOptions& options : {CheckOptions{}, CheckOptions{.log_directory = folder}}) {
      const auto report = CheckOf(files, options);
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_TRUE(report->is_whole()) << report->findings.front().what;
      EXPECT_EQ(report->log, folder);
      EXPECT_GT(report->last_index, report->in_tables);
    }
    const std::string path = LastOf(files, ".wal");
    files[path][4096 + 150] ^= 1;
    const auto report = CheckOf(files);
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_NE(Find(*report, Kind::kDamage), nullptr);
    EXPECT_EQ(Find(*report, Kind::kDamage)->file, path);
  }
}

TEST(CheckFolderTest, WhichOfTwoLogsItIsMustBeSaid) {
  Files files = WithLogIn("wal");
  for (const auto& [path, bytes] : WithLogIn("copy")) files[path] = bytes;
  const auto report = CheckOf(files);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(Find(*report, Kind::kDamage), nullptr);
  const CheckFinding* found = Find(*report, Kind::kUnreadable);
  ASSERT_NE(found, nullptr);
  EXPECT_THAT(found->what, HasSubstr("copy and in wal"));
  EXPECT_TRUE(CheckOf(files, {.log_directory = "wal"})->is_whole());
}

// A store of another kind lets the log go as tables do, and the check cannot see it.
TEST(CheckFolderTest, WhatAnotherStoreHasIsNotCalledLost) {
  TemporaryFolder folder;
  TemporaryFolder elsewhere;
  for (const bool is_inside : {true, false}) {
    const std::string root = folder.path() + (is_inside ? "/in" : "/out");
    PosixWorld world({.root = root});
    DatabaseOptions options = TinyOptions();
    options.store = RocksDbStoreIn((is_inside ? root : elsewhere.path()) + "/rocksdb");
    auto db = Database::Open(options, world.env());
    ASSERT_TRUE(db.ok()) << db.status();
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE((*db)->Write("key", std::string(kKiB, 'v'), Durability::kBuffered).ok());
    }
    ASSERT_TRUE((*db)->Flush().ok());
    ASSERT_GT((*db)->log().first_index(), LogIndex(1));
    ASSERT_TRUE((*db)->Close().ok());
    const auto report = CheckFolder(world.env());
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->is_whole(), is_inside);
    const CheckFinding* found = Find(*report, is_inside ? Kind::kFine : Kind::kUnreadable);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(Find(*report, Kind::kDamage), nullptr);
    EXPECT_TRUE(CheckFolder(world.env(), {.has_other_store = true})->is_whole());
  }
}

TEST(CheckFolderTest, AFolderOfSomebodyElseIsNoDatabase) {
  EXPECT_TRUE(absl::IsNotFound(CheckOf({{"thesis.txt", "words"}}).status()));
}

TEST(CheckFolderTest, AnOpenDatabaseIsLeftAlone) {
  RunOn({}, [](Env env) {
    auto db = Database::Open(TinyOptions(), env);
    ASSERT_TRUE(db.ok());
    EXPECT_TRUE(absl::IsFailedPrecondition(CheckFolder(env).status()));
    EXPECT_TRUE((*db)->Close().ok());
    EXPECT_TRUE(CheckFolder(env).ok());
  });
}

}  // namespace
}  // namespace wt::test
