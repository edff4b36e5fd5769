// Any sequence of writes, snapshots, restarts and power cuts leaves the state that the acknowledged
// commands say, by a model of a few lines; of the one command that was in flight at a cut, either.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "absl/strings/str_format.h"
#include "sim/simulator.h"
#include "tests/engine/engine_world.h"
#include "tests/support/memory_env.h"

namespace wt::test {
namespace {

struct Step {
  enum Kind { kPut, kRemove, kBatch, kIncrement, kSnapshot, kReopen, kCut, kCutLater, kEnd };
  int kind = kPut;
  uint32_t key = 0;
  uint32_t bytes = 0;
  uint32_t after = 1;  // kCutLater: disk calls until then
  uint64_t seed = 0;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  static constexpr const char* kNames[] = {"put",      "remove", "batch", "increment",
                                           "snapshot", "reopen", "cut",   "cut-later"};
  return out << kNames[step.kind] << "(k" << step.key << ", " << step.bytes << " bytes, after "
             << step.after << ", seed " << step.seed << ")";
}

struct Model {
  std::map<std::string, std::string> values;
  std::map<std::string, int64_t> counters;
  bool operator==(const Model&) const = default;
};

class History {
 public:
  explicit History(const EngineOptions& options) : options_(options) {}

  void Run(const std::vector<Step>& steps) {
    sim::Simulator sim({.seed = 5});
    const sim::RunEnd end = sim.Run([&] {
      env_ = std::make_unique<Env>(Env{parts_.clock, sim.tasks(), parts_.disk, parts_.network,
                                       parts_.events, parts_.random});
      Open();
      for (const Step& step : steps) Do(step);
      if (cut_is_near_) {
        Cut(cut_seed_);
      } else {
        Reopen();
      }
      server_.reset();
    });
    RC_ASSERT(end.kind == sim::RunEnd::Kind::kFinished);
  }

 private:
  void Open() {
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Open(*env_, options_);
    RC_ASSERT(server.ok());
    server_ = *std::move(server);
    RC_ASSERT(server_->engine().AwaitBarrier().ok());
    const Model found = Observed();
    RC_ASSERT(found == model_ || (doubt_.has_value() && found == *doubt_));
    model_ = found;
    doubt_.reset();
  }

  Model Observed() {
    Model found;
    for (uint32_t key = 0; key < 14; ++key) {
      const std::string name = absl::StrFormat("k%d", key);
      if (std::optional<std::string> value = server_->Get(name)) found.values[name] = *value;
      if (int64_t count = server_->machine().Count(name); count != 0) found.counters[name] = count;
    }
    RC_ASSERT(server_->machine().size() >= found.values.size());
    return found;
  }

  void Reopen() {
    server_.reset();
    Open();
  }

  void Cut(uint64_t seed) {
    server_.reset();
    parts_.disk.Crash(seed % 3 == 0 ? CrashKind::kLoseUnsynced : CrashKind::kMixed, seed);
    Open();
  }

  void Propose(const Command& command, const Model& after) {
    absl::StatusOr<Committed> done = (*server_)->Propose(EncodeCommand(command));
    if (done.ok()) {
      model_ = after;
    } else {
      RC_ASSERT(cut_is_near_);
      if (absl::IsUnavailable(done.status())) doubt_ = after;
      Cut(cut_seed_);
      cut_is_near_ = false;
    }
  }

  void Do(const Step& step) {
    const std::string key = absl::StrFormat("k%d", step.key);
    const std::string value = absl::StrFormat("%d:", ++written_) + std::string(step.bytes, 'v');
    Model after = model_;
    switch (step.kind) {
      case Step::kPut:
        after.values[key] = value;
        return Propose(KvSet{key, value}, after);
      case Step::kRemove:
        after.values.erase(key);
        return Propose(KvDelete{key}, after);
      case Step::kBatch: {
        KvBatch batch;
        for (uint32_t i = 0; i < 4; ++i) {
          const std::string part = absl::StrFormat("k%d", step.key + i);
          batch.operations.push_back(KvSet{part, value});
          after.values[part] = value;
        }
        return Propose(batch, after);
      }
      case Step::kIncrement:
        after.counters[key] += 1;
        return Propose(CounterIncrement{.delta = 1, .name = key}, after);
      case Step::kSnapshot:
        RC_ASSERT(server_->engine().TakeSnapshot().ok() || cut_is_near_);
        return;
      case Step::kReopen:
        if (!cut_is_near_) Reopen();
        return;
      case Step::kCut:
        Cut(step.seed);
        cut_is_near_ = false;
        return;
      case Step::kCutLater:
        parts_.disk.DieAt(step.after);
        cut_is_near_ = true;
        cut_seed_ = step.seed;
        return;
    }
  }

  const EngineOptions options_;
  MemoryEnv parts_;
  std::unique_ptr<Env> env_;
  std::unique_ptr<Server> server_;
  Model model_;
  std::optional<Model> doubt_;  // if the command in flight took effect
  uint64_t written_ = 0;
  bool cut_is_near_ = false;
  uint64_t cut_seed_ = 0;
};

rc::Gen<Step> AnyStep() {
  return rc::gen::build<Step>(rc::gen::set(&Step::kind, rc::gen::inRange(0, int{Step::kEnd})),
                              rc::gen::set(&Step::key, rc::gen::inRange(0u, 10u)),
                              rc::gen::set(&Step::bytes, rc::gen::inRange(0u, 3000u)),
                              rc::gen::set(&Step::after, rc::gen::inRange(1u, 40u)),
                              rc::gen::set(&Step::seed, rc::gen::arbitrary<uint64_t>()));
}

RC_GTEST_PROP(EnginePropertyTest, AnyHistoryLeavesWhatWasAcknowledged, ()) {
  EngineOptions options = SmallOptions();
  options.snapshots_kept = *rc::gen::inRange(1, 4);
  options.snapshot_log_bytes = *rc::gen::element<uint64_t>(0, 2 * kKiB, 8 * kKiB);
  options.snapshot.incremental = *rc::gen::arbitrary<bool>();
  options.log.alignment = *rc::gen::element<uint32_t>(512, 4096);
  options.log.segment_bytes = 24 * kKiB;
  History(options).Run(*rc::gen::container<std::vector<Step>>(AnyStep()));
}

}  // namespace
}  // namespace wt::test
