// Whatever happens to machines and links, as long as disks keep what they promised: nothing that
// was acknowledged is lost, and in calm weather the group always finds together again.
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_format.h"
#include "engine/base/random.h"
#include "tests/replicas/group.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;

ReplicaOptions StormyReplica(DiskTrust trust) {
  ReplicaOptions options = SmallReplica();
  options.engine.log.segment_bytes = 8 * kKiB;
  options.engine.snapshot_log_bytes = 12 * kKiB;
  options.engine.snapshots_kept = 1;
  options.cache_bytes = 4 * kKiB;
  options.log_kept_bytes = 0;
  options.disk_trust = trust;
  return options;
}

class Storm {
 public:
  Storm(Group& group, uint64_t seed) : group_(group), draw_(seed) {}

  void Run() {
    std::vector<std::unique_ptr<Task>> clients;
    for (int i = 0; i < 4; ++i) {
      clients.push_back(group_.sim().tasks().Spawn("client", [this, i] { Client(i); }));
    }
    for (int i = 0; i < 25; ++i) Strike();
    is_over_ = true;
    group_.Heal();
    for (int i = 1; i <= group_.size(); ++i) {
      if (group_.machine(i).state() == sim::Machine::State::kPaused) group_.machine(i).Resume();
      if (!group_.running(i)) Restart(i);
    }
    for (const std::unique_ptr<Task>& client : clients) client->Join();
  }

  const std::set<std::string>& acknowledged() const { return acknowledged_; }

 private:
  void Client(int number) {
    for (int i = 0; !is_over_; ++i) {
      const std::string key = absl::StrFormat("c%d.%d", number, i);
      const int via = 1 + (number + i) % group_.size();
      int primary = via;
      if (i % 4 != 0) {  // mostly to whom somebody takes for the primary
        const NodeId known = group_.StatusOf(via).primary;
        if (known != NodeId(0)) primary = static_cast<int>(known.value());
      }
      if (group_.PutVia(primary, key, std::string(150, 'v'), {.timeout = 1s}).ok()) {
        acknowledged_.insert(key);
      } else {
        group_.SleepFor(20ms);
      }
    }
  }

  void Restart(int node) {
    if (group_.machine(node).state() != sim::Machine::State::kOff) group_.PowerLoss(node);
    group_.Start(node);
  }

  void Strike() {
    group_.SleepFor(Duration(draw_.Between(1'000'000, 800'000'000)));
    const int node = static_cast<int>(draw_.Between(1, static_cast<uint64_t>(group_.size())));
    sim::Machine& machine = group_.machine(node);
    const bool is_off = machine.state() == sim::Machine::State::kOff;
    const bool is_paused = machine.state() == sim::Machine::State::kPaused;
    switch (draw_.Below(7)) {
      case 0:
        if (!is_off) group_.PowerLoss(node);
        return;
      case 1:
        if (!is_off) group_.Kill(node);
        return;
      case 2:
        return group_.Isolate(node);
      case 3:
        return group_.Heal();
      case 4:
        if (is_paused) return machine.Resume();
        if (!is_off) machine.Pause();
        return;
      default:
        if (is_paused) return machine.Resume();
        if (!group_.running(node)) Restart(node);
        return;
    }
  }

  Group& group_;
  Draw draw_;
  bool is_over_ = false;
  std::set<std::string> acknowledged_;
};

void Weather(uint64_t seed, int machines, DiskTrust trust) {
  Group group({.seed = seed,
               .machines = machines,
               .replica = StormyReplica(trust),
               .links = RoughLinks(),
               .rarely_ppm = seed % 2 == 0 ? 50'000u : 0u});
  group.Run([&] {
    Storm storm(group, seed);
    storm.Run();
    ASSERT_NE(group.AwaitPrimary(60s), 0) << "seed " << seed;
    ASSERT_TRUE(group.Put("after", "the storm").ok()) << "seed " << seed;
    ASSERT_TRUE(group.AwaitConverged(60s)) << "seed " << seed;
    for (const std::string& key : storm.acknowledged()) {
      ASSERT_EQ(group.Get(key), std::string(150, 'v')) << "seed " << seed << " lost " << key;
    }
  });
}

TEST(StormTest, NothingAcknowledgedIsLost) {
  for (uint64_t seed = 1; seed <= Seeds(40) && !HasFailure(); ++seed) {
    Weather(seed, 3, DiskTrust::kVerified);
  }
}

TEST(StormTest, NothingAcknowledgedIsLostWithBelievedDisks) {
  for (uint64_t seed = 1; seed <= Seeds(40) && !HasFailure(); ++seed) {
    Weather(seed, 3, DiskTrust::kBelieved);
  }
}

TEST(StormTest, NothingAcknowledgedIsLostByFive) {
  for (uint64_t seed = 1; seed <= Seeds(20) && !HasFailure(); ++seed) {
    Weather(seed, 5, DiskTrust::kVerified);
  }
}

}  // namespace
}  // namespace wt::test
