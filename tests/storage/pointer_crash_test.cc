// Every state that a power cut can leave on the tank's disk, at every barrier within a switch of
// the pointer and within GetMeta's repair of it: all subsets of what is in doubt while they are
// few, else the telling ones, under every profile of a file system. Each gives the old pointer or
// the new, and what it gives is durable: the crash states of the look itself give the same again.
#include <deque>
#include <set>

#include "engine/storage/file_storage.h"
#include "scenarios/crash_states.h"
#include "tests/sim/disk_fixture.h"
#include "tests/storage/pointer_states.h"
#include "tests/storage/tears.h"
#include "tests/support/memory_env.h"

namespace wt::test {
namespace {

using scenarios::CrashPoint;
using sim::DiskImage;
using sim::DiskProfile;
using sim::DiskRig;

constexpr FileDesc kNone{};
const FileDesc kOld = Manifest(3);
const FileDesc kNew = Manifest(7);

// The points at which the power may go: before each barrier, and at the end.
class Points : public sim::DiskObserver {
 public:
  explicit Points(sim::VirtualDisk& disk) : disk_(disk) { disk_.AddObserver(this); }
  ~Points() override { disk_.RemoveObserver(this); }
  void OnBarrier(std::string_view path) override { points_.emplace_back(disk_, std::string(path)); }
  void AddEnd() { points_.emplace_back(disk_, "end"); }
  const std::deque<CrashPoint>& points() const { return points_; }

 private:
  sim::VirtualDisk& disk_;
  std::deque<CrashPoint> points_;
};

// A disk with what stays the same of a world around it.
struct Tank {
  explicit Tank(DiskProfile profile) : rig(1, profile) {}
  Env env() { return {base.clock, base.tasks, *rig.files, base.network, base.events, base.random}; }
  std::unique_ptr<Storage> Open() {
    absl::StatusOr<std::unique_ptr<Storage>> storage = OpenFileStorage(env(), {});
    EXPECT_TRUE(storage.ok()) << storage.status();
    return storage.ok() ? *std::move(storage) : nullptr;
  }

  MemoryEnv base;
  DiskRig rig;
};

FileDesc Get(Storage& storage) {
  const absl::StatusOr<FileDesc> pointer = storage.GetMeta();
  EXPECT_TRUE(pointer.ok() || absl::IsNotFound(pointer.status())) << pointer.status();
  return pointer.value_or(kNone);
}

class PointerCrashTest : public testing::TestWithParam<std::tuple<size_t, DiskProfile>> {
 protected:
  const PointerState& state() const { return PointerStates()[std::get<0>(GetParam())]; }
  DiskProfile profile() const { return std::get<1>(GetParam()); }
  std::set<FileDesc> Either() const { return {state().has_old ? kOld : kNone, kNew}; }

  // Opens the image, checks what the pointer is, and, `depth` times, the crash states of that.
  void Check(const DiskImage& image, const std::set<FileDesc>& allowed, int depth) {
    ++states_;
    Tank tank(profile());
    tank.rig.disk.LoadImage(image);
    tank.rig.files = &tank.rig.disk.NewIncarnation();
    Points points(tank.rig.disk);
    const std::unique_ptr<Storage> storage = tank.Open();
    ASSERT_NE(storage, nullptr);
    const FileDesc found = Get(*storage);
    ASSERT_TRUE(allowed.count(found) == 1) << found.ToString();
    seen_.insert(found);
    if (depth == 0) return;
    points.AddEnd();
    for (const CrashPoint& point : points.points()) {
      // Once it has been told, it stays.
      CheckSubsets(point, point.where() == "end" ? std::set<FileDesc>{found} : allowed, depth - 1,
                   /*exhaustive=*/5);
      if (HasFailure()) return;
    }
  }

  void CheckSubsets(const CrashPoint& point, const std::set<FileDesc>& allowed, int depth,
                    uint64_t exhaustive) {
    const auto visit = [&](const sim::CrashSubset& subset) {
      if (!Legal(profile(), point.atoms(), subset)) return true;
      Check(point.Materialize(subset), allowed, depth);
      EXPECT_FALSE(HasFailure()) << point.where() << " " << point.Describe(subset);
      return !HasFailure();
    };
    scenarios::ForEachSubset(point, {.exhaustive_atoms = exhaustive, .ghosts = false}, visit);
    if (!HasFailure()) ForEachTear(point, visit);
  }

  void TearDown() override { RecordProperty("states", std::to_string(states_)); }

  uint64_t states_ = 0;
  std::set<FileDesc> seen_;
};

TEST_P(PointerCrashTest, ASwitchLeavesTheOldPointerOrTheNew) {
  Tank tank(profile());
  Plant(*tank.rig.files, state());
  Points points(tank.rig.disk);
  const std::unique_ptr<Storage> storage = tank.Open();
  const absl::Status set = storage->SetMeta(kNew);
  ASSERT_TRUE(set.ok()) << set;
  points.AddEnd();
  ASSERT_GE(points.points().size(), 3u);
  for (const CrashPoint& point : points.points()) {
    const std::set<FileDesc> allowed = point.where() == "end" ? std::set<FileDesc>{kNew} : Either();
    CheckSubsets(point, allowed, 0, 11);
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_EQ(seen_, Either());
  EXPECT_GT(states_, 5u);
}

TEST_P(PointerCrashTest, ARepairLeavesThePointerThatItFound) {
  Tank tank(profile());
  Plant(*tank.rig.files, state());
  Points points(tank.rig.disk);
  const std::unique_ptr<Storage> storage = tank.Open();
  const FileDesc found = Get(*storage);
  EXPECT_EQ(found, state().has_old ? kOld : kNone);
  points.AddEnd();
  for (const CrashPoint& point : points.points()) {
    CheckSubsets(point, {found}, 1, 9);
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(states_, 0u);
}

// A crash in a switch, then one in the repair that follows it.
TEST_P(PointerCrashTest, ACrashInTheRepairOfACrashIsNoWorse) {
  Tank tank(profile());
  Plant(*tank.rig.files, state());
  Points points(tank.rig.disk);
  const std::unique_ptr<Storage> storage = tank.Open();
  ASSERT_TRUE(storage->SetMeta(kNew).ok());
  for (const CrashPoint& point : points.points()) {
    CheckSubsets(point, Either(), 1, 4);
    ASSERT_FALSE(HasFailure());
  }
}

INSTANTIATE_TEST_SUITE_P(
    States, PointerCrashTest,
    testing::Combine(testing::Range(size_t{0}, PointerStates().size()),
                     testing::Values(DiskProfile::kPosixMin, DiskProfile::kExt4, DiskProfile::kXfs,
                                     DiskProfile::kBtrfs, DiskProfile::kDsync)),
    [](const auto& info) {
      return "State" + std::to_string(std::get<0>(info.param)) + "Profile" +
             std::to_string(static_cast<int>(std::get<1>(info.param)));
    });

}  // namespace
}  // namespace wt::test
