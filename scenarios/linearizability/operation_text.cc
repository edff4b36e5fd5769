#include "scenarios/linearizability/operation_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/strings/str_format.h"

namespace wt::lin {
namespace {

constexpr size_t kWidestValue = 48;

// Of a long value the end, in which values that were appended to differ.
std::string Shortened(std::string text) {
  if (text.size() <= kWidestValue) return text;
  return "..." + text.substr(text.size() - kWidestValue + 3);
}

std::string ValueText(const History& history, uint64_t value) {
  if (history.model == ModelKind::kCounter) {
    return std::to_string(static_cast<int64_t>(value));
  }
  const auto number = static_cast<uint32_t>(value);
  if (number == Values::kNil) return history.model == ModelKind::kList ? "[]" : "nil";
  std::string text = Shortened(history.values.text(number));
  return text.empty() ? "\"\"" : text;
}

std::string CallText(const History& history, const Operation& operation) {
  const uint64_t argument = operation.argument;
  switch (operation.function) {
    case Function::kNothing:
      return "nothing";
    case Function::kRead:
      return "read";
    case Function::kWrite:
      return "write " + ValueText(history, argument);
    case Function::kCompareAndSet:
    case Function::kCompareFailed:
      return "cas " + ValueText(history, ExpectedOf(argument)) + " -> " +
             ValueText(history, DesiredOf(argument));
    case Function::kDelete:
      return "delete";
    case Function::kAppend:
      return "append " + ValueText(history, argument);
    case Function::kIncrement:
      return absl::StrFormat("add %d", static_cast<int64_t>(argument));
  }
  return "?";
}

std::string AnswerText(const History& history, const Operation& operation) {
  if (operation.open()) return "no answer";
  const bool is_known = operation.result != kUnknown;
  switch (operation.function) {
    case Function::kRead:
      return "= " + ValueText(history, operation.result);
    case Function::kIncrement:
      return is_known ? "= " + ValueText(history, operation.result) : "ok";
    case Function::kCompareFailed:
      return is_known ? "failed, found " + ValueText(history, operation.result) : "failed";
    case Function::kDelete:
      if (!is_known) return "ok";
      return operation.result == 1 ? "deleted" : "nothing there";
    default:
      return "ok";
  }
}

std::string InstantText(StampUnit unit, int64_t stamp) {
  if (unit == StampUnit::kLine) return absl::StrFormat("line %d", stamp);
  return absl::StrFormat("%d.%06ds", stamp / 1'000'000'000, stamp / 1'000 % 1'000'000);
}

std::string WhenText(const History& history, size_t number) {
  const Stamp& stamp = history.stamps[number];
  const std::string call = InstantText(history.unit, stamp.call);
  if (history.operations[number].open()) return call + " ..";
  return call + " .. " + InstantText(history.unit, stamp.ret);
}

std::string_view NameOf(ModelKind model) {
  switch (model) {
    case ModelKind::kRegister:
      return "register";
    case ModelKind::kCounter:
      return "counter";
    case ModelKind::kText:
      return "text";
    case ModelKind::kList:
      return "list";
  }
  return "?";
}

}  // namespace

std::string SubjectText(const History& history, uint32_t key) {
  const std::string what = absl::StrFormat("a %s, at first %s", NameOf(history.model),
                                           ValueText(history, history.initial));
  const std::string& name = history.keys[key];
  return name.empty() ? "the value (" + what + ")" : "key " + name + " (" + what + ")";
}

std::vector<std::string> OperationLines(const History& history, size_t first) {
  std::vector<std::array<std::string, 4>> rows;
  std::array<size_t, 3> widths{};
  for (size_t i = first; i < history.operations.size(); ++i) {
    const Operation& operation = history.operations[i];
    rows.push_back({absl::StrFormat("client %d", operation.client), CallText(history, operation),
                    AnswerText(history, operation), WhenText(history, i)});
    for (size_t c = 0; c < widths.size(); ++c) {
      widths[c] = std::max(widths[c], rows.back()[c].size());
    }
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (size_t c = 0; c < widths.size(); ++c) {
      line += row[c] + std::string(widths[c] - row[c].size() + 2, ' ');
    }
    lines.push_back(line + row[3]);
  }
  return lines;
}

std::string OperationLine(const History& history, size_t number) {
  const Operation& operation = history.operations.at(number);
  return absl::StrFormat("client %d  %s  %s  %s", operation.client, CallText(history, operation),
                         AnswerText(history, operation), WhenText(history, number));
}

}  // namespace wt::lin
