// Every single call to the disk within a switch of the pointer, or within GetMeta's repair, fails
// once (with and without effect), finds no room, or is the last before the process or the power
// goes. What SetMeta returned is then held against it: OK means new; a plain error means old, even
// when the caller reuses the number of the new manifest; in doubt means either; never none.
#include <gtest/gtest.h>

#include "engine/storage/file_storage.h"
#include "tests/storage/pointer_states.h"
#include "tests/support/memory_env.h"

namespace wt::test {
namespace {

constexpr FileDesc kNone{};
const FileDesc kOld = Manifest(3);
const FileDesc kNew = Manifest(7);

struct CrashCase {
  CrashKind kind;
  uint64_t seed;
};
constexpr CrashCase kCrashes[] = {{CrashKind::kKill, 0},
                                  {CrashKind::kLoseUnsynced, 0},
                                  {CrashKind::kMixed, 1},
                                  {CrashKind::kMixed, 2},
                                  {CrashKind::kMixed, 3}};

enum class Script { kSet, kGet, kGetThenSet };
constexpr Script kScripts[] = {Script::kSet, Script::kGet, Script::kGetThenSet};

class PointerFailureTest : public testing::TestWithParam<size_t> {
 protected:
  const PointerState& state() const { return PointerStates()[GetParam()]; }

  struct Result {
    absl::Status status;     // of the first step that failed
    bool switching = false;  // SetMeta was called
  };

  static Result Play(MemoryEnv& world, Script script) {
    absl::StatusOr<std::unique_ptr<Storage>> storage = OpenFileStorage(world.env(), {});
    if (!storage.ok()) return {storage.status()};
    if (script != Script::kSet) {
      const absl::Status got = (*storage)->GetMeta().status();
      if (!got.ok() && !absl::IsNotFound(got)) return {got};
      if (script == Script::kGet) return {};
    }
    return {(*storage)->SetMeta(kNew), true};
  }

  static uint64_t CallsOf(const PointerState& state, Script script) {
    MemoryEnv world;
    Plant(world.disk, state);
    world.disk.ResetCalls();
    const Result result = Play(world, script);
    EXPECT_TRUE(result.status.ok()) << result.status;
    EXPECT_GT(world.disk.calls(), 5u);
    return world.disk.calls();
  }

  // What the next life finds; and what it finds is still so after the power has gone.
  static FileDesc Found(MemoryEnv& world) {
    FileDesc found;
    for (const bool again : {false, true}) {
      absl::StatusOr<std::unique_ptr<Storage>> storage = OpenFileStorage(world.env(), {});
      EXPECT_TRUE(storage.ok()) << storage.status();
      const absl::StatusOr<FileDesc> pointer = (*storage)->GetMeta();
      EXPECT_TRUE(pointer.ok() || absl::IsNotFound(pointer.status())) << pointer.status();
      const FileDesc now = pointer.value_or(kNone);
      if (again) {
        EXPECT_EQ(now, found);
      }
      found = now;
      storage->reset();
      world.disk.Crash(CrashKind::kLoseUnsynced);
    }
    return found;
  }

  void ExpectAllowed(const Result& result, FileDesc found) {
    const FileDesc old = state().has_old ? kOld : kNone;
    if (!result.switching) {
      EXPECT_EQ(found, old) << result.status;
    } else if (result.status.ok()) {
      EXPECT_EQ(found, kNew);
    } else if (IsInDoubt(result.status)) {
      EXPECT_TRUE(found == old || found == kNew) << found.ToString();
    } else {
      EXPECT_EQ(found, old) << result.status;
    }
  }

  void ForEachCall(const std::function<void(Script, uint64_t)>& body) {
    for (const Script script : kScripts) {
      const uint64_t calls = CallsOf(state(), script);
      for (uint64_t n = 1; n <= calls && !HasFailure(); ++n) {
        SCOPED_TRACE(testing::Message() << "script " << static_cast<int>(script) << " call " << n);
        body(script, n);
      }
    }
  }
};

TEST_P(PointerFailureTest, EveryCallFailsOnce) {
  uint64_t in_doubt = 0;
  for (const FailureEffect effect : {FailureEffect::kNone, FailureEffect::kDone}) {
    for (const absl::Status& error : {Unavailable("device"), ResourceExhausted("no room")}) {
      ForEachCall([&](Script script, uint64_t n) {
        for (const CrashCase& crash : kCrashes) {
          MemoryEnv world;
          Plant(world.disk, state());
          world.disk.FailAt(n, error, effect);
          const Result result = Play(world, script);
          in_doubt += IsInDoubt(result.status) ? 1 : 0;
          world.disk.Crash(crash.kind, crash.seed * 100 + n);
          ExpectAllowed(result, Found(world));
        }
      });
    }
  }
  EXPECT_GT(in_doubt, 0u);
}

// The caller takes a plain error at its word: it throws the new manifest away and begins another of
// the same number, which is half written when the power goes.
TEST_P(PointerFailureTest, AfterAPlainErrorTheNumberCanBeUsedAgain) {
  uint64_t plain = 0;
  for (const FailureEffect effect : {FailureEffect::kNone, FailureEffect::kDone}) {
    ForEachCall([&](Script script, uint64_t n) {
      MemoryEnv world;
      Plant(world.disk, state());
      world.disk.FailAt(n, Unavailable("device"), effect);
      const Result result = Play(world, script);
      if (result.status.ok() || IsInDoubt(result.status)) return;
      ++plain;
      PlantFile(world.disk, NameOf(kNew), "half");
      world.disk.Crash(CrashKind::kMixed, n);
      EXPECT_EQ(Found(world), state().has_old ? kOld : kNone) << result.status;
    });
  }
  EXPECT_GT(plain, 0u);
}

// And so does one that goes on in the same life, and switches again.
TEST_P(PointerFailureTest, AfterAFailureTheNextSwitchCounts) {
  ForEachCall([&](Script script, uint64_t n) {
    MemoryEnv world;
    Plant(world.disk, state());
    absl::StatusOr<std::unique_ptr<Storage>> storage = OpenFileStorage(world.env(), {});
    ASSERT_TRUE(storage.ok());
    if (script != Script::kSet) (void)(*storage)->GetMeta();
    world.disk.FailAt(n, Unavailable("device"));
    (void)(*storage)->SetMeta(kNew);
    world.disk.FailAt(uint64_t{1} << 40, Unavailable("never"));
    const absl::Status second = (*storage)->SetMeta(kOld);
    const bool is_dead = StorageErrorOf(second) == StorageError::kDead;
    EXPECT_TRUE(second.ok() || is_dead) << second;
    storage->reset();
    world.disk.Crash(CrashKind::kLoseUnsynced);
    const FileDesc found = Found(world);
    if (second.ok()) {
      EXPECT_EQ(found, kOld);
    }
  });
}

TEST_P(PointerFailureTest, EveryCallIsTheLast) {
  ForEachCall([&](Script script, uint64_t n) {
    for (const CrashCase& crash : kCrashes) {
      for (uint64_t nested = 0; nested < 24; nested += 3) {
        MemoryEnv world;
        Plant(world.disk, state());
        world.disk.DieAt(n);
        Result result = Play(world, script);
        world.disk.Crash(crash.kind, crash.seed * 100 + n);
        if (nested > 0) {  // and again, in the repair
          world.disk.DieAt(nested);
          (void)Play(world, Script::kGet);
          world.disk.Crash(crash.kind, crash.seed * 100 + nested);
        }
        if (!result.status.ok()) result.status = InDoubtError(kNew, result.status);
        ExpectAllowed(result, Found(world));
        if (HasFailure()) return;
      }
    }
  });
}

TEST_P(PointerFailureTest, AFullDiskKeepsTheOldPointer) {
  for (const Script script : kScripts) {
    for (uint64_t room = 0; room <= 40; ++room) {
      SCOPED_TRACE(testing::Message() << "script " << static_cast<int>(script) << " room " << room);
      MemoryEnv world;
      Plant(world.disk, state());
      world.disk.SetCapacity(world.disk.TotalBytes() + room);
      const Result result = Play(world, script);
      EXPECT_TRUE(result.status.ok() || absl::IsResourceExhausted(result.status) ||
                  IsInDoubt(result.status))
          << result.status;
      world.disk.SetCapacity(~uint64_t{0});
      world.disk.Crash(CrashKind::kMixed, room);
      ExpectAllowed(result, Found(world));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(States, PointerFailureTest,
                         testing::Range(size_t{0}, PointerStates().size()));

}  // namespace
}  // namespace wt::test
