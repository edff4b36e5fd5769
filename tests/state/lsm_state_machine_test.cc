// A machine over an LSM beside one over a table in memory: the same answers, the same digest and
// the same bytes of state after every entry, whatever is flushed, merged, frozen, restored or cut
// off meanwhile. On a simulated machine, whose disk loses what was not synced when its power goes.
#include "engine/state/lsm_state_machine.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "absl/strings/str_format.h"
#include "engine/base/random.h"
#include "engine/env/file_io.h"
#include "engine/state/composite_state_machine.h"
#include "engine/storage/errors.h"
#include "tests/state/apply.h"
#include "tests/state/lsm_world.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;

std::string KeyNumber(uint64_t number) { return absl::StrFormat("key%03d", number); }

std::string DrawSimple(Draw& draw) {
  const std::string key = KeyNumber(draw.Below(80));
  const std::string value(draw.Between(1, 300), static_cast<char>('a' + draw.Below(26)));
  const std::string counter = absl::StrFormat("c%d", draw.Below(3));
  const int64_t delta = static_cast<int64_t>(draw.Below(5)) - 2;
  switch (draw.Below(9)) {
    case 0:
      return EncodeCommand(KvDelete{key});
    case 1:
      return EncodeCommand(KvGet{key});
    case 2:
      return EncodeCommand(
          KvBatch{{KvSet{key, value}, KvDelete{KeyNumber(draw.Below(80))}, KvSet{key, "again"}}});
    case 3:
      return EncodeCommand(KvCompareAndSet{key, "again", value});
    case 4:
      return EncodeCommand(CounterIncrement{delta, counter});
    case 5:
      return EncodeCommand(CounterSet{delta, counter});
    default:
      return EncodeCommand(KvSet{key, value});
  }
}

std::string DrawCommand(Draw& draw) {
  switch (draw.Below(12)) {
    case 0:
      return "malformed";
    case 1:
    case 2:
    case 3: {
      const std::string key = absl::StrFormat("request%d", draw.Below(30));
      const Duration ttl(draw.Below(4000));
      return EncodeCommand(Once{"space", key, ttl, DrawSimple(draw)});
    }
    default:
      return DrawSimple(draw);
  }
}

// Both machines, one entry after the other.
class Pair {
 public:
  Pair(StateMachine& lsm, StateMachine& model) : lsm_(lsm), model_(model) {}

  void Apply(Draw& draw, uint64_t entries) {
    for (uint64_t i = 0; i < entries; ++i) {
      LogEntry entry = EntryAfter(model_, DrawCommand(draw), Duration(draw.Below(20'000)));
      if (draw.OneIn(10)) entry.type = EntryType::kNoop;
      const std::string want = model_.Apply(entry);
      ASSERT_EQ(Settled(lsm_, entry), want) << entry.index.value();
      ASSERT_EQ(lsm_.Digest(), model_.Digest()) << entry.index.value();
    }
    const std::string query = EncodeCommand(KvGet{KeyNumber(draw.Below(80))});
    EXPECT_EQ(*lsm_.Query(query), *model_.Query(query));
    EXPECT_EQ(lsm_.GetState(), model_.GetState());
  }

 private:
  StateMachine& lsm_;
  StateMachine& model_;
};

uint64_t BytesOf(const std::vector<std::string>& chunks) {
  uint64_t bytes = 0;
  for (const std::string& chunk : chunks) bytes += chunk.size();
  return bytes;
}

// ---- The model

void RunBeside(Env env, uint64_t seed) {
  Draw draw(seed, {KeyOf("beside")});
  std::unique_ptr<LsmStateMachine> lsm = MustOpen(env);
  CompositeStateMachine model;
  Pair pair(*lsm, model);
  for (int round = 0; round < 6 && !testing::Test::HasFailure(); ++round) {
    pair.Apply(draw, draw.Between(1, 120));
    // Frozen now, read later: entries that come meanwhile are not in it.
    const std::unique_ptr<ChunkSource> frozen = lsm->Freeze();
    const std::string then = model.GetState();
    const Hash128 digest = model.Digest();
    pair.Apply(draw, draw.Between(1, 60));
    ChunkList image(AllChunks(*frozen));
    std::unique_ptr<LsmStateMachine> other = MustOpen(env, absl::StrFormat("other%d", round));
    const absl::Status restored = other->Restore(image);
    ASSERT_TRUE(restored.ok()) << restored;
    EXPECT_EQ(other->GetState(), then);
    EXPECT_EQ(other->Digest(), digest);
    // It goes on as the one that it came from would have.
    CompositeStateMachine others_model;
    ASSERT_TRUE(others_model.SetState(then).ok());
    Pair(*other, others_model).Apply(draw, draw.Between(1, 60));
    EXPECT_TRUE(other->store().Verify().ok());
    EXPECT_TRUE(other->Close().ok());
  }
  EXPECT_TRUE(lsm->Close().ok());
}

RC_GTEST_PROP(LsmStateMachinePropertyTest, AnswersAndDigestsAreThoseOfATableInMemory, ()) {
  const uint64_t seed = *rc::gen::arbitrary<uint32_t>();
  InWorld([&](Env env) { RunBeside(env, seed); }, seed);
  RC_ASSERT(!testing::Test::HasFailure());
}

TEST(LsmStateMachineTest, TheStateIsTheOneThatAMachineInMemoryWouldGiveAndTake) {
  InWorld([](Env env) {
    Draw draw(3, {});
    std::unique_ptr<LsmStateMachine> lsm = MustOpen(env);
    CompositeStateMachine model;
    Pair(*lsm, model).Apply(draw, 200);
    const std::string state = model.GetState();
    std::unique_ptr<LsmStateMachine> other = MustOpen(env, "other");
    ASSERT_TRUE(other->SetState(state).ok());
    EXPECT_EQ(other->GetState(), state);
    EXPECT_EQ(other->Digest(), model.Digest());
    Pair(*other, model).Apply(draw, 100);
    EXPECT_TRUE(other->SetState(CompositeStateMachine().GetState()).ok());
    EXPECT_EQ(other->last_applied(), LogIndex(0));
    EXPECT_TRUE(other->Close().ok());
    EXPECT_TRUE(lsm->Close().ok());
  });
}

// ---- Images

TEST(LsmStateMachineTest, TheNextImageHasTheSameTablesInTheSameChunks) {
  InWorld([](Env env) {
    Draw draw(5, {});
    std::unique_ptr<LsmStateMachine> lsm = MustOpen(env);
    CompositeStateMachine model;
    Pair(*lsm, model).Apply(draw, 400);
    ASSERT_TRUE(lsm->store().Compact().ok());
    const std::vector<std::string> first = AllChunks(*lsm->Freeze());
    Pair(*lsm, model).Apply(draw, 5);
    const std::vector<std::string> second = AllChunks(*lsm->Freeze());
    const std::set<std::string> had(first.begin(), first.end());
    std::vector<std::string> fresh;
    for (const std::string& chunk : second) {
      if (had.count(chunk) == 0) fresh.push_back(chunk);
    }
    // What is not shared is the head and five entries.
    EXPECT_GT(BytesOf(second), 8000u);
    EXPECT_LT(BytesOf(fresh), 3000u);
    EXPECT_TRUE(lsm->Close().ok());
  });
}

// Fills a machine so that all is in tables; returns its image.
std::vector<std::string> FilledImage(Env env, LsmStateMachine& lsm, CompositeStateMachine& model) {
  (void)env;
  Draw draw(7, {});
  Pair(lsm, model).Apply(draw, 300);
  WT_CHECK(lsm.store().Compact().ok());
  return AllChunks(*lsm.Freeze());
}

void FlipDurably(Env env, const std::string& path, uint64_t offset) {
  const auto file = env.disk.Open(path, OpenMode::kReadWrite);
  WT_CHECK(file.ok());
  char byte = 0;
  WT_CHECK(ReadFully(**file, offset, {&byte, 1}).ok());
  byte ^= 1;
  WT_CHECK(WriteFully(**file, offset, {&byte, 1}).ok());
  WT_CHECK((*file)->Sync().ok());
}

TEST(LsmStateMachineTest, RestoreAdoptsTheTablesThatItsLastLifeHasLeft) {
  InWorld([](Env env) {
    std::unique_ptr<LsmStateMachine> lsm = MustOpen(env);
    CompositeStateMachine model;
    const std::vector<std::string> image = FilledImage(env, *lsm, model);
    Draw draw(8, {});
    CompositeStateMachine later;
    ASSERT_TRUE(later.SetState(model.GetState()).ok());
    Pair(*lsm, later).Apply(draw, 10);  // the manifest may be ahead of the image
    ASSERT_TRUE(lsm->Close().ok());
    lsm = MustOpen(env);
    EXPECT_EQ(lsm->last_applied(), LogIndex(0));
    ChunkList source(image);
    ASSERT_TRUE(lsm->Restore(source).ok());
    EXPECT_GT(lsm->restored().adopted_bytes, 0u);
    EXPECT_EQ(lsm->restored().written_bytes, 0u);
    EXPECT_EQ(lsm->GetState(), model.GetState());
    Pair(*lsm, model).Apply(draw, 100);
    EXPECT_TRUE(lsm->Close().ok());
  });
}

TEST(LsmStateMachineTest, ATableThatIsNotByteForByteTheOneMeantIsWrittenAnew) {
  InWorld([](Env env) {
    std::unique_ptr<LsmStateMachine> lsm = MustOpen(env);
    CompositeStateMachine model;
    const std::vector<std::string> image = FilledImage(env, *lsm, model);
    const std::shared_ptr<const Levels> levels = lsm->store().levels();
    const TableRecord victim = levels->level(1).empty() ? levels->level(2).front()->record
                                                        : levels->level(1).front()->record;
    ASSERT_TRUE(lsm->Close().ok());
    lsm = nullptr;
    const std::string path = "state/" + FileDesc{FileType::kTable, victim.file()}.ToString();
    auto file = env.disk.Open(path, OpenMode::kReadWrite);
    ASSERT_TRUE(file.ok()) << path << file.status();
    ASSERT_TRUE((*file)->WriteAt(200, "rot").ok());
    ASSERT_TRUE((*file)->Sync().ok());
    lsm = MustOpen(env);
    ChunkList source(image);
    ASSERT_TRUE(lsm->Restore(source).ok());
    EXPECT_GT(lsm->restored().written_bytes, 0u);
    EXPECT_EQ(lsm->GetState(), model.GetState());
    EXPECT_TRUE(lsm->store().Verify().ok());
    EXPECT_TRUE(lsm->Close().ok());
  });
}

// Tables rot at any time, also between two reads of one.
TEST(LsmStateMachineTest, RotThatComesWhileAnImageIsReadIsNeverInIt) {
  InWorld([](Env env) {
    uint64_t seen = 0;
    for (size_t before = 1, chunks_in_all = 2; before < chunks_in_all; ++before) {
      const std::string folder = absl::StrFormat("state%d", before);
      std::unique_ptr<LsmStateMachine> lsm = MustOpen(env, folder);
      CompositeStateMachine model;
      const std::vector<std::string> image = FilledImage(env, *lsm, model);
      chunks_in_all = image.size();
      const std::shared_ptr<const Levels> levels = lsm->store().levels();
      const std::unique_ptr<ChunkSource> frozen = lsm->Freeze();
      std::vector<std::string> chunks;
      while (chunks.size() < before) chunks.push_back(*frozen->Next());
      for (uint32_t level = 0; level < kLevels; ++level) {
        for (const TableRef& one : levels->level(level)) {
          const FileDesc fd{FileType::kTable, one->record.file()};
          FlipDurably(env, folder + "/" + fd.ToString(), one->record.bytes - 200);
        }
      }
      absl::StatusOr<std::string> chunk = frozen->Next();
      for (; chunk.ok() && !chunk->empty(); chunk = frozen->Next()) chunks.push_back(*chunk);
      if (chunk.ok()) {
        EXPECT_EQ(chunks, image);  // what rotted had been read
      } else {
        ++seen;
        EXPECT_TRUE(absl::IsDataLoss(chunk.status())) << chunk.status();
        EXPECT_TRUE(IsCorrupted(chunk.status())) << "and it is told which file";
        EXPECT_FALSE(lsm->store().failure().ok());
      }
      (void)lsm->Close();
    }
    EXPECT_GT(seen, 10u);
  });
}

// Gives so many chunks, then an error.
class Interrupted : public ChunkSource {
 public:
  Interrupted(std::vector<std::string> chunks, size_t most)
      : list_(std::move(chunks)), left_(most) {}
  absl::StatusOr<std::string> Next() override {
    if (left_ == 0) return absl::UnavailableError("interrupted");
    --left_;
    return list_.Next();
  }

 private:
  ChunkList list_;
  size_t left_;
};

TEST(LsmStateMachineTest, ARestoreThatFailsAnywhereLeavesTheStateAsItWas) {
  InWorld([](Env env) {
    std::unique_ptr<LsmStateMachine> source = MustOpen(env, "source");
    CompositeStateMachine sources;
    const std::vector<std::string> image = FilledImage(env, *source, sources);
    std::unique_ptr<LsmStateMachine> lsm = MustOpen(env);
    CompositeStateMachine model;
    Draw draw(9, {});
    for (size_t most = 0; most <= image.size(); ++most) {
      if (most % 4 == 0) Pair(*lsm, model).Apply(draw, 5);
      Interrupted cut(image, most);
      ASSERT_FALSE(lsm->Restore(cut).ok());
      ASSERT_EQ(lsm->Digest(), model.Digest());
      ASSERT_EQ(lsm->GetState(), model.GetState());
      if (most == image.size()) break;
      std::vector<std::string> damaged = image;
      damaged[most][damaged[most].size() / 2] ^= 1;
      ChunkList bad(damaged);
      ASSERT_FALSE(lsm->Restore(bad).ok()) << "chunk " << most;
      ASSERT_EQ(lsm->Digest(), model.Digest());
    }
    Pair(*lsm, model).Apply(draw, 100);
    EXPECT_TRUE(lsm->Close().ok());
    EXPECT_TRUE(source->Close().ok());
  });
}

// ---- Power

TEST(LsmStateMachineTest, APowerCutAnywhereInARestoreHarmsNoLaterOne) {
  uint64_t adopted = 0;
  uint64_t cut = 0;
  for (uint64_t seed = 1; seed <= 60 && !HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrFormat("seed %d", seed));
    sim::Simulator sim({.seed = seed, .rarely_ppm = 20'000});
    sim::Machine& machine = sim.AddMachine("n1");
    Draw draw(seed, {KeyOf("cuts")});
    std::vector<std::string> images[2];
    std::string states[2];
    const sim::RunEnd end = sim.Run([&] {
      machine.Boot([&](Env env) {
        std::unique_ptr<LsmStateMachine> lsm = MustOpen(env);
        CompositeStateMachine model;
        for (int i = 0; i < 2; ++i) {
          Pair(*lsm, model).Apply(draw, draw.Between(50, 250));
          images[i] = AllChunks(*lsm->Freeze());
          states[i] = model.GetState();
        }
        EXPECT_TRUE(lsm->Close().ok());
      });
      machine.AwaitExit();
      for (int life = 0; life < 5; ++life) {
        bool is_whole = false;
        machine.Boot([&](Env env) {
          std::unique_ptr<LsmStateMachine> lsm = MustOpen(env);
          for (uint64_t turn = draw.Below(2);; ++turn) {
            ChunkList source(images[turn % 2]);
            const absl::Status restored = lsm->Restore(source);
            ASSERT_TRUE(restored.ok()) << restored;
            ASSERT_EQ(lsm->GetState(), states[turn % 2]);
            adopted += lsm->restored().adopted_bytes;
            if (life < 4) continue;
            EXPECT_TRUE(lsm->store().Verify().ok());
            EXPECT_TRUE(lsm->Close().ok());
            is_whole = true;
            return;
          }
        });
        if (life < 4) {
          sim.SleepFor(Duration(draw.Between(100'000, 20'000'000)));
          machine.PowerLoss();
          ++cut;
        } else {
          machine.AwaitExit();
          EXPECT_TRUE(is_whole);
        }
      }
    });
    EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.invariant << ": " << end.message;
  }
  EXPECT_GT(adopted, 0u);
  EXPECT_GT(cut, 100u);
}

}  // namespace
}  // namespace wt::test
