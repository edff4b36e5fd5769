// Machines that tell each other numbers, once a millisecond, on every link: what of it is heard,
// and when, shows what a fault does to the network.
#ifndef WAVETANK_TESTS_FAULTS_CHAT_H_
#define WAVETANK_TESTS_FAULTS_CHAT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "faults/injector.h"
#include "sim/simulator.h"
#include "sim/virtual_network.h"
#include "tests/faults/test_operator.h"

namespace wt::faults {

struct Heard {
  uint32_t from = 0;
  uint32_t to = 0;
  uint64_t number = 0;
  sim::SimTime sent{};
  sim::SimTime at{};
  bool intact = false;
};

// What one link carried of what was sent within some time.
struct Carried {
  uint64_t sent = 0;
  uint64_t heard = 0;  // different ones, intact
  uint64_t twice = 0;  // heard more than once
  uint64_t broken = 0;
  bool in_order = true;
  Duration fastest = sim::kForever;
  Duration slowest{};
};

class Chat {
 public:
  static constexpr Duration kEvery = std::chrono::milliseconds(1);
  // Every message takes as long when nothing is wrong.
  static constexpr Duration kLatency = std::chrono::microseconds(100);

  explicit Chat(uint32_t machines, uint64_t seed = 7);

  // Talks for `length` while the faults come (their times count from the start), then listens for
  // as long again. `meanwhile` is called at the times given.
  void Run(std::vector<Fault> faults, Duration length);
  void At(sim::SimTime time, std::function<void()> look) { looks_.emplace_back(time, look); }

  Carried On(uint32_t from, uint32_t to, sim::SimTime since, sim::SimTime until) const;
  // All of it, once, intact, in order, and as fast as ever, on every link.
  bool IsHonest(sim::SimTime since, sim::SimTime until) const;
  bool IsHonest(uint32_t from, uint32_t to, sim::SimTime since, sim::SimTime until) const;
  // Of what was sent in that time, whether anything was heard.
  bool Hears(uint32_t to, uint32_t from, sim::SimTime since, sim::SimTime until) const {
    return On(from, to, since, until).heard > 0;
  }
  bool IsAtBase();

  sim::Simulator sim;
  TestOperator who;
  Injector injector;
  sim::LinkDials base;

 private:
  void Boot(sim::Machine& machine);

  const uint32_t machines_;
  sim::SimTime until_{};
  std::vector<std::pair<sim::SimTime, std::function<void()>>> looks_;
  std::vector<Heard> heard_;
};

}  // namespace wt::faults

#endif  // WAVETANK_TESTS_FAULTS_CHAT_H_
