// A snapshot is restored into a machine over an LSM, and the power is cut at every barrier on the
// way, into every state that the disk may then be in: the next life opens, restores what it is
// given, has exactly that, and nothing else in its folder; and so does the life behind one more
// power cut.
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/state/composite_state_machine.h"
#include "scenarios/crash_states.h"
#include "tests/state/apply.h"
#include "tests/state/lsm_world.h"

namespace wt::test {
namespace {

using scenarios::CrashPoint;

struct Given {
  std::vector<std::string> image;
  std::string state;
};

// Two snapshots of one machine: the second has tables of the first, and more.
struct Snapshots {
  Given older;
  Given newer;
};

void Apply(LsmStateMachine& lsm, uint64_t from, uint64_t to) {
  for (uint64_t i = from; i < to; ++i) {
    const std::string key = absl::StrFormat("key%03d", i);
    const std::string value(60 + i % 90, static_cast<char>('a' + i % 26));
    (void)Settled(lsm, EntryAfter(lsm, EncodeCommand(KvSet{key, value})));
  }
}

Given Take(LsmStateMachine& lsm) { return {AllChunks(*lsm.Freeze()), lsm.GetState()}; }

Snapshots MakeSnapshots() {
  Snapshots made;
  InWorld([&](Env env) {
    std::unique_ptr<LsmStateMachine> lsm = MustOpen(env);
    Apply(*lsm, 0, 40);
    WT_CHECK(lsm->store().Compact().ok());
    Apply(*lsm, 40, 43);
    made.older = Take(*lsm);
    Apply(*lsm, 100, 120);
    WT_CHECK(lsm->store().Flush().ok());
    Apply(*lsm, 120, 123);
    made.newer = Take(*lsm);
    WT_CHECK(lsm->Close().ok());
  });
  return made;
}

class Recorder : public sim::DiskObserver {
 public:
  explicit Recorder(sim::VirtualDisk& disk) : disk_(disk) { disk_.AddObserver(this); }
  void OnBarrier(std::string_view path) override {
    if (!records) return;
    points.emplace_back(disk_, absl::StrFormat("point %d (sync %s)", points.size() + 1, path));
  }

  bool records = false;
  std::vector<CrashPoint> points;

 private:
  sim::VirtualDisk& disk_;
};

// A machine that has the older one, has gone on from there, and is given the newer one.
std::vector<CrashPoint> PointsOfARestore(const Snapshots& snapshots) {
  sim::Simulator sim({.seed = 3, .policy = sim::SchedulePolicy::kRoundRobin});
  sim::Machine& machine = sim.AddMachine("n1");
  Recorder recorder(machine.disk());
  const sim::RunEnd end = sim.Run([&] {
    machine.Boot([&](Env env) {
      std::unique_ptr<LsmStateMachine> lsm = MustOpen(env);
      ChunkList older(snapshots.older.image);
      WT_CHECK(lsm->Restore(older).ok());
      Apply(*lsm, 200, 210);
      WT_CHECK(lsm->store().Flush().ok());
      recorder.records = true;
      ChunkList newer(snapshots.newer.image);
      WT_CHECK(lsm->Restore(newer).ok());
      WT_CHECK(lsm->GetState() == snapshots.newer.state);
      WT_CHECK(lsm->restored().adopted_bytes > 0 && lsm->restored().written_bytes > 0);
      Apply(*lsm, 300, 310);
      WT_CHECK(lsm->store().Flush().ok());
      WT_CHECK(lsm->Close().ok());
    });
    machine.AwaitExit();
  });
  WT_CHECK(end.kind == sim::RunEnd::Kind::kFinished);
  return std::move(recorder.points);
}

std::set<uint64_t> TablesInLevels(LsmStore& store) {
  std::set<uint64_t> tables;
  const std::shared_ptr<const Levels> levels = store.levels();
  for (uint32_t level = 0; level < kLevels; ++level) {
    for (const TableRef& one : levels->level(level)) tables.insert(one->record.file());
  }
  return tables;
}

std::set<uint64_t> TablesInFolder(Env env) {
  std::set<uint64_t> tables;
  auto storage = OpenFileStorage(env, {.folder = "state", .mode = StorageMode::kReadOnly});
  const std::vector<FileDesc> files = *(*storage)->List(FileType::kTable);
  for (const FileDesc& fd : files) tables.insert(fd.number);
  return tables;
}

struct Figures {
  uint64_t adopted = 0;
  uint64_t written = 0;
};

// Opens, restores, and has that; returns once all of it is seen to be so.
void ExpectRestored(Env env, const Given& given, Figures& figures) {
  std::unique_ptr<LsmStateMachine> lsm = MustOpen(env);
  ChunkList source(given.image);
  const absl::Status restored = lsm->Restore(source);
  ASSERT_TRUE(restored.ok()) << restored;
  EXPECT_EQ(lsm->GetState(), given.state);
  const absl::Status verified = lsm->store().Verify();
  EXPECT_TRUE(verified.ok()) << verified;
  figures.adopted += lsm->restored().adopted_bytes;
  figures.written += lsm->restored().written_bytes;
  EXPECT_TRUE(lsm->Close().ok());
  EXPECT_EQ(TablesInFolder(env), TablesInLevels(lsm->store()));
}

void Probe(const sim::DiskImage& disk, const Given& first, const Given& second, Figures& figures) {
  sim::Simulator sim({.seed = 1, .policy = sim::SchedulePolicy::kRoundRobin});
  sim::Machine& machine = sim.AddMachine("n1");
  machine.disk().LoadImage(disk);
  const sim::RunEnd end = sim.Run([&] {
    for (const Given* given : {&first, &second}) {
      machine.Boot([&](Env env) { ExpectRestored(env, *given, figures); });
      machine.AwaitExit();
      machine.PowerLoss();
    }
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.invariant << ": " << end.message;
}

TEST(LsmCrashTest, APowerCutAtEachBarrierOfARestoreIntoEachStateHarmsNoLaterOne) {
  const Snapshots snapshots = MakeSnapshots();
  const std::vector<CrashPoint> points = PointsOfARestore(snapshots);
  EXPECT_GT(points.size(), 10u);
  std::set<uint64_t> seen;
  Figures figures;
  for (const CrashPoint& point : points) {
    scenarios::ForEachSubset(point, {.exhaustive_atoms = 8}, [&](const sim::CrashSubset& subset) {
      const sim::DiskImage disk = point.Materialize(subset);
      if (!seen.insert(sim::HashImage(disk)).second) return true;
      SCOPED_TRACE(point.Describe(subset));
      const bool turned = seen.size() % 2 == 0;
      Probe(disk, turned ? snapshots.older : snapshots.newer,
            turned ? snapshots.newer : snapshots.older, figures);
      return !HasFailure();
    });
    if (HasFailure()) return;
  }
  EXPECT_GT(seen.size(), 100u);
  EXPECT_GT(figures.adopted, 0u);
  EXPECT_GT(figures.written, 0u);
  RecordProperty("points", static_cast<int>(points.size()));
  RecordProperty("states", static_cast<int>(seen.size()));
}

}  // namespace
}  // namespace wt::test
