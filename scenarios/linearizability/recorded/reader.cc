#include "scenarios/linearizability/recorded/reader.h"

#include <array>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "scenarios/linearizability/recorded/event.h"

namespace wt::lin {
namespace {

constexpr std::array<RecordedModel, 6> kModels = {{
    {.name = "kv", .kind = ModelKind::kText, .initial = ""},
    {.name = "register", .kind = ModelKind::kRegister, .initial = ""},
    {.name = "etcd", .kind = ModelKind::kRegister, .initial = "", .failed_cas_compared = true},
    {.name = "cas-register",
     .kind = ModelKind::kRegister,
     .initial = "0",
     .nil_read_says_nothing = true},
    {.name = "counter", .kind = ModelKind::kCounter, .initial = ""},
    {.name = "list-append", .kind = ModelKind::kList, .initial = ""},
}};

struct Synonym {
  std::string_view name;
  Function function;
  int64_t sign = 1;
};
constexpr Synonym kSynonyms[] = {
    {"read", Function::kRead},
    {"get", Function::kRead},
    {"r", Function::kRead},
    {"write", Function::kWrite},
    {"put", Function::kWrite},
    {"set", Function::kWrite},
    {"w", Function::kWrite},
    {"cas", Function::kCompareAndSet},
    {"compare-and-set", Function::kCompareAndSet},
    {"delete", Function::kDelete},
    {"del", Function::kDelete},
    {"remove", Function::kDelete},
    {"append", Function::kAppend},
    {"add", Function::kIncrement},
    {"inc", Function::kIncrement},
    {"increment", Function::kIncrement},
    {"dec", Function::kIncrement, -1},
    {"decrement", Function::kIncrement, -1},
};

bool Has(ModelKind model, Function function) {
  switch (function) {
    case Function::kRead:
      return true;
    case Function::kWrite:
      return model != ModelKind::kList;
    case Function::kCompareAndSet:
      return model == ModelKind::kRegister;
    case Function::kDelete:
      return model == ModelKind::kRegister || model == ModelKind::kText;
    case Function::kAppend:
      return model == ModelKind::kText || model == ModelKind::kList;
    case Function::kIncrement:
      return model == ModelKind::kCounter;
    default:
      return false;
  }
}

std::string FunctionsOf(ModelKind model) {
  std::string names;
  for (const Synonym& synonym : kSynonyms) {
    if (Has(model, synonym.function)) {
      names += (names.empty() ? ":" : ", :") + std::string(synonym.name);
    }
  }
  return names;
}

// What an event is about, after the ways of writing it are seen through.
struct Subject {
  Synonym function;
  std::string key{};
  Edn value{};
};

class Reader {
 public:
  Reader(std::string_view file, const RecordedModel& model, History* history)
      : file_(file), model_(model), history_(history), builder_(history) {
    history->model = model.kind;
    history->unit = StampUnit::kLine;
    history->initial = model.kind == ModelKind::kCounter ? 0 : Values::kNil;
    if (!model.initial.empty()) history->initial = history->values.Intern(model.initial);
  }

  absl::Status Add(const RecordedEvent& event) {
    switch (event.type) {
      case EventType::kInvoke:
        return Invoke(event);
      case EventType::kOk:
        return Ok(event);
      case EventType::kFail:
        return Fail(event);
      case EventType::kInfo:
        open_.erase(event.process);
        return absl::OkStatus();
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Wrong(const RecordedEvent& event, std::string_view what) const {
    return InvalidArgument("%s:%d: %s", file_, event.line, what);
  }

  absl::StatusOr<Subject> SubjectOf(const RecordedEvent& event) const;
  absl::Status UnwrapTransaction(const RecordedEvent& event, std::string* function,
                                 Subject* subject) const;
  absl::StatusOr<uint64_t> ArgumentOf(const RecordedEvent& event, const Subject& subject);
  absl::StatusOr<uint64_t> ReadValue(const RecordedEvent& event, const Edn& value);
  absl::StatusOr<uint64_t> NumberIn(const RecordedEvent& event, const Edn& value) const;
  uint32_t ValueOf(const Edn& value);

  absl::Status Invoke(const RecordedEvent& event);
  absl::Status Ok(const RecordedEvent& event);
  absl::Status Fail(const RecordedEvent& event);

  std::string_view file_;
  const RecordedModel& model_;
  History* history_;
  HistoryBuilder builder_;
  std::map<int64_t, size_t> open_;  // the operation of each process that has one
};

// [[:append k v]]: a transaction of one operation is that operation.
absl::Status Reader::UnwrapTransaction(const RecordedEvent& event, std::string* function,
                                       Subject* subject) const {
  const Edn& value = event.value;
  if (!value.is_sequence() || value.parts.size() != 1) {
    return Wrong(event, "a transaction of other than one operation: want [[:append key value]]");
  }
  const Edn& only = value.parts.front();
  if (!only.is_sequence() || only.parts.size() != 3) {
    return Wrong(event, "want [[:append key value]], found " + value.ToString());
  }
  *function = only.parts[0].text.substr(only.parts[0].text.starts_with(':') ? 1 : 0);
  subject->key = only.parts[1].ToString();
  subject->value = only.parts[2];
  return absl::OkStatus();
}

absl::StatusOr<Subject> Reader::SubjectOf(const RecordedEvent& event) const {
  std::string function = event.function;
  Subject subject{.value = event.value};
  const bool keyed = model_.kind == ModelKind::kText || model_.kind == ModelKind::kList;
  if (function == "txn" && model_.kind == ModelKind::kList) {
    WT_RETURN_IF_ERROR(UnwrapTransaction(event, &function, &subject));
  } else if (event.key) {
    subject.key = event.key->kind == Edn::Kind::kString ? event.key->text : event.key->ToString();
  } else if (keyed && event.value.kind == Edn::Kind::kVector && event.value.parts.size() == 2) {
    subject.key = event.value.parts[0].ToString();
    subject.value = event.value.parts[1];
  }
  for (const Synonym& synonym : kSynonyms) {
    if (synonym.name != function || !Has(model_.kind, synonym.function)) continue;
    subject.function = synonym;
    return subject;
  }
  return Wrong(event, absl::StrFormat("unknown function :%s; a %s has %s", function, model_.name,
                                      FunctionsOf(model_.kind)));
}

uint32_t Reader::ValueOf(const Edn& value) {
  if (value.is_nil()) return Values::kNil;
  // Without quotes: an append's text goes on where the value ends.
  if (model_.kind == ModelKind::kText && value.kind == Edn::Kind::kString) {
    return history_->values.Intern(value.text);
  }
  return history_->values.Intern(value.ToString());
}

absl::StatusOr<uint64_t> Reader::NumberIn(const RecordedEvent& event, const Edn& value) const {
  const std::optional<int64_t> number = value.Integer();
  if (!number) return Wrong(event, "want an integer, found " + value.ToString());
  return static_cast<uint64_t>(*number);
}

absl::StatusOr<uint64_t> Reader::ArgumentOf(const RecordedEvent& event, const Subject& subject) {
  const Edn& value = subject.value;
  switch (subject.function.function) {
    case Function::kWrite:
      if (model_.kind == ModelKind::kCounter) return NumberIn(event, value);
      return ValueOf(value);
    case Function::kCompareAndSet: {
      if (!value.is_sequence() || value.parts.size() != 2) {
        return Wrong(event, "want [expected new] for a cas, found " + value.ToString());
      }
      const uint32_t expected = ValueOf(value.parts[0]);
      return PackPair(expected, ValueOf(value.parts[1]));
    }
    case Function::kAppend:
      return model_.kind == ModelKind::kList ? history_->values.InternElement(value.ToString())
                                             : ValueOf(value);
    case Function::kIncrement: {
      if (value.is_nil()) return static_cast<uint64_t>(subject.function.sign);
      WT_ASSIGN_OR_RETURN(const uint64_t by, NumberIn(event, value));
      return subject.function.sign < 0 ? 0 - by : by;
    }
    default:
      return 0;
  }
}

absl::StatusOr<uint64_t> Reader::ReadValue(const RecordedEvent& event, const Edn& value) {
  if (model_.kind == ModelKind::kCounter) return NumberIn(event, value);
  if (model_.kind != ModelKind::kList || value.is_nil()) return ValueOf(value);
  if (!value.is_sequence()) return Wrong(event, "want a list, found " + value.ToString());
  std::vector<uint32_t> elements;
  for (const Edn& part : value.parts) {
    elements.push_back(history_->values.InternElement(part.ToString()));
  }
  return history_->values.InternList(elements);
}

absl::Status Reader::Invoke(const RecordedEvent& event) {
  WT_ASSIGN_OR_RETURN(const Subject subject, SubjectOf(event));
  WT_ASSIGN_OR_RETURN(const uint64_t argument, ArgumentOf(event, subject));
  const Operation operation{.argument = argument,
                            .client = static_cast<uint32_t>(event.process),
                            .key = builder_.KeyOf(subject.key),
                            .function = subject.function.function};
  open_[event.process] = builder_.Invoke(operation, event.line);
  return absl::OkStatus();
}

absl::Status Reader::Ok(const RecordedEvent& event) {
  const auto open = open_.find(event.process);
  if (open == open_.end()) {
    return Wrong(event, absl::StrFormat("process %d has :ok without :invoke", event.process));
  }
  const size_t number = open->second;
  open_.erase(open);
  WT_ASSIGN_OR_RETURN(const Subject subject, SubjectOf(event));
  const Function function = history_->operations[number].function;
  if (subject.function.function != function) {
    return Wrong(event, absl::StrFormat("process %d has :ok of :%s, and invoked another function",
                                        event.process, event.function));
  }
  uint64_t result = kUnknown;
  if (function == Function::kRead) {
    if (model_.nil_read_says_nothing && subject.value.is_nil()) {
      builder_.Drop(number);
      return absl::OkStatus();
    }
    WT_ASSIGN_OR_RETURN(result, ReadValue(event, subject.value));
  }
  builder_.Return(number, function, result, event.line);
  return absl::OkStatus();
}

absl::Status Reader::Fail(const RecordedEvent& event) {
  const auto open = open_.find(event.process);
  if (open == open_.end()) return absl::OkStatus();
  const size_t number = open->second;
  open_.erase(open);
  const Function function = history_->operations[number].function;
  const bool says_why = event.value.kind == Edn::Kind::kKeyword;
  if (model_.failed_cas_compared && function != Function::kRead && says_why) {
    return absl::OkStatus();
  }
  if (model_.failed_cas_compared && function == Function::kCompareAndSet) {
    builder_.Return(number, Function::kCompareFailed, kUnknown, event.line);
  } else {
    builder_.Drop(number);
  }
  return absl::OkStatus();
}

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

}  // namespace

std::span<const RecordedModel> RecordedModels() { return kModels; }

const RecordedModel* FindRecordedModel(std::string_view name) {
  for (const RecordedModel& model : kModels) {
    if (model.name == name) return &model;
  }
  return nullptr;
}

const RecordedModel* FindDescribedModel(std::string_view description) {
  while (!description.empty()) {
    size_t end = 0;
    while (end < description.size() && IsWordCharacter(description[end])) ++end;
    if (const RecordedModel* model = FindRecordedModel(description.substr(0, end))) return model;
    description.remove_prefix(std::min(end + 1, description.size()));
  }
  return nullptr;
}

absl::StatusOr<History> ReadHistory(std::string_view file, std::string_view text,
                                    const RecordedModel& model) {
  WT_ASSIGN_OR_RETURN(const std::vector<RecordedEvent> events, ReadEvents(file, text));
  History history;
  Reader reader(file, model, &history);
  for (const RecordedEvent& event : events) WT_RETURN_IF_ERROR(reader.Add(event));
  Compact(&history);
  WT_CHECK_LE(history.ranks, 2 * history.operations.size());
  return history;
}

}  // namespace wt::lin
