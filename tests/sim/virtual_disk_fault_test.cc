// Every dial and one-shot of the virtual disk: turned up it has its effect, turned down it has
// none, and turning it moves no choice of another dial.
#include "gmock/gmock.h"
#include "tests/sim/disk_fixture.h"

namespace wt::sim {
namespace {

constexpr uint32_t kAlways = 1'000'000;

// ---- Legal behaviour.

TEST(DiskFaultsTest, ShortReads) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 4));
  char buffer[2048];
  EXPECT_EQ(*file->ReadAt(0, buffer), 2048u);
  rig.disk.faults().short_read_ppm = kAlways;
  for (int i = 0; i < 20; ++i) {
    const uint64_t count = *file->ReadAt(0, buffer);
    EXPECT_GE(count, 1u);
    EXPECT_LT(count, 2048u);
  }
  EXPECT_EQ(rig.Content("f"), Sectors('A', 4));
}

TEST(DiskFaultsTest, ShortWrites) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("f");
  EXPECT_EQ(*file->WriteAt(0, Sectors('A', 4)), 2048u);
  rig.disk.faults().short_write_ppm = kAlways;
  for (int i = 0; i < 20; ++i) {
    const uint64_t count = *file->WriteAt(0, Sectors('A', 4));
    EXPECT_GE(count, 1u);
    EXPECT_LT(count, 2048u);
  }
  EXPECT_EQ(*file->WriteAt(0, "x"), 1u);
}

TEST(DiskFaultsTest, EarlyWriteback) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", "");
  ASSERT_TRUE(WriteFully(*file, 0, "abc").ok());
  EXPECT_EQ(rig.disk.DurableBytes("f"), "");
  rig.disk.faults().early_writeback_ppm = kAlways;
  ASSERT_TRUE(WriteFully(*file, 3, "d").ok());
  EXPECT_THAT(*rig.disk.DurableBytes("f"), testing::StartsWith("abc"));
  EXPECT_FALSE(rig.disk.Harmed("f", 0, 512));
}

TEST(DiskFaultsTest, EarlyWritebackReachesNamesToo) {
  bool moved = false;
  for (uint64_t seed = 1; seed <= 20 && !moved; ++seed) {
    DiskRig rig(seed);
    rig.disk.faults().early_writeback_ppm = kAlways;
    std::unique_ptr<File> file = rig.Create("f");
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(WriteFully(*file, i, "x").ok());
    moved = rig.disk.DurableBytes("f").has_value();
  }
  EXPECT_TRUE(moved);
}

// ---- Reported failures.

TEST(DiskFaultsTest, ReadErrorsAreTransient) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", "abc");
  char buffer[4];
  rig.disk.faults().read_error_ppm = kAlways;
  EXPECT_TRUE(absl::IsUnavailable(file->ReadAt(0, buffer).status()));
  rig.disk.faults().read_error_ppm = 0;
  EXPECT_EQ(*file->ReadAt(0, buffer), 3u);
}

TEST(DiskFaultsTest, WriteErrorsMayLeaveAPrefix) {
  bool nothing = false, part = false;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    DiskRig rig(seed);
    std::unique_ptr<File> file = rig.Create("f");
    rig.disk.faults().write_error_ppm = kAlways;
    EXPECT_TRUE(absl::IsUnavailable(file->WriteAt(0, "abcdef").status()));
    const std::string content = *rig.Content("f");
    EXPECT_THAT("abcdef", testing::StartsWith(content));
    (content.empty() ? nothing : part) = true;
  }
  EXPECT_TRUE(nothing);
  EXPECT_TRUE(part);
}

TEST(DiskFaultsTest, SyncErrorDial) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 1));
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 1)).ok());
  rig.disk.faults().sync_error_ppm = kAlways;
  EXPECT_TRUE(absl::IsUnavailable(file->Sync()));
  EXPECT_TRUE(absl::IsUnavailable(rig.files->SyncDirectory("")));
  rig.disk.faults().sync_error_ppm = 0;
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(rig.disk.DurableBytes("f"), Sectors('A', 1));
}

TEST(DiskFaultsTest, MetadataErrorsMayHaveTheirEffect) {
  bool effect = false, none = false;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    DiskRig rig(seed);
    rig.Create("a");
    rig.disk.faults().metadata_error_ppm = kAlways;
    EXPECT_TRUE(absl::IsUnavailable(rig.files->Rename("a", "b")));
    EXPECT_TRUE(absl::IsUnavailable(rig.files->List("").status()));
    EXPECT_TRUE(absl::IsUnavailable(rig.files->SyncDirectory("")));
    EXPECT_TRUE(absl::IsUnavailable(rig.files->Open("c", OpenMode::kCreate).status()));
    EXPECT_TRUE(absl::IsUnavailable(rig.files->CreateDirectory("d")));
    EXPECT_TRUE(absl::IsUnavailable(rig.files->Lock("l").status()));
    rig.disk.faults().metadata_error_ppm = 0;
    EXPECT_NE(rig.Content("a").has_value(), rig.Content("b").has_value());
    (rig.Content("b").has_value() ? effect : none) = true;
  }
  EXPECT_TRUE(effect);
  EXPECT_TRUE(none);
}

TEST(DiskFaultsTest, JournalAbortDial) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("f");
  rig.disk.faults().journal_abort_ppm = kAlways;
  EXPECT_TRUE(absl::IsUnavailable(file->Sync()));
  rig.disk.faults().journal_abort_ppm = 0;
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Sync()));
  EXPECT_TRUE(absl::IsFailedPrecondition(rig.files->Remove("f")));
}

TEST(DiskFaultsTest, NoRoomDialRefusesWithRoom) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", "abc");
  rig.disk.faults().no_room_ppm = kAlways;
  EXPECT_TRUE(absl::IsResourceExhausted(file->WriteAt(0, "x").status()));
  EXPECT_TRUE(absl::IsResourceExhausted(file->Sync()));
  EXPECT_TRUE(absl::IsResourceExhausted(rig.files->Rename("f", "g")));
  EXPECT_TRUE(absl::IsResourceExhausted(rig.files->Open("h", OpenMode::kCreate).status()));
  rig.disk.faults().no_room_ppm = 0;
  EXPECT_EQ(rig.Content("f"), "abc");
  EXPECT_TRUE(file->WriteAt(0, "x").ok());
}

// ---- Room.

TEST(DiskFaultsTest, AFullDiskWritesAPrefixThenRefuses) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("f");
  rig.disk.faults().capacity_bytes = 1000;
  EXPECT_EQ(*file->WriteAt(0, Sectors('A', 4)), 1000u);
  EXPECT_TRUE(absl::IsResourceExhausted(file->WriteAt(1000, "x").status()));
  EXPECT_TRUE(absl::IsResourceExhausted(file->Allocate(900, 200)));
  EXPECT_EQ(*file->WriteAt(0, "overwriting needs no room"), 25u);
  EXPECT_TRUE(rig.files->Open("g", OpenMode::kCreate).ok());
  EXPECT_TRUE(file->Sync().ok());
}

TEST(DiskFaultsTest, AFullDiskMayRefuseNames) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("f");
  ASSERT_TRUE(WriteFully(*file, 0, "abc").ok());
  rig.disk.faults().capacity_bytes = 3;
  rig.disk.faults().full_refuses_names = true;
  EXPECT_TRUE(absl::IsResourceExhausted(rig.files->Open("g", OpenMode::kCreate).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(rig.files->CreateDirectory("d")));
}

TEST(DiskFaultsTest, RemovingMakesRoom) {
  DiskRig rig;
  rig.disk.faults().capacity_bytes = 2048;
  rig.CreateDurable("f", Sectors('A', 4));
  std::unique_ptr<File> other = rig.Create("g");
  EXPECT_TRUE(absl::IsResourceExhausted(other->WriteAt(0, "x").status()));
  ASSERT_TRUE(rig.files->Remove("f").ok());
  EXPECT_TRUE(other->WriteAt(0, "x").ok());
}

// ---- Lies.

TEST(DiskFaultsTest, LostSyncPromisesAndLosesAtTheCrash) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 1));
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 2)).ok());
  rig.disk.faults().lost_sync_ppm = kAlways;
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(rig.disk.DurableBytes("f"), Sectors('A', 1));
  rig.LoseAllAndBoot();
  EXPECT_EQ(rig.Content("f"), Sectors('A', 1));
  EXPECT_TRUE(rig.disk.Harmed("f", 0, 512));
  EXPECT_TRUE(rig.disk.Harmed("f", 512, 1024));
  EXPECT_EQ(rig.disk.Harms("f").front().cause, HarmCause::kLostSync);
}

TEST(DiskFaultsTest, LostDirectorySyncHarmsTheName) {
  DiskRig rig;
  rig.disk.LieNextSyncs(1);
  rig.Create("f");
  EXPECT_TRUE(rig.files->SyncDirectory("").ok());
  EXPECT_FALSE(rig.disk.DurableBytes("f").has_value());
  rig.LoseAllAndBoot();
  EXPECT_EQ(rig.Content("f"), std::nullopt);
  EXPECT_TRUE(rig.disk.Harmed("f", 0, 1));
  EXPECT_FALSE(rig.disk.Harmed("g", 0, 1));
  rig.CreateDurable("f", "again");
  EXPECT_FALSE(rig.disk.Harmed("f", 0, 512));
}

TEST(DiskFaultsTest, AHonestSyncAfterALieCuresIt) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 1));
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 2)).ok());
  rig.disk.LieNextSyncs(1, "f");
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_TRUE(rig.disk.Harmed("f", 0, 512));
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_FALSE(rig.disk.Harmed("f", 0, 4096));
  EXPECT_EQ(rig.disk.DurableBytes("f"), Sectors('B', 2));
}

TEST(DiskFaultsTest, PhantomWriteKeepsOneOldSector) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 3));
  rig.disk.faults().phantom_write_ppm = kAlways;
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 3)).ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(rig.Content("f"), Sectors('B', 3));
  const std::vector<Harm> harms = rig.disk.Harms("f");
  ASSERT_EQ(harms.size(), 1u);
  EXPECT_EQ(harms[0].cause, HarmCause::kPhantomWrite);
  std::string expected = Sectors('B', 3);
  expected.replace(harms[0].sector * 512, 512, Sectors('A', 1));
  EXPECT_EQ(rig.disk.DurableBytes("f"), expected);
}

TEST(DiskFaultsTest, MisdirectedWriteHarmsTwoPlaces) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    DiskRig rig(seed);
    rig.CreateDurable("victim", Sectors('V', 4));
    std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 1));
    rig.disk.faults().misdirected_write_ppm = kAlways;
    ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 1)).ok());
    EXPECT_TRUE(file->Sync().ok());
    const std::vector<Harm> own = rig.disk.Harms("f");
    const std::vector<Harm> victim = rig.disk.Harms("victim");
    if (own.empty()) continue;  // it strayed onto its own place
    EXPECT_EQ(own[0].cause, HarmCause::kMisdirected);
    EXPECT_EQ(rig.disk.DurableBytes("f"), Sectors('A', 1));
    ASSERT_EQ(victim.size(), 1u);
    EXPECT_EQ(rig.disk.DurableBytes("victim")->substr(victim[0].sector * 512, 512),
              Sectors('B', 1));
    return;
  }
  FAIL() << "no write strayed";
}

TEST(DiskFaultsTest, CorruptWriteFlipsOneBit) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('\0', 3));
  rig.disk.faults().corrupt_write_ppm = kAlways;
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('\0', 3)).ok());
  EXPECT_TRUE(file->Sync().ok());
  int ones = 0;
  const std::string durable = *rig.disk.DurableBytes("f");
  for (char c : durable) ones += __builtin_popcount(static_cast<uint8_t>(c));
  EXPECT_EQ(ones, 1);
  ASSERT_EQ(rig.disk.Harms("f").size(), 1u);
  EXPECT_EQ(rig.disk.Harms("f")[0].cause, HarmCause::kCorruptWrite);
}

TEST(DiskFaultsTest, StaleReadServesTheVersionBefore) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 1));
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 1)).ok());
  ASSERT_TRUE(file->Sync().ok());
  rig.disk.faults().stale_read_ppm = kAlways;
  EXPECT_EQ(rig.Content("f"), Sectors('A', 1));
  rig.disk.faults().stale_read_ppm = 0;
  EXPECT_EQ(rig.Content("f"), Sectors('B', 1));
}

TEST(DiskFaultsTest, MisdirectedReadServesAnotherSector) {
  DiskRig rig;
  rig.CreateDurable("f", Sectors('A', 1) + Sectors('B', 1));
  std::unique_ptr<File> file = rig.Open("f");
  rig.disk.faults().misdirected_read_ppm = kAlways;
  std::string first(512, '\0');
  bool strayed = false;
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(*file->ReadAt(0, first), 512u);
    strayed |= first == Sectors('B', 1);
  }
  EXPECT_TRUE(strayed);
  rig.disk.faults().misdirected_read_ppm = 0;
  EXPECT_EQ(rig.Content("f"), Sectors('A', 1) + Sectors('B', 1));
}

TEST(DiskFaultsTest, CorruptReadFlipsABitOfThatReadOnly) {
  DiskRig rig;
  rig.CreateDurable("f", Sectors('\0', 1));
  rig.disk.faults().corrupt_read_ppm = kAlways;
  EXPECT_NE(rig.Content("f"), Sectors('\0', 1));
  rig.disk.faults().corrupt_read_ppm = 0;
  EXPECT_EQ(rig.Content("f"), Sectors('\0', 1));
}

// ---- Time.

Duration TimeOf(DiskRig& rig, const std::function<void()>& call) {
  const SimTime start = rig.host.now();
  call();
  return rig.host.now() - start;
}

TEST(DiskFaultsTest, LatencyStaysWithinItsDials) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("f");
  for (int i = 0; i < 50; ++i) {
    const Duration write = TimeOf(rig, [&] { (void)file->WriteAt(0, "x"); });
    EXPECT_GE(write, rig.disk.faults().latency_min);
    EXPECT_LE(write, rig.disk.faults().latency_max);
    const Duration sync = TimeOf(rig, [&] { (void)file->Sync(); });
    EXPECT_GE(sync, rig.disk.faults().sync_latency_min);
    EXPECT_LE(sync, rig.disk.faults().sync_latency_max);
  }
}

TEST(DiskFaultsTest, SlowAndHungCalls) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("f");
  rig.disk.faults().slow_ppm = kAlways;
  EXPECT_GE(TimeOf(rig, [&] { (void)file->WriteAt(0, "x"); }), 100 * rig.disk.faults().latency_min);
  rig.disk.faults().slow_ppm = 0;
  rig.disk.faults().hang_ppm = kAlways;
  EXPECT_EQ(TimeOf(rig, [&] { (void)file->WriteAt(0, "x"); }), rig.disk.faults().hang_for);
  rig.disk.faults().hang_ppm = 0;
  EXPECT_LE(TimeOf(rig, [&] { (void)file->WriteAt(0, "x"); }), rig.disk.faults().latency_max);
}

TEST(DiskFaultsTest, HangForHoldsCallsUntilItEnds) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("f");
  rig.disk.HangFor(std::chrono::seconds(3));
  EXPECT_EQ(TimeOf(rig, [&] { (void)file->WriteAt(0, "x"); }), std::chrono::seconds(3));
  EXPECT_LE(TimeOf(rig, [&] { (void)file->WriteAt(0, "x"); }), rig.disk.faults().latency_max);
}

// ---- One-shots and modes.

TEST(DiskFaultsTest, OneShotsHitTheirPrefixOnlyAndRunOut) {
  DiskRig rig;
  ASSERT_TRUE(rig.files->CreateDirectory("log").ok());
  std::unique_ptr<File> log = rig.Create("log/1");
  std::unique_ptr<File> other = rig.Create("other");
  ASSERT_TRUE(WriteFully(*log, 0, "abc").ok());
  char buffer[3];
  rig.disk.FailNextReads(1, "log/");
  EXPECT_TRUE(other->ReadAt(0, buffer).ok());
  EXPECT_TRUE(absl::IsUnavailable(log->ReadAt(0, buffer).status()));
  EXPECT_TRUE(log->ReadAt(0, buffer).ok());
  rig.disk.FailNextWrites(2, "log/");
  EXPECT_TRUE(other->WriteAt(0, "x").ok());
  EXPECT_TRUE(absl::IsUnavailable(log->WriteAt(0, "x").status()));
  EXPECT_TRUE(absl::IsUnavailable(log->WriteAt(0, "x").status()));
  EXPECT_TRUE(log->WriteAt(0, "x").ok());
  rig.disk.FailNextSyncs(1, "log/");
  EXPECT_TRUE(other->Sync().ok());
  EXPECT_TRUE(absl::IsUnavailable(log->Sync()));
  rig.disk.FailNextMetadata(1, "log/");
  EXPECT_TRUE(rig.files->Rename("other", "another").ok());
  EXPECT_TRUE(absl::IsUnavailable(rig.files->Rename("log/1", "log/2")));
  EXPECT_EQ(rig.Content("log/1"), "xbc");
  EXPECT_TRUE(rig.files->Rename("log/1", "log/2").ok());
}

TEST(DiskFaultsTest, ReadOnlyRefusesChangesAndServesReads) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", "abc");
  rig.disk.SetReadOnly(true);
  EXPECT_TRUE(absl::IsFailedPrecondition(file->WriteAt(0, "x").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Truncate(0)));
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Sync()));
  EXPECT_TRUE(absl::IsFailedPrecondition(rig.files->Open("g", OpenMode::kCreate).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(rig.files->Rename("f", "g")));
  EXPECT_EQ(rig.Content("f"), "abc");
  rig.disk.SetReadOnly(false);
  EXPECT_TRUE(file->WriteAt(0, "x").ok());
}

// ---- Keyed draws.

// One script; which of its reads come back short.
std::vector<bool> ShortReadPattern(const std::function<void(DiskFaults&)>& turn) {
  DiskRig rig(7);
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 4));
  rig.disk.faults().short_read_ppm = 300'000;
  turn(rig.disk.faults());
  std::vector<bool> pattern;
  char buffer[2048];
  for (int i = 0; i < 100; ++i) {
    absl::StatusOr<uint64_t> read = file->ReadAt(0, buffer);
    pattern.push_back(read.ok() && *read < 2048);
    (void)file->WriteAt(0, "x");
    (void)file->Sync();
  }
  return pattern;
}

TEST(DiskFaultsTest, TurningOneDialShiftsNoOther) {
  const std::vector<bool> plain = ShortReadPattern([](DiskFaults&) {});
  EXPECT_NE(plain, std::vector<bool>(100, false));
  EXPECT_EQ(plain, ShortReadPattern([](DiskFaults& faults) {
              faults.sync_error_ppm = 500'000;
              faults.corrupt_write_ppm = 500'000;
              faults.write_error_ppm = 500'000;
              faults.slow_ppm = 500'000;
              faults.short_write_ppm = 500'000;
            }));
}

}  // namespace
}  // namespace wt::sim
