// The workloads. Each round of a group begins with an empty store; what it reads it checks.
#ifndef WAVETANK_TESTS_BENCH_ENGINE_WORKLOADS_H_
#define WAVETANK_TESTS_BENCH_ENGINE_WORKLOADS_H_

#include <cstdint>
#include <set>
#include <span>
#include <string>

#include "tests/bench/engine/store.h"
#include "tests/bench/engine/table.h"

namespace wt::bench {

struct Plan {
  uint64_t keys = 0;
  std::set<std::string> tests;
  std::string folder;  // each round of a store has one of its own below it
  double sync_seconds = 3;
  double quiet_seconds = 5;  // waited at most, before each measurement, for others to be still

  bool Wants(const std::string& test) const { return tests.count(test) > 0; }
};

// Tests that share a store, in this order.
struct Group {
  std::string name;
  std::set<std::string> tests;
  void (*run)(const Plan& plan, const Peer& peer, Results& results) = nullptr;
};
std::span<const Group> Groups();

}  // namespace wt::bench

#endif  // WAVETANK_TESTS_BENCH_ENGINE_WORKLOADS_H_
