// Proves, for any sequence of values: what is written is read back, and every proper prefix of it
// is refused.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "engine/base/coding.h"

namespace wt {
namespace {

using Row = std::tuple<uint8_t, uint16_t, uint32_t, uint64_t, int64_t, std::string>;

std::string Encode(const std::vector<Row>& rows) {
  std::string out;
  for (const auto& [u8, u16, u32, u64, i64, text] : rows) {
    PutU8(out, u8);
    PutU16(out, u16);
    PutU32(out, u32);
    PutU64(out, u64);
    PutI64(out, i64);
    PutString(out, text);
  }
  return out;
}

std::vector<Row> Decode(ByteReader& in, size_t count) {
  std::vector<Row> rows;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t u8 = in.U8();
    const uint16_t u16 = in.U16();
    const uint32_t u32 = in.U32();
    const uint64_t u64 = in.U64();
    const int64_t i64 = in.I64();
    rows.emplace_back(u8, u16, u32, u64, i64, std::string(in.String()));
  }
  return rows;
}

RC_GTEST_PROP(CodingPropertyTest, WhatIsWrittenIsReadBack, (const std::vector<Row>& rows)) {
  const std::string bytes = Encode(rows);
  ByteReader in(bytes);
  RC_ASSERT(Decode(in, rows.size()) == rows);
  RC_ASSERT(in.ok() && in.empty());
  RC_ASSERT(in.offset() == bytes.size());
}

RC_GTEST_PROP(CodingPropertyTest, ATruncatedInputIsRefused, (const Row& first)) {
  const auto others = *rc::gen::arbitrary<std::vector<Row>>();
  std::vector<Row> rows = {first};
  rows.insert(rows.end(), others.begin(), others.end());
  const std::string bytes = Encode(rows);
  const auto kept = *rc::gen::inRange<size_t>(0, bytes.size());
  ByteReader in(std::string_view(bytes).substr(0, kept));
  (void)Decode(in, rows.size());
  RC_ASSERT(!in.ok());
}

RC_GTEST_PROP(CodingPropertyTest, AnyBytesAreReadWithoutLeavingThem, (const std::string& bytes)) {
  ByteReader in(bytes);
  (void)Decode(in, 8);
  RC_ASSERT(in.rest().size() <= bytes.size());
}

}  // namespace
}  // namespace wt
