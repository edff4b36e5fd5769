// Nothing of an image is believed that breaks what FORMAT.md promises of it, though every checksum
// fits: such an image would work for a while and answer wrongly later, or end the process.
#include "engine/state/lsm_image.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/base/coding.h"
#include "engine/base/status.h"
#include "engine/state/composite_state_machine.h"
#include "engine/state/operations.h"
#include "tests/state/apply.h"
#include "tests/state/lsm_world.h"

namespace wt::test {
namespace {

constexpr uint32_t kMagic = 0x494c5457;

// The head's or a table's first chunk, sealed again as whoever makes images does.
std::string Resealed(std::string chunk) {
  chunk.resize(chunk.size() - 4);
  PutU32(chunk, Crc32c(kMagic, chunk));
  return chunk;
}

constexpr size_t kFlushedAt = 8 + kStateHeadBytes;

std::string WithFlushed(std::string head, LogIndex flushed) {
  StoreLittle(head.data() + kFlushedAt, flushed.value());
  return Resealed(std::move(head));
}

std::string Loose(std::string_view key, LogIndex version, std::string_view value) {
  std::string out;
  PutU64(out, PackTag(version, EntryKind::kPut));
  PutString(out, key);
  PutString(out, value);
  return out;
}

// Of a machine that has `color` in its tables, as entry 3 of 5, and nothing in memory.
std::vector<std::string> ImageInTables(Env env) {
  std::unique_ptr<LsmStateMachine> lsm = MustOpen(env, "source");
  for (const char* value : {"red", "green", "blue"}) {
    (void)Settled(*lsm, EntryAfter(*lsm, EncodeCommand(KvSet{"color", value})));
  }
  for (const char* value : {"small", "large"}) {
    (void)Settled(*lsm, EntryAfter(*lsm, EncodeCommand(KvSet{"size", value})));
  }
  WT_CHECK(lsm->store().Flush().ok());
  std::vector<std::string> image = AllChunks(*lsm->Freeze());
  WT_CHECK(lsm->Close().ok());
  return image;
}

absl::Status RestoreOf(Env env, const std::vector<std::string>& image) {
  std::unique_ptr<LsmStateMachine> lsm = MustOpen(env);
  ChunkList source(image);
  const absl::Status restored = lsm->Restore(source);
  EXPECT_EQ(lsm->last_applied(), LogIndex(restored.ok() ? 5 : 0));
  EXPECT_TRUE(lsm->Close().ok());
  return restored;
}

TEST(LsmImageTest, NoTableIsNewerThanTheTablesAreSaidToBe) {
  InWorld([](Env env) {
    std::vector<std::string> image = ImageInTables(env);
    EXPECT_TRUE(RestoreOf(env, image).ok());
    image[0] = WithFlushed(image[0], LogIndex(4));
    EXPECT_TRUE(absl::IsDataLoss(RestoreOf(env, image)));
  });
}

// A reader looks into memory first, and an iterator for the newest.
TEST(LsmImageTest, ALooseEntryIsNewerThanAnyInTheTables) {
  InWorld([](Env env) {
    const std::vector<std::string> image = ImageInTables(env);
    const std::string key = TableKey(CommandFamily::kKv, "color");
    for (const uint64_t version : {1, 2, 5}) {
      std::vector<std::string> stale = image;
      stale.push_back(Loose(key, LogIndex(version), "stale"));
      EXPECT_TRUE(absl::IsDataLoss(RestoreOf(env, stale))) << version;
    }
  });
}

// ---- Idempotency records

MachineState StateWithRecord(Env) {
  CompositeStateMachine model;
  for (const char* key : {"one", "two"}) {
    (void)model.Apply(EntryAfter(
        model, EncodeCommand(Once{"space", key, Duration(5), EncodeCommand(KvSet{"a", "b"})})));
  }
  StateReader reader([](std::string_view, std::string_view) { return absl::OkStatus(); });
  WT_CHECK(reader.Add(model.GetState()).ok());
  return *reader.Finish();
}

// The image of a machine that has all of it in memory.
std::vector<std::string> ImageOf(const MachineState& state) {
  std::string head;
  PutU32(head, kMagic);
  PutU32(head, 1);
  head += EncodeHead(HeadOf(state));
  PutU64(head, 0);
  PutU32(head, 512);
  PutU32(head, 0);
  head.resize(head.size() + 4);
  std::vector<std::string> image = {Resealed(head), ""};
  for (const auto& block : state.table.Freeze()) {
    for (const TableEntry& one : block->entries) {
      image[1] += Loose(one.key, state.last_applied, one.value);
    }
  }
  return image;
}

// By Restore, by SetState, and by the SetState of a machine in memory.
std::vector<absl::Status> Taken(Env env, const MachineState& state) {
  std::vector<absl::Status> taken;
  std::unique_ptr<LsmStateMachine> lsm = MustOpen(env);
  ChunkList source(ImageOf(state));
  taken.push_back(lsm->Restore(source));
  taken.push_back(lsm->SetState(StateBytes(state)));
  EXPECT_TRUE(lsm->Close().ok());
  taken.push_back(CompositeStateMachine().SetState(StateBytes(state)));
  return taken;
}

TEST(LsmImageTest, IdempotencyRecordsAndTheirExpiriesAreInPairs) {
  InWorld([](Env env) {
    const MachineState whole = StateWithRecord(env);
    for (const absl::Status& taken : Taken(env, whole)) EXPECT_TRUE(taken.ok()) << taken;
    std::vector<TableEntry> once;
    for (const auto& block : whole.table.Freeze()) {
      for (const TableEntry& one : block->entries) {
        if (one.key[0] == static_cast<char>(CommandFamily::kOnce)) once.push_back(one);
      }
    }
    ASSERT_EQ(once.size(), 4u);  // two records, then their expiries
    const auto refused = [&](const std::vector<size_t>& missing) {
      MachineState state = StateWithRecord(env);
      for (const size_t one : missing) state.table.Erase(once[one].key);
      for (const absl::Status& taken : Taken(env, state)) {
        EXPECT_TRUE(absl::IsDataLoss(taken)) << missing[0] << ": " << taken;
      }
    };
    for (const size_t one : {0, 1, 2, 3}) refused({one});
    refused({0, 3});  // as many of the one as of the other
  });
}

}  // namespace
}  // namespace wt::test
