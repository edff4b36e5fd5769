// Proves that the engine's archives ask the system for nothing that the seam gives, and refer to no
// part of the tank; and that the ban list is awake: an object with one use of each kind is caught.
#include "tests/house/banned_symbols.h"

#include <filesystem>
#include <set>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/house/source_tree.h"

namespace wt::house {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> Archives() {
  std::vector<std::string> archives;
  std::istringstream list(WAVETANK_ARCHIVES);
  for (std::string archive; std::getline(list, archive, ':');) archives.push_back(archive);
  return archives;
}

bool IsOfTheTank(std::string_view name) {
  for (std::string_view part : {"wt::sim::", "wt::faults::", "wt::scenarios::", "wt::reports::"}) {
    if (name.find(part) != name.npos) return true;
  }
  return false;
}

TEST(BannedSymbolsTest, TheEngineAsksTheSystemForNothing) {
  std::vector<std::string> findings;
  for (const std::string& archive : Archives()) {
    for (const Symbol& symbol : SymbolsOf(archive, SymbolSet::kUndefined)) {
      const Ban* ban = BanOf(symbol);
      if (ban == nullptr) continue;
      findings.push_back(std::filesystem::path(archive).filename().string() + " " + symbol.object +
                         " uses " + symbol.name + " (" + std::string(ban->what) + "): use " +
                         std::string(ban->instead));
    }
  }
  EXPECT_TRUE(findings.empty()) << Join(findings);
}

TEST(BannedSymbolsTest, TheEngineRefersToNoPartOfTheTank) {
  std::vector<std::string> findings;
  for (const std::string& archive : Archives()) {
    for (const Symbol& symbol : SymbolsOf(archive, SymbolSet::kAll)) {
      if (!IsOfTheTank(symbol.name)) continue;
      findings.push_back(archive + " " + symbol.object + " knows " + symbol.name);
    }
  }
  EXPECT_TRUE(findings.empty()) << Join(findings);
}

// Otherwise a new folder would escape the two tests above.
TEST(BannedSymbolsTest, EveryFolderOfBothWorldsIsLookedAt) {
  std::set<std::string> looked_at;
  for (const std::string& archive : Archives()) {
    looked_at.insert(std::filesystem::path(archive).stem().string());
    EXPECT_THAT(SymbolsOf(archive, SymbolSet::kAll), Not(IsEmpty())) << archive;
  }
  std::set<std::string> built;
  for (const SourceFile& file : ReadSourceTree(WAVETANK_SOURCE_DIR)) {
    if (!IsIn(file.path, "engine") && !IsIn(file.path, "replicas")) continue;
    if (IsIn(file.path, "engine/posix") || IsIn(file.path, "engine/rocksdb")) continue;
    if (IsIn(file.path, "replicas/server")) continue;
    if (!file.path.ends_with(".cc")) continue;
    const std::filesystem::path folder = std::filesystem::path(file.path).parent_path().filename();
    built.insert("libwavetank_" + folder.string());
  }
  EXPECT_EQ(looked_at, built);
}

TEST(BannedSymbolsTest, APlantedUseOfEachKindIsCaught) {
  std::set<std::string_view> caught;
  for (const Symbol& symbol : SymbolsOf(WAVETANK_PLANTED_OBJECT, SymbolSet::kUndefined)) {
    if (const Ban* ban = BanOf(symbol)) caught.insert(ban->what);
  }
  for (const Ban& ban : Bans()) EXPECT_THAT(caught, Contains(ban.what));
}

TEST(BannedSymbolsTest, ThePlantedUsesAreCaughtByName) {
  std::set<std::string> caught;
  for (const Symbol& symbol : SymbolsOf(WAVETANK_PLANTED_OBJECT, SymbolSet::kUndefined)) {
    EXPECT_EQ(symbol.object, "planted_bans.cc.o");
    if (BanOf(symbol) != nullptr) caught.insert(symbol.name);
  }
  for (const char* name :
       {"std::chrono::_V2::steady_clock::now()", "pthread_mutex_lock", "getenv",
        "absl::debian3::Now()", "absl::debian3::Mutex::Lock()", "fopen", "socket"}) {
    EXPECT_THAT(caught, Contains(name));
  }
}

TEST(BannedSymbolsTest, ExceptionsAreForOneObject) {
  EXPECT_EQ(BanOf({"check.cc.o", "stderr"}), nullptr);
  EXPECT_NE(BanOf({"log.cc.o", "stderr"}), nullptr);
  EXPECT_EQ(BanOf({"log.cc.o", "abort"}), nullptr);
  EXPECT_EQ(BanOf({"log.cc.o", "wt::LogStorage::open()"}), nullptr);
}

}  // namespace
}  // namespace wt::house
