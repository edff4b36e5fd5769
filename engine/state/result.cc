#include "engine/state/result.h"

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/base/units.h"
#include "engine/state/command.h"
#include "engine/state/wire.h"

namespace wt {
namespace {

constexpr uint8_t kKv = static_cast<uint8_t>(CommandFamily::kKv);
constexpr uint8_t kCounter = static_cast<uint8_t>(CommandFamily::kCounter);

// A result has the tag of its command; a refusal has none.
constexpr uint16_t kRefused = 0;
constexpr uint16_t kKvSet = WireTag(kKv, 1);
constexpr uint16_t kKvDelete = WireTag(kKv, 2);
constexpr uint16_t kKvGet = WireTag(kKv, 3);
constexpr uint16_t kKvBatch = WireTag(kKv, 4);
constexpr uint16_t kKvCompareAndSet = WireTag(kKv, 5);
constexpr uint16_t kCounterIncrement = WireTag(kCounter, 1);
constexpr uint16_t kCounterDecrement = WireTag(kCounter, 2);
constexpr uint16_t kCounterSet = WireTag(kCounter, 3);
constexpr uint16_t kCounterGet = WireTag(kCounter, 4);

constexpr uint64_t kMaxMessageBytes = kKiB;

struct Encoder {
  std::string& out;

  void operator()(const Refused& r) const {
    PutHead(out, kRefused);
    PutU8(out, static_cast<uint8_t>(r.reason));
    PutString(out, std::string_view(r.message).substr(0, kMaxMessageBytes));
  }
  void operator()(const KvSetResult& r) const { PutFlag(kKvSet, r.success); }
  void operator()(const KvDeleteResult& r) const { PutFlag(kKvDelete, r.success); }
  void operator()(const KvGetResult& r) const {
    PutHead(out, kKvGet);
    PutOptional(out, r.value);
  }
  void operator()(const KvBatchResult& r) const {
    PutHead(out, kKvBatch);
    PutU32(out, r.operations);
  }
  void operator()(const KvCompareAndSetResult& r) const {
    PutFlag(kKvCompareAndSet, r.success);
    PutOptional(out, r.actual);
  }
  void operator()(const CounterIncrementResult& r) const {
    PutCount(kCounterIncrement, r.new_count);
  }
  void operator()(const CounterDecrementResult& r) const {
    PutCount(kCounterDecrement, r.new_count);
  }
  void operator()(const CounterSetResult& r) const { PutCount(kCounterSet, r.new_count); }
  void operator()(const CounterGetResult& r) const { PutCount(kCounterGet, r.count); }

  void PutFlag(uint16_t tag, bool flag) const {
    PutHead(out, tag);
    PutU8(out, flag ? 1 : 0);
  }
  void PutCount(uint16_t tag, int64_t count) const {
    PutHead(out, tag);
    PutI64(out, count);
  }
};

Refused ReadRefused(WireReader& in) {
  Refused refused;
  const uint64_t at = in.offset();
  const uint8_t reason = in.U8("reason");
  if (reason < 1 || reason > static_cast<uint8_t>(RefusalReason::kKeyReused)) {
    in.Fail(InvalidArgument("result: unknown reason %d at %d", reason, at));
  }
  refused.reason = static_cast<RefusalReason>(reason);
  refused.message = in.String("message", kMaxMessageBytes);
  return refused;
}

KvCompareAndSetResult ReadCompareAndSet(WireReader& in) {
  KvCompareAndSetResult result;
  result.success = in.Bool("success");
  result.actual = in.Optional("actual", kMaxValueBytes);
  return result;
}

Result ReadBody(uint16_t tag, WireReader& in) {
  switch (tag) {
    case kRefused:
      return ReadRefused(in);
    case kKvSet:
      return KvSetResult{in.Bool("success")};
    case kKvDelete:
      return KvDeleteResult{in.Bool("success")};
    case kKvGet:
      return KvGetResult{in.Optional("value", kMaxValueBytes)};
    case kKvBatch:
      return KvBatchResult{in.U32("operations")};
    case kKvCompareAndSet:
      return ReadCompareAndSet(in);
    case kCounterIncrement:
      return CounterIncrementResult{in.I64("count")};
    case kCounterDecrement:
      return CounterDecrementResult{in.I64("count")};
    case kCounterSet:
      return CounterSetResult{in.I64("count")};
    case kCounterGet:
      return CounterGetResult{in.I64("count")};
  }
  in.Fail(InvalidArgument("result: unknown tag 0x%04x at 1", tag));
  return Refused{};
}

}  // namespace

std::string EncodeResult(const Result& result) {
  std::string out;
  std::visit(Encoder{out}, result);
  WT_CHECK(!out.empty());
  return out;
}

absl::StatusOr<Result> DecodeResult(std::string_view bytes) {
  WireReader in("result", bytes);
  const uint8_t version = in.U8("version");
  if (in.ok() && version != kWireVersion) {
    return InvalidArgument("result: version %d at 0, want %d", version, kWireVersion);
  }
  const uint16_t tag = in.U16("tag");
  if (!in.ok()) return in.Finish();
  Result result = ReadBody(tag, in);
  WT_RETURN_IF_ERROR(in.Finish());
  return result;
}

}  // namespace wt
