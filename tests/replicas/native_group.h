// Replicas on the real machine: threads, folders, and TCP over the loopback device, all in one
// process.
#ifndef WAVETANK_TESTS_REPLICAS_NATIVE_GROUP_H_
#define WAVETANK_TESTS_REPLICAS_NATIVE_GROUP_H_

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/posix/posix_world.h"
#include "engine/state/composite_state_machine.h"
#include "replicas/replica.h"

namespace wt::test {

class NativeGroup {
 public:
  // Folders of the members are made below `root`.
  NativeGroup(std::string root, int members, ReplicaOptions options)
      : root_(std::move(root)), options_(std::move(options)), nodes_(members) {
    for (int i = 1; i <= members; ++i) options_.members.voters.push_back(NodeId(i));
    for (int i = 1; i <= members; ++i) Start(i);
  }
  ~NativeGroup() {
    for (int i = 1; i <= size(); ++i) Stop(i);
  }
  NativeGroup(const NativeGroup&) = delete;
  NativeGroup& operator=(const NativeGroup&) = delete;

  int size() const { return static_cast<int>(nodes_.size()); }

  void Start(int node) {
    Node& started = nodes_[node - 1];
    PosixOptions posix{.root = root_ + "/n" + std::to_string(node),
                       .on_event = [&started](const Event& event) { started.OnEvent(event); },
                       .self = NodeId(node),
                       .listen = "127.0.0.1:0",
                       .cluster = options_.cluster_id};
    for (int peer = 1; peer <= size(); ++peer) {
      // Where it is comes later; until then, nowhere.
      if (peer != node) posix.peers[NodeId(peer)] = "127.0.0.1:" + std::to_string(peer);
    }
    started.world = std::make_unique<PosixWorld>(posix);
    WT_CHECK(started.world->status().ok());
    for (int peer = 1; peer <= size(); ++peer) Introduce(node, peer);
    started.machine = std::make_unique<CompositeStateMachine>();
    auto replica = Replica::Open(started.world->env(), options_, *started.machine);
    WT_CHECK(replica.ok());
    started.replica = *std::move(replica);
  }

  void Stop(int node) {
    Node& stopped = nodes_[node - 1];
    if (stopped.replica == nullptr) return;
    WT_CHECK(stopped.replica->Close().ok());
    stopped.replica.reset();
    stopped.world.reset();
    stopped.machine.reset();
  }

  bool running(int node) const { return nodes_[node - 1].replica != nullptr; }
  Replica& replica(int node) { return *nodes_[node - 1].replica; }
  Env env(int node) { return nodes_[node - 1].world->env(); }
  uint64_t syncs(int node) const { return nodes_[node - 1].syncs; }

  template <typename Condition>
  bool Await(Condition condition, Duration patience = std::chrono::seconds(60)) {
    const Time end = clock_.Now() + patience;
    while (!condition()) {
      if (clock_.Now() > end) return false;
      tasks_.SleepFor(std::chrono::milliseconds(1));
    }
    return true;
  }

  // The one that serves; 0 when none does.
  int AwaitPrimary() {
    int primary = 0;
    Await([&] {
      for (int i = 1; i <= size(); ++i) {
        if (running(i) && replica(i).status().serving) primary = i;
      }
      return primary != 0;
    });
    return primary;
  }

  Time Now() { return clock_.Now(); }
  Tasks& tasks() { return tasks_; }

 private:
  struct Node {
    void OnEvent(const Event& event) {
      if (event.kind == EventKind::kLogSynced) ++syncs;
    }
    std::atomic<uint64_t> syncs = 0;
    std::unique_ptr<PosixWorld> world;
    std::unique_ptr<CompositeStateMachine> machine;
    std::unique_ptr<Replica> replica;
  };

  void Introduce(int a, int b) {
    if (a == b || nodes_[a - 1].world == nullptr || nodes_[b - 1].world == nullptr) return;
    TcpNetwork& one = nodes_[a - 1].world->network();
    TcpNetwork& other = nodes_[b - 1].world->network();
    WT_CHECK(one.MovePeer(NodeId(b), other.address()).ok());
    WT_CHECK(other.MovePeer(NodeId(a), one.address()).ok());
  }

  const std::string root_;
  ReplicaOptions options_;
  PosixClock clock_;
  PosixTasks tasks_;
  std::vector<Node> nodes_;
};

}  // namespace wt::test

#endif  // WAVETANK_TESTS_REPLICAS_NATIVE_GROUP_H_
