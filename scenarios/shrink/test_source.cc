#include "scenarios/shrink/test_source.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "reports/text.h"

namespace wt::scenarios {
namespace {

constexpr size_t kColumns = 100;
constexpr std::string_view kFence = "plan";  // of the raw string: JSON has no )plan" in it

// "torn-tail" is TornTail.
std::string CamelCase(std::string_view name) {
  std::string text;
  bool begins = true;
  for (char c : name) {
    if (absl::ascii_isalnum(c)) text += begins ? absl::ascii_toupper(c) : c;
    begins = !absl::ascii_isalnum(c);
  }
  return text;
}

// A comment, broken between words.
std::string Comment(std::string_view text) {
  std::string out;
  std::string line = "//";
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    if (line.size() > 2 && line.size() + 1 + word.size() > kColumns) {
      out += line + "\n";
      line = "//";
    }
    line += " ";
    // What the sentence quotes may be anything.
    for (char c : word) line += absl::ascii_isprint(c) ? c : '?';
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return out + line + "\n";
}

// Where a line of JSON may be broken at last: behind a comma outside of strings.
size_t LastBreak(std::string_view line, size_t columns) {
  bool in_string = false;
  size_t found = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    if (in_string && line[i] == '\\') {
      ++i;
      continue;
    }
    if (line[i] == '"') in_string = !in_string;
    if (line[i] == ',' && !in_string && i + 1 < line.size() && i + 1 <= columns) found = i + 1;
    if (i >= columns && found > 0) break;
  }
  return found;
}

std::string Wrapped(std::string_view json) {
  std::string out;
  while (!json.empty()) {
    const size_t end = std::min(json.find('\n'), json.size());
    std::string line(json.substr(0, end));
    const std::string deeper(std::min(line.find_first_not_of(' '), line.size()) + 4, ' ');
    while (line.size() > kColumns) {
      const size_t at = LastBreak(line, kColumns);
      if (at == 0) break;
      out += line.substr(0, at) + "\n";
      line = deeper + line.substr(at);
    }
    out += line + "\n";
    json.remove_prefix(std::min(json.size(), end + 1));
  }
  return out;
}

}  // namespace

std::string TestSourceOf(const Plan& plan, std::string_view json,
                         const reports::RunRecord& record) {
  WT_CHECK(json.find(absl::StrFormat(")%s\"", kFence)) == std::string_view::npos);
  std::string text = Comment(absl::StrFormat("%s: %s", record.invariant, record.message));
  text += Comment(absl::StrFormat(
      "This is what `wavetank shrink` has left of a run of %s: %s, %s, %s.", plan.scenario,
      reports::Plural(plan.operations.size(), "operation"),
      reports::Plural(plan.faults.size(), "fault"), reports::Plural(plan.machines, "machine")));
  text += absl::StrFormat(R"test(#include <gtest/gtest.h>

#include "scenarios/execute.h"
#include "scenarios/plan.h"

namespace wt::scenarios {
namespace {

constexpr char kPlan[] = R"%s(%s)%s";

TEST(%sTest, %s) {
  const absl::StatusOr<Plan> plan = PlanFromJson(kPlan);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const reports::RunRecord record = Execute(*plan, {}).record;
  EXPECT_EQ(record.verdict, reports::Verdict::kPass) << record.invariant << ": " << record.message;
}

}  // namespace
}  // namespace wt::scenarios
)test",
                          kFence, Wrapped(json), kFence, CamelCase(plan.scenario),
                          CamelCase(record.invariant));
  return text;
}

}  // namespace wt::scenarios
