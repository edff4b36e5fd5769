// A frozen state is a point in time, cut into chunks that later snapshots can share, and restored
// whole or not at all.
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "engine/base/random.h"
#include "engine/base/status.h"
#include "engine/state/counter_state_machine.h"
#include "engine/state/kv_state_machine.h"
#include "tests/state/apply.h"

namespace wt {
namespace {

using test::AllChunks;
using test::Apply;
using test::ChunkList;

void Fill(KvStateMachine& machine, int entries, uint64_t value_bytes) {
  for (int i = 0; i < entries; ++i) {
    Apply(machine, KvSet{"key" + std::to_string(i), std::string(value_bytes, 'v')});
  }
}

uint64_t TotalBytes(const std::vector<std::string>& chunks) {
  uint64_t total = 0;
  for (const std::string& chunk : chunks) total += chunk.size();
  return total;
}

// Bytes of `later` in chunks that `earlier` has, too.
uint64_t SharedBytes(const std::vector<std::string>& earlier,
                     const std::vector<std::string>& later) {
  const std::set<std::string> known(earlier.begin(), earlier.end());
  uint64_t shared = 0;
  for (const std::string& chunk : later) shared += known.count(chunk) > 0 ? chunk.size() : 0;
  return shared;
}

TEST(FreezeTest, LaterChangesDoNotShow) {
  KvStateMachine machine;
  Fill(machine, 2000, 30);
  const std::string then = machine.GetState();
  std::unique_ptr<ChunkSource> frozen = machine.Freeze();
  std::string seen = *frozen->Next();
  for (int i = 0; i < 2000; ++i) {
    Apply(machine, KvDelete{"key" + std::to_string(i)});
    Apply(machine, KvSet{"other" + std::to_string(i), "x"});
  }
  for (const std::string& chunk : AllChunks(*frozen)) seen += chunk;
  EXPECT_EQ(seen, then);
  EXPECT_EQ(*frozen->Next(), "");
}

TEST(FreezeTest, OutlivesTheMachine) {
  std::unique_ptr<ChunkSource> frozen;
  std::string then;
  {
    KvStateMachine machine;
    Fill(machine, 100, 30);
    then = machine.GetState();
    frozen = machine.Freeze();
  }
  std::string seen;
  for (const std::string& chunk : AllChunks(*frozen)) seen += chunk;
  EXPECT_EQ(seen, then);
}

TEST(FreezeTest, ChunksAreOfTheTargetSizeOnAverage) {
  KvStateMachine machine({.target_chunk_bytes = 4096});
  Fill(machine, 20'000, 100);
  const std::vector<std::string> chunks = AllChunks(*machine.Freeze());
  const uint64_t average = TotalBytes(chunks) / chunks.size();
  EXPECT_GT(average, 4096u / 2);
  EXPECT_LT(average, 4096u * 2);
  for (const std::string& chunk : chunks) EXPECT_LE(chunk.size(), 8u * 4096);
}

TEST(FreezeTest, ASmallChangeMovesFewChunks) {
  KvStateMachine machine({.target_chunk_bytes = 4096});
  Fill(machine, 20'000, 100);
  const std::vector<std::string> before = AllChunks(*machine.Freeze());
  Apply(machine, KvSet{"key10000", "changed"});
  Apply(machine, KvSet{"key1a new one", std::string(5000, 'n')});
  Apply(machine, KvDelete{"key777"});
  const std::vector<std::string> after = AllChunks(*machine.Freeze());
  EXPECT_GT(SharedBytes(before, after), TotalBytes(after) * 96 / 100);
}

TEST(FreezeTest, LargeValuesStayWithinTheChunkLimit) {
  KvStateMachine machine;
  for (int i = 0; i < 8; ++i) {
    Apply(machine, KvSet{std::to_string(i), std::string(kMaxValueBytes - 7 * i, 'v')});
  }
  for (const std::string& chunk : AllChunks(*machine.Freeze())) {
    EXPECT_LE(chunk.size(), kMaxChunkBytes);
  }
  KvStateMachine restored;
  ASSERT_TRUE(restored.Restore(*machine.Freeze()).ok());
  EXPECT_EQ(restored.Digest(), machine.Digest());
}

TEST(RestoreTest, ReplacesEverything) {
  KvStateMachine source;
  Apply(source, KvSet{"a", "1"});
  KvStateMachine target;
  Apply(target, KvSet{"a", "old"});
  Apply(target, KvSet{"b", "not in the snapshot"});
  ASSERT_TRUE(target.Restore(*source.Freeze()).ok());
  EXPECT_EQ(target.Value("a"), "1");
  EXPECT_EQ(target.Value("b"), std::nullopt);
  EXPECT_EQ(target.last_applied(), LogIndex(1));
}

TEST(RestoreTest, AMissingDoubledOrSwappedChunkIsRefusedAndNothingChanges) {
  KvStateMachine source({.target_chunk_bytes = 512});
  Fill(source, 100, 50);
  const std::vector<std::string> chunks = AllChunks(*source.Freeze());
  ASSERT_GT(chunks.size(), 4u);
  KvStateMachine target;
  Apply(target, KvSet{"mine", "stays"});
  const Hash128 digest = target.Digest();
  const auto refused = [&](std::vector<std::string> damaged) {
    ChunkList list(std::move(damaged));
    EXPECT_TRUE(absl::IsDataLoss(target.Restore(list)));
    EXPECT_EQ(target.Digest(), digest);
    EXPECT_EQ(target.Value("mine"), "stays");
  };
  for (size_t i = 0; i < chunks.size(); ++i) {
    std::vector<std::string> missing = chunks;
    missing.erase(missing.begin() + static_cast<ptrdiff_t>(i));
    refused(missing);
    std::vector<std::string> doubled = chunks;
    doubled.insert(doubled.begin() + static_cast<ptrdiff_t>(i), chunks[i]);
    refused(doubled);
    if (i == 0) continue;
    std::vector<std::string> swapped = chunks;
    std::swap(swapped[i - 1], swapped[i]);
    refused(swapped);
  }
  refused({});
}

TEST(RestoreTest, AnErrorOfTheSourcePassesAndNothingChanges) {
  class Failing : public ChunkSource {
    absl::StatusOr<std::string> Next() override { return Unavailable("no disk"); }
  };
  KvStateMachine target;
  Apply(target, KvSet{"mine", "stays"});
  Failing source;
  EXPECT_TRUE(absl::IsUnavailable(target.Restore(source)));
  EXPECT_EQ(target.Value("mine"), "stays");
}

TEST(RestoreTest, AStateOfAnotherMachineIsRefused) {
  CounterStateMachine counter(7);
  KvStateMachine kv;
  EXPECT_TRUE(absl::IsDataLoss(kv.SetState(counter.GetState())));
}

TEST(RestoreTest, EveryFlippedBitOfAStateIsFound) {
  KvStateMachine source;
  Fill(source, 5, 10);
  const std::string state = source.GetState();
  KvStateMachine target;
  const Hash128 empty = target.Digest();
  for (size_t bit = 0; bit < state.size() * 8; ++bit) {
    std::string damaged = state;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    ASSERT_TRUE(absl::IsDataLoss(target.SetState(damaged))) << bit;
    ASSERT_EQ(target.Digest(), empty);
  }
  for (size_t n = 0; n < state.size(); ++n) {
    ASSERT_TRUE(absl::IsDataLoss(target.SetState(state.substr(0, n)))) << n;
  }
}

// The example of FORMAT.md. When this fails, states and digests of released versions have changed
// their meaning.
TEST(StateFormatTest, BytesAreThoseOfTheFormat) {
  using std::string_literals::operator""s;
  KvStateMachine machine;
  Apply(machine, KvSet{"color", "red"}, Duration(1000));
  EXPECT_EQ(machine.GetState(),
            "WTST\x01\0\0\0\x01\0\0\0\0\0\0\0\xe8\x03\0\0\0\0\0\0\x01\0\0\0\0\0\0\0"
            "\x3b\x83\x5f\x58\xe5\x14\x5c\xda\xb9\xac\xe8\x32\x0f\xad\x41\xbf\xa4\xc9\x2c\x53"
            "\x06\0\0\0\x01"
            "color\x03\0\0\0red"s);
  EXPECT_EQ(machine.Digest().ToString(), "f02eb8ae6d0822c4aabb3e28fa81009c");
}

}  // namespace
}  // namespace wt
