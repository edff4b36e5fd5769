#include "reports/signature.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "engine/base/checksum.h"

namespace wt::reports {
namespace {

std::string_view FirstWord(std::string_view text) { return text.substr(0, text.find(' ')); }

void AppendWord(std::string* text, std::string_view word) {
  if (word.empty()) return;
  bool digit = false;
  for (char c : word) digit = digit || absl::ascii_isdigit(c);
  *text += digit ? std::string_view("#") : word;
}

}  // namespace

std::string Normalised(std::string_view message) {
  std::string text;
  size_t begin = 0;
  for (size_t i = 0; i <= message.size(); ++i) {
    const bool ends = i == message.size() || message[i] == ' ' || message[i] == ',' ||
                      message[i] == ';' || message[i] == '(' || message[i] == ')';
    if (!ends) continue;
    AppendWord(&text, message.substr(begin, i - begin));
    if (i < message.size()) text += message[i];
    begin = i + 1;
  }
  return text;
}

std::string SignatureOf(const RunRecord& record) {
  std::string all = record.invariant + "\n" + Normalised(record.message) + "\n";
  for (const Step& step : record.why) {
    all += std::string(FirstWord(step.what)) + " " + std::string(FirstWord(step.note)) + "\n";
  }
  const std::string_view invariant =
      record.invariant.empty() ? NameOf(record.verdict) : std::string_view(record.invariant);
  return absl::StrFormat("%s-%04x", invariant, Hash64(all) & 0xffff);
}

std::string FolderOf(const RunRecord& record) {
  std::string name = record.signature.empty() ? SignatureOf(record) : record.signature;
  for (char& c : name) {
    c = absl::ascii_tolower(c);
    if (!absl::ascii_isalnum(c) && c != '.' && c != '_') c = '-';
  }
  constexpr size_t kLongest = 100;
  if (name.size() > kLongest || name[0] == '.') {
    const uint64_t hash = Hash64(name);
    name = absl::StrFormat("finding-%s-%016x", name.substr(1, 40), hash);
  }
  return name;
}

}  // namespace wt::reports
