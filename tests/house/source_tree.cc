#include "tests/house/source_tree.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/base/check.h"

namespace wt::house {
namespace {

constexpr std::string_view kSourceFolders[] = {"engine",    "faults", "replicas", "reports",
                                               "scenarios", "sim",    "tests"};

// Blanks comments and the insides of quotes, keeping every line's length.
class CodeFilter {
 public:
  explicit CodeFilter(std::string_view text) : text_(text), out_(text) {}

  std::string Run() {
    while (at_ < text_.size()) Step();
    return std::move(out_);
  }

 private:
  bool Ahead(std::string_view token) const { return text_.substr(at_, token.size()) == token; }

  void Step() {
    if (Ahead("//")) return BlankUntil("\n", /*keep_end=*/true);
    if (Ahead("/*")) return BlankUntil("*/", /*keep_end=*/false);
    if (Ahead("R\"")) return BlankRawString();
    if (text_[at_] == '"') return BlankQuoted('"');
    if (text_[at_] == '\'' && !IsDigitSeparator()) return BlankQuoted('\'');
    ++at_;
  }

  bool IsDigitSeparator() const {
    return at_ > 0 && at_ + 1 < text_.size() && std::isxdigit(Byte(at_ - 1)) != 0 &&
           std::isxdigit(Byte(at_ + 1)) != 0;
  }
  unsigned char Byte(size_t at) const { return static_cast<unsigned char>(text_[at]); }

  void Blank(size_t to) {
    for (; at_ < std::min(to, text_.size()); ++at_) {
      if (text_[at_] != '\n') out_[at_] = ' ';
    }
  }
  void BlankUntil(std::string_view end, bool keep_end) {
    const size_t found = text_.find(end, at_ + 2);
    Blank(found == text_.npos ? text_.size() : found + (keep_end ? 0 : end.size()));
  }
  void BlankRawString() {
    const size_t open = text_.find('(', at_);
    if (open == text_.npos) return Blank(text_.size());
    const std::string end = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    at_ += 2;
    const size_t close = text_.find(end, open);
    Blank(close == text_.npos ? text_.size() : close + end.size() - 1);
    ++at_;
  }
  void BlankQuoted(char quote) {
    size_t close = at_ + 1;
    while (close < text_.size() && text_[close] != quote && text_[close] != '\n') {
      close += text_[close] == '\\' ? 2 : 1;
    }
    ++at_;
    Blank(close);
    ++at_;
  }

  const std::string_view text_;
  std::string out_;
  size_t at_ = 0;
};

std::vector<std::string> SplitLines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// An include names its file in quotes, which is code here.
void KeepIncludes(SourceFile& file) {
  for (size_t i = 0; i < file.lines.size(); ++i) {
    if (file.lines[i].starts_with("#include ")) file.code[i] = file.lines[i];
  }
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  WT_CHECK(in.good());
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

}  // namespace

SourceFile MakeSource(std::string path, std::string_view content) {
  SourceFile file{std::move(path), SplitLines(content), SplitLines(CodeFilter(content).Run())};
  WT_CHECK_EQ(file.lines.size(), file.code.size());
  KeepIncludes(file);
  return file;
}

std::vector<SourceFile> ReadSourceTree(const std::string& root) {
  std::vector<SourceFile> files;
  for (std::string_view folder : kSourceFolders) {
    const std::filesystem::path start = std::filesystem::path(root) / folder;
    if (!std::filesystem::exists(start)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(start)) {
      const std::string extension = entry.path().extension().string();
      if (!entry.is_regular_file() || (extension != ".h" && extension != ".cc")) continue;
      files.push_back(MakeSource(std::filesystem::relative(entry.path(), root).generic_string(),
                                 ReadFile(entry.path())));
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

bool IsIn(std::string_view path, std::string_view folder) {
  if (!path.starts_with(folder)) return false;
  if (folder.ends_with('/')) return path.find('/', folder.size()) == path.npos;
  return path.size() == folder.size() || path[folder.size()] == '/';
}

std::string Finding(const SourceFile& file, size_t line, std::string_view what) {
  return file.path + ":" + std::to_string(line) + ": " + std::string(what);
}

std::string Join(const std::vector<std::string>& findings) {
  std::string all;
  for (const std::string& finding : findings) all += finding + "\n";
  return all;
}

}  // namespace wt::house
