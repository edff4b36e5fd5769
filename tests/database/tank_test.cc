// A database on a simulated machine, beside a model: random batches, reads, scans both ways, views
// held over flushes and merges, orderly restarts and power cuts at any moment. After each restart
// it holds every acknowledged batch whole, and the one under way whole or not at all.
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/virtual_disk.h"
#include "tests/database/model.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;

// What outlives the machine.
struct Memory {
  Contents acknowledged;
  std::optional<WriteBatch> under_way;
  uint64_t serial = 0;
  uint64_t reopened = 0;
};

struct HeldView {
  std::shared_ptr<const ReadView> view;
  Contents contents;
};

class Life {
 public:
  Life(Memory& memory, Database& db, Draw& draw) : memory_(memory), db_(db), draw_(draw) {}

  // The batch under way when the last life ended has happened, or not.
  void CheckRecovered() {
    Contents found = *ReadAll(db_, draw_.OneIn(2));
    if (memory_.under_way.has_value()) {
      Contents with = memory_.acknowledged;
      ApplyTo(with, *memory_.under_way);
      if (found == with) memory_.acknowledged = with;
      memory_.under_way.reset();
    }
    EXPECT_EQ(found, memory_.acknowledged);
    memory_.acknowledged = std::move(found);
  }

  void Step() {
    switch (draw_.Below(16)) {
      case 0:
        return CheckScan();
      case 1:
        return CheckRead();
      case 2:
        return HoldView();
      case 3:
        return CheckView();
      case 4:
        if (draw_.OneIn(8)) {
          EXPECT_TRUE(db_.Flush().ok());
        }
        return;
      case 5:
        if (draw_.OneIn(16)) {
          EXPECT_TRUE(db_.Compact().ok());
        }
        return;
      default:
        return Write();
    }
  }

 private:
  void Write() {
    memory_.under_way = DrawBatch(draw_, ++memory_.serial);
    const absl::Status written = db_.BatchWrite(*memory_.under_way);
    ASSERT_TRUE(written.ok()) << written;
    ApplyTo(memory_.acknowledged, *memory_.under_way);
    memory_.under_way.reset();
  }

  void CheckRead() {
    const std::string key = absl::StrFormat("key%02d", draw_.Below(42));
    const auto found = memory_.acknowledged.find(key);
    std::optional<std::string> want;
    if (found != memory_.acknowledged.end()) want = found->second;
    EXPECT_EQ(*db_.Read(key), want);
  }

  void CheckScan() {
    ScanOptions options;
    if (draw_.OneIn(2)) options.range.lower = absl::StrFormat("key%02d", draw_.Below(40));
    if (draw_.OneIn(2)) options.range.upper = absl::StrFormat("key%02d", draw_.Below(40));
    if (draw_.OneIn(2)) options.limit = draw_.Below(12);
    options.backward = draw_.OneIn(2);
    EXPECT_EQ(*db_.RangeScan(options), ScanModel(memory_.acknowledged, options));
  }

  void HoldView() {
    if (views_.size() > 3) views_.erase(views_.begin());
    views_.push_back({db_.View(), memory_.acknowledged});
  }

  void CheckView() {
    if (views_.empty()) return;
    const HeldView& held = views_[draw_.Below(views_.size())];
    EXPECT_EQ(*ReadAll(db_, draw_.OneIn(2), held.view), held.contents);
    const std::string key = absl::StrFormat("key%02d", draw_.Below(40));
    const auto found = held.contents.find(key);
    std::optional<std::string> want;
    if (found != held.contents.end()) want = found->second;
    EXPECT_EQ(*db_.Read(key, held.view.get()), want);
  }

  Memory& memory_;
  Database& db_;
  Draw& draw_;
  std::vector<HeldView> views_;
};

void RunSeed(uint64_t seed, std::map<std::string, uint64_t>& reached) {
  SCOPED_TRACE(absl::StrFormat("seed %d", seed));
  Memory memory;
  sim::Simulator sim({.seed = seed, .rarely_ppm = 20'000});
  sim::Machine& machine = sim.AddMachine("n1");
  Draw draw(seed, {KeyOf("database")});
  const sim::RunEnd end = sim.Run([&] {
    for (int life = 0; life < 8; ++life) {
      const bool is_cut = life < 7 && !draw.OneIn(3);
      const uint64_t steps = draw.Between(1, 150);
      machine.Boot([&](Env env) {
        auto db = Database::Open(TinyOptions(), env);
        ASSERT_TRUE(db.ok()) << db.status();
        ++memory.reopened;
        Life now(memory, **db, draw);
        now.CheckRecovered();
        for (uint64_t step = 0; step < steps && !testing::Test::HasFailure(); ++step) now.Step();
        EXPECT_TRUE((*db)->Verify().ok());
        EXPECT_TRUE((*db)->Close().ok());
      });
      if (is_cut) {
        sim.SleepFor(Duration(draw.Between(100'000, 30'000'000)));
        machine.PowerLoss();
      } else {
        machine.AwaitExit();
      }
    }
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.invariant << ": " << end.message;
  EXPECT_GE(memory.reopened, 1u);
  for (const auto& [goal, times] : sim.goals()) reached[std::string(goal)] += times;
}

TEST(DatabaseTankTest, HoldsWhatWasAcknowledgedOverPowerCutsAtAnyMoment) {
  std::map<std::string, uint64_t> reached;
  for (uint64_t seed = 1; seed <= 150 && !HasFailure(); ++seed) RunSeed(seed, reached);
  // Torn edits of the manifest: scenario lsm-torn, and `wavetank crash lsm-small`.
  for (const char* goal : {"lsm.tables_merged", "lsm.table_moved", "lsm.manifest_rotated",
                           "lsm.leftovers_removed"}) {
    EXPECT_GT(reached[goal], 0u) << goal;
  }
}

}  // namespace
}  // namespace wt::test
