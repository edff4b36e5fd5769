// The rules of the house that a program can check line by line. What clang-format and clang-tidy
// see is left to them.
#ifndef WAVETANK_TESTS_HOUSE_STYLE_RULES_H_
#define WAVETANK_TESTS_HOUSE_STYLE_RULES_H_

#include <string>
#include <string_view>
#include <vector>

#include "tests/house/source_tree.h"

namespace wt::house {

inline constexpr size_t kMostLines = 600;
inline constexpr size_t kMostColumns = 100;

// Words that must not stand in code (comments and quoted text are not code).
struct WordRule {
  std::vector<std::string_view> words;
  std::string_view instead;
  std::vector<std::string_view> folders;      // where it holds
  std::vector<std::string_view> exempt = {};  // files or folders in them where it does not
};

const std::vector<WordRule>& WordRules();

// Whether `word` stands in `code` by itself: not as a part of a longer name, unless it ends in '_'
// or '/', which takes every name that begins so.
bool HasWord(std::string_view code, std::string_view word);

// Each finding is "path:line: what is wrong: what to do instead".
std::vector<std::string> SizeFindings(const SourceFile& file);
std::vector<std::string> GuardFindings(const SourceFile& file);
std::vector<std::string> WordFindings(const SourceFile& file);
std::vector<std::string> CommentFindings(const SourceFile& file);
// Two draws within one list of arguments, of this line and the next: their order is the compiler's.
std::vector<std::string> DrawFindings(const SourceFile& file);

}  // namespace wt::house

#endif  // WAVETANK_TESTS_HOUSE_STYLE_RULES_H_
