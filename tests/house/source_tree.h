// The project's own C++ files, as the tests of the house read them.
#ifndef WAVETANK_TESTS_HOUSE_SOURCE_TREE_H_
#define WAVETANK_TESTS_HOUSE_SOURCE_TREE_H_

#include <string>
#include <string_view>
#include <vector>

namespace wt::house {

struct SourceFile {
  std::string path;                // from the project's root: "engine/base/check.h"
  std::vector<std::string> lines;  // as they are
  std::vector<std::string> code;   // the same, without comments and without what quotes hold
};

// Every .h and .cc below the source folders, sorted by path.
std::vector<SourceFile> ReadSourceTree(const std::string& root);

// A file made up in a test.
SourceFile MakeSource(std::string path, std::string_view content);

// Whether `path` is `folder` or lies in it; "engine/log" is not in "engine/lo". A `folder` that
// ends in '/' takes files of that folder itself only.
bool IsIn(std::string_view path, std::string_view folder);

// "path:line: what"; line counts from 1.
std::string Finding(const SourceFile& file, size_t line, std::string_view what);

// For EXPECT messages: one finding a line.
std::string Join(const std::vector<std::string>& findings);

}  // namespace wt::house

#endif  // WAVETANK_TESTS_HOUSE_SOURCE_TREE_H_
