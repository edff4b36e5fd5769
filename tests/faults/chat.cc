#include "tests/faults/chat.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "engine/base/random.h"
#include "sim/machine.h"

namespace wt::faults {
namespace {

using namespace std::chrono_literals;

// "number:hash of it" and filler, so that a flipped bit is seen wherever it is.
std::string Say(uint64_t number) {
  return absl::StrFormat("%08d:%016x%s", number, Mix64(number), std::string(75, '.'));
}

}  // namespace

Chat::Chat(uint32_t machines, uint64_t seed)
    : sim({.seed = seed}), injector(sim, who, {}), machines_(machines) {
  base.latency = {.shape = sim::Latency::Shape::kFixed, .low = kLatency, .high = kLatency};
  for (uint32_t i = 1; i <= machines; ++i) sim.AddMachine(absl::StrFormat("n%d", i));
  sim.network().SetAllLinks(base);
}

// The number of a message is how many milliseconds of talk came before it, whoever sends it.
void Chat::Boot(sim::Machine& machine) {
  machine.Boot([this, id = machine.id()](Env env) {
    const auto speaker = env.tasks.Spawn("speaker", [this, env, id] {
      while (sim.now() < until_) {
        const auto number = static_cast<uint64_t>(sim.now() / kEvery);
        for (uint32_t to = 1; to <= machines_; ++to) {
          if (to != id) env.network.Send(PeerId(to), Say(number));
        }
        env.tasks.SleepFor(kEvery);
      }
    });
    for (;;) {
      absl::StatusOr<Message> message = env.network.Receive(1h);
      if (!message.ok()) return;
      Heard heard{.from = static_cast<uint32_t>(message->from.value()), .to = id, .at = sim.now()};
      heard.number = std::strtoull(message->bytes.c_str(), nullptr, 10);
      heard.sent = kEvery * static_cast<int64_t>(heard.number);
      heard.intact = message->bytes == Say(heard.number);
      heard_.push_back(heard);
    }
  });
}

void Chat::Run(std::vector<Fault> faults, Duration length) {
  until_ = length;
  const sim::RunEnd end = sim.Run([&] {
    for (const auto& machine : sim.machines()) Boot(*machine);
    auto injecting = sim.tasks().Spawn("injector", [&] { injector.Run(faults); });
    for (const auto& [time, look] : looks_) {
      sim.SleepFor(time - sim.now());
      look();
    }
    injecting->Join();
    sim.SleepFor(2 * length - sim.now());
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
}

Carried Chat::On(uint32_t from, uint32_t to, sim::SimTime since, sim::SimTime until) const {
  Carried carried{.sent = static_cast<uint64_t>((until - since) / kEvery)};
  std::map<uint64_t, uint64_t> times;
  uint64_t latest = 0;
  for (const Heard& heard : heard_) {
    if (heard.from != from || heard.to != to) continue;
    // A broken number says nothing of when it was sent.
    const sim::SimTime sent = heard.intact ? heard.sent : heard.at;
    if (sent < since || sent >= until) continue;
    if (!heard.intact) {
      ++carried.broken;
      continue;
    }
    if (++times[heard.number] == 2) ++carried.twice;
    if (heard.number < latest) carried.in_order = false;
    latest = std::max(latest, heard.number);
    carried.fastest = std::min(carried.fastest, heard.at - heard.sent);
    carried.slowest = std::max(carried.slowest, heard.at - heard.sent);
  }
  carried.heard = times.size();
  return carried;
}

bool Chat::IsHonest(uint32_t from, uint32_t to, sim::SimTime since, sim::SimTime until) const {
  const Carried carried = On(from, to, since, until);
  return carried.heard == carried.sent && carried.twice == 0 && carried.broken == 0 &&
         carried.in_order && carried.fastest == kLatency && carried.slowest == kLatency;
}

bool Chat::IsHonest(sim::SimTime since, sim::SimTime until) const {
  for (uint32_t from = 1; from <= machines_; ++from) {
    for (uint32_t to = 1; to <= machines_; ++to) {
      if (from != to && !IsHonest(from, to, since, until)) return false;
    }
  }
  return true;
}

bool Chat::IsAtBase() {
  for (uint32_t from = 1; from <= machines_; ++from) {
    for (uint32_t to = 1; to <= machines_; ++to) {
      if (from == to) continue;
      if (sim.network().IsCut(from, to) || !(sim.network().link(from, to) == base)) return false;
    }
  }
  return who.cut_from_clients.empty();
}

}  // namespace wt::faults
