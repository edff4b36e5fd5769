#include "scenarios/linearizability/recorded/cases.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"

namespace wt::lin {
namespace {

using Fields = std::vector<std::string>;

struct Columns {
  size_t file = kMissing;
  size_t model = kMissing;
  size_t expected = kMissing;
  size_t reference = kMissing;

  static constexpr size_t kMissing = ~size_t{0};
};

Columns ColumnsOf(const Fields& head) {
  Columns columns;
  for (size_t i = 0; i < head.size(); ++i) {
    if (head[i] == "file") columns.file = i;
    if (head[i] == "model") columns.model = i;
    if (head[i] == "expected_linearizable") columns.expected = i;
    if (head[i].ends_with("_us")) columns.reference = i;
  }
  return columns;
}

std::string Field(const Fields& fields, size_t column) {
  return column < fields.size() ? fields[column] : "";
}

absl::StatusOr<RecordedCase> CaseFrom(const Fields& fields, const Columns& columns) {
  RecordedCase one{.file = Field(fields, columns.file)};
  if (one.file.empty()) return InvalidArgument("no file");
  const std::string model = Field(fields, columns.model);
  one.model = FindDescribedModel(model);
  if (one.model == nullptr) return InvalidArgument("unknown model \"%s\"", model);
  const std::string expected = Field(fields, columns.expected);
  if (expected != "true" && expected != "false") {
    return InvalidArgument("expected_linearizable is \"%s\", want true or false", expected);
  }
  one.linearizable = expected == "true";
  double reference = 0;
  const std::string text = Field(fields, columns.reference);
  if (!text.empty() && !absl::SimpleAtod(text, &reference)) {
    return InvalidArgument("\"%s\" is no number of microseconds", text);
  }
  if (!text.empty()) one.reference_us = reference;
  return one;
}

}  // namespace

absl::StatusOr<std::vector<RecordedCase>> ReadCases(std::string_view file, std::string_view text) {
  std::vector<RecordedCase> cases;
  std::optional<Columns> columns;
  int number = 0;
  const std::string all(text);
  for (const std::string& whole : Fields(absl::StrSplit(all, '\n'))) {
    ++number;
    const std::string line = whole.ends_with('\r') ? whole.substr(0, whole.size() - 1) : whole;
    if (line.empty() || line.starts_with('#')) continue;
    const Fields fields = absl::StrSplit(line, '\t');
    if (columns) {
      absl::StatusOr<RecordedCase> one = CaseFrom(fields, *columns);
      if (!one.ok()) return Annotate(one.status(), absl::StrFormat("%s:%d", file, number));
      cases.push_back(*std::move(one));
      continue;
    }
    columns = ColumnsOf(fields);
    if (columns->file == Columns::kMissing || columns->model == Columns::kMissing ||
        columns->expected == Columns::kMissing) {
      return InvalidArgument("%s:%d: want columns file, model and expected_linearizable", file,
                             number);
    }
  }
  if (!columns) return InvalidArgument("%s: empty, want a table of cases", file);
  return cases;
}

}  // namespace wt::lin
