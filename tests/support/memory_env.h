// The whole seam in memory and on one thread, for tests of one layer: a MemoryDisk, a clock that
// stands still until told, tasks that run at once, events that are remembered.
//
//   MemoryEnv world;
//   auto log = OpenSomething(world.env(), ...);
#ifndef WAVETANK_TESTS_SUPPORT_MEMORY_ENV_H_
#define WAVETANK_TESTS_SUPPORT_MEMORY_ENV_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/base/status.h"
#include "engine/env/env.h"
#include "tests/support/memory_disk.h"

namespace wt::test {

class MemoryClock : public Clock {
 public:
  Time Now() override { return now_; }
  WallTime WallNow() override { return wall_; }
  void Advance(Duration by) {
    now_ += by;
    wall_ += by;
  }

 private:
  Time now_{};
  WallTime wall_{std::chrono::hours(24 * 365 * 50)};
};

// A task's body runs to its end within Spawn. A lock that is taken twice, or a wait that nobody can
// end, is a failed check.
class InlineTasks : public Tasks {
 public:
  std::unique_ptr<Task> Spawn(std::string_view, std::function<void()> body) override {
    WT_CHECK_EQ(no_suspend_, 0);
    body();
    return std::make_unique<Done>();
  }
  void SleepFor(Duration) override { WT_CHECK_EQ(no_suspend_, 0); }
  void Yield() override { WT_CHECK_EQ(no_suspend_, 0); }
  std::unique_ptr<MutexBody> NewMutex() override { return std::make_unique<Flag>(); }
  std::unique_ptr<CondVarBody> NewCondVar() override { return std::make_unique<Never>(); }
  void EnterNoSuspend() override { ++no_suspend_; }
  void LeaveNoSuspend() override { --no_suspend_; }

 private:
  class Done : public Task {
    void Join() override {}
  };
  class Flag : public MutexBody {
    void Lock() override {
      WT_CHECK(!held_);
      held_ = true;
    }
    void Unlock() override {
      WT_CHECK(held_);
      held_ = false;
    }
    void AssertHeld() override { WT_CHECK(held_); }
    bool held_ = false;
  };
  class Never : public CondVarBody {
    void Wait(MutexBody&) override { WT_CHECK(false && "nobody is left to signal"); }
    bool WaitFor(MutexBody&, Duration) override { return false; }
    void SignalOne() override {}
    void SignalAll() override {}
  };
  int no_suspend_ = 0;
};

class SilentNetwork : public Network {
 public:
  PeerId Self() const override { return PeerId(1); }
  void Send(PeerId, std::string_view) override {}
  absl::StatusOr<Message> Receive(Duration) override { return DeadlineExceeded("nobody there"); }
  void Close() override {}
};

class RecordedEvents : public EventSink {
 public:
  struct Recorded {
    EventKind kind;
    uint64_t a, b, c, d;
    std::string text;
  };
  void Emit(const Event& e) override {
    all.push_back({e.kind, e.a, e.b, e.c, e.d, std::string(e.text)});
  }
  void Reached(std::string_view goal) override { goals.insert(std::string(goal)); }
  uint64_t Count(EventKind kind) const {
    uint64_t n = 0;
    for (const Recorded& e : all) n += e.kind == kind ? 1 : 0;
    return n;
  }

  std::vector<Recorded> all;
  std::set<std::string> goals;
};

class KeyedRandom : public Random {
 public:
  uint64_t Next(std::string_view stream) override {
    return Draw(seed, {KeyOf(stream), ++drawn_[std::string(stream)]}).Next();
  }
  bool Rarely(std::string_view site) override { return armed.count(std::string(site)) > 0; }

  uint64_t seed = 1;
  std::set<std::string> armed;  // sites that always take the rare way

 private:
  std::map<std::string, uint64_t> drawn_;
};

class MemoryEnv {
 public:
  Env env() { return {clock, tasks, disk, network, events, random}; }

  MemoryClock clock;
  InlineTasks tasks;
  MemoryDisk disk;
  SilentNetwork network;
  RecordedEvents events;
  KeyedRandom random;
};

}  // namespace wt::test

#endif  // WAVETANK_TESTS_SUPPORT_MEMORY_ENV_H_
