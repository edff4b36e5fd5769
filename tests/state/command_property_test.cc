// For any bytes at all: decoding does not crash, and what it accepts is exactly what encoding would
// have written, so that two replicas never read one command in two ways.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/state/command.h"
#include "engine/state/composite_state_machine.h"
#include "engine/state/result.h"
#include "tests/state/apply.h"

namespace wt {
namespace {

rc::Gen<std::string> Bytes() { return rc::gen::arbitrary<std::string>(); }

std::variant<KvSet, KvDelete> AnyOperation() {
  if (*rc::gen::arbitrary<bool>()) return KvSet{*Bytes(), *Bytes()};
  return KvDelete{*Bytes()};
}

std::optional<std::string> AnyOptional() {
  if (*rc::gen::arbitrary<bool>()) return std::nullopt;
  return *Bytes();
}

Command AnyCommand() {
  switch (*rc::gen::inRange(0, 9)) {
    case 0: return KvSet{*Bytes(), *Bytes()};
    case 1: return KvDelete{*Bytes()};
    case 2: return KvGet{*Bytes()};
    case 3: {
      KvBatch batch;
      const int n = *rc::gen::inRange(0, 6);
      for (int i = 0; i < n; ++i) batch.operations.push_back(AnyOperation());
      return batch;
    }
    case 4: {
      KvCompareAndSet command;
      command.key = *Bytes();
      command.expected = AnyOptional();
      command.value = AnyOptional();
      return command;
    }
    case 5: return CounterIncrement{*rc::gen::arbitrary<int64_t>(), *Bytes()};
    case 6: return CounterDecrement{*rc::gen::arbitrary<int64_t>(), *Bytes()};
    case 7: return CounterGet{*Bytes()};
    default: return Once{*Bytes(), *Bytes(), Duration(*rc::gen::inRange(0, 1000)), *Bytes()};
  }
}

// Whole commands, damaged in a few places: gets further into the decoder than noise does.
std::string AlmostACommand() {
  std::string bytes = EncodeCommand(AnyCommand());
  const int changes = *rc::gen::inRange(0, 4);
  for (int i = 0; i < changes && !bytes.empty(); ++i) {
    const size_t at = *rc::gen::inRange<size_t>(0, bytes.size());
    bytes[at] = *rc::gen::arbitrary<char>();
  }
  return bytes;
}

RC_GTEST_PROP(CommandPropertyTest, WhatIsWrittenIsRead, ()) {
  const Command command = AnyCommand();
  absl::StatusOr<Command> decoded = DecodeCommand(EncodeCommand(command));
  RC_ASSERT(decoded.ok());
  RC_ASSERT(*decoded == command);
}

RC_GTEST_PROP(CommandPropertyTest, NoiseDoesNotCrash, ()) {
  std::string bytes = *Bytes();
  const std::string with_head = std::string("\x01\x01\x01", 3) + bytes;
  for (const std::string& one : {bytes, with_head}) {
    absl::StatusOr<Command> command = DecodeCommand(one);
    if (command.ok()) RC_ASSERT(EncodeCommand(*command) == one);
    absl::StatusOr<Result> result = DecodeResult(one);
    if (result.ok()) RC_ASSERT(EncodeResult(*result) == one);
  }
}

RC_GTEST_PROP(CommandPropertyTest, WhatIsAcceptedHasOneSpelling, ()) {
  const std::string bytes = AlmostACommand();
  absl::StatusOr<Command> command = DecodeCommand(bytes);
  if (command.ok()) {
    RC_ASSERT(EncodeCommand(*command) == bytes);
  } else {
    RC_ASSERT(absl::IsInvalidArgument(command.status()));
  }
}

RC_GTEST_PROP(CommandPropertyTest, AnyBytesApplyTheSameTwice, ()) {
  const int n = *rc::gen::inRange(1, 20);
  CompositeStateMachine one;
  CompositeStateMachine two;
  for (int i = 0; i < n; ++i) {
    const LogEntry entry = test::EntryAfter(one, AlmostACommand(), Duration(i * 100));
    const Hash128 before = one.Digest();
    const std::string result = one.Apply(entry);
    RC_ASSERT(result == two.Apply(entry));
    RC_ASSERT(one.Digest() == two.Digest());
    RC_ASSERT(one.Digest() != before);
    RC_ASSERT(DecodeResult(result).ok());
  }
  CompositeStateMachine restored;
  RC_ASSERT(restored.SetState(one.GetState()).ok());
  RC_ASSERT(restored.Digest() == one.Digest());
}

}  // namespace
}  // namespace wt
