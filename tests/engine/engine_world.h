// Where an engine lives in these tests: the same test runs in memory (fibers over a MemoryDisk), on
// the real machine (threads over a folder), and on a simulated machine.
//
//   TEST_P(StandaloneTest, APutIsRead) {
//     InWorld([](Rig& rig) {
//       auto server = MustOpen(rig);
//       EXPECT_TRUE(server->Put("color", "red").ok());
//       EXPECT_EQ(server->Get("color"), "red");
//     });
//   }
#ifndef WAVETANK_TESTS_ENGINE_ENGINE_WORLD_H_
#define WAVETANK_TESTS_ENGINE_ENGINE_WORLD_H_

#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/standalone.h"
#include "engine/state/command.h"
#include "engine/state/composite_state_machine.h"
#include "engine/state/result.h"
#include "tests/engine/unreliable_disk.h"

namespace wt::test {

// Remembers what was emitted, from any thread, and hands it on.
class SeenEvents : public EventSink {
 public:
  explicit SeenEvents(EventSink& under) : under_(under) {}

  void Emit(const Event& event) override;
  void Reached(std::string_view goal) override { under_.Reached(goal); }

  uint64_t Count(EventKind kind) const;
  // Field `a` of the latest of its kind; 0 when there was none.
  uint64_t LastA(EventKind kind) const;
  void Forget();

 private:
  EventSink& under_;
  mutable std::mutex mutex_;
  std::map<EventKind, std::pair<uint64_t, uint64_t>> seen_;  // how many, a of the latest
};

// A world with a disk that fails on command and events that are remembered.
struct Rig {
  explicit Rig(Env base)
      : disk(base.disk), events(base.events), env{base.clock,   base.tasks, disk,
                                                  base.network, events,     base.random} {}

  UnreliableDisk disk;
  SeenEvents events;
  // Lets time pass, for who looks again and again; a simulated disk does nothing in no time.
  void Wait() { env.tasks.SleepFor(std::chrono::microseconds(50)); }

  Env env;
};

enum class WorldKind { kMemory, kPosix, kSim };

std::string NameOf(const testing::TestParamInfo<WorldKind>& info);

// All that make sense in this build: under ThreadSanitizer not kMemory, whose disk has no locks.
std::vector<WorldKind> Worlds();

// Runs `body` as a task in a fresh world.
void RunIn(WorldKind kind, const std::function<void(Rig&)>& body);

class WorldTest : public testing::TestWithParam<WorldKind> {
 protected:
  void InWorld(const std::function<void(Rig&)>& body) { RunIn(GetParam(), body); }
};

// Small segments, and no snapshot but by hand.
EngineOptions SmallOptions();

// An open node and its state. The destructor closes it, but on a dying machine.
class Server {
 public:
  static absl::StatusOr<std::unique_ptr<Server>> Open(Env env, const EngineOptions& options);
  ~Server() {
    if (node_ != nullptr && std::uncaught_exceptions() == 0) (void)node_->Close();
  }

  Standalone* operator->() { return node_.get(); }
  Engine& engine() { return node_->engine(); }
  // Only while nobody proposes.
  const CompositeStateMachine& machine() const { return machine_; }

  absl::StatusOr<Committed> Put(std::string key, std::string value) {
    return node_->Propose(EncodeCommand(KvSet{std::move(key), std::move(value)}));
  }
  absl::StatusOr<Committed> Increment(std::string name) {
    return node_->Propose(EncodeCommand(CounterIncrement{.delta = 1, .name = std::move(name)}));
  }
  // Through Query. "<error>" when there is no answer.
  std::optional<std::string> Get(std::string key);

  // Puts k<from> .. k<to - 1>, each with its own name and `bytes` of filler as the value, all with
  // one sync. Only while nobody proposes.
  void Fill(uint64_t from, uint64_t to, uint64_t bytes = 20);

 private:
  Server() = default;
  CompositeStateMachine machine_;
  std::unique_ptr<Standalone> node_;
};

// Requires: it can be opened.
std::unique_ptr<Server> MustOpen(Rig& rig, const EngineOptions& options = SmallOptions());

template <typename T>
T ResultOf(const absl::StatusOr<Committed>& committed) {
  EXPECT_TRUE(committed.ok()) << committed.status();
  if (!committed.ok()) return T{};
  absl::StatusOr<Result> result = DecodeResult(committed->result);
  EXPECT_TRUE(result.ok() && std::holds_alternative<T>(*result)) << result.status();
  return result.ok() && std::holds_alternative<T>(*result) ? std::get<T>(*result) : T{};
}

// Every file of the disk, by path.
std::map<std::string, std::string> FilesOf(Disk& disk);
// Those whose name holds `part`, in order.
std::vector<std::string> PathsWith(Disk& disk, std::string_view part);
// Changes one byte of a file, durably.
void FlipByte(Disk& disk, const std::string& path, uint64_t offset);
void RemoveFiles(Disk& disk, std::string_view part);
// Makes the files whose name holds `part` what they are in `files`, and removes all other such.
void RestoreFiles(Disk& disk, std::string_view part,
                  const std::map<std::string, std::string>& files);

}  // namespace wt::test

#endif  // WAVETANK_TESTS_ENGINE_ENGINE_WORLD_H_
