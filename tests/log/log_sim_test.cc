// The log in the tank: writers, a compactor and the background tasks on a simulated machine whose
// power is cut again and again, over every file system profile. After each start the log must hold
// at least what was acknowledged and nothing but what was issued; and no write may ever land below
// what a sync of that segment has promised.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/env/mutex.h"
#include "engine/log/log_options.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/virtual_disk.h"
#include "tests/log/log_world.h"

namespace wt::test {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Writes against the ranges that log.synced events have promised.
class AppendOnly : public sim::EventObserver, public sim::DiskObserver {
 public:
  void OnEvent(sim::Machine&, sim::SimTime, const Event& event) override {
    if (event.kind != EventKind::kLogSynced) return;
    uint64_t& end = durable_[SegmentPath("log", event.a)];
    end = std::max(end, event.c);
    ++syncs;
  }
  void OnCreate(std::string_view path) override { durable_.erase(std::string(path)); }
  void OnWrite(std::string_view path, uint64_t offset, uint64_t, uint64_t) override {
    const auto found = durable_.find(std::string(path));
    if (found != durable_.end()) {
      EXPECT_GE(offset, found->second) << path;
    }
    ++writes;
  }
  void OnTruncate(std::string_view path, uint64_t, uint64_t) override {
    ADD_FAILURE() << "a log file is never truncated: " << path;
  }

  uint64_t syncs = 0;
  uint64_t writes = 0;

 private:
  std::map<std::string, uint64_t> durable_;
};

// Outlives every machine: what the clients know.
struct Ledger {
  std::vector<LogEntry> issued;  // index 1 .. n of this history
  uint64_t acknowledged = 0;
  uint64_t compacted = 0;
  uint64_t serial = 0;
  uint64_t opened = 0;
  uint64_t refused = 0;
  uint64_t cut = 0;
  bool stop = false;
};

class LogMachine {
 public:
  LogMachine(Env env, Ledger& ledger, LogOptions options, uint64_t seed)
      : env_(env), ledger_(ledger), options_(std::move(options)), draw_(seed), order_(env.tasks) {}

  void Run() {
    LogRecovery found;
    // As an engine does whose snapshot reaches to where compaction went.
    options_.accept = [this](const LogRecovery& recovery) {
      return recovery.first_index.value() <= ledger_.compacted + 1 ? absl::OkStatus()
                                                                   : recovery.gap;
    };
    auto log = OpenWal(env_, options_, &found);
    if (!log.ok()) {
      ++ledger_.refused;
      status = log.status();
      return;
    }
    ++ledger_.opened;
    ledger_.cut += found.tail_cut ? 1 : 0;
    log_ = *std::move(log);
    if (!TakeOver()) return;
    std::vector<std::unique_ptr<Task>> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(env_.tasks.Spawn("writer", [this] { Write(); }));
    tasks.push_back(env_.tasks.Spawn("compactor", [this] { Compact(); }));
    for (std::unique_ptr<Task>& task : tasks) task->Join();
    log_->Close().IgnoreError();
  }

  absl::Status status;

 private:
  // What recovery shows is durable, and the history from here on.
  bool TakeOver() {
    const uint64_t last = log_->last_index().value();
    EXPECT_GE(last, ledger_.acknowledged);
    EXPECT_LE(last, ledger_.issued.size());
    EXPECT_LE(log_->first_index().value(), ledger_.compacted + 1);
    if (last > ledger_.issued.size()) return false;
    ledger_.issued.resize(last);
    ledger_.acknowledged = last;
    if (log_->first_index() > log_->last_index()) return true;
    auto content = log_->GetRange(log_->first_index(), LogIndex(last + 1), ~uint64_t{0});
    if (!content.ok()) {
      status = content.status();
      return false;
    }
    const auto first =
        ledger_.issued.begin() + static_cast<ptrdiff_t>(log_->first_index().value() - 1);
    EXPECT_TRUE(std::equal(content->begin(), content->end(), first, ledger_.issued.end()));
    return true;
  }

  void Write() {
    while (!ledger_.stop) {
      LogIndex last;
      {
        MutexLock lock(order_);
        const uint64_t count = draw_.Between(1, 3);
        std::vector<LogEntry> entries;
        for (uint64_t i = 0; i < count; ++i) {
          LogEntry entry = EntryAt(ledger_.issued.size() + 1, 1, draw_.Below(900));
          entry.command += absl::StrFormat("#%d", ++ledger_.serial);
          ledger_.issued.push_back(entry);
          entries.push_back(std::move(entry));
        }
        last = entries.back().index;
        const absl::Status appended = log_->AppendBatch(entries).status();
        EXPECT_FALSE(absl::IsInvalidArgument(appended)) << appended;
        if (absl::IsResourceExhausted(appended)) {
          // Refused before a byte was written: certain not to have happened.
          ledger_.issued.resize(entries.front().index.value() - 1);
          env_.tasks.SleepFor(microseconds(100));
          continue;
        }
        if (!appended.ok()) return;
      }
      if (draw_.OneIn(4)) {
        env_.tasks.SleepFor(microseconds(draw_.Below(2000)));
        continue;
      }
      if (!log_->Sync().ok()) return;
      ledger_.acknowledged = std::max(ledger_.acknowledged, last.value());
    }
  }

  void Compact() {
    while (!ledger_.stop) {
      env_.tasks.SleepFor(milliseconds(draw_.Between(1, 8)));
      const uint64_t through = ledger_.acknowledged - std::min<uint64_t>(ledger_.acknowledged, 20);
      if (through > log_->durable_index().value()) continue;
      ledger_.compacted = std::max(ledger_.compacted, through);
      if (!log_->Compact(LogIndex(through)).ok()) return;
    }
  }

  Env env_;
  Ledger& ledger_;
  LogOptions options_;
  Draw draw_;
  Mutex order_;
  std::unique_ptr<LogStorage> log_;
};

struct Outcome {
  Ledger ledger;
  AppendOnly rule;
  std::vector<std::pair<std::string_view, uint64_t>> goals;
};

LogOptions OptionsFor(Draw& draw) {
  LogOptions options = {.segment_bytes = draw.Between(16, 64) * kKiB, .buffer_bytes = 64 * kKiB};
  options.alignment = draw.OneIn(2) ? 512 : 4096;
  if (options.alignment == 4096) options.segment_bytes += 64 * kKiB;
  options.sync_policy = static_cast<SyncPolicy>(draw.Below(3));
  options.sync_interval = milliseconds(2);
  if (draw.OneIn(2)) options.mark_after = milliseconds(1);
  return options;
}

// Several lives of one machine. `dial` sets the disk's faults; `check` sees how each open went.
template <typename Dial, typename Check>
void Live(uint64_t seed, Outcome& outcome, Dial dial, Check check) {
  Draw draw(seed, {KeyOf("log_sim_test")});
  sim::Simulator sim({.seed = seed, .spurious_wakeup_ppm = 20'000, .rarely_ppm = 30'000});
  sim::Machine& machine = sim.AddMachine("n1");
  machine.disk().SetProfile(static_cast<sim::DiskProfile>(seed % 5));
  sim.AddObserver(&outcome.rule);
  machine.disk().AddObserver(&outcome.rule);
  const LogOptions options = OptionsFor(draw);
  Ledger& ledger = outcome.ledger;
  const sim::RunEnd end = sim.Run([&] {
    // The folder itself, on an honest disk: when its first directory sync fails and only the
    // process dies, nobody can tell any more that its name is not durable.
    machine.Boot([](Env env) { EXPECT_TRUE(CreateLogDirectory(env.disk, "log").ok()); });
    machine.AwaitExit();
    dial(machine.disk(), draw);
    for (int life = 0; life < 8; ++life) {
      absl::Status status;
      const uint64_t life_seed = draw.Next();
      ledger.stop = false;
      machine.Boot([&](Env env) {
        LogMachine log(env, ledger, options, life_seed);
        log.Run();
        status = log.status;
      });
      sim.SleepFor(microseconds(draw.Between(200, 30'000)));
      const uint64_t how = draw.Below(8);
      if (how == 0) {
        ledger.stop = true;
        machine.AwaitExit();
      } else if (how == 1) {
        machine.Kill();
      } else {
        machine.PowerLoss();
      }
      check(machine.disk(), status);
      if (testing::Test::HasFailure()) break;
    }
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
  outcome.goals = sim.goals();
}

class LogSimTest : public testing::Test {
 protected:
  template <typename Dial, typename Check>
  void RunSeeds(uint64_t count, Dial dial, Check check) {
    for (uint64_t seed = 1; seed <= count; ++seed) {
      SCOPED_TRACE(absl::StrFormat("seed %d", seed));
      Outcome outcome;
      Live(seed, outcome, dial, check);
      for (const auto& [goal, times] : outcome.goals) goals_[std::string(goal)] += times;
      opened_ += outcome.ledger.opened;
      refused_ += outcome.ledger.refused;
      cut_ += outcome.ledger.cut;
      syncs_ += outcome.rule.syncs;
      writes_ += outcome.rule.writes;
      entries_ += outcome.ledger.serial;
      if (HasFailure()) return;
    }
  }

  std::map<std::string, uint64_t> goals_;
  uint64_t opened_ = 0;
  uint64_t refused_ = 0;
  uint64_t cut_ = 0;
  uint64_t syncs_ = 0;
  uint64_t writes_ = 0;
  uint64_t entries_ = 0;
};

TEST_F(LogSimTest, AcknowledgedEntriesSurvivePowerLossOnEveryProfile) {
  RunSeeds(
      150,
      [](sim::VirtualDisk& disk, Draw&) {
        disk.faults().short_read_ppm = 20'000;
        disk.faults().short_write_ppm = 20'000;
        disk.faults().early_writeback_ppm = 50'000;
        disk.faults().garbage_fill_ppm = 300'000;
        disk.faults().torn_sector_ppm = 300'000;
      },
      // Nothing that a crash leaves on an honest disk is a reason to refuse.
      [](sim::VirtualDisk&, const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; });
  EXPECT_EQ(refused_, 0u);
  EXPECT_GT(opened_, 500u);
  EXPECT_GT(cut_, 10u);
  EXPECT_LT(syncs_, entries_);  // callers share syncs
  for (const char* goal : {"log.tail_cut", "log.tail_ambiguous", "log.mark_written",
                           "log.unfinished_segment_dropped"}) {
    EXPECT_GT(goals_[goal], 0u) << goal;
  }
}

TEST_F(LogSimTest, FailedCallsPoisonAndLoseNothingAcknowledged) {
  RunSeeds(
      150,
      [](sim::VirtualDisk& disk, Draw& draw) {
        disk.faults().sync_error_ppm = static_cast<uint32_t>(draw.Below(20'000));
        disk.faults().write_error_ppm = static_cast<uint32_t>(draw.Below(20'000));
        disk.faults().background_error_ppm = static_cast<uint32_t>(draw.Below(10'000));
        disk.faults().metadata_error_ppm = static_cast<uint32_t>(draw.Below(20'000));
        disk.faults().no_room_ppm = static_cast<uint32_t>(draw.Below(20'000));
        disk.faults().read_error_ppm = static_cast<uint32_t>(draw.Below(20'000));
      },
      [](sim::VirtualDisk&, const absl::Status& status) {
        EXPECT_FALSE(absl::IsDataLoss(status)) << status;
      });
  EXPECT_GT(opened_, 300u);
  EXPECT_GT(refused_, 0u);
  EXPECT_GT(goals_["log.poisoned"], 20u);
}

// A disk that lies: the log may refuse; what it shows must be what was written.
TEST_F(LogSimTest, ALyingDiskIsRefusedOrHasTheRightBytes) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(absl::StrFormat("seed %d", seed));
    Draw draw(seed, {KeyOf("lies")});
    sim::Simulator sim({.seed = seed});
    sim::Machine& machine = sim.AddMachine("n1");
    const LogOptions options = OptionsFor(draw);
    Ledger ledger;
    const sim::RunEnd end = sim.Run([&] {
      absl::Status status;
      machine.Boot([&](Env env) { LogMachine(env, ledger, options, seed).Run(); });
      sim.SleepFor(milliseconds(draw.Between(5, 20)));
      machine.PowerLoss();
      for (const sim::DurableFile& file : machine.disk().DurableImage()) {
        for (uint64_t n = draw.Below(3); n > 0; --n) {
          const uint64_t sector = draw.Below(64);
          switch (draw.Below(4)) {
            case 0:
              machine.disk().FlipBit(file.path, sector * 512 + draw.Below(512), 3);
              break;
            case 1:
              machine.disk().ZeroSector(file.path, sector);
              break;
            case 2:
              machine.disk().StaleSector(file.path, sector);
              break;
            default:
              machine.disk().DamageSector(file.path, sector);
              break;
          }
        }
      }
      ledger.acknowledged = 0;  // what is lost must be told, or be the tail
      ledger.stop = true;
      machine.Boot([&](Env env) { LogMachine(env, ledger, options, seed).Run(); });
      machine.AwaitExit();
    });
    EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
    refused_ += ledger.refused;
    opened_ += ledger.opened;
    if (HasFailure()) return;
  }
  EXPECT_GT(refused_, 20u);
  EXPECT_GT(opened_, 160u);
}

}  // namespace
}  // namespace wt::test
