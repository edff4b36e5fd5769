// Any bytes offered as a state are refused or restored, and never crash: noise, and states whose
// checksums are right but whose entries nobody wrote.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/coding.h"
#include "engine/state/composite_state_machine.h"
#include "engine/state/entry_table.h"
#include "tests/state/apply.h"

namespace wt {
namespace {

// The head that belongs to a table, as FORMAT.md has it.
std::string HeadOf(const EntryTable& table) {
  std::string out;
  PutU32(out, 0x54535457);
  PutU32(out, 1);
  PutU64(out, 5);
  PutI64(out, 1000);
  PutU64(out, table.size());
  PutU64(out, table.sum().low);
  PutU64(out, table.sum().high);
  PutU32(out, Crc32c(0x54535457, out));
  return out;
}

RC_GTEST_PROP(StateImagePropertyTest, NoiseIsRefused, ()) {
  CompositeStateMachine machine;
  const Hash128 digest = machine.Digest();
  RC_ASSERT(!machine.SetState(*rc::gen::arbitrary<std::string>()).ok());
  RC_ASSERT(machine.Digest() == digest);
}

std::string StateOf(const EntryTable& table) {
  std::string state = HeadOf(table);
  for (const auto& block : table.Freeze()) {
    for (const TableEntry& entry : block->entries) {
      PutString(state, entry.key);
      PutString(state, entry.value);
    }
  }
  return state;
}

TEST(StateImageTest, HalfAnIdempotencyRecordIsRefused) {
  const std::string record = std::string("\x03r\0\0\0\0", 6);
  const std::string expiry = std::string("\x03x\x80\0\0\0\0\0\0\0\0\0\0\0", 14);
  const std::string value = std::string(24, '\0') + EncodeResult(KvSetResult{});
  EntryTable both;
  both.Set(record, value);
  both.Set(expiry, "");
  EntryTable only_record;
  only_record.Set(record, value);
  EntryTable only_expiry;
  only_expiry.Set(expiry, "");
  CompositeStateMachine machine;
  EXPECT_TRUE(machine.SetState(StateOf(both)).ok());
  EXPECT_TRUE(absl::IsDataLoss(machine.SetState(StateOf(only_record))));
  EXPECT_TRUE(absl::IsDataLoss(machine.SetState(StateOf(only_expiry))));
  EXPECT_EQ(machine.size(), 2u);
}

RC_GTEST_PROP(StateImagePropertyTest, ForgedEntriesAreRefusedOrHarmless, ()) {
  EntryTable table;
  const int n = *rc::gen::inRange(0, 8);
  for (int i = 0; i < n; ++i) {
    std::string key(1, static_cast<char>(*rc::gen::inRange(0, 5)));
    key += *rc::gen::element<std::string>("", "r", "x", std::string("r\0\0\0\0", 5),
                                          std::string("x\0\0\0\0\0\0\0\0\0\0\0\0", 13));
    const std::string value = *rc::gen::element<std::string>(
        "", "12345678", std::string(24, '\0') + EncodeResult(KvSetResult{}));
    table.Set(key, value);
  }
  const std::string state = StateOf(table);
  CompositeStateMachine machine;
  if (!machine.SetState(state).ok()) return;
  RC_ASSERT(machine.GetState() == state);
  for (const char* key : {"", "a", "b"}) {
    test::Apply(machine, Once{"", key, Duration(1), EncodeCommand(CounterIncrement{1})},
                Duration(*rc::gen::inRange(0, 3000)));
  }
}

}  // namespace
}  // namespace wt
