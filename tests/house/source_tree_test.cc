// Proves that the readers of the house see code where there is code, and all of the tree.
#include "tests/house/source_tree.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wt::house {
namespace {

using testing::ElementsAre;

std::vector<std::string> CodeOf(std::string_view content) { return MakeSource("x", content).code; }

TEST(SourceTreeTest, CommentsAreNotCode) {
  EXPECT_THAT(CodeOf("a; // b\n/* c\nd */ e;"), ElementsAre("a;     ", "    ", "     e;"));
}

TEST(SourceTreeTest, QuotedTextIsNotCode) {
  EXPECT_THAT(CodeOf(R"(f("throw \" // x", 'y'); g();)"),
              ElementsAre(R"(f("             ", ' '); g();)"));
  EXPECT_THAT(CodeOf("R\"(a\n\"b)\" c"), ElementsAre("R\"  ", "   \" c"));
}

TEST(SourceTreeTest, DigitSeparatorsAreNotQuotes) {
  EXPECT_THAT(CodeOf("n = 1'000'000; f('a');"), ElementsAre("n = 1'000'000; f(' ');"));
}

TEST(SourceTreeTest, IncludesAreCode) {
  EXPECT_THAT(CodeOf("#include \"a/b.h\"  // why"), ElementsAre("#include \"a/b.h\"  // why"));
}

TEST(SourceTreeTest, FoldersAreWholeNames) {
  EXPECT_TRUE(IsIn("engine/log/x.h", "engine/log"));
  EXPECT_TRUE(IsIn("engine/log/x.h", "engine"));
  EXPECT_TRUE(IsIn("engine/log/x.h", "engine/log/x.h"));
  EXPECT_FALSE(IsIn("engine/logs/x.h", "engine/log"));
  EXPECT_TRUE(IsIn("engine/engine.h", "engine/"));
  EXPECT_FALSE(IsIn("engine/log/x.h", "engine/"));
}

TEST(SourceTreeTest, TheWholeTreeIsRead) {
  const std::vector<SourceFile> files = ReadSourceTree(WAVETANK_SOURCE_DIR);
  for (std::string_view path : {"engine/base/check.h", "engine/env/disk.h",
                                "engine/posix/posix_file.cc", "tests/house/source_tree_test.cc"}) {
    EXPECT_TRUE(std::any_of(files.begin(), files.end(), [&](const SourceFile& file) {
      return file.path == path;
    })) << path;
  }
  for (const SourceFile& file : files) EXPECT_FALSE(file.lines.empty()) << file.path;
}

}  // namespace
}  // namespace wt::house
