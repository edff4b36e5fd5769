// A tiny group for tests of one invariant: hand-made events go to the ledger and to it, and the run
// says who failed.
//
//   EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
//     Elections elections(bench.judge, bench.honesty);
//     bench.Tell(elections, 1, Elected(2));
//     bench.Tell(elections, 2, Elected(2));
//   }), "election-safety");
#ifndef WAVETANK_TESTS_CLUSTER_GROUP_BENCH_H_
#define WAVETANK_TESTS_CLUSTER_GROUP_BENCH_H_

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/str_format.h"
#include "engine/base/checksum.h"
#include "engine/state/command.h"
#include "scenarios/cluster/honesty.h"
#include "scenarios/cluster/invariants/logs.h"
#include "scenarios/cluster/ledger.h"
#include "scenarios/judge.h"
#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::scenarios {

inline Configuration Voters(std::initializer_list<uint32_t> machines) {
  Configuration members;
  for (uint32_t machine : machines) members.voters.push_back(NodeId(machine));
  return members;
}

// The entry (index, term) has the same command and time in every test.
inline std::string CommandOf(uint64_t index, uint64_t term) {
  return EncodeCommand(
      KvSet{absl::StrFormat("k%d", index % 3), absl::StrFormat("v%d.%d", index, term)});
}
inline Event Appended(uint64_t index, uint64_t term) {
  return {.kind = EventKind::kLogAppended,
          .a = index,
          .b = term,
          .c = Hash64(CommandOf(index, term)),
          .d = 1000 + index};
}
inline Event Synced(uint64_t last) { return {.kind = EventKind::kLogSynced, .d = last}; }
inline Event Overridden(uint64_t from) {
  return {.kind = EventKind::kLogSuffixOverridden, .a = from};
}
inline Event Recovered(uint64_t first, uint64_t last, uint64_t term) {
  return {.kind = EventKind::kLogRecovered, .a = first, .b = last, .c = 1, .d = term};
}
inline Event Committed(uint64_t index, uint64_t term) {
  return {.kind = EventKind::kQuorumCommitted, .a = index, .b = term};
}
inline Event Elected(uint64_t term, uint64_t last = 0, uint64_t last_term = 0) {
  return {.kind = EventKind::kPrimaryElected, .a = term, .b = last, .c = last_term};
}

class GroupBench {
 public:
  explicit GroupBench(uint32_t machines = 3)
      : sim({.seed = 1}),
        judge(sim),
        ledger(machines,
               [&] {
                 Configuration members;
                 for (uint32_t m = 1; m <= machines; ++m) members.voters.push_back(NodeId(m));
                 return members;
               }()),
        logs(judge, ledger, honesty) {
    for (uint32_t machine = 1; machine <= machines; ++machine) {
      machine_.push_back(&sim.AddMachine(absl::StrFormat("n%d", machine)));
    }
    for (uint64_t index = 1; index <= 9; ++index) {
      for (uint64_t term = 1; term <= 9; ++term) ledger.Register(CommandOf(index, term));
    }
  }

  // Hands one event to the ledger. When that fails it, this does not return.
  void Tell(uint32_t machine, const Event& event) {
    logs.OnEvent(*machine_[machine - 1], sim.now(), event);
  }
  // To the ledger, then to the invariant.
  void Tell(sim::EventObserver& invariant, uint32_t machine, const Event& event) {
    Tell(machine, event);
    invariant.OnEvent(*machine_[machine - 1], sim.now(), event);
  }
  // Machine `machine` has entries of these terms, from its last on, and all of them durably.
  void Grow(uint32_t machine, std::initializer_list<uint64_t> terms) {
    for (uint64_t term : terms) {
      Tell(machine, Appended(ledger.log(machine).last().value() + 1, term));
    }
    Tell(machine, Synced(ledger.log(machine).last().value()));
  }
  sim::Machine& machine(uint32_t id) { return *machine_[id - 1]; }

  sim::Simulator sim;
  Judge judge;
  Honesty honesty;
  Ledger ledger;
  Logs logs;

 private:
  std::vector<sim::Machine*> machine_;
};

// The invariant that `story` violates, "" when it violates none.
inline std::string GroupFailureOf(const std::function<void(GroupBench&)>& story,
                                  uint32_t machines = 3) {
  GroupBench bench(machines);
  const sim::RunEnd end = bench.sim.Run([&] { story(bench); });
  if (end.kind == sim::RunEnd::Kind::kFinished) return "";
  if (end.kind != sim::RunEnd::Kind::kFailed) return "the run did not end: " + end.message;
  EXPECT_FALSE(end.message.empty());
  return end.invariant == "check" ? "check: " + end.message : end.invariant;
}

}  // namespace wt::scenarios

#endif  // WAVETANK_TESTS_CLUSTER_GROUP_BENCH_H_
