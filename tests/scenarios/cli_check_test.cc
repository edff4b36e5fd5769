// Proves what `wavetank check DIR` promises on the command line, on folders of a real file system:
// a whole one, damaged ones, and what is not ours; and that nothing in the folder is changed.
#include <gmock/gmock.h>

#include <map>

#include "tests/database/folders.h"
#include "tests/scenarios/cli_program.h"

namespace wt {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using Json = nlohmann::json;
using test::Files;

const Files& Whole() {
  static const test::Folder folder = test::MakeFolder([](Env) { return test::TinyOptions(); });
  return folder.files;
}

std::string NameOfOne(const Files& files, std::string_view what) {
  for (const auto& [path, bytes] : files) {
    if (path.find(what) != path.npos) return path;
  }
  WT_CHECK(false);
}

class CheckProgramTest : public FakeProgram {
 protected:
  Result Check(const Files& files, const std::string& more = "") {
    std::filesystem::remove_all(folder_ / "data");
    for (const auto& [path, bytes] : files) {
      std::filesystem::create_directories((folder_ / "data" / path).parent_path());
      Write("data/" + path, bytes);
    }
    Result result = Run("check data " + more);
    for (const auto& [path, bytes] : files) {
      // A lock says who had it last.
      if (path == "LOCK") continue;
      EXPECT_EQ(Read("data/" + path), bytes) << path;
    }
    uint64_t there = 0;
    for (const auto& one : std::filesystem::recursive_directory_iterator(folder_ / "data")) {
      there += one.is_regular_file() ? 1 : 0;
    }
    EXPECT_EQ(there, files.size()) << "a check leaves nothing behind";
    return result;
  }
};

TEST_F(CheckProgramTest, AWholeFolderIsWhole) {
  const Result text = Check(Whole());
  EXPECT_EQ(text.exit_code, 0) << text.out << text.err;
  EXPECT_THAT(text.out, HasSubstr("log        "));
  EXPECT_THAT(text.out, EndsWith("WHOLE\n"));
  const std::vector<Json> lines = LinesOf(Check(Whole(), "--json").out);
  EXPECT_EQ(lines.back()["kind"], "end");
  EXPECT_EQ(lines.back()["whole"], true);
  EXPECT_GT(lines.back()["tables"], 1);
  EXPECT_GT(lines.back()["last_index"], lines.back()["in_tables"]);
}

TEST_F(CheckProgramTest, ADamagedLogIsAFinding) {
  Files files = Whole();
  const std::string path = NameOfOne(files, ".wal");
  files[path][4096 + 150] ^= 1;
  const Result text = Check(files);
  EXPECT_EQ(text.exit_code, 1) << text.out << text.err;
  EXPECT_THAT(text.out, HasSubstr("damage  " + path + " at 4096\n"));
  EXPECT_THAT(text.out, EndsWith("DAMAGED\n"));
  const std::vector<Json> lines = LinesOf(Check(files, "--json").out);
  EXPECT_EQ(lines[0]["kind"], "damage");
  EXPECT_EQ(lines[0]["file"], path);
  EXPECT_EQ(lines[0]["offset"], 4096);
  EXPECT_EQ(lines.back()["whole"], false);
}

TEST_F(CheckProgramTest, ADamagedTableIsAFinding) {
  Files files = Whole();
  const std::string path = NameOfOne(files, ".ldb");
  files[path][70] ^= 1;
  const Result text = Check(files);
  EXPECT_EQ(text.exit_code, 1) << text.out << text.err;
  EXPECT_THAT(text.out, HasSubstr("damage  " + path + " at 64\n"));
}

TEST_F(CheckProgramTest, TheLogIsWhereItIsSaidToBe) {
  Files files;
  for (const auto& [path, bytes] : Whole()) {
    const bool is_log = path.starts_with("log/");
    files[is_log ? "wal" + path.substr(3) : path] = bytes;
    if (is_log) files["copy" + path.substr(3)] = bytes;
  }
  const Result unsaid = Check(files);
  EXPECT_EQ(unsaid.exit_code, 4) << unsaid.out << unsaid.err;
  EXPECT_THAT(unsaid.out, HasSubstr("--log-directory"));
  const Result said = Check(files, "--log-directory wal");
  EXPECT_EQ(said.exit_code, 0) << said.out << said.err;
  EXPECT_THAT(Check(files, "--log-directory none").out, HasSubstr("the log is missing"));
}

// A log that begins late, and no table was ever begun.
TEST_F(CheckProgramTest, AStoreElsewhereIsBelieved) {
  Files files = Whole();
  std::erase_if(files, [](const auto& one) { return one.first.starts_with("tables/"); });
  const Result none = Check(files, "--other-store");
  EXPECT_EQ(none.exit_code, 1) << none.out << none.err;
  std::filesystem::create_directories(folder_ / "data/tables");
  const Result unsaid = Run("check data");
  EXPECT_EQ(unsaid.exit_code, 4) << unsaid.out << unsaid.err;
  EXPECT_THAT(unsaid.out, HasSubstr("--other-store"));
  const Result said = Run("check data --other-store");
  EXPECT_EQ(said.exit_code, 0) << said.out << said.err;
  EXPECT_THAT(said.out, EndsWith("WHOLE\n"));
}

TEST_F(CheckProgramTest, WhatIsNotOursIsOneLine) {
  const Result other = Check({{"thesis.txt", "words"}});
  EXPECT_EQ(other.exit_code, 2) << other.out << other.err;
  EXPECT_EQ(other.out, "");
  EXPECT_EQ(std::count(other.err.begin(), other.err.end(), '\n'), 1) << other.err;
  EXPECT_THAT(other.err, HasSubstr("data: there is neither a log nor tables nor snapshots"));
  const Result none = Run("check nowhere");
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("nowhere is no folder"));
  EXPECT_EQ(Run("check").exit_code, 2);
}

}  // namespace
}  // namespace wt
