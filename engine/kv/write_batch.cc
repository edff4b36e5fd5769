#include "engine/kv/write_batch.h"

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/base/varint.h"

namespace wt {
namespace {

constexpr uint8_t kDelete = 1;
constexpr uint8_t kPut = 2;

void AppendString(std::string& out, std::string_view bytes) {
  WT_CHECK_LE(bytes.size(), uint64_t{UINT32_MAX});
  PutVarint32(out, static_cast<uint32_t>(bytes.size()));
  out.append(bytes);
}

}  // namespace

void WriteBatch::Put(std::string_view key, std::string_view value) {
  bytes_.push_back(kPut);
  AppendString(bytes_, key);
  AppendString(bytes_, value);
  ++operations_;
}

void WriteBatch::Delete(std::string_view key) {
  bytes_.push_back(kDelete);
  AppendString(bytes_, key);
  ++operations_;
}

void WriteBatch::Clear() {
  bytes_.clear();
  operations_ = 0;
}

bool BatchReader::Next() {
  if (at_ == end_ || !ok_) return false;
  const uint8_t kind = static_cast<uint8_t>(*at_++);
  if (kind != kPut && kind != kDelete) return Fail();
  operation_ = {.is_put = kind == kPut};
  if (!TakeString(&operation_.key)) return Fail();
  return kind == kDelete || TakeString(&operation_.value) || Fail();
}

bool BatchReader::Fail() {
  ok_ = false;
  at_ = end_;
  return false;
}

bool BatchReader::TakeString(std::string_view* out) {
  uint32_t size = 0;
  const char* const from = GetVarint32(at_, end_, &size);
  if (from == nullptr || size > static_cast<uint64_t>(end_ - from)) return false;
  *out = std::string_view(from, size);
  at_ = from + size;
  return true;
}

absl::Status CheckBatch(std::string_view bytes, uint64_t max_key_bytes, uint64_t max_value_bytes) {
  uint64_t number = 0;
  BatchReader it(bytes);
  for (; it.Next(); ++number) {
    const BatchOperation& operation = it.operation();
    if (operation.key.size() > max_key_bytes) {
      return InvalidArgument("operation %d: a key of %d bytes, at most %d", number,
                             operation.key.size(), max_key_bytes);
    }
    if (operation.value.size() > max_value_bytes) {
      return InvalidArgument("operation %d: a value of %d bytes, at most %d", number,
                             operation.value.size(), max_value_bytes);
    }
  }
  if (!it.ok()) return InvalidArgument("operation %d: malformed", number);
  return absl::OkStatus();
}

}  // namespace wt
