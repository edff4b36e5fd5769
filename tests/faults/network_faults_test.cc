// Every fault of the network, on machines that tell each other numbers once a millisecond: while it
// lasts, what is heard is what the catalogue says; before and after, all of it is, once, intact, in
// order and in time.
#include <gtest/gtest.h>

#include <set>

#include "sim/machine.h"
#include "sim/trace.h"
#include "tests/faults/chat.h"

namespace wt::faults {
namespace {

using namespace std::chrono_literals;

// Each fault below lasts from one second to two.
constexpr sim::SimTime kBegin = 1s;
constexpr sim::SimTime kEnd = 2s;
// What is on its way when a window opens or closes may belong to either side.
constexpr Duration kMargin = 5ms;

Fault During(Fault fault) {
  fault.at = kBegin;
  fault.lasts = kEnd - kBegin;
  return fault;
}

// Talks for three seconds with that fault; before it and after `settled` all is as it should be.
void Tell(Chat& chat, const Fault& fault, sim::SimTime settled = kEnd + kMargin) {
  chat.Run({During(fault)}, 3s);
  EXPECT_TRUE(chat.IsHonest(0s, kBegin - kMargin)) << "before";
  EXPECT_TRUE(chat.IsHonest(settled, 3s)) << "after";
  EXPECT_TRUE(chat.IsAtBase());
  EXPECT_EQ(chat.who.begun, std::vector{fault.kind});
  EXPECT_EQ(chat.who.ended, std::vector{fault.kind});
}

Carried Meanwhile(const Chat& chat, uint32_t from, uint32_t to) {
  return chat.On(from, to, kBegin + kMargin, kEnd - kMargin);
}

// Who heard whom while the fault lasted, as "1<2 2<1".
std::set<DirectedLink> DeafLinks(const Chat& chat, uint32_t machines) {
  std::set<DirectedLink> deaf;
  for (uint32_t from = 1; from <= machines; ++from) {
    for (uint32_t to = 1; to <= machines; ++to) {
      if (from == to) continue;
      const Carried carried = Meanwhile(chat, from, to);
      if (carried.heard == 0) deaf.insert({from, to});
      // Nothing in between.
      EXPECT_TRUE(carried.heard == 0 || carried.heard == carried.sent) << from << " to " << to;
    }
  }
  return deaf;
}

std::set<DirectedLink> BothWays(const std::set<DirectedLink>& links) {
  std::set<DirectedLink> both = links;
  for (const auto& [a, b] : links) both.insert({b, a});
  return both;
}

TEST(NetworkFaultsTest, WithoutFaultsEverybodyHearsEverything) {
  Chat chat(3);
  chat.Run({}, 3s);
  EXPECT_TRUE(chat.IsHonest(0s, 3s));
}

TEST(NetworkFaultsTest, AnIsolatedMachineHearsNobodyAndNobodyHearsIt) {
  Chat chat(3);
  Tell(chat, {.kind = FaultKind::kIsolation, .machine = 2});
  EXPECT_EQ(DeafLinks(chat, 3), BothWays({{1, 2}, {2, 3}}));
}

TEST(NetworkFaultsTest, AOneWayCutIsOneWayAndTheSaltSaysWhich) {
  Chat deaf(3);
  Tell(deaf, {.kind = FaultKind::kOneWayCut, .salt = 2, .machine = 2});
  EXPECT_EQ(DeafLinks(deaf, 3), (std::set<DirectedLink>{{1, 2}, {3, 2}}));
  Chat mute(3);
  Tell(mute, {.kind = FaultKind::kOneWayCut, .salt = 3, .machine = 2});
  EXPECT_EQ(DeafLinks(mute, 3), (std::set<DirectedLink>{{2, 1}, {2, 3}}));
}

// The shapes themselves: sides_test. Here: that they are what the links do.
TEST(NetworkFaultsTest, PartitionsCutTheLinksThatTheirShapeSays) {
  for (FaultKind kind : {FaultKind::kPartition, FaultKind::kMinorityPartition, FaultKind::kBridge,
                         FaultKind::kRing}) {
    for (uint64_t salt : {1, 2, 3}) {
      SCOPED_TRACE(InfoOf(kind).name);
      Chat chat(5);
      const Fault fault{.kind = kind, .salt = salt, .machine = 4};
      Tell(chat, fault);
      EXPECT_FALSE(LinksCutBy(fault, 5).empty());
      EXPECT_EQ(DeafLinks(chat, 5), LinksCutBy(fault, 5));
    }
  }
}

TEST(NetworkFaultsTest, AFlappingPartitionComesAndGoes) {
  Chat chat(3);
  const Fault fault{.kind = FaultKind::kFlappingPartition, .amount = 200, .salt = 5};
  Tell(chat, fault);
  const std::set<DirectedLink> cut = LinksCutBy(fault, 3);
  ASSERT_EQ(cut.size(), 4u);
  for (int half = 0; half < 10; ++half) {
    const sim::SimTime since = kBegin + half * 100ms + kMargin;
    const sim::SimTime until = kBegin + (half + 1) * 100ms - kMargin;
    for (const auto& [from, to] : cut) {
      EXPECT_EQ(chat.Hears(to, from, since, until), half % 2 == 1) << half;
    }
  }
}

TEST(NetworkFaultsTest, LossLosesAndLosesNothingElsewhere) {
  Chat chat(3);
  Tell(chat, {.kind = FaultKind::kMessageLoss, .amount = 300'000, .machine = 1});
  for (const auto& [from, to] : BothWays({{1, 2}, {1, 3}})) {
    const Carried carried = Meanwhile(chat, from, to);
    EXPECT_GT(carried.heard, carried.sent * 6 / 10);
    EXPECT_LT(carried.heard, carried.sent * 8 / 10);
  }
  EXPECT_TRUE(chat.IsHonest(2, 3, 0s, 3s));
  EXPECT_TRUE(chat.IsHonest(3, 2, 0s, 3s));
}

TEST(NetworkFaultsTest, OnEveryMachineMeansEveryLink) {
  Chat chat(3);
  chat.Run({During({.kind = FaultKind::kMessageLoss, .amount = 500'000, .target = Target::kEvery})},
           3s);
  for (const auto& [from, to] : BothWays({{1, 2}, {1, 3}, {2, 3}})) {
    const Carried carried = Meanwhile(chat, from, to);
    EXPECT_GT(carried.heard, carried.sent * 4 / 10);
    EXPECT_LT(carried.heard, carried.sent * 6 / 10);
  }
  EXPECT_TRUE(chat.IsHonest(kEnd + kMargin, 3s));
  EXPECT_EQ(chat.who.begun.size(), 3u) << "told once per machine";
  EXPECT_EQ(chat.injector.counts().at("message-loss"), 1u) << "but one fault";
}

TEST(NetworkFaultsTest, DuplicationDeliversTwice) {
  Chat chat(2);
  Tell(chat, {.kind = FaultKind::kMessageDuplication, .amount = 300'000});
  const Carried carried = Meanwhile(chat, 1, 2);
  EXPECT_EQ(carried.heard, carried.sent);
  EXPECT_GT(carried.twice, carried.sent * 2 / 10);
  EXPECT_LT(carried.twice, carried.sent * 4 / 10);
}

TEST(NetworkFaultsTest, ReorderingLetsLaterOnesOvertake) {
  Chat chat(2);
  Tell(chat, {.kind = FaultKind::kMessageReordering, .amount = 300'000}, kEnd + 25ms);
  const Carried carried = Meanwhile(chat, 2, 1);
  EXPECT_EQ(carried.heard, carried.sent);
  EXPECT_FALSE(carried.in_order);
  EXPECT_LE(carried.slowest, Chat::kLatency + 20ms);
}

TEST(NetworkFaultsTest, ReplayBringsOldMessagesBackMuchLater) {
  Chat chat(2);
  chat.Run({During({.kind = FaultKind::kMessageReplay, .amount = 300'000})}, 10s);
  const Carried carried = Meanwhile(chat, 1, 2);
  EXPECT_EQ(carried.heard, carried.sent);
  EXPECT_GT(carried.twice, carried.sent * 2 / 10);
  EXPECT_GT(carried.slowest, 5s);
  EXPECT_EQ(chat.On(1, 2, kEnd + kMargin, 10s).twice, 0u) << "nothing sent later is replayed";
}

TEST(NetworkFaultsTest, CorruptionBreaksMessages) {
  Chat chat(2);
  Tell(chat, {.kind = FaultKind::kMessageCorruption, .amount = 300'000});
  const Carried carried = Meanwhile(chat, 1, 2);
  EXPECT_GT(carried.broken, carried.sent * 2 / 10);
  EXPECT_LT(carried.broken, carried.sent * 4 / 10);
  EXPECT_EQ(carried.heard + carried.broken, carried.sent);
}

TEST(NetworkFaultsTest, ASlowLinkTakesAsManyTimesAsLong) {
  Chat chat(3);
  Tell(chat, {.kind = FaultKind::kSlowLink, .amount = 40, .machine = 3});
  for (const auto& [from, to] : BothWays({{1, 3}, {2, 3}})) {
    const Carried carried = Meanwhile(chat, from, to);
    EXPECT_EQ(carried.heard, carried.sent);
    EXPECT_EQ(carried.fastest, Chat::kLatency * 40);
    EXPECT_EQ(carried.slowest, Chat::kLatency * 40);
  }
  EXPECT_TRUE(chat.IsHonest(1, 2, 0s, 3s));
}

// Whatever is sent behind a spike waits for it: latencies are looked at, not counted.
TEST(NetworkFaultsTest, LatencySpikesMakeSomeMessagesLate) {
  Chat chat(2);
  Tell(chat, {.kind = FaultKind::kLatencySpikes, .amount = 30, .salt = 9});
  const Carried carried = Meanwhile(chat, 1, 2);
  EXPECT_EQ(carried.heard, carried.sent);
  EXPECT_EQ(carried.fastest, Chat::kLatency);
  EXPECT_EQ(carried.slowest, Chat::kLatency * 30);
}

TEST(NetworkFaultsTest, ALatencyTailIsLong) {
  Chat chat(2);
  Tell(chat, {.kind = FaultKind::kLatencyTail, .amount = 10}, kEnd + 30ms);
  const Carried carried = Meanwhile(chat, 1, 2);
  EXPECT_EQ(carried.heard, carried.sent);
  EXPECT_GE(carried.fastest, Chat::kLatency);
  EXPECT_GT(carried.slowest, Chat::kLatency * 40);
}

TEST(NetworkFaultsTest, ANarrowLinkHoldsBackAndLetsGoWhenItEnds) {
  Chat chat(2);
  // A message of 100 bytes a millisecond is sent; half of that passes.
  Tell(chat, {.kind = FaultKind::kNarrowLink, .amount = 50'000});
  const Carried carried = Meanwhile(chat, 1, 2);
  EXPECT_EQ(carried.heard, carried.sent) << "late, not lost";
  EXPECT_TRUE(carried.in_order);
  EXPECT_GT(carried.slowest, 400ms);
  EXPECT_LT(carried.slowest, 600ms);
}

TEST(NetworkFaultsTest, AShortQueueDropsWhatDoesNotFit) {
  Chat chat(2);
  Fault slow = During({.kind = FaultKind::kSlowLink, .amount = 100});  // ten are on their way
  Fault queue = During({.kind = FaultKind::kShortQueue, .amount = 5});
  chat.Run({slow, queue}, 3s);
  const Carried carried = Meanwhile(chat, 1, 2);
  EXPECT_GT(carried.heard, carried.sent * 4 / 10);
  EXPECT_LT(carried.heard, carried.sent * 6 / 10);
  EXPECT_TRUE(chat.IsHonest(0s, kBegin - kMargin));
  EXPECT_TRUE(chat.IsHonest(kEnd + 20ms, 3s));
  EXPECT_TRUE(chat.IsAtBase());
}

TEST(NetworkFaultsTest, AClogHoldsEverythingThenDeliversIt) {
  Chat chat(3);
  Tell(chat, {.kind = FaultKind::kClog, .machine = 1});
  const Carried carried = Meanwhile(chat, 2, 1);
  EXPECT_EQ(carried.heard, carried.sent);
  EXPECT_TRUE(carried.in_order);
  EXPECT_GT(carried.slowest, 990ms);
  EXPECT_TRUE(chat.IsHonest(2, 3, 0s, 3s));
}

TEST(NetworkFaultsTest, HowManyMessagesSpikeIsDrawnFromTheSalt) {
  std::set<uint32_t> shares;
  for (uint64_t salt = 0; salt < 20; ++salt) {
    Chat chat(2);
    chat.At(1500ms, [&] { shares.insert(chat.sim.network().link(1, 2).latency.slow_ppm); });
    chat.Run({During({.kind = FaultKind::kLatencySpikes, .amount = 30, .salt = salt})}, 1s);
  }
  EXPECT_GT(shares.size(), 15u);
  EXPECT_GE(*shares.begin(), 10'000u);
  EXPECT_LE(*shares.rbegin(), 200'000u);
}

// ---- The primary, clients, and what overlaps.

TEST(NetworkFaultsTest, AFaultOnThePrimaryFallsOnWhoeverIsItWhenItBegins) {
  Chat chat(3);
  Fault first = During({.kind = FaultKind::kIsolation, .machine = 1, .target = Target::kPrimary});
  Fault second = first;
  second.at = 3s;
  Fault third = first;
  third.at = 5s;
  chat.At(500ms, [&] { chat.who.primary = chat.sim.machines()[2].get(); });
  chat.At(1500ms, [&] { chat.who.primary = chat.sim.machines()[1].get(); });  // too late
  chat.At(4500ms, [&] { chat.who.primary = nullptr; });
  chat.Run({first, second, third}, 7s);
  const auto isolated = [&](sim::SimTime begin) {
    std::vector<bool> alone;
    for (uint32_t machine = 1; machine <= 3; ++machine) {
      const uint32_t next = machine % 3 + 1;
      const uint32_t other = next % 3 + 1;
      alone.push_back(!chat.Hears(next, machine, begin + kMargin, begin + 900ms) &&
                      !chat.Hears(other, machine, begin + kMargin, begin + 900ms));
    }
    return alone;
  };
  EXPECT_EQ(isolated(1s), (std::vector{false, false, true}));
  EXPECT_EQ(isolated(3s), (std::vector{false, true, false}));
  EXPECT_EQ(isolated(5s), (std::vector{true, false, false})) << "nobody is primary: the machine";
}

TEST(NetworkFaultsTest, ClientsAreCutWhileAPartitionThatSaysSoLasts) {
  for (FaultKind kind : {FaultKind::kIsolation, FaultKind::kOneWayCut, FaultKind::kPartition,
                         FaultKind::kMinorityPartition, FaultKind::kBridge, FaultKind::kRing}) {
    SCOPED_TRACE(InfoOf(kind).name);
    for (bool cuts : {false, true}) {
      Chat chat(3);
      const Fault fault{.kind = kind, .salt = 4, .machine = 2, .cuts_clients = cuts};
      std::set<uint32_t> cut;
      chat.At(1500ms, [&] { cut = chat.who.cut_from_clients; });
      Tell(chat, fault);
      const std::vector<uint32_t> want = ClientsCutBy(fault, 3);
      EXPECT_EQ(cut, std::set<uint32_t>(want.begin(), want.end()));
      EXPECT_EQ(cut.empty(), !cuts);
    }
  }
}

TEST(NetworkFaultsTest, ClientsComeBackWhenTheLastWindowThatCutsThemEnds) {
  Chat chat(3);
  const Fault first{.kind = FaultKind::kIsolation,
                    .at = 100ms,
                    .lasts = 200ms,
                    .machine = 2,
                    .cuts_clients = true};
  Fault second = first;
  second.at = 200ms;
  second.lasts = 300ms;
  std::vector<size_t> cut;
  for (Duration at : {50ms, 150ms, 250ms, 350ms, 550ms}) {
    chat.At(at, [&] { cut.push_back(chat.who.cut_from_clients.size()); });
  }
  chat.Run({first, second}, 1s);
  EXPECT_EQ(cut, (std::vector<size_t>{0, 1, 1, 1, 0}));
}

TEST(NetworkFaultsTest, HealingOnePartitionHealsNoOther) {
  Chat chat(3);
  chat.Run({{.kind = FaultKind::kIsolation, .at = 1s, .lasts = 2s, .machine = 1},
            {.kind = FaultKind::kIsolation, .at = 2s, .lasts = 2s, .machine = 2}},
           5s);
  const auto deaf = [&](sim::SimTime since) {
    std::set<DirectedLink> found;
    for (const auto& [from, to] : std::set<DirectedLink>{{1, 2}, {1, 3}, {2, 3}}) {
      if (!chat.Hears(to, from, since + kMargin, since + 990ms)) found.insert({from, to});
    }
    return found;
  };
  using Links = std::set<DirectedLink>;
  EXPECT_EQ(deaf(0s), Links());
  EXPECT_EQ(deaf(1s), (Links{{1, 2}, {1, 3}}));
  EXPECT_EQ(deaf(2s), (Links{{1, 2}, {1, 3}, {2, 3}}));
  EXPECT_EQ(deaf(3s), (Links{{1, 2}, {2, 3}}));
  EXPECT_EQ(deaf(4s), Links());
}

TEST(NetworkFaultsTest, AClogOutlivesAPartitionThatHeals) {
  Chat chat(2);
  chat.Run({{.kind = FaultKind::kClog, .at = 1s, .lasts = 1s, .machine = 1},
            {.kind = FaultKind::kIsolation, .at = 1200ms, .lasts = 300ms, .machine = 1}},
           3s);
  // What was sent after the partition is held until the clog is over; what was sent into it is
  // gone.
  EXPECT_GT(chat.On(1, 2, 1510ms, 1600ms).fastest, 400ms);
  EXPECT_EQ(chat.On(1, 2, 1510ms, 1600ms).heard, 90u);
  EXPECT_EQ(chat.On(1, 2, 1210ms, 1490ms).heard, 0u);
  EXPECT_TRUE(chat.IsHonest(kEnd + kMargin, 3s));
}

TEST(NetworkFaultsTest, ClogsThatOverlapHoldUntilTheLastIsOver) {
  Chat chat(2);
  chat.Run({{.kind = FaultKind::kClog, .at = 1s, .lasts = 1s, .machine = 1},
            {.kind = FaultKind::kClog, .at = 1200ms, .lasts = 100ms, .machine = 2},
            {.kind = FaultKind::kClog, .at = 1800ms, .lasts = 400ms, .machine = 2}},
           3s);
  const Carried carried = chat.On(1, 2, 1010ms, 2190ms);
  EXPECT_EQ(carried.heard, carried.sent);
  EXPECT_GE(carried.fastest, 10ms);
  EXPECT_GE(chat.On(1, 2, 1010ms, 1100ms).fastest, 1100ms) << "until 2.2 s";
  EXPECT_TRUE(chat.IsHonest(2200ms + kMargin, 3s));
}

TEST(NetworkFaultsTest, WhatTheScenarioSetsBetweenWindowsIsTheBaseOfTheNext) {
  Chat chat(2);
  sim::LinkDials other = chat.base;
  other.duplicate_ppm = 1;
  const Fault loss{.kind = FaultKind::kMessageLoss, .lasts = 100ms, .amount = 500'000};
  Fault first = loss;
  first.at = 100ms;
  Fault second = loss;
  second.at = 500ms;
  chat.At(300ms, [&] { chat.sim.network().SetAllLinks(other); });
  chat.At(550ms, [&] { EXPECT_EQ(chat.sim.network().link(1, 2).duplicate_ppm, 1u); });
  chat.Run({first, second}, 1s);
  EXPECT_EQ(chat.sim.network().link(1, 2), other);
}

TEST(NetworkFaultsTest, WhatTheScenarioHadCutStaysCut) {
  Chat chat(3);
  chat.sim.network().CutOneWay(1, 2);
  sim::LinkDials lossy = chat.base;
  lossy.loss_ppm = 500'000;
  chat.sim.network().SetLink(2, 3, lossy);
  chat.Run({During({.kind = FaultKind::kIsolation, .machine = 1}),
            During({.kind = FaultKind::kMessageLoss, .amount = 100'000, .machine = 3})},
           3s);
  EXPECT_TRUE(chat.sim.network().IsCut(1, 2));
  EXPECT_FALSE(chat.sim.network().IsCut(2, 1));
  EXPECT_EQ(chat.sim.network().link(2, 3), lossy);
  const Carried carried = Meanwhile(chat, 2, 3);
  EXPECT_LT(carried.heard, carried.sent * 6 / 10) << "the stronger of the two losses";
}

TEST(NetworkFaultsTest, StopRestoresEveryLinkAtOnce) {
  Chat chat(3);
  std::vector<Fault> faults;
  for (size_t i = 0; i < AllFaults().size(); ++i) {
    const Area area = AllFaults()[i].area;
    if (area != Area::kLink && area != Area::kPartition) continue;
    Fault fault{.kind = static_cast<FaultKind>(i), .at = 1s, .lasts = 100s, .amount = 1'000};
    fault.cuts_clients = area == Area::kPartition;
    faults.push_back(fault);
  }
  chat.At(1500ms, [&] {
    EXPECT_FALSE(chat.IsAtBase());
    chat.injector.Stop();
    EXPECT_TRUE(chat.IsAtBase());
  });
  chat.Run(faults, 3s);
  EXPECT_TRUE(chat.IsHonest(1500ms + 150ms, 3s));
  EXPECT_EQ(chat.who.ended.size(), faults.size());
}

TEST(NetworkFaultsTest, APhraseSaysWhoCannotHearWhom) {
  Chat chat(3);
  chat.Run({During({.kind = FaultKind::kIsolation, .machine = 2, .cuts_clients = true})}, 3s);
  EXPECT_EQ(chat.who.phrases.front(), "isolation {2 | 1 3}, clients cut from 2 for 1.000 s");
}

// ---- Determinism.

uint64_t DigestOf(uint64_t seed, bool with_faults) {
  std::vector<FaultSpec> specs;
  for (size_t i = 0; i < AllFaults().size(); ++i) {
    const FaultInfo& info = AllFaults()[i];
    if (info.area != Area::kLink && info.area != Area::kPartition) continue;
    specs.push_back({.kind = static_cast<FaultKind>(i),
                     .every = Between(50ms, 500ms),
                     .lasts = Between(10ms, 300ms),
                     .amount = Between(1, 1'000'000),
                     .on = static_cast<Scope>(i % 4)});
  }
  if (!with_faults) specs.clear();
  Chat chat(3, seed);
  chat.Run(Draw(specs, 3, 1s, seed), 1s);
  EXPECT_TRUE(chat.IsAtBase());
  return chat.sim.trace().digest();
}

TEST(NetworkFaultsTest, TheSameSeedIsTheSameRunToTheLastMessage) {
  const uint64_t digest = DigestOf(5, true);
  EXPECT_EQ(DigestOf(5, true), digest);
  EXPECT_NE(DigestOf(6, true), digest);
  EXPECT_NE(DigestOf(5, false), digest);
}

}  // namespace
}  // namespace wt::faults
