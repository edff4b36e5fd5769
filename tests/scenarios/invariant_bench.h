// A tiny tank for tests of one invariant: hand-made events go to it, and the run says who failed.
//
//   EXPECT_EQ(FailureOf([](Bench& bench) {
//     IndexOrder order(bench.judge);
//     bench.Tell(order, {.kind = EventKind::kCommitAdvanced, .a = 7, .b = 5});
//   }), "index-order");
#ifndef WAVETANK_TESTS_SCENARIOS_INVARIANT_BENCH_H_
#define WAVETANK_TESTS_SCENARIOS_INVARIANT_BENCH_H_

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/state/command.h"
#include "engine/state/composite_state_machine.h"
#include "scenarios/history.h"
#include "scenarios/judge.h"
#include "scenarios/shadow.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {

class Bench {
 public:
  Bench() : sim({.seed = 1}), machine(sim.AddMachine("n1")), judge(sim) {}

  // Hands one event to an invariant. When that fails it, this does not return.
  void Tell(sim::EventObserver& invariant, const Event& event) {
    invariant.OnEvent(machine, sim.now(), event);
  }

  // Entry number `index`: the same put in every test.
  static std::string CommandOf(uint64_t index) {
    return EncodeCommand(KvSet{absl::StrFormat("k%d", index % 3), absl::StrFormat("v%d", index)});
  }
  static Event Appended(uint64_t index, uint64_t term = 1) {
    return {.kind = EventKind::kLogAppended,
            .a = index,
            .b = term,
            .c = Hash64(CommandOf(index)),
            .d = 1000 + index};
  }
  // Makes the shadow know entries `from` .. `to` and, unless told otherwise, apply them.
  void Grow(uint64_t from, uint64_t to, uint64_t term = 1) {
    for (uint64_t i = from; i <= to; ++i) {
      shadow.Register(CommandOf(i));
      const Event event = Appended(i, term);
      WT_CHECK(!shadow.OnAppended(LogIndex(i), Term(term),
                                  WallTime(Duration(static_cast<int64_t>(event.d))), event.c));
    }
  }

  sim::Simulator sim;
  sim::Machine& machine;
  Judge judge;
  Shadow shadow;
  History history;
};

// The invariant that `story` violates, "" when it violates none. A story that ends in another way
// than by its end or a violation says so.
inline std::string FailureOf(const std::function<void(Bench&)>& story) {
  Bench bench;
  const sim::RunEnd end = bench.sim.Run([&] { story(bench); });
  switch (end.kind) {
    case sim::RunEnd::Kind::kFinished:
      return "";
    case sim::RunEnd::Kind::kFailed:
      EXPECT_FALSE(end.message.empty());
      return end.invariant == "check" ? "check: " + end.message : end.invariant;
    default:
      return "the run did not end: " + end.message;
  }
}

}  // namespace wt::scenarios

#endif  // WAVETANK_TESTS_SCENARIOS_INVARIANT_BENCH_H_
