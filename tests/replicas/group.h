// Three machines (or as many as it takes) in the simulator, each with a replica, and a harness that
// tells a story with them.
//
//   Group group({.seed = 7});
//   group.Run([&] {
//     const int primary = group.AwaitPrimary();
//     EXPECT_TRUE(group.Put("color", "red").ok());
//     group.PowerLoss(primary);
//     ...
//   });
//
// Machines are numbered from 1, as replicas are. All calls are for the harness.
#ifndef WAVETANK_TESTS_REPLICAS_GROUP_H_
#define WAVETANK_TESTS_REPLICAS_GROUP_H_

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/state/composite_state_machine.h"
#include "replicas/replica.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/virtual_disk.h"
#include "sim/virtual_network.h"

namespace wt::test {

struct GroupOptions {
  uint64_t seed = 1;
  int machines = 3;
  Configuration members;  // empty: all machines vote
  ReplicaOptions replica = {};
  sim::LinkDials links = {};
  uint32_t rarely_ppm = 0;
  bool starts = true;  // all machines, at the beginning
};

// How many seeds a test runs: a tenth where a sanitizer makes each ten times as slow.
constexpr uint64_t Seeds(uint64_t all) {
#if defined(__SANITIZE_ADDRESS__)
  return all / 10;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  return all / 10;
#endif
#endif
  return all;
}

// Small segments, snapshots by hand.
ReplicaOptions SmallReplica();
// Messages are lost, repeated and overtaken.
sim::LinkDials RoughLinks();

class Group : public sim::EventObserver {
 public:
  explicit Group(GroupOptions options);
  ~Group() override;

  // Runs the story, and checks that it came to its end. Once.
  void Run(const std::function<void()>& story);
  sim::Simulator& sim() { return *sim_; }
  sim::Machine& machine(int node);
  ReplicaOptions& options(int node) { return nodes_[node - 1].options; }  // of later starts
  int size() const { return static_cast<int>(nodes_.size()); }

  // Boots the machine; it opens its replica by itself. Requires: off.
  void Start(int node);
  // Closes the replica in an orderly way; the machine is off then.
  void Stop(int node);
  void PowerLoss(int node);
  void Kill(int node);
  // The disk is taken out and a blank one put in: votes may be forgotten. Requires: off.
  void Wipe(int node);
  // From now on machines may forget what they voted.
  void AllowForgetting() { forgets_ = true; }
  // Why the last opening failed, or what the replica stopped with; OK when neither.
  const absl::Status& end_of(int node) const { return nodes_[node - 1].end; }
  bool running(int node) const { return nodes_[node - 1].replica != nullptr; }

  // Runs `body` on the machine. False when it has no replica, or died before `body` returned.
  bool With(int node, const std::function<void(Replica&)>& body);
  ReplicaStatus StatusOf(int node);

  // The one that serves in the latest term; 0 when none does within `patience`.
  int AwaitPrimary(Duration patience = std::chrono::seconds(20));
  int AwaitPrimaryOtherThan(int node, Duration patience = std::chrono::seconds(20));
  bool Await(const std::function<bool()>& condition, Duration patience = std::chrono::seconds(20));
  // All that run have applied all that any has in its log, and their states are the same.
  bool AwaitConverged(Duration patience = std::chrono::seconds(30));
  bool AwaitTrusted(int node);

  // Through `via`, or through whoever is primary, again and again until it is known to be done.
  absl::StatusOr<Acknowledged> PutVia(int via, std::string key, std::string value,
                                      ProposeOptions options = {});
  absl::Status Put(std::string key, std::string value, Ack ack = Ack::kQuorum);
  // Puts k<from> .. k<to - 1>, each with `bytes` of filler, several at a time.
  void Fill(int from, int to, uint64_t bytes = 100);
  absl::StatusOr<std::optional<std::string>> GetVia(int via, std::string key,
                                                    QueryOptions options = {});
  std::optional<std::string> Get(std::string key);  // linearizable, through anybody

  void Isolate(int node) { sim_->network().Isolate(static_cast<uint32_t>(node)); }
  void Heal() { sim_->network().Heal(); }
  void SleepFor(Duration duration) { sim_->SleepFor(duration); }

  uint64_t Count(EventKind kind) const;
  uint64_t CountOf(int node, EventKind kind) const;
  uint64_t Goal(std::string_view name) const;
  uint64_t digest() const;  // of the run, when it is over

  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

 private:
  struct Node {
    sim::Machine* machine = nullptr;
    ReplicaOptions options;
    Replica* replica = nullptr;  // on the stack of the machine's main task
    uint64_t calls = 0;          // that use it
    absl::Status end;
  };
  class Serving;

  void Main(Node& node, Env env);

  const GroupOptions options_;
  std::unique_ptr<sim::Simulator> sim_;
  std::vector<Node> nodes_;
  std::map<std::pair<int, EventKind>, uint64_t> events_;
  using Known = std::map<std::pair<uint64_t, uint64_t>, uint64_t>;
  Known votes_;      // (node, term) -> candidate
  Known primaries_;  // (term, 0) -> node
  Known applied_;    // (index, 0) -> term
  Known digests_;    // (index, 0) -> state
  bool forgets_ = false;
};

}  // namespace wt::test

#endif  // WAVETANK_TESTS_REPLICAS_GROUP_H_
