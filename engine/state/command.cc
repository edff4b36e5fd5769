#include "engine/state/command.h"

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/state/wire.h"

namespace wt {
namespace {

constexpr uint16_t Tag(CommandFamily family, uint8_t operation) {
  return WireTag(static_cast<uint8_t>(family), operation);
}

// Stable for ever: these numbers are in logs.
constexpr uint16_t kKvSet = Tag(CommandFamily::kKv, 1);
constexpr uint16_t kKvDelete = Tag(CommandFamily::kKv, 2);
constexpr uint16_t kKvGet = Tag(CommandFamily::kKv, 3);
constexpr uint16_t kKvBatch = Tag(CommandFamily::kKv, 4);
constexpr uint16_t kKvCompareAndSet = Tag(CommandFamily::kKv, 5);
constexpr uint16_t kCounterIncrement = Tag(CommandFamily::kCounter, 1);
constexpr uint16_t kCounterDecrement = Tag(CommandFamily::kCounter, 2);
constexpr uint16_t kCounterSet = Tag(CommandFamily::kCounter, 3);
constexpr uint16_t kCounterGet = Tag(CommandFamily::kCounter, 4);
constexpr uint16_t kOnce = Tag(CommandFamily::kOnce, 1);

constexpr uint8_t kBatchSet = 1;
constexpr uint8_t kBatchDelete = 2;
constexpr uint64_t kMaxInnerBytes = 16 * kMiB;

struct Encoder {
  std::string& out;

  void operator()(const KvSet& c) const {
    PutHead(out, kKvSet);
    PutString(out, c.key);
    PutString(out, c.value);
  }
  void operator()(const KvDelete& c) const {
    PutHead(out, kKvDelete);
    PutString(out, c.key);
  }
  void operator()(const KvGet& c) const {
    PutHead(out, kKvGet);
    PutString(out, c.key);
  }
  void operator()(const KvBatch& c) const {
    PutHead(out, kKvBatch);
    PutU32(out, static_cast<uint32_t>(c.operations.size()));
    for (const auto& operation : c.operations) PutOperation(operation);
  }
  void operator()(const KvCompareAndSet& c) const {
    PutHead(out, kKvCompareAndSet);
    PutString(out, c.key);
    PutOptional(out, c.expected);
    PutOptional(out, c.value);
  }
  void operator()(const CounterIncrement& c) const { PutStep(kCounterIncrement, c.delta, c.name); }
  void operator()(const CounterDecrement& c) const { PutStep(kCounterDecrement, c.delta, c.name); }
  void operator()(const CounterSet& c) const { PutStep(kCounterSet, c.value, c.name); }
  void operator()(const CounterGet& c) const {
    PutHead(out, kCounterGet);
    PutString(out, c.name);
  }
  void operator()(const Once& c) const {
    PutHead(out, kOnce);
    PutString(out, c.space);
    PutString(out, c.key);
    PutI64(out, c.ttl.count());
    PutString(out, c.command);
  }

  void PutOperation(const std::variant<KvSet, KvDelete>& operation) const {
    if (const auto* set = std::get_if<KvSet>(&operation)) {
      PutU8(out, kBatchSet);
      PutString(out, set->key);
      PutString(out, set->value);
    } else {
      PutU8(out, kBatchDelete);
      PutString(out, std::get<KvDelete>(operation).key);
    }
  }
  void PutStep(uint16_t tag, int64_t number, const std::string& name) const {
    PutHead(out, tag);
    PutI64(out, number);
    PutString(out, name);
  }
};

std::string ReadKey(WireReader& in) { return in.String("key", kMaxKeyBytes); }
std::string ReadName(WireReader& in) { return in.String("name", kMaxCounterNameBytes); }

KvSet ReadSet(WireReader& in) {
  KvSet set;
  set.key = ReadKey(in);
  set.value = in.String("value", kMaxValueBytes);
  return set;
}

KvBatch ReadBatch(WireReader& in) {
  KvBatch batch;
  const uint32_t count = in.U32("operation count");
  if (count > kMaxBatchOperations) {
    in.Fail(InvalidArgument("command: batch of %d operations, more than %d", count,
                            kMaxBatchOperations));
  }
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    const uint64_t at = in.offset();
    const uint8_t kind = in.U8("operation kind");
    if (kind == kBatchSet) {
      batch.operations.emplace_back(ReadSet(in));
    } else if (kind == kBatchDelete) {
      batch.operations.emplace_back(KvDelete{ReadKey(in)});
    } else {
      in.Fail(InvalidArgument("command: operation kind %d at %d", kind, at));
    }
  }
  return batch;
}

KvCompareAndSet ReadCompareAndSet(WireReader& in) {
  KvCompareAndSet command;
  command.key = ReadKey(in);
  command.expected = in.Optional("expected", kMaxValueBytes);
  command.value = in.Optional("value", kMaxValueBytes);
  return command;
}

template <typename Step>
Step ReadStep(WireReader& in) {
  const int64_t number = in.I64("number");
  return Step{number, ReadName(in)};
}

Once ReadOnce(WireReader& in) {
  Once once;
  once.space = in.String("space", kMaxOnceNameBytes);
  once.key = in.String("key", kMaxOnceNameBytes);
  const uint64_t at = in.offset();
  once.ttl = Duration(in.I64("time to live"));
  if (once.ttl < Duration::zero() || once.ttl > kMaxOnceTtl) {
    in.Fail(InvalidArgument("command: time to live %d ns at %d, want 0 to %d", once.ttl.count(), at,
                            kMaxOnceTtl.count()));
  }
  once.command = in.String("inner command", kMaxInnerBytes);
  return once;
}

Command ReadBody(uint16_t tag, WireReader& in) {
  switch (tag) {
    case kKvSet:
      return ReadSet(in);
    case kKvDelete:
      return KvDelete{ReadKey(in)};
    case kKvGet:
      return KvGet{ReadKey(in)};
    case kKvBatch:
      return ReadBatch(in);
    case kKvCompareAndSet:
      return ReadCompareAndSet(in);
    case kCounterIncrement:
      return ReadStep<CounterIncrement>(in);
    case kCounterDecrement:
      return ReadStep<CounterDecrement>(in);
    case kCounterSet:
      return ReadStep<CounterSet>(in);
    case kCounterGet:
      return CounterGet{ReadName(in)};
    case kOnce:
      return ReadOnce(in);
  }
  in.Fail(InvalidArgument("command: unknown tag 0x%04x at 1", tag));
  return KvGet{};
}

}  // namespace

std::string EncodeCommand(const Command& command) {
  std::string out;
  std::visit(Encoder{out}, command);
  WT_CHECK(!out.empty());
  return out;
}

absl::StatusOr<Command> DecodeCommand(std::string_view bytes) {
  WireReader in("command", bytes);
  const uint8_t version = in.U8("version");
  if (in.ok() && version != kWireVersion) {
    return InvalidArgument("command: version %d at 0, want %d", version, kWireVersion);
  }
  const uint16_t tag = in.U16("tag");
  if (!in.ok()) return in.Finish();
  Command command = ReadBody(tag, in);
  WT_RETURN_IF_ERROR(in.Finish());
  return command;
}

CommandFamily FamilyOf(const Command& command) {
  if (std::holds_alternative<Once>(command)) return CommandFamily::kOnce;
  const bool counter = std::holds_alternative<CounterIncrement>(command) ||
                       std::holds_alternative<CounterDecrement>(command) ||
                       std::holds_alternative<CounterSet>(command) ||
                       std::holds_alternative<CounterGet>(command);
  return counter ? CommandFamily::kCounter : CommandFamily::kKv;
}

}  // namespace wt
