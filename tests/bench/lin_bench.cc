// What the linearizability checker costs: a long history of one key by zones, searches by steps a
// second, many keys. Prints one line a figure; no assertion, since machines differ.
#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "scenarios/linearizability/check.h"

namespace wt::lin {
namespace {

// Processor seconds of this process: a busy machine does not change them much.
double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Shape {
  uint32_t operations = 0;
  uint32_t clients = 0;
  uint32_t keys = 1;
  uint32_t values = 0;  // 0: each is written once
  uint32_t cas_percent = 0;
};

// What clients see of registers that take each operation at a random moment of its life.
class Workload {
 public:
  Workload(const Shape& shape, uint64_t seed) : shape_(shape), draw_(seed), builder_(&history_) {
    for (uint32_t key = 0; key < shape.keys; ++key) builder_.KeyOf(std::to_string(key));
    for (uint32_t i = 0; i < (shape.values > 0 ? shape.values : shape.operations); ++i) {
      history_.values.Intern(std::to_string(i));
    }
    clients_.resize(shape.clients);
    registers_.resize(shape.keys, Values::kNil);
  }

  History Run() {
    while (returned_ < shape_.operations) Step(draw_.Below(shape_.clients));
    return std::move(history_);
  }

 private:
  struct Client {
    size_t number = 0;
    bool is_busy = false;
    bool took_effect = false;
    Function function = Function::kRead;
    uint64_t result = kUnknown;
  };

  void Step(uint64_t who) {
    Client& client = clients_[who];
    if (!client.is_busy) return Invoke(who, &client);
    if (!client.took_effect) return TakeEffect(&client);
    builder_.Return(client.number, client.function, client.result, 0);
    client.is_busy = false;
    ++returned_;
  }

  uint32_t NewValue() {
    const uint64_t number = shape_.values > 0 ? draw_.Below(shape_.values) : written_++;
    return static_cast<uint32_t>(number % shape_.operations + 1);
  }

  void Invoke(uint64_t who, Client* client) {
    Operation operation{.client = static_cast<uint32_t>(who),
                        .key = static_cast<uint32_t>(draw_.Below(shape_.keys))};
    const uint64_t dice = draw_.Below(100);
    if (dice < shape_.cas_percent) {
      operation.function = Function::kCompareAndSet;
      const uint32_t expected = NewValue();
      operation.argument = PackPair(expected, NewValue());
    } else if (dice % 2 == 0) {
      operation.function = Function::kWrite;
      operation.argument = NewValue();
    } else {
      operation.function = Function::kRead;
    }
    *client = {.number = builder_.Invoke(operation, 0), .is_busy = true};
  }

  void TakeEffect(Client* client) {
    const Operation& operation = history_.operations[client->number];
    uint64_t& value = registers_[operation.key];
    client->took_effect = true;
    client->function = operation.function;
    if (operation.function == Function::kRead) client->result = value;
    if (operation.function == Function::kWrite) value = operation.argument;
    if (operation.function != Function::kCompareAndSet) return;
    if (ExpectedOf(operation.argument) == value) {
      value = DesiredOf(operation.argument);
    } else {
      client->function = Function::kCompareFailed;
    }
  }

  const Shape shape_;
  Draw draw_;
  History history_;
  HistoryBuilder builder_;
  std::vector<Client> clients_;
  std::vector<uint64_t> registers_;
  uint32_t returned_ = 0;
  uint64_t written_ = 0;
};

template <typename Checker>
void Bench(std::string_view name, const Shape& shape, Checker check) {
  const History history = Workload(shape, 1).Run();
  double best = 1e9;
  Outcome outcome;
  for (int i = 0; i < 3; ++i) {
    const double begin = CpuSeconds();
    outcome = check(history, Budget{.steps = 30'000'000});
    best = std::min(best, CpuSeconds() - begin);
  }
  const std::string_view verdict = NameOf(outcome.verdict);
  std::printf("%-40.*s %8.1f ms  %6.1f M operations/s  %6.1f M steps/s  %.*s\n",
              static_cast<int>(name.size()), name.data(), best * 1e3,
              double(history.operations.size()) / best / 1e6, double(outcome.steps) / best / 1e6,
              static_cast<int>(verdict.size()), verdict.data());
}

void RunAll() {
  Bench("zones, 1M operations, 1 key, 32 clients", {.operations = 1'000'000, .clients = 32}, Check);
  Bench("zones, 1M operations, 1,000 keys", {.operations = 1'000'000, .clients = 32, .keys = 1000},
        Check);
  Bench("wgl, 100k operations, 1,000 keys",
        {.operations = 100'000, .clients = 32, .keys = 1000, .values = 5, .cas_percent = 30},
        CheckBySearch);
  Bench("wgl, 2,000 operations, 1 key, 8 clients",
        {.operations = 2'000, .clients = 8, .values = 5, .cas_percent = 30}, CheckBySearch);
  Bench("wgl, 20k operations, 1 key, 16 clients",
        {.operations = 20'000, .clients = 16, .values = 50, .cas_percent = 30}, CheckBySearch);
}

}  // namespace
}  // namespace wt::lin

int main() { wt::lin::RunAll(); }
