// The bytes of commands and results are what FORMAT.md says, stable for ever; anything else is
// refused with the place where it goes wrong. Checked by examples written out byte by byte.
#include "engine/state/command.h"

#include <gtest/gtest.h>

#include "engine/base/coding.h"
#include "engine/base/status.h"
#include "engine/state/result.h"

namespace wt {
namespace {

using std::string_literals::operator""s;

const std::vector<Command>& Examples() {
  static const std::vector<Command> examples = {
      KvSet{"color", "red"},
      KvDelete{"color"},
      KvGet{""},
      KvBatch{{KvSet{"a", "1"}, KvDelete{"b"}}},
      KvBatch{},
      KvCompareAndSet{"k", std::nullopt, "v"},
      KvCompareAndSet{"k", "v", std::nullopt},
      CounterIncrement{5, "visits"},
      CounterDecrement{-5, ""},
      CounterSet{INT64_MIN, "x"},
      CounterGet{"x"},
      Once{"shop", "order-7", std::chrono::hours(1), EncodeCommand(CounterIncrement{1})},
  };
  return examples;
}

TEST(CommandTest, BytesAreThoseOfTheFormat) {
  EXPECT_EQ(EncodeCommand(KvSet{"ab", "c"}), "\x01\x01\x01\x02\0\0\0ab\x01\0\0\0c"s);
  EXPECT_EQ(EncodeCommand(KvDelete{"ab"}), "\x01\x02\x01\x02\0\0\0ab"s);
  EXPECT_EQ(EncodeCommand(CounterIncrement{-1}),
            "\x01\x01\x02\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0"s);
  EXPECT_EQ(EncodeResult(KvGetResult{"x"}), "\x01\x03\x01\x01\x01\0\0\0x"s);
  EXPECT_EQ(EncodeResult(Refused{RefusalReason::kOverflow, "o"}), "\x01\0\0\x03\x01\0\0\0o"s);
}

TEST(CommandTest, EveryCommandComesBack) {
  for (const Command& command : Examples()) {
    absl::StatusOr<Command> decoded = DecodeCommand(EncodeCommand(command));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, command);
  }
}

TEST(CommandTest, EveryPrefixAndEverySurplusByteIsRefused) {
  for (const Command& command : Examples()) {
    const std::string whole = EncodeCommand(command);
    for (size_t n = 0; n < whole.size(); ++n) {
      EXPECT_TRUE(absl::IsInvalidArgument(DecodeCommand(whole.substr(0, n)).status())) << n;
    }
    EXPECT_TRUE(absl::IsInvalidArgument(DecodeCommand(whole + '\0').status()));
  }
}

TEST(CommandTest, RefusalsSayWhatAndWhere) {
  EXPECT_EQ(MessageOf(DecodeCommand("\x02"s).status()), "command: version 2 at 0, want 1");
  EXPECT_EQ(MessageOf(DecodeCommand("\x01\x09\x07"s).status()),
            "command: unknown tag 0x0709 at 1");
  EXPECT_EQ(MessageOf(DecodeCommand("\x01\x02\x01\xff\xff\xff\xffhi"s).status()),
            "command: key at 3 is cut short");
  const std::string surplus = EncodeCommand(KvDelete{"ab"}) + "xy";
  EXPECT_EQ(MessageOf(DecodeCommand(surplus).status()), "command: 2 bytes too many at 9");
}

TEST(CommandTest, LimitsAreInclusive) {
  const std::string longest_key(kMaxKeyBytes, 'k');
  const std::string longest_value(kMaxValueBytes, 'v');
  EXPECT_TRUE(DecodeCommand(EncodeCommand(KvSet{longest_key, longest_value})).ok());
  EXPECT_FALSE(DecodeCommand(EncodeCommand(KvSet{longest_key + "k", ""})).ok());
  EXPECT_FALSE(DecodeCommand(EncodeCommand(KvSet{"", longest_value + "v"})).ok());
  KvBatch batch;
  batch.operations.resize(kMaxBatchOperations, KvDelete{"a"});
  EXPECT_TRUE(DecodeCommand(EncodeCommand(batch)).ok());
  batch.operations.emplace_back(KvDelete{"a"});
  EXPECT_FALSE(DecodeCommand(EncodeCommand(batch)).ok());
  EXPECT_TRUE(DecodeCommand(EncodeCommand(Once{"s", "k", kMaxOnceTtl, "x"})).ok());
  EXPECT_FALSE(DecodeCommand(EncodeCommand(Once{"s", "k", kMaxOnceTtl + Duration(1), "x"})).ok());
  EXPECT_FALSE(DecodeCommand(EncodeCommand(Once{"s", "k", Duration(-1), "x"})).ok());
}

TEST(CommandTest, AHugeCountOfOperationsDoesNotAllocate) {
  std::string bytes = "\x01\x04\x01"s;
  PutU32(bytes, 0xffffffff);
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeCommand(bytes).status()));
}

TEST(CommandTest, FlagsThatAreNeitherZeroNorOneAreRefused) {
  std::string bytes = EncodeResult(KvSetResult{true});
  bytes.back() = 2;
  EXPECT_EQ(MessageOf(DecodeResult(bytes).status()), "result: success at 3 is 2, want 0 or 1");
}

TEST(ResultTest, EveryResultComesBack) {
  const std::vector<Result> results = {
      Refused{RefusalReason::kMalformed, "why"}, KvSetResult{true}, KvDeleteResult{false},
      KvGetResult{std::nullopt}, KvGetResult{""}, KvBatchResult{7},
      KvCompareAndSetResult{false, "x"}, CounterIncrementResult{INT64_MAX},
      CounterDecrementResult{INT64_MIN}, CounterSetResult{0}, CounterGetResult{-1}};
  for (const Result& result : results) {
    const std::string bytes = EncodeResult(result);
    absl::StatusOr<Result> decoded = DecodeResult(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, result);
    for (size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(DecodeResult(bytes.substr(0, n)).ok());
  }
}

}  // namespace
}  // namespace wt
