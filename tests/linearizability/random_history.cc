#include "tests/linearizability/random_history.h"

#include <string>
#include <vector>

#include "engine/base/random.h"

namespace wt::lin {
namespace {

constexpr uint32_t kFewValues = 3;

class Maker {
 public:
  Maker(const HistoryShape& shape, uint64_t seed)
      : shape_(shape), draw_(seed, {KeyOf("history")}), builder_(&history_) {
    history_.model = shape.model;
    history_.initial = shape.model == ModelKind::kCounter ? 0 : Values::kNil;
    for (uint32_t key = 0; key < shape.keys; ++key) builder_.KeyOf(std::to_string(key));
    copies_.assign(shape.keys, Copy{});
    clients_.resize(shape.clients);
  }

  History Run() {
    while (history_.operations.size() < shape_.operations) Step();
    // What is under way now has an answer, or never gets one.
    for (uint32_t i = 0; i < 2 * shape_.clients; ++i) Step(/*may_invoke=*/false);
    if (!draw_.OneIn(4)) Distort();
    return std::move(history_);
  }

 private:
  struct Copy {
    uint64_t value = 0;
    std::vector<uint32_t> parts{};  // of a text or list
  };
  struct Client {
    bool is_busy = false;
    bool took_effect = false;
    size_t number = 0;
    Function function = Function::kRead;
    uint64_t result = kUnknown;
  };

  void Step(bool may_invoke = true) {
    Client& client = clients_[draw_.Below(shape_.clients)];
    if (!client.is_busy) {
      if (may_invoke) Invoke(&client);
    } else if (!client.took_effect) {
      TakeEffect(&client);
      if (draw_.OneIn(8)) client.is_busy = false;  // the answer is lost
    } else {
      builder_.Return(client.number, client.function, client.result, 0);
      client.is_busy = false;
    }
    if (client.is_busy && draw_.OneIn(16)) client.is_busy = false;  // and so may be the request
  }

  uint32_t NewValue() {
    const uint64_t number = shape_.unique_values ? written_++ : draw_.Below(kFewValues);
    return history_.values.Intern("v" + std::to_string(number));
  }

  uint32_t Part() {
    const std::string text(1, static_cast<char>('a' + draw_.Below(kFewValues)));
    return shape_.model == ModelKind::kList ? history_.values.InternElement(text)
                                            : history_.values.Intern(text);
  }

  Function DrawFunction() {
    if (draw_.OneIn(2)) return Function::kRead;
    switch (shape_.model) {
      case ModelKind::kRegister:
        if (draw_.OneIn(2)) return Function::kWrite;
        return !shape_.unique_values && draw_.OneIn(4) ? Function::kDelete
                                                       : Function::kCompareAndSet;
      case ModelKind::kCounter:
        return draw_.OneIn(4) ? Function::kWrite : Function::kIncrement;
      case ModelKind::kText:
        if (draw_.OneIn(5)) return Function::kDelete;
        return draw_.OneIn(4) ? Function::kWrite : Function::kAppend;
      case ModelKind::kList:
        return Function::kAppend;
    }
    return Function::kRead;
  }

  void Invoke(Client* client) {
    Operation operation{.client = static_cast<uint32_t>(client - clients_.data()),
                        .key = static_cast<uint32_t>(draw_.Below(shape_.keys)),
                        .function = DrawFunction()};
    const uint64_t now = copies_[operation.key].value;
    if (operation.function == Function::kCompareAndSet) {
      // Half of them know the value.
      const uint32_t guess =
          shape_.unique_values || draw_.OneIn(2) ? static_cast<uint32_t>(now) : NewValue();
      const bool to_same = draw_.OneIn(8);
      operation.argument = PackPair(guess, to_same ? guess : NewValue());
    } else if (shape_.model == ModelKind::kCounter) {
      operation.argument = draw_.Below(kFewValues);
    } else if (operation.function == Function::kAppend) {
      operation.argument = Part();
    } else if (operation.function == Function::kWrite) {
      operation.argument = shape_.model == ModelKind::kText ? Part() : NewValue();
    }
    *client = {
        .is_busy = true, .number = builder_.Invoke(operation, 0), .function = operation.function};
  }

  uint64_t SequenceOf(const Copy& copy) {
    if (shape_.model == ModelKind::kList) return history_.values.InternList(copy.parts);
    std::string text;
    for (const uint32_t part : copy.parts) text += history_.values.text(part);
    return history_.values.Intern(text);
  }

  void TakeEffect(Client* client) {
    const Operation operation = history_.operations[client->number];
    Copy& copy = copies_[operation.key];
    const bool is_sequence = shape_.model == ModelKind::kText || shape_.model == ModelKind::kList;
    const auto argument = static_cast<uint32_t>(operation.argument);
    client->took_effect = true;
    switch (operation.function) {
      case Function::kRead:
        client->result = is_sequence ? SequenceOf(copy) : copy.value;
        break;
      case Function::kWrite:
        copy.value = operation.argument;
        copy.parts.assign(1, argument);
        break;
      case Function::kAppend:
        copy.parts.push_back(argument);
        break;
      case Function::kDelete:
        if (!is_sequence && draw_.OneIn(2)) client->result = copy.value == Values::kNil ? 0 : 1;
        copy.value = Values::kNil;
        copy.parts.clear();
        break;
      case Function::kIncrement:
        copy.value += operation.argument;
        if (draw_.OneIn(2)) client->result = copy.value;
        break;
      default:
        if (ExpectedOf(operation.argument) == copy.value) {
          copy.value = DesiredOf(operation.argument);
        } else {
          client->function = Function::kCompareFailed;
          if (shape_.unique_values || draw_.OneIn(2)) client->result = copy.value;
        }
    }
  }

  // Makes one answer another, of a value that there could be.
  void Distort() {
    const size_t count = history_.operations.size();
    const size_t first = draw_.Below(count);
    for (size_t i = 0; i < count; ++i) {
      Operation& operation = history_.operations[(first + i) % count];
      if (operation.open() || operation.result == kUnknown) continue;
      const uint64_t was = operation.result;
      for (int attempt = 0; attempt < 4 && operation.result == was; ++attempt) {
        operation.result = operation.function == Function::kDelete ? 1 - was : AnyResult();
      }
      return;
    }
  }

  uint64_t AnyResult() {
    if (shape_.model == ModelKind::kCounter) return draw_.Below(2 * kFewValues);
    if (shape_.model == ModelKind::kRegister) {
      const uint64_t values = shape_.unique_values ? written_ + 1 : kFewValues;
      const uint64_t number = draw_.Below(values);
      return draw_.OneIn(4) ? Values::kNil : history_.values.Intern("v" + std::to_string(number));
    }
    Copy copy;
    const uint64_t parts = draw_.Below(4);
    for (uint64_t i = 0; i < parts; ++i) copy.parts.push_back(Part());
    return SequenceOf(copy);
  }

  const HistoryShape shape_;
  Draw draw_;
  History history_;
  HistoryBuilder builder_;
  std::vector<Client> clients_;
  std::vector<Copy> copies_;
  uint64_t written_ = 0;
};

}  // namespace

History RandomHistory(const HistoryShape& shape, uint64_t seed) { return Maker(shape, seed).Run(); }

}  // namespace wt::lin
