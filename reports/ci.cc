#include "reports/ci.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "reports/text.h"
#include "reports/utf8.h"

namespace wt::reports {
namespace {

constexpr size_t kMostAnnotations = 10;
constexpr size_t kRoomForNote = 400;

size_t LongestRunOf(char c, std::string_view text) {
  size_t longest = 0;
  size_t now = 0;
  for (char each : text) {
    now = each == c ? now + 1 : 0;
    longest = std::max(longest, now);
  }
  return longest;
}

// The fence that is open behind `line`, given the one before it.
std::string FenceAfter(std::string_view line, const std::string& open) {
  const size_t ticks = std::min(line.find_first_not_of('`'), line.size());
  if (ticks < 3) return open;
  if (open.empty()) return std::string(ticks, '`');
  return ticks >= open.size() && ticks == line.size() ? "" : open;
}

// What is not UTF-8 is replaced.
std::string Valid(std::string_view text) {
  std::string valid;
  ForEachCharacter(text, [&](uint32_t c, std::string_view bytes) {
    valid += c == kInvalid ? kReplacement : bytes;
  });
  return valid;
}

std::string CommandEscaped(std::string_view text, bool property) {
  std::string escaped;
  for (char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (special)
      escaped += absl::StrFormat("%%%02X", static_cast<unsigned char>(c));
    else
      escaped += c;
  }
  return escaped;
}

}  // namespace

std::string Fenced(std::string_view text) {
  const std::string fence(std::max<size_t>(3, LongestRunOf('`', text) + 1), '`');
  const std::string_view end = text.ends_with('\n') ? "" : "\n";
  return absl::StrFormat("%s\n%s%s%s\n", fence, text, end, fence);
}

std::string Fitted(std::string markdown, size_t largest) {
  WT_CHECK(largest >= 1000);
  std::string valid = Valid(markdown);
  if (valid.size() <= largest) return valid;
  const size_t room = largest - kRoomForNote;
  std::string kept;
  std::string open;
  size_t at = 0;
  while (at < valid.size()) {
    const size_t end = std::min(valid.find('\n', at), valid.size() - 1) + 1;
    const std::string_view line(valid.data() + at, end - at);
    if (kept.size() + line.size() + open.size() > room) break;
    open = FenceAfter(line.substr(0, line.size() - line.ends_with('\n')), open);
    kept += line;
    at = end;
  }
  if (!open.empty()) kept += open + "\n";
  const auto left = std::count(valid.begin() + static_cast<ptrdiff_t>(at), valid.end(), '\n');
  kept += absl::StrFormat(
      "\n**Cut off here:** %s of %s bytes (%s) are left out; results.jsonl and findings/ have "
      "all.\n",
      WithThousands(valid.size() - at), WithThousands(valid.size()),
      Plural(static_cast<uint64_t>(left), "line"));
  WT_CHECK(kept.size() <= largest);
  return kept;
}

std::string Annotation(std::string_view title, std::string_view message) {
  return absl::StrFormat("::error title=%s::%s\n", CommandEscaped(Valid(title), true),
                         CommandEscaped(Valid(message), false));
}

std::string Annotations(const Totals& totals, Goals goals, const BlockOptions& options) {
  std::vector<std::string> all;
  for (const Mismatch& mismatch : totals.mismatches) {
    const std::string name = RunName(mismatch.scenario, mismatch.seed);
    all.push_back(Annotation("same-seed-same-digest " + name,
                             "one seed, two digests\nwavetank verify " + name));
  }
  for (const Finding& finding : totals.findings) {
    const RunRecord& example = finding.example;
    const std::string what =
        example.invariant.empty() ? std::string(NameOf(example.verdict)) : example.invariant;
    all.push_back(Annotation(what + " " + RunName(example.scenario, example.seed),
                             example.message + "\n" + ReproduceCommand(example, options)));
  }
  if (goals == Goals::kMustBeReached && !totals.GoalsMissed().empty()) {
    all.push_back(Annotation("goals missed", absl::StrJoin(totals.GoalsMissed(), ", ")));
  }
  if (!totals.Vacuous().empty()) {
    all.push_back(Annotation("vacuous", absl::StrJoin(totals.Vacuous(), ", ")));
  }
  if (all.size() > kMostAnnotations) all.resize(kMostAnnotations);
  return absl::StrJoin(all, "");
}

}  // namespace wt::reports
