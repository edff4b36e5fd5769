#include "scenarios/linearizability/recorded/edn.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt::lin {
namespace {

constexpr int kDeepest = 100;

bool IsSpace(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)) || c == ','; }

bool EndsToken(char c) {
  return IsSpace(c) || std::string_view("()[]{}\";").find(c) != std::string_view::npos;
}

bool IsNumber(std::string_view token) {
  const size_t sign = token.starts_with('-') || token.starts_with('+') ? 1 : 0;
  return token.size() > sign && absl::ascii_isdigit(static_cast<unsigned char>(token[sign]));
}

std::string PlainNumber(std::string_view token) {
  if (token.starts_with('+')) token.remove_prefix(1);
  if (token.ends_with('N') || token.ends_with('M')) token.remove_suffix(1);
  return std::string(token == "-0" ? "0" : token);
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n') quoted += "\\n";
    if (c != '\n') quoted += c;
  }
  return quoted + "\"";
}

std::string Joined(const std::vector<Edn>& parts, std::string_view open, std::string_view close) {
  std::string text(open);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += ' ';
    text += parts[i].ToString();
  }
  return text.append(close);
}

}  // namespace

const Edn* Edn::Find(std::string_view keyword) const {
  if (kind != Kind::kMap) return nullptr;
  for (size_t i = 0; i + 1 < parts.size(); i += 2) {
    if (parts[i].kind == Kind::kKeyword && parts[i].text == keyword) return &parts[i + 1];
  }
  return nullptr;
}

std::optional<int64_t> Edn::Integer() const {
  if (kind != Kind::kNumber) return std::nullopt;
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::string Edn::ToString() const {
  switch (kind) {
    case Kind::kString:
      return Quoted(text);
    case Kind::kVector:
    case Kind::kList:  // equal in Clojure
      return Joined(parts, "[", "]");
    case Kind::kMap:
      return Joined(parts, "{", "}");
    case Kind::kSet:
      return Joined(parts, "#{", "}");
    case Kind::kTagged:
      return text + " " + parts.front().ToString();
    default:
      return text;
  }
}

absl::Status EdnReader::Error(int line, std::string_view what) const {
  return InvalidArgument("%s:%d: %s", file_, line, what);
}

char EdnReader::Take() {
  WT_CHECK(!AtEnd());
  if (text_[at_] == '\n') ++line_;
  return text_[at_++];
}

void EdnReader::SkipSpace() {
  while (!AtEnd()) {
    if (Peek() == ';') {
      while (!AtEnd() && Peek() != '\n') Take();
    } else if (IsSpace(Peek())) {
      Take();
    } else {
      return;
    }
  }
}

absl::StatusOr<bool> EdnReader::SkipDiscarded(int depth) {
  SkipSpace();
  const bool discards = text_.substr(at_).starts_with("#_");
  if (!discards && (AtEnd() || Peek() != '^')) return false;
  Take();
  if (discards) Take();
  WT_RETURN_IF_ERROR(Read(depth + 1).status());
  return true;
}

absl::StatusOr<std::optional<Edn>> EdnReader::Next() {
  while (true) {
    WT_ASSIGN_OR_RETURN(const bool skipped, SkipDiscarded(0));
    if (!skipped) break;
  }
  if (AtEnd()) return std::optional<Edn>();
  WT_ASSIGN_OR_RETURN(Edn form, Read(0));
  return std::optional<Edn>(std::move(form));
}

absl::StatusOr<Edn> EdnReader::Read(int depth) {
  if (depth > kDeepest) return Error(line_, "nested too deeply");
  while (true) {
    WT_ASSIGN_OR_RETURN(const bool skipped, SkipDiscarded(depth));
    if (!skipped) break;
  }
  if (AtEnd()) return Error(line_, "the file ends inside a form");
  switch (Peek()) {
    case '[':
      return ReadParts(Edn::Kind::kVector, ']', depth);
    case '(':
      return ReadParts(Edn::Kind::kList, ')', depth);
    case '{':
      return ReadParts(Edn::Kind::kMap, '}', depth);
    case '"':
      return ReadString();
    case '\\':
      return ReadCharacter();
    case '#':
      return ReadDispatch(depth);
    case ']':
    case ')':
    case '}':
      return Error(line_, std::string("unexpected '") + Peek() + "'");
    default:
      return ReadToken();
  }
}

absl::StatusOr<Edn> EdnReader::ReadParts(Edn::Kind kind, char close, int depth) {
  Edn form{.kind = kind, .line = line_};
  const char open = Take();
  while (true) {
    WT_ASSIGN_OR_RETURN(const bool skipped, SkipDiscarded(depth));
    if (skipped) continue;
    if (AtEnd()) {
      return Error(form.line, std::string("'") + open + "' is not closed");
    }
    if (Peek() == close) break;
    WT_ASSIGN_OR_RETURN(Edn part, Read(depth + 1));
    form.parts.push_back(std::move(part));
  }
  Take();
  if (kind == Edn::Kind::kMap && form.parts.size() % 2 != 0) {
    return Error(form.line, "a map has a key without a value");
  }
  return form;
}

absl::StatusOr<Edn> EdnReader::ReadString() {
  Edn form{.kind = Edn::Kind::kString, .line = line_};
  Take();
  while (true) {
    if (AtEnd()) return Error(form.line, "a string is not closed");
    char c = Take();
    if (c == '"') return form;
    if (c == '\\') {
      if (AtEnd()) return Error(form.line, "a string is not closed");
      c = Take();
      constexpr std::string_view kLetters = "ntrbf";
      constexpr std::string_view kMeaning = "\n\t\r\b\f";
      const size_t known = kLetters.find(c);
      if (c == 'u') form.text += '\\';  // kept as written: only equality matters
      if (known != std::string_view::npos) c = kMeaning[known];
    }
    form.text += c;
  }
}

absl::StatusOr<Edn> EdnReader::ReadCharacter() {
  Edn form{.kind = Edn::Kind::kCharacter, .line = line_};
  form.text += Take();
  if (AtEnd()) return Error(form.line, "a character is missing after '\\'");
  form.text += Take();
  while (!AtEnd() && !EndsToken(Peek())) form.text += Take();
  return form;
}

absl::StatusOr<Edn> EdnReader::ReadDispatch(int depth) {
  const int line = line_;
  Take();
  if (AtEnd()) return Error(line, "the file ends after '#'");
  if (Peek() == '{') {
    WT_ASSIGN_OR_RETURN(Edn form, ReadParts(Edn::Kind::kSet, '}', depth));
    return form;
  }
  if (Peek() == '#') Take();  // ##NaN, ##Inf
  if (AtEnd() || EndsToken(Peek())) return Error(line, "unexpected '#'");
  WT_ASSIGN_OR_RETURN(const Edn tag, ReadToken());
  if (tag.text == "NaN" || tag.text == "Inf" || tag.text == "-Inf") return tag;
  Edn form{.kind = Edn::Kind::kTagged, .text = "#" + tag.text, .line = line};
  WT_ASSIGN_OR_RETURN(Edn value, Read(depth + 1));
  form.parts.push_back(std::move(value));
  return form;
}

absl::StatusOr<Edn> EdnReader::ReadToken() {
  Edn form{.kind = Edn::Kind::kSymbol, .line = line_};
  while (!AtEnd() && !EndsToken(Peek())) form.text += Take();
  if (form.text.empty()) return Error(line_, std::string("unexpected '") + Peek() + "'");
  if (form.text == "nil") form.kind = Edn::Kind::kNil;
  if (form.text == "true" || form.text == "false") form.kind = Edn::Kind::kBoolean;
  if (form.text.starts_with(':')) form.kind = Edn::Kind::kKeyword;
  if (IsNumber(form.text)) {
    form.kind = Edn::Kind::kNumber;
    form.text = PlainNumber(form.text);
  }
  return form;
}

}  // namespace wt::lin
