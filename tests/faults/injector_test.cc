// Every fault has an effect, while its window is open, on its own machine alone; and afterwards all
// dials stand at zero again.
#include "faults/injector.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "engine/env/file_io.h"
#include "sim/virtual_clock.h"
#include "sim/virtual_disk.h"
#include "tests/faults/test_operator.h"

namespace wt::faults {
namespace {

using namespace std::chrono_literals;
using sim::DiskFaults;
using sim::Machine;

// Two machines, n1 with a durable log file of four sectors of 'd', both running.
class Tank {
 public:
  Tank()
      : sim({.seed = 5}),
        n1(sim.AddMachine("n1")),
        n2(sim.AddMachine("n2")),
        injector(sim, who, {"log/"}) {}

  void Run(const std::function<void()>& story) {
    const sim::RunEnd end = sim.Run([&] {
      for (Machine* machine : {&n1, &n2}) {
        machine->Boot([this, machine](Env env) {
          if (machine == &n1) n1_tasks = &env.tasks;
          MakeFiles(env.disk);
          while (true) env.tasks.SleepFor(1h);
        });
      }
      sim.SleepFor(1s);
      story();
    });
    EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
  }

  // Begins the fault in a second from now and returns in the middle of its window.
  std::unique_ptr<Task> Inject(Fault fault) {
    fault.at = sim.now() + 1s;
    faults_ = {fault};
    auto task = sim.tasks().Spawn("injector", [this] { injector.Run(faults_); });
    sim.SleepFor(1s + fault.lasts / 2 + 1us);
    return task;
  }

  // On n1, as one of its programs. False when it is off.
  template <typename Body>
  bool OnN1(Body body) {
    return n1.Call("test", [&] { body(*files_); });
  }

  void MakeFiles(Disk& disk) {
    files_ = files_ == nullptr ? &disk : files_;  // n1 boots first
    EXPECT_TRUE(disk.CreateDirectory("log").ok());
    absl::StatusOr<std::unique_ptr<File>> file = disk.Open("log/a", OpenMode::kCreate);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE(WriteFully(**file, 0, std::string(4 * kSectorBytes, 'd')).ok());
    EXPECT_TRUE((*file)->Sync().ok());
    EXPECT_TRUE(disk.SyncDirectory("log").ok());
    EXPECT_TRUE(disk.SyncDirectory("").ok());
  }

  sim::Simulator sim;
  Machine& n1;
  Machine& n2;
  TestOperator who;
  Injector injector;
  Tasks* n1_tasks = nullptr;

 private:
  std::vector<Fault> faults_;
  Disk* files_ = nullptr;
};

// All dials that faults turn; latencies are the machine's own.
bool IsQuiet(const DiskFaults& dials) {
  const DiskFaults zero;
  return dials.short_read_ppm == 0 && dials.short_write_ppm == 0 &&
         dials.early_writeback_ppm == 0 && dials.read_error_ppm == 0 &&
         dials.write_error_ppm == 0 && dials.sync_error_ppm == 0 &&
         dials.background_error_ppm == 0 && dials.metadata_error_ppm == 0 &&
         dials.journal_abort_ppm == 0 && dials.no_room_ppm == 0 && dials.lost_sync_ppm == 0 &&
         dials.phantom_write_ppm == 0 && dials.misdirected_write_ppm == 0 &&
         dials.corrupt_write_ppm == 0 && dials.stale_read_ppm == 0 &&
         dials.misdirected_read_ppm == 0 && dials.corrupt_read_ppm == 0 && dials.slow_ppm == 0 &&
         dials.hang_ppm == 0 && dials.capacity_bytes == zero.capacity_bytes &&
         dials.full_refuses_names == zero.full_refuses_names;
}

struct DialCase {
  FaultKind kind;
  uint64_t amount;
  std::function<bool(const DiskFaults&)> is_turned;
};

const std::vector<DialCase>& DialCases() {
  static const std::vector<DialCase> cases = {
      {FaultKind::kShortIo, 123,
       [](const DiskFaults& d) { return d.short_read_ppm == 123 && d.short_write_ppm == 123; }},
      {FaultKind::kEarlyWriteback, 123,
       [](const DiskFaults& d) { return d.early_writeback_ppm == 123; }},
      {FaultKind::kReadError, 123, [](const DiskFaults& d) { return d.read_error_ppm == 123; }},
      {FaultKind::kWriteError, 123, [](const DiskFaults& d) { return d.write_error_ppm == 123; }},
      {FaultKind::kMetadataError, 123,
       [](const DiskFaults& d) { return d.metadata_error_ppm == 123; }},
      {FaultKind::kFullDisk, 1000,
       [](const DiskFaults& d) { return d.capacity_bytes == 4 * kSectorBytes + 1000; }},
      {FaultKind::kSlowDisk, 50,
       [](const DiskFaults& d) { return d.slow_ppm == 1'000'000 && d.slow_factor == 50; }},
      {FaultKind::kHungDisk, 0,
       [](const DiskFaults& d) { return d.hang_ppm == 1'000'000 && d.hang_for > 0ms; }},
      {FaultKind::kPhantomWrite, 123,
       [](const DiskFaults& d) { return d.phantom_write_ppm == 123; }},
      {FaultKind::kMisdirectedWrite, 123,
       [](const DiskFaults& d) { return d.misdirected_write_ppm == 123; }},
      {FaultKind::kStaleRead, 123, [](const DiskFaults& d) { return d.stale_read_ppm == 123; }},
      {FaultKind::kCorruptWrite, 123,
       [](const DiskFaults& d) { return d.corrupt_write_ppm == 123; }},
  };
  return cases;
}

TEST(InjectorTest, ADialIsTurnedWhileTheWindowIsOpenAndOnItsMachineAlone) {
  for (const DialCase& dial : DialCases()) {
    SCOPED_TRACE(InfoOf(dial.kind).name);
    Tank tank;
    tank.Run([&] {
      const auto latency = tank.n1.disk().faults().sync_latency_max;
      auto injecting =
          tank.Inject({.kind = dial.kind, .lasts = 100ms, .amount = dial.amount, .salt = 1});
      EXPECT_TRUE(dial.is_turned(tank.n1.disk().faults()));
      EXPECT_FALSE(IsQuiet(tank.n1.disk().faults()));
      EXPECT_TRUE(IsQuiet(tank.n2.disk().faults()));
      EXPECT_EQ(tank.who.begun, std::vector{dial.kind});
      EXPECT_TRUE(tank.who.ended.empty());
      injecting->Join();
      EXPECT_TRUE(IsQuiet(tank.n1.disk().faults()));
      EXPECT_EQ(tank.who.ended, std::vector{dial.kind});
      EXPECT_EQ(tank.n1.disk().faults().sync_latency_max, latency);
      EXPECT_EQ(tank.injector.counts().at(std::string(InfoOf(dial.kind).name)), 1u);
    });
  }
}

TEST(InjectorTest, AnAmountBeyondAMillionIsCertainty) {
  Tank tank;
  tank.Run([&] {
    auto injecting =
        tank.Inject({.kind = FaultKind::kReadError, .lasts = 10ms, .amount = 5'000'000});
    EXPECT_EQ(tank.n1.disk().faults().read_error_ppm, 1'000'000u);
    injecting->Join();
  });
}

TEST(InjectorTest, PowerLossAndKillAskTheOperator) {
  for (const auto& [kind, call] :
       {std::pair(FaultKind::kPowerLoss, "cut n1"), std::pair(FaultKind::kKill, "kill n1")}) {
    Tank tank;
    tank.Run([&, kind = kind, call = call] {
      tank.Inject({.kind = kind, .lasts = 30ms})->Join();
      EXPECT_EQ(tank.who.calls, std::vector<std::string>{call});
      EXPECT_EQ(tank.who.down, 30ms);
      EXPECT_EQ(tank.n1.state(), Machine::State::kOff);
      EXPECT_EQ(tank.n2.state(), Machine::State::kRunning);
    });
  }
}

TEST(InjectorTest, KillThenPowerLossIsBothInThatOrderAndApart) {
  Tank tank;
  tank.Run([&] {
    const sim::SimTime before = tank.sim.now() + 1s;
    tank.Inject({.kind = FaultKind::kKillThenPowerLoss, .lasts = 30ms, .amount = 700})->Join();
    EXPECT_EQ(tank.who.calls, (std::vector<std::string>{"kill n1", "cut n1"}));
    EXPECT_GE(tank.sim.now(), before + 700us);
  });
}

TEST(InjectorTest, APausedMachineStandsStillUntilTheWindowCloses) {
  Tank tank;
  tank.Run([&] {
    auto injecting = tank.Inject({.kind = FaultKind::kPause, .lasts = 200ms});
    EXPECT_EQ(tank.n1.state(), Machine::State::kPaused);
    EXPECT_EQ(tank.n2.state(), Machine::State::kRunning);
    injecting->Join();
    EXPECT_EQ(tank.n1.state(), Machine::State::kRunning);
  });
}

TEST(InjectorTest, APauseOfAMachineThatIsOffIsNothing) {
  Tank tank;
  tank.Run([&] {
    tank.n1.PowerLoss();
    tank.Inject({.kind = FaultKind::kPause, .lasts = 200ms})->Join();
    EXPECT_EQ(tank.n1.state(), Machine::State::kOff);
  });
}

// Writes to the log file of n1 and syncs it.
absl::Status Sync(Tank& tank) {
  absl::Status synced = absl::UnknownError("off");
  tank.OnN1([&](Disk& disk) {
    absl::StatusOr<std::unique_ptr<File>> file = disk.Open("log/a", OpenMode::kReadWrite);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE(WriteFully(**file, 0, std::string(kSectorBytes, 'n')).ok());
    synced = (*file)->Sync();
  });
  return synced;
}

TEST(InjectorTest, FailedSyncFailsAsManySyncsAsItSays) {
  Tank tank;
  tank.Run([&] {
    tank.Inject({.kind = FaultKind::kFailedSync, .amount = 2})->Join();
    EXPECT_FALSE(Sync(tank).ok());
    EXPECT_FALSE(Sync(tank).ok());
    EXPECT_TRUE(Sync(tank).ok());
    EXPECT_FALSE(tank.n1.disk().HarmedAnywhere()) << "it was reported: no harm";
  });
}

TEST(InjectorTest, LostSyncSaysOkAndHarms) {
  Tank tank;
  tank.Run([&] {
    tank.Inject({.kind = FaultKind::kLostSync, .amount = 1})->Join();
    EXPECT_TRUE(Sync(tank).ok());
    tank.n1.PowerLoss();
    EXPECT_TRUE(tank.n1.disk().HarmedAnywhere() ||
                tank.n1.disk().DurableBytes("log/a")->front() == 'n');
    EXPECT_FALSE(tank.n2.disk().HarmedAnywhere());
  });
}

TEST(InjectorTest, DropCacheMakesReadsMeetThePlatter) {
  Tank tank;
  tank.Run([&] {
    // Damage that the cache hides.
    ASSERT_TRUE(tank.n1.disk().FlipBit("log/a", 7, 0));
    const auto first_bytes = [&] { return tank.n1.disk().CachedBytes("log/a")->substr(0, 16); };
    EXPECT_EQ(first_bytes(), std::string(16, 'd'));
    tank.Inject({.kind = FaultKind::kDropCache})->Join();
    EXPECT_NE(first_bytes(), std::string(16, 'd'));
  });
}

TEST(InjectorTest, BitRotFlipsBitsOfDurableFilesThatMayRot) {
  Tank tank;
  tank.Run([&] {
    tank.Inject({.kind = FaultKind::kBitRot, .amount = 2, .salt = 99})->Join();
    EXPECT_FALSE(tank.n1.disk().Harms("log/a").empty());
    EXPECT_NE(*tank.n1.disk().DurableBytes("log/a"), std::string(4 * kSectorBytes, 'd'));
    EXPECT_FALSE(tank.n2.disk().HarmedAnywhere());
  });
}

TEST(InjectorTest, OnlyFilesThatMayRotRot) {
  sim::Simulator sim({.seed = 5});
  Machine& n1 = sim.AddMachine("n1");
  TestOperator who;
  Injector injector(sim, who, {"elsewhere/"});
  const std::vector<Fault> faults = {{.kind = FaultKind::kBitRot, .at = 2s, .amount = 50}};
  const sim::RunEnd end = sim.Run([&] {
    n1.Boot([](Env env) {
      absl::StatusOr<std::unique_ptr<File>> file = env.disk.Open("a", OpenMode::kCreate);
      ASSERT_TRUE(file.ok());
      EXPECT_TRUE(WriteFully(**file, 0, "bytes").ok());
      EXPECT_TRUE((*file)->Sync().ok());
      EXPECT_TRUE(env.disk.SyncDirectory("").ok());
    });
    n1.AwaitExit();
    injector.Run(faults);
    EXPECT_FALSE(n1.disk().HarmedAnywhere());
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
}

TEST(InjectorTest, ALatentSectorCannotBeRead) {
  Tank tank;
  tank.Run([&] {
    tank.Inject({.kind = FaultKind::kLatentSector, .amount = 1, .salt = 7})->Join();
    tank.n1.disk().DropCache();
    absl::Status status;
    tank.OnN1([&](Disk& disk) { status = ReadWholeFile(disk, "log/a", kMiB).status(); });
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  });
}

TEST(InjectorTest, TheWallClockJumpsEitherWayByTheSalt) {
  for (const uint64_t salt : {2, 3}) {
    Tank tank;
    tank.Run([&] {
      const WallTime before = tank.n1.clock().WallNow();
      const Time monotonic = tank.n1.clock().Now();
      tank.Inject({.kind = FaultKind::kWallClockJump, .amount = 60'000, .salt = salt})->Join();
      const Duration moved = tank.n1.clock().WallNow() - before;
      const Duration passed = tank.n1.clock().Now() - monotonic;
      EXPECT_EQ(moved - passed, salt == 2 ? Duration(60s) : -Duration(60s));
    });
  }
}

TEST(InjectorTest, AClockDriftsWhileTheWindowIsOpen) {
  Tank tank;
  tank.Run([&] {
    auto injecting =
        tank.Inject({.kind = FaultKind::kClockDrift, .lasts = 1s, .amount = 100'000, .salt = 2});
    const auto passes = [&] {
      const Time before = tank.n1.clock().Now();
      tank.sim.SleepFor(100ms);
      return tank.n1.clock().Now() - before;
    };
    EXPECT_EQ(passes(), 110ms);
    injecting->Join();
    EXPECT_EQ(passes(), 100ms);
  });
}

TEST(InjectorTest, AFrozenClockStandsStillForTheWindow) {
  Tank tank;
  tank.Run([&] {
    const Fault freeze{.kind = FaultKind::kClockFreeze, .lasts = 400ms};
    tank.Inject(freeze)->Join();
    const Time before = tank.n1.clock().Now();
    const Time other = tank.n2.clock().Now();
    tank.sim.SleepFor(100ms);
    EXPECT_EQ(tank.n1.clock().Now(), before);
    EXPECT_EQ(tank.n2.clock().Now() - other, 100ms);
    tank.sim.SleepFor(400ms);
    EXPECT_GT(tank.n1.clock().Now(), before);
  });
}

TEST(InjectorTest, ADiskSwapBringsBackTheBackupThatTheOneBeforeItTook) {
  Tank tank;
  tank.Run([&] {
    tank.Inject({.kind = FaultKind::kDiskSwap})->Join();
    EXPECT_EQ(tank.who.calls, std::vector<std::string>{"backup n1"});
    EXPECT_TRUE(Sync(tank).ok());
    EXPECT_EQ(tank.n1.disk().DurableBytes("log/a")->front(), 'n');
    tank.Inject({.kind = FaultKind::kDiskSwap})->Join();
    EXPECT_EQ(tank.who.calls, (std::vector<std::string>{"backup n1", "cut n1", "swap n1"}));
    EXPECT_EQ(tank.n1.disk().DurableBytes("log/a")->front(), 'd');
  });
}

TEST(InjectorTest, AForgottenBackupDoesNotComeBack) {
  Tank tank;
  tank.Run([&] {
    tank.Inject({.kind = FaultKind::kDiskSwap})->Join();
    tank.injector.ForgetBackups();
    tank.Inject({.kind = FaultKind::kDiskSwap})->Join();
    EXPECT_EQ(tank.who.calls, (std::vector<std::string>{"backup n1", "backup n1"}));
  });
}

TEST(InjectorTest, EveryKindOfOneMachineHasATestAbove) {
  std::set<FaultKind> tested = {
      FaultKind::kPowerLoss,     FaultKind::kKill,       FaultKind::kKillThenPowerLoss,
      FaultKind::kPause,         FaultKind::kFailedSync, FaultKind::kLostSync,
      FaultKind::kDropCache,     FaultKind::kBitRot,     FaultKind::kLatentSector,
      FaultKind::kWallClockJump, FaultKind::kClockDrift, FaultKind::kClockFreeze,
      FaultKind::kDiskSwap};
  for (const DialCase& dial : DialCases()) tested.insert(dial.kind);
  // Links, partitions and what concerns several machines: network_faults_test, fleet_faults_test.
  for (size_t i = 0; i <= static_cast<size_t>(FaultKind::kDiskSwap); ++i) {
    EXPECT_TRUE(tested.contains(static_cast<FaultKind>(i))) << AllFaults()[i].name;
  }
}

TEST(InjectorTest, WindowsThatOverlapKeepTheirOwnDials) {
  Tank tank;
  tank.Run([&] {
    const sim::SimTime now = tank.sim.now();
    const std::vector<Fault> faults = {
        {.kind = FaultKind::kReadError, .at = now + 100ms, .lasts = 300ms, .amount = 11},
        {.kind = FaultKind::kWriteError, .at = now + 200ms, .lasts = 50ms, .amount = 22},
        {.kind = FaultKind::kReadError, .at = now + 300ms, .lasts = 300ms, .amount = 33}};
    auto injecting = tank.sim.tasks().Spawn("injector", [&] { tank.injector.Run(faults); });
    const auto dials_at = [&](Duration at) {
      tank.sim.SleepFor(now + at - tank.sim.now());
      const DiskFaults& dials = tank.n1.disk().faults();
      return std::pair(dials.read_error_ppm, dials.write_error_ppm);
    };
    using Dials = std::pair<uint32_t, uint32_t>;
    EXPECT_EQ(dials_at(150ms), (Dials{11, 0}));
    EXPECT_EQ(dials_at(220ms), (Dials{11, 22}));
    EXPECT_EQ(dials_at(280ms), (Dials{11, 0}));
    EXPECT_EQ(dials_at(350ms), (Dials{33, 0}));
    EXPECT_EQ(dials_at(450ms), (Dials{33, 0}));
    EXPECT_EQ(dials_at(650ms), (Dials{0, 0}));
    injecting->Join();
    EXPECT_EQ(tank.injector.counts().at("read-error"), 2u);
  });
}

TEST(InjectorTest, AFullDiskGetsNoRoomFromOtherFaults) {
  Tank tank;
  tank.Run([&] {
    const sim::SimTime now = tank.sim.now();
    const std::vector<Fault> faults = {
        {.kind = FaultKind::kFullDisk, .at = now + 100ms, .lasts = 1s, .amount = 3000},
        {.kind = FaultKind::kShortIo, .at = now + 500ms, .lasts = 100ms, .amount = 1}};
    auto injecting = tank.sim.tasks().Spawn("injector", [&] { tank.injector.Run(faults); });
    tank.sim.SleepFor(200ms);
    const uint64_t capacity = tank.n1.disk().faults().capacity_bytes;
    tank.OnN1([](Disk& disk) {
      absl::StatusOr<std::unique_ptr<File>> file = disk.Open("log/b", OpenMode::kCreate);
      ASSERT_TRUE(file.ok());
      EXPECT_TRUE(WriteFully(**file, 0, std::string(2000, 'b')).ok());
    });
    for (Duration at : {550ms, 900ms}) {
      tank.sim.SleepFor(now + at - tank.sim.now());
      EXPECT_EQ(tank.n1.disk().faults().capacity_bytes, capacity);
    }
    injecting->Join();
    EXPECT_EQ(tank.n1.disk().faults().capacity_bytes, DiskFaults().capacity_bytes);
  });
}

TEST(InjectorTest, StopClosesEveryWindowAndBeginsNoOther) {
  Tank tank;
  tank.Run([&] {
    const sim::SimTime now = tank.sim.now();
    const std::vector<Fault> faults = {
        {.kind = FaultKind::kReadError, .at = now + 100ms, .lasts = 10s, .amount = 11},
        {.kind = FaultKind::kPause, .at = now + 110ms, .lasts = 10s},
        {.kind = FaultKind::kClockDrift, .at = now + 120ms, .lasts = 10s, .amount = 1000},
        {.kind = FaultKind::kKill, .at = now + 500ms}};
    auto injecting = tank.sim.tasks().Spawn("injector", [&] { tank.injector.Run(faults); });
    tank.sim.SleepFor(200ms);
    EXPECT_EQ(tank.n1.state(), Machine::State::kPaused);
    tank.injector.Stop();
    EXPECT_TRUE(IsQuiet(tank.n1.disk().faults()));
    EXPECT_EQ(tank.n1.state(), Machine::State::kRunning);
    EXPECT_EQ(tank.who.ended.size(), 3u);
    const Time before = tank.n1.clock().Now();
    tank.sim.SleepFor(1s);
    EXPECT_EQ(tank.n1.clock().Now() - before, 1s);
    injecting->Join();
    EXPECT_TRUE(tank.who.calls.empty());
  });
}

TEST(InjectorTest, DialsThatWereSetBeforeAreWhatTheyEndAt) {
  Tank tank;
  tank.Run([&] {
    DiskFaults& dials = tank.n1.disk().faults();
    dials.torn_sector_ppm = 777;
    dials.read_error_ppm = 5;
    dials.slow_factor = 3;
    auto injecting = tank.Inject({.kind = FaultKind::kReadError, .lasts = 100ms, .amount = 400});
    EXPECT_EQ(dials.torn_sector_ppm, 777u);
    EXPECT_EQ(dials.read_error_ppm, 400u);
    injecting->Join();
    EXPECT_EQ(dials.torn_sector_ppm, 777u);
    EXPECT_EQ(dials.read_error_ppm, 5u);
    EXPECT_EQ(dials.slow_factor, 3u);
    dials.read_error_ppm = 6;  // nothing is open: this is the base of the next window
    tank.Inject({.kind = FaultKind::kReadError, .lasts = 100ms, .amount = 400})->Join();
    EXPECT_EQ(dials.read_error_ppm, 6u);
  });
}

// Runs the faults, whose times count from now, and looks at n1 at the times given.
template <typename Look>
void LookAt(Tank& tank, std::vector<Fault> faults, const std::vector<Duration>& times, Look look) {
  const sim::SimTime start = tank.sim.now();
  for (Fault& fault : faults) fault.at += start;
  auto injecting = tank.sim.tasks().Spawn("injector", [&] { tank.injector.Run(faults); });
  for (Duration at : times) {
    tank.sim.SleepFor(start + at - tank.sim.now());
    look(at);
  }
  injecting->Join();
}

TEST(InjectorTest, DriftsThatOverlapEndWithTheLast) {
  Tank tank;
  tank.Run([&] {
    std::map<Duration, Duration> passed;
    LookAt(tank,
           {{.kind = FaultKind::kClockDrift, .at = 100ms, .lasts = 400ms, .amount = 100'000},
            {.kind = FaultKind::kClockDrift, .at = 300ms, .lasts = 400ms, .amount = 200'000}},
           {150ms, 350ms, 550ms, 750ms}, [&](Duration at) {
             const Time before = tank.n1.clock().Now();
             tank.sim.SleepFor(100ms);
             passed[at] = tank.n1.clock().Now() - before;
           });
    EXPECT_EQ(passed, (std::map<Duration, Duration>{
                          {150ms, 110ms}, {350ms, 120ms}, {550ms, 120ms}, {750ms, 100ms}}));
  });
}

TEST(InjectorTest, PausesThatOverlapEndWithTheLast) {
  Tank tank;
  tank.Run([&] {
    std::vector<bool> paused;
    LookAt(tank,
           {{.kind = FaultKind::kPause, .at = 100ms, .lasts = 200ms},
            {.kind = FaultKind::kPause, .at = 200ms, .lasts = 300ms}},
           {50ms, 150ms, 250ms, 350ms, 550ms},
           [&](Duration) { paused.push_back(tank.n1.state() == Machine::State::kPaused); });
    EXPECT_EQ(paused, (std::vector{false, true, true, true, false}));
  });
}

TEST(InjectorTest, APauseFindsTheIncarnationThatBootedDuringAnotherPause) {
  Tank tank;
  tank.Run([&] {
    std::vector<Machine::State> states;
    LookAt(tank,
           {{.kind = FaultKind::kPause, .at = 100ms, .lasts = 500ms},
            {.kind = FaultKind::kPause, .at = 300ms, .lasts = 100ms}},
           {150ms, 250ms, 350ms, 450ms, 650ms}, [&](Duration at) {
             if (at == 150ms) {
               tank.n1.PowerLoss();
               tank.n1.Boot([](Env env) { env.tasks.SleepFor(1h); });
             }
             states.push_back(tank.n1.state());
           });
    using enum Machine::State;
    EXPECT_EQ(states, (std::vector{kRunning, kRunning, kPaused, kPaused, kRunning}));
  });
}

TEST(InjectorTest, ASlowProcessorTakesItsTimeForEveryStep) {
  Tank tank;
  tank.Run([&] {
    const auto steps_take = [&] {
      const sim::SimTime before = tank.sim.now();
      EXPECT_TRUE(tank.OnN1([&](Disk&) {
        for (int i = 0; i < 10; ++i) tank.n1_tasks->Yield();
      }));
      return tank.sim.now() - before;
    };
    const Duration usual = steps_take();
    auto injecting = tank.Inject({.kind = FaultKind::kSlowProcessor, .lasts = 1s, .amount = 500});
    EXPECT_GE(steps_take(), usual + 10 * 500us);
    injecting->Join();
    EXPECT_EQ(steps_take(), usual);
  });
}

TEST(InjectorTest, OnlyTheWallClockStandsStillWhenOnlyItIsFrozen) {
  Tank tank;
  tank.Run([&] {
    tank.Inject({.kind = FaultKind::kWallClockFreeze, .lasts = 400ms})->Join();
    const WallTime wall = tank.n1.clock().WallNow();
    const Time monotonic = tank.n1.clock().Now();
    tank.sim.SleepFor(100ms);
    EXPECT_EQ(tank.n1.clock().WallNow(), wall);
    EXPECT_EQ(tank.n1.clock().Now() - monotonic, 100ms);
    tank.sim.SleepFor(400ms);
    EXPECT_GT(tank.n1.clock().WallNow(), wall);
  });
}

TEST(InjectorTest, AmountsBeyondAllBoundsAreCutToWhatCanBe) {
  for (size_t i = 0; i < AllFaults().size(); ++i) {
    const auto kind = static_cast<FaultKind>(i);
    SCOPED_TRACE(AllFaults()[i].name);
    if (kind == FaultKind::kHungDisk) continue;  // has no amount, and is tested above
    Tank tank;
    tank.Run([&] {
      Fault fault{.kind = kind, .lasts = 10ms, .amount = ~uint64_t{0}, .salt = 3};
      if (TakesTwo(kind)) fault.other = 2;
      fault.at = tank.sim.now();
      const std::vector<Fault> faults = {fault};
      auto injecting = tank.sim.tasks().Spawn("injector", [&] { tank.injector.Run(faults); });
      tank.sim.SleepFor(1s);
      tank.injector.Stop();
      EXPECT_TRUE(IsQuiet(tank.n1.disk().faults()));
    });
  }
}

}  // namespace
}  // namespace wt::faults
