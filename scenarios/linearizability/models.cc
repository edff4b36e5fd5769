#include "scenarios/linearizability/models.h"

#include "engine/base/check.h"

namespace wt::lin {

static_assert(HasForesight<SequenceModel> && !HasForesight<RegisterModel>);
static_assert(Model<RegisterModel> && Model<CounterModel> && Model<SequenceModel>);

bool RegisterModel::Plain::Apply(const Operation& operation) {
  const uint64_t before = value_;
  const bool compared = before == ExpectedOf(operation.argument);
  switch (operation.function) {
    case Function::kRead:
      return before == operation.result;
    case Function::kWrite:
      value_ = operation.argument;
      return true;
    case Function::kCompareAndSet:
      value_ = DesiredOf(operation.argument);
      return compared;
    case Function::kCompareFailed:
      return !compared && (operation.result == kUnknown || operation.result == before);
    case Function::kDelete:
      value_ = Values::kNil;
      if (operation.result == kUnknown) return true;
      return operation.result == (before == Values::kNil ? 0 : 1);
    default:
      return false;
  }
}

bool CounterModel::Plain::Apply(const Operation& operation) {
  if (operation.function == Function::kRead) return count_ == operation.result;
  if (operation.function == Function::kWrite) {
    count_ = operation.argument;
    return true;
  }
  count_ += operation.argument;
  return operation.function == Function::kIncrement &&
         (operation.result == kUnknown || operation.result == count_);
}

SequenceModel::Plain::Plain(const SequenceModel& model)
    : values_(*model.values_), list_(model.list_) {
  text_ = TextOf(model.initial_);
}

std::string SequenceModel::Plain::TextOf(uint64_t value) const {
  if (value == Values::kNil) return "";
  const std::string& text = values_.text(static_cast<uint32_t>(value));
  if (!list_) return text;
  WT_CHECK(text.starts_with('[') && text.ends_with(']'));
  return text.substr(1, text.size() - 2);
}

bool SequenceModel::Plain::Apply(const Operation& operation) {
  const auto argument = static_cast<uint32_t>(operation.argument);
  switch (operation.function) {
    case Function::kRead: {
      const auto result = static_cast<uint32_t>(operation.result);
      // Without a copy where there need not be one: texts can be long, and reads many.
      return list_ || result == Values::kNil ? text_ == TextOf(result)
                                             : text_ == values_.text(result);
    }
    case Function::kWrite:
      text_ = TextOf(argument);
      return true;
    case Function::kAppend:
      if (list_ && !text_.empty()) text_ += ' ';
      text_ += values_.text(argument);
      return true;
    case Function::kDelete:
      text_.clear();
      return true;
    default:
      return false;
  }
}

}  // namespace wt::lin
