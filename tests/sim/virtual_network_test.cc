// The network: an honest link delivers everything once, intact, in order; every dial has its effect
// and no other. Each test sends numbered messages from n1 to n2 and looks at what arrives, when.
#include "sim/virtual_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kMessages = 400;

struct Arrival {
  int number;
  std::string bytes;
  SimTime after;  // of its sending
};

std::string Payload(int number) {
  std::string bytes = std::to_string(number);
  return std::string(8 - bytes.size(), '0') + bytes;
}

struct Story {
  LinkDials dials;
  Duration gap{100'000};  // between two sends
  uint64_t seed = 1;
  // Called once with the network before the first message.
  std::function<void(VirtualNetwork&)> before = [](VirtualNetwork&) {};
};

struct Outcome {
  std::vector<Arrival> arrivals;
  NetworkCounts counts;
};

Outcome Tell(const Story& story, const std::function<void(Simulator&)>& meanwhile = {}) {
  Outcome outcome;
  Simulator sim({.seed = story.seed});
  Machine& n1 = sim.AddMachine("n1");
  Machine& n2 = sim.AddMachine("n2");
  std::vector<SimTime> sent(kMessages);
  const RunEnd end = sim.Run([&] {
    sim.network().SetLink(1, 2, story.dials);
    story.before(sim.network());
    n2.Boot([&](Env env) {
      for (;;) {
        absl::StatusOr<Message> message = env.network.Receive(seconds(100));
        if (!message.ok()) return;
        EXPECT_EQ(message->from, PeerId(1));
        const int number = std::min(std::atoi(message->bytes.c_str()), kMessages - 1);
        outcome.arrivals.push_back({number, message->bytes, sim.now() - sent[number]});
      }
    });
    n1.Boot([&](Env env) {
      for (int i = 0; i < kMessages; ++i) {
        sent[i] = sim.now();
        env.network.Send(PeerId(2), Payload(i));
        env.tasks.SleepFor(story.gap);
      }
    });
    if (meanwhile) meanwhile(sim);
    n2.AwaitExit();
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
  outcome.counts = sim.network().counts();
  return outcome;
}

bool InOrder(const Outcome& outcome) {
  return std::is_sorted(outcome.arrivals.begin(), outcome.arrivals.end(),
                        [](const Arrival& a, const Arrival& b) { return a.number < b.number; });
}

size_t Distinct(const Outcome& outcome) {
  std::set<int> numbers;
  for (const Arrival& arrival : outcome.arrivals) numbers.insert(arrival.number);
  return numbers.size();
}

TEST(VirtualNetworkTest, AnHonestLinkDeliversAllOnceIntactInOrder) {
  const Outcome outcome = Tell({});
  ASSERT_EQ(outcome.arrivals.size(), size_t{kMessages});
  EXPECT_TRUE(InOrder(outcome));
  uint64_t bytes = 0;
  for (const Arrival& arrival : outcome.arrivals) {
    EXPECT_EQ(arrival.bytes, Payload(arrival.number));
    bytes += arrival.bytes.size();
  }
  EXPECT_EQ(outcome.counts.delivered, uint64_t{kMessages});
  EXPECT_EQ(outcome.counts.sent_bytes, bytes);
}

TEST(VirtualNetworkTest, LossLosesSome) {
  const Outcome outcome = Tell({.dials = {.loss_ppm = 250'000}});
  EXPECT_EQ(outcome.arrivals.size() + outcome.counts.lost, size_t{kMessages});
  EXPECT_NEAR(static_cast<double>(outcome.counts.lost), 100, 50);
}

TEST(VirtualNetworkTest, TotalLossLosesAll) {
  EXPECT_TRUE(Tell({.dials = {.loss_ppm = 1'000'000}}).arrivals.empty());
}

TEST(VirtualNetworkTest, DuplicateDeliversSomeTwice) {
  const Outcome outcome = Tell({.dials = {.duplicate_ppm = 250'000}});
  EXPECT_EQ(Distinct(outcome), size_t{kMessages});
  EXPECT_EQ(outcome.arrivals.size(), kMessages + outcome.counts.duplicated);
  EXPECT_GT(outcome.counts.duplicated, 50u);
}

TEST(VirtualNetworkTest, ReorderLetsLaterOnesOvertake) {
  const Outcome outcome = Tell({.dials = {.reorder_ppm = 250'000}});
  EXPECT_EQ(outcome.arrivals.size(), size_t{kMessages});
  EXPECT_EQ(Distinct(outcome), size_t{kMessages});
  EXPECT_FALSE(InOrder(outcome));
  EXPECT_GT(outcome.counts.reordered, 50u);
}

TEST(VirtualNetworkTest, ReorderByBoundsTheDelay) {
  const LinkDials dials{.latency = {.shape = Latency::Shape::kFixed, .low = milliseconds(1)},
                        .reorder_ppm = 1'000'000,
                        .reorder_by = milliseconds(7)};
  for (const Arrival& arrival : Tell({.dials = dials}).arrivals) {
    EXPECT_GE(arrival.after, milliseconds(1));
    EXPECT_LE(arrival.after, milliseconds(8));
  }
}

TEST(VirtualNetworkTest, ReplayBringsOldOnesBack) {
  const Outcome outcome = Tell({.dials = {.replay_ppm = 250'000, .replay_after = seconds(30)}});
  EXPECT_EQ(Distinct(outcome), size_t{kMessages});
  EXPECT_EQ(outcome.arrivals.size(), kMessages + outcome.counts.replayed);
  const auto latest =
      std::max_element(outcome.arrivals.begin(), outcome.arrivals.end(),
                       [](const Arrival& a, const Arrival& b) { return a.after < b.after; });
  EXPECT_GT(latest->after, seconds(10));
  EXPECT_LT(latest->after, seconds(31));
}

TEST(VirtualNetworkTest, CorruptFlipsBits) {
  const Outcome outcome = Tell({.dials = {.corrupt_ppm = 250'000}});
  EXPECT_EQ(outcome.arrivals.size(), size_t{kMessages});
  std::set<std::string> sent;
  for (int i = 0; i < kMessages; ++i) sent.insert(Payload(i));
  uint64_t damaged = 0;
  for (const Arrival& arrival : outcome.arrivals) damaged += !sent.contains(arrival.bytes);
  EXPECT_GT(damaged, 50u);
  EXPECT_LE(damaged, outcome.counts.corrupted);
}

std::vector<SimTime> SortedDelays(const Latency& latency) {
  std::vector<SimTime> delays;
  // Far apart, so that order on the wire delays none.
  for (const Arrival& arrival : Tell({.dials = {.latency = latency}, .gap = seconds(1)}).arrivals) {
    delays.push_back(arrival.after);
  }
  std::sort(delays.begin(), delays.end());
  EXPECT_EQ(delays.size(), size_t{kMessages});
  return delays;
}

TEST(VirtualNetworkTest, FixedLatency) {
  const auto delays = SortedDelays({.shape = Latency::Shape::kFixed, .low = milliseconds(3)});
  EXPECT_EQ(delays.front(), milliseconds(3));
  EXPECT_EQ(delays.back(), milliseconds(3));
}

TEST(VirtualNetworkTest, UniformLatency) {
  const auto delays = SortedDelays(
      {.shape = Latency::Shape::kUniform, .low = milliseconds(2), .high = milliseconds(10)});
  EXPECT_GE(delays.front(), milliseconds(2));
  EXPECT_LE(delays.back(), milliseconds(10));
  EXPECT_LT(delays.front(), milliseconds(3));
  EXPECT_GT(delays.back(), milliseconds(9));
}

TEST(VirtualNetworkTest, ExponentialLatencyHasItsMeanAndALongTail) {
  const auto delays = SortedDelays(
      {.shape = Latency::Shape::kExponential, .low = milliseconds(1), .high = milliseconds(11)});
  Duration sum{};
  for (SimTime delay : delays) sum += delay;
  EXPECT_GE(delays.front(), milliseconds(1));
  EXPECT_GT(sum / kMessages, milliseconds(9));
  EXPECT_LT(sum / kMessages, milliseconds(13));
  EXPECT_GT(delays.back(), milliseconds(40));
}

TEST(VirtualNetworkTest, BimodalLatency) {
  const auto delays = SortedDelays({.shape = Latency::Shape::kBimodal,
                                    .low = milliseconds(1),
                                    .high = milliseconds(100),
                                    .slow_ppm = 250'000});
  const auto slow = std::count(delays.begin(), delays.end(), milliseconds(100));
  const auto fast = std::count(delays.begin(), delays.end(), milliseconds(1));
  EXPECT_EQ(slow + fast, kMessages);
  EXPECT_GT(slow, 50);
  EXPECT_LT(slow, 150);
}

TEST(VirtualNetworkTest, BandwidthSpreadsMessagesOut) {
  const LinkDials dials{.latency = {.shape = Latency::Shape::kFixed, .low = Duration::zero()},
                        .bytes_per_second = 8'000};  // one payload per millisecond
  const Outcome outcome = Tell({.dials = dials, .gap = Duration::zero()});
  ASSERT_EQ(outcome.arrivals.size(), size_t{kMessages});
  EXPECT_EQ(outcome.arrivals.front().after, milliseconds(1));
  EXPECT_EQ(outcome.arrivals.back().after, milliseconds(kMessages));
}

// 400 payloads wait for a wire that carries one a millisecond; after `at` it carries more.
std::vector<Arrival> Widened(milliseconds at, uint64_t bytes_per_second) {
  const LinkDials narrow{.latency = {.shape = Latency::Shape::kFixed, .low = milliseconds(7)},
                         .bytes_per_second = 8'000};
  LinkDials wide = narrow;
  wide.bytes_per_second = bytes_per_second;
  const Story story{.dials = narrow, .gap = Duration::zero()};
  return Tell(story,
              [&](Simulator& sim) {
                sim.SleepFor(at);
                sim.network().SetLink(1, 2, wide);
              })
      .arrivals;
}

TEST(VirtualNetworkTest, AWiderWireHastensWhatWaitsForIt) {
  const std::vector<Arrival> arrivals = Widened(milliseconds(100), 16'000);
  ASSERT_EQ(arrivals.size(), size_t{kMessages});
  for (int i = 0; i < kMessages; ++i) {
    EXPECT_EQ(arrivals[i].number, i) << "in order";
    const Duration on_wire =
        i < 100 ? milliseconds(i + 1) : milliseconds(100) + (i - 99) * microseconds(500);
    EXPECT_EQ(arrivals[i].after, on_wire + milliseconds(7)) << i;
  }
}

TEST(VirtualNetworkTest, AWireWithoutLimitLetsEverythingGo) {
  const std::vector<Arrival> arrivals = Widened(milliseconds(100), 0);
  ASSERT_EQ(arrivals.size(), size_t{kMessages});
  EXPECT_EQ(arrivals[99].after, milliseconds(107));
  EXPECT_EQ(arrivals[100].after, milliseconds(107));
  EXPECT_EQ(arrivals.back().after, milliseconds(107));
  EXPECT_EQ(arrivals.back().number, kMessages - 1);
}

TEST(VirtualNetworkTest, ANarrowerWireHoldsNothingBackThatWasSentBefore) {
  const std::vector<Arrival> arrivals = Widened(milliseconds(100), 4'000);
  ASSERT_EQ(arrivals.size(), size_t{kMessages});
  EXPECT_EQ(arrivals.back().after, milliseconds(kMessages + 7));
}

TEST(VirtualNetworkTest, AFullQueueDrops) {
  const LinkDials dials{.latency = {.shape = Latency::Shape::kFixed, .low = seconds(1)},
                        .queue_messages = 10};
  const Outcome outcome = Tell({.dials = dials, .gap = Duration::zero()});
  EXPECT_EQ(outcome.arrivals.size(), 10u);
  EXPECT_EQ(outcome.counts.queue_full, uint64_t{kMessages - 10});
}

TEST(VirtualNetworkTest, AClogHoldsThenReleases) {
  const Outcome outcome =
      Tell({.before = [](VirtualNetwork& network) { network.Clog(1, 2, seconds(5)); }});
  ASSERT_EQ(outcome.arrivals.size(), size_t{kMessages});
  EXPECT_TRUE(InOrder(outcome));
  EXPECT_EQ(outcome.arrivals.front().after, seconds(5));
}

TEST(VirtualNetworkTest, HealingAClogReleasesAtOnce) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  Machine& n2 = sim.AddMachine("n2");
  SimTime arrived{};
  sim.Run([&] {
    sim.network().Clog(1, 2, seconds(50));
    n2.Boot([&](Env env) {
      EXPECT_TRUE(env.network.Receive(seconds(100)).ok());
      arrived = sim.now();
    });
    n1.Boot([](Env env) { env.network.Send(PeerId(2), "x"); });
    sim.SleepFor(seconds(3));
    sim.network().Heal();
    n2.AwaitExit();
  });
  EXPECT_EQ(arrived, seconds(3));
}

TEST(VirtualNetworkTest, ADialMovesNoDrawOfAnother) {
  const auto lost = [](const LinkDials& dials) {
    std::set<int> missing;
    for (int i = 0; i < kMessages; ++i) missing.insert(i);
    for (const Arrival& arrival : Tell({.dials = dials}).arrivals) missing.erase(arrival.number);
    return missing;
  };
  const auto alone = lost({.loss_ppm = 100'000});
  EXPECT_EQ(alone, lost({.loss_ppm = 100'000, .duplicate_ppm = 200'000, .reorder_ppm = 300'000}));
  EXPECT_FALSE(alone.empty());
}

// Who hears from whom when all of `machines` send one message to all others.
using Pairs = std::set<std::pair<uint32_t, uint32_t>>;
Pairs Reach(uint32_t machines, const std::function<void(VirtualNetwork&)>& turn) {
  Pairs heard;
  Simulator sim({});
  for (uint32_t i = 1; i <= machines; ++i) sim.AddMachine("n" + std::to_string(i));
  sim.Run([&] {
    turn(sim.network());
    for (const auto& machine : sim.machines()) {
      machine->Boot([&, self = machine->id()](Env env) {
        EXPECT_EQ(env.network.Self(), PeerId(self));
        for (uint32_t to = 1; to <= machines; ++to) {
          if (to != self) env.network.Send(PeerId(to), "hello");
        }
        for (;;) {
          absl::StatusOr<Message> message = env.network.Receive(seconds(1));
          if (!message.ok()) return;
          heard.insert({static_cast<uint32_t>(message->from.value()), self});
        }
      });
    }
    for (const auto& machine : sim.machines()) machine->AwaitExit();
  });
  return heard;
}

TEST(VirtualNetworkTest, CutsGoOneWayOrBoth) {
  EXPECT_EQ(Reach(2, [](VirtualNetwork&) {}), (Pairs{{1, 2}, {2, 1}}));
  EXPECT_EQ(Reach(2, [](VirtualNetwork& network) { network.CutOneWay(1, 2); }), (Pairs{{2, 1}}));
  EXPECT_EQ(Reach(2, [](VirtualNetwork& network) { network.Cut(1, 2); }), Pairs{});
}

TEST(VirtualNetworkTest, IsolateCutsOneFromAll) {
  EXPECT_EQ(Reach(3, [](VirtualNetwork& network) { network.Isolate(2); }), (Pairs{{1, 3}, {3, 1}}));
}

TEST(VirtualNetworkTest, PartitionLeavesABridge) {
  EXPECT_EQ(Reach(3,
                  [](VirtualNetwork& network) {
                    network.Partition({{1}, {3}});
                  }),
            (Pairs{{1, 2}, {2, 1}, {2, 3}, {3, 2}}));
}

TEST(VirtualNetworkTest, HealRestoresAll) {
  EXPECT_EQ(Reach(3,
                  [](VirtualNetwork& network) {
                    network.Isolate(1);
                    network.Partition({{2}, {3}});
                    EXPECT_TRUE(network.IsCut(2, 3));
                    network.Heal();
                    EXPECT_FALSE(network.IsCut(2, 3));
                  })
                .size(),
            6u);
}

// One message from n1, which takes a second; `meanwhile` happens after half of it.
int ArrivalsWhen(const std::function<void(Simulator&, Machine&, Machine&)>& meanwhile,
                 LinkDials dials = {}) {
  dials.latency = {.shape = Latency::Shape::kFixed, .low = seconds(1)};
  int arrivals = 0;
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  Machine& n2 = sim.AddMachine("n2");
  const auto receive = [&](Env env) {
    for (;;) arrivals += env.network.Receive(seconds(1)).ok();
  };
  const RunEnd end = sim.Run([&] {
    sim.network().SetAllLinks(dials);
    n2.Boot(receive);
    n1.Boot([](Env env) {
      env.network.Send(PeerId(2), "x");
      env.tasks.SleepFor(seconds(100));
    });
    sim.SleepFor(milliseconds(500));
    meanwhile(sim, n1, n2);
    if (n2.state() == Machine::State::kOff) {
      sim.SleepFor(seconds(2));
      n2.Boot(receive);
    }
    sim.SleepFor(seconds(60));
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
  EXPECT_EQ(sim.network().in_flight(), 0u);
  return arrivals;
}

TEST(VirtualNetworkTest, AMessageSurvivesItsSender) {
  EXPECT_EQ(ArrivalsWhen([](Simulator&, Machine& n1, Machine&) { n1.PowerLoss(); }), 1);
}

TEST(VirtualNetworkTest, AMessageToADeadMachineIsDropped) {
  EXPECT_EQ(ArrivalsWhen([](Simulator&, Machine&, Machine& n2) { n2.PowerLoss(); }), 0);
}

TEST(VirtualNetworkTest, AReplayReachesALaterIncarnation) {
  EXPECT_EQ(ArrivalsWhen([](Simulator&, Machine&, Machine& n2) { n2.PowerLoss(); },
                         {.replay_ppm = 1'000'000, .replay_after = seconds(50)}),
            1);
}

TEST(VirtualNetworkTest, ACutLosesWhatIsInFlight) {
  EXPECT_EQ(ArrivalsWhen([](Simulator& sim, Machine&, Machine&) { sim.network().Cut(1, 2); }), 0);
}

TEST(NetworkEndpointTest, ReceiveTimesOutAndCloseWakes) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    n1.Boot([&](Env env) {
      EXPECT_TRUE(absl::IsDeadlineExceeded(env.network.Receive(milliseconds(5)).status()));
      EXPECT_EQ(sim.now(), milliseconds(5));
      EXPECT_TRUE(absl::IsDeadlineExceeded(env.network.Receive(Duration::zero()).status()));
      auto closer = env.tasks.Spawn("closer", [&] {
        env.tasks.SleepFor(milliseconds(5));
        env.network.Close();
      });
      EXPECT_TRUE(absl::IsFailedPrecondition(env.network.Receive(Duration::max()).status()));
      EXPECT_EQ(sim.now(), milliseconds(10));
      closer->Join();
    });
    n1.AwaitExit();
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
}

TEST(NetworkEndpointTest, SendingNowhereIsNotAnError) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  sim.Run([&] {
    n1.Boot([](Env env) { env.network.Send(PeerId(99), "x"); });
    n1.AwaitExit();
  });
  EXPECT_EQ(sim.network().counts().receiver_off, 1u);
}

}  // namespace
}  // namespace wt::sim
