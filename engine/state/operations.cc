#include "engine/state/operations.h"

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"

namespace wt {
namespace {

std::string KvKey(std::string_view key) { return TableKey(CommandFamily::kKv, key); }

std::optional<std::string> Copy(const std::string* value) {
  return value == nullptr ? std::nullopt : std::optional<std::string>(*value);
}

Refused Overflow(int64_t count, const char* operation, int64_t delta) {
  return {RefusalReason::kOverflow,
          absl::StrFormat("%d %s %d leaves int64", count, operation, delta)};
}

}  // namespace

std::string TableKey(CommandFamily family, std::string_view key) {
  std::string out;
  out.reserve(1 + key.size());
  PutU8(out, static_cast<uint8_t>(family));
  out.append(key);
  return out;
}

Result Execute(EntryTable& table, const KvSet& command) {
  table.Set(KvKey(command.key), command.value);
  return KvSetResult{true};
}

Result Execute(EntryTable& table, const KvDelete& command) {
  return KvDeleteResult{table.Erase(KvKey(command.key))};
}

Result Execute(EntryTable& table, const KvGet& command) { return Read(table, command); }

Result Execute(EntryTable& table, const KvBatch& command) {
  // Nothing can fail in here: decoding has checked every limit.
  for (const auto& operation : command.operations) {
    std::visit([&table](const auto& one) { Execute(table, one); }, operation);
  }
  return KvBatchResult{static_cast<uint32_t>(command.operations.size())};
}

Result Execute(EntryTable& table, const KvCompareAndSet& command) {
  const std::string key = KvKey(command.key);
  KvCompareAndSetResult result{.actual = Copy(table.Find(key))};
  result.success = result.actual == command.expected;
  if (!result.success) return result;
  if (command.value.has_value()) {
    table.Set(key, *command.value);
  } else {
    table.Erase(key);
  }
  return result;
}

Result Read(const EntryTable& table, const KvGet& command) {
  return KvGetResult{Copy(table.Find(KvKey(command.key)))};
}

int64_t ReadCounter(const EntryTable& table, std::string_view name) {
  const std::string* value = table.Find(TableKey(CommandFamily::kCounter, name));
  if (value == nullptr) return 0;
  WT_CHECK_EQ(value->size(), sizeof(int64_t));
  return LoadLittle<int64_t>(value->data());
}

void WriteCounter(EntryTable& table, std::string_view name, int64_t count) {
  const std::string key = TableKey(CommandFamily::kCounter, name);
  if (count == 0) {
    table.Erase(key);
    return;
  }
  std::string value;
  PutI64(value, count);
  table.Set(key, value);
}

Result Execute(EntryTable& table, const CounterIncrement& command) {
  const int64_t count = ReadCounter(table, command.name);
  int64_t next = 0;
  if (__builtin_add_overflow(count, command.delta, &next)) {
    return Overflow(count, "plus", command.delta);
  }
  WriteCounter(table, command.name, next);
  return CounterIncrementResult{next};
}

Result Execute(EntryTable& table, const CounterDecrement& command) {
  const int64_t count = ReadCounter(table, command.name);
  int64_t next = 0;
  if (__builtin_sub_overflow(count, command.delta, &next)) {
    return Overflow(count, "minus", command.delta);
  }
  WriteCounter(table, command.name, next);
  return CounterDecrementResult{next};
}

Result Execute(EntryTable& table, const CounterSet& command) {
  WriteCounter(table, command.name, command.value);
  return CounterSetResult{command.value};
}

Result Execute(EntryTable& table, const CounterGet& command) { return Read(table, command); }

Result Read(const EntryTable& table, const CounterGet& command) {
  return CounterGetResult{ReadCounter(table, command.name)};
}

absl::Status CheckKvEntry(std::string_view key, std::string_view value) {
  if (key.size() > 1 + kMaxKeyBytes || value.size() > kMaxValueBytes) {
    return DataLoss("state: key of %d and value of %d bytes are beyond the limits", key.size(),
                    value.size());
  }
  return absl::OkStatus();
}

absl::Status CheckCounterEntry(std::string_view key, std::string_view value) {
  if (key.size() > 1 + kMaxCounterNameBytes || value.size() != sizeof(int64_t)) {
    return DataLoss("state: counter with a name of %d and a count of %d bytes", key.size() - 1,
                    value.size());
  }
  if (LoadLittle<int64_t>(value.data()) == 0) return DataLoss("state: counter at zero is stored");
  return absl::OkStatus();
}

}  // namespace wt
