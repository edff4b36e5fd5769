#include "sim/virtual_network.h"

#include <algorithm>
#include <bit>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/base/status.h"
#include "sim/core/locks.h"
#include "sim/core/sanitizers.h"
#include "sim/virtual_clock.h"

namespace wt::sim {
namespace {

// Each question about a message has a key of its own, so that turning one dial moves no other draw.
constexpr uint64_t kLatencyKey = KeyOf("network.latency");
constexpr uint64_t kLossKey = KeyOf("network.loss");
constexpr uint64_t kDuplicateKey = KeyOf("network.duplicate");
constexpr uint64_t kReorderKey = KeyOf("network.reorder");
constexpr uint64_t kReplayKey = KeyOf("network.replay");
constexpr uint64_t kCorruptKey = KeyOf("network.corrupt");

// Copies draw their latency under ordinals that no original has.
constexpr uint64_t kDuplicateOrdinal = uint64_t{1} << 62;

Duration DrawBetween(Draw& draw, Duration low, Duration high) {
  WT_CHECK(low <= high);
  return Duration(static_cast<int64_t>(
      draw.Between(static_cast<uint64_t>(low.count()), static_cast<uint64_t>(high.count()))));
}

// Exponential with the given mean: -log2 of a uniform number, whose integer part is its leading
// zeros and whose fraction is taken as linear; times mean * ln 2. Off by at most 9 % anywhere.
Duration DrawExponential(Draw& draw, Duration mean) {
  const uint64_t uniform = draw.Next() | 1;
  const int zeros = std::countl_zero(uniform);
  const uint64_t mantissa = zeros == 63 ? 0 : (uniform << (zeros + 1)) >> 48;
  const uint64_t log2_times_65536 = (uint64_t(zeros) << 16) + (65'535 - mantissa);
  const auto scaled = static_cast<unsigned __int128>(mean.count()) * log2_times_65536 * 693'147;
  return Duration(static_cast<int64_t>(scaled / 1'000'000 / 65'536));
}

Duration DrawLatency(Draw& draw, const Latency& latency) {
  switch (latency.shape) {
    case Latency::Shape::kFixed:
      return latency.low;
    case Latency::Shape::kUniform:
      return DrawBetween(draw, latency.low, latency.high);
    case Latency::Shape::kExponential:
      return latency.low + DrawExponential(draw, latency.high - latency.low);
    case Latency::Shape::kBimodal:
      return draw.Chance(latency.slow_ppm) ? latency.high : latency.low;
  }
  WT_CHECK(false);
}

void FlipBits(Draw& draw, std::string& bytes) {
  if (bytes.empty()) return;
  const uint64_t flips = draw.Between(1, 3);
  for (uint64_t i = 0; i < flips; ++i) {
    const uint64_t bit = draw.Below(bytes.size() * 8);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  }
}

// How long the wire is busy with that many bytes.
Duration OnWire(uint64_t bytes, uint64_t bytes_per_second) {
  if (bytes_per_second == 0) return Duration::zero();
  return Duration(static_cast<int64_t>(static_cast<unsigned __int128>(bytes) * 1'000'000'000 /
                                       bytes_per_second));
}

uint64_t HashOf(const LinkDials& dials) {
  uint64_t hash = 0;
  for (uint64_t word :
       {uint64_t(dials.latency.shape), uint64_t(dials.latency.low.count()),
        uint64_t(dials.latency.high.count()), uint64_t(dials.latency.slow_ppm),
        uint64_t(dials.loss_ppm), uint64_t(dials.duplicate_ppm), uint64_t(dials.reorder_ppm),
        uint64_t(dials.reorder_by.count()), uint64_t(dials.replay_ppm),
        uint64_t(dials.replay_after.count()), uint64_t(dials.corrupt_ppm), dials.bytes_per_second,
        dials.queue_messages}) {
    hash = Mix64(hash ^ word);
  }
  return hash;
}

}  // namespace

// A message on its way.
struct VirtualNetwork::Flight final : Timer {
  Flight(VirtualNetwork& network, uint64_t id, uint32_t from, uint32_t to, std::string bytes,
         const Passage& passage)
      : network(network), id(id), from(from), to(to), bytes(std::move(bytes)), passage(passage) {}
  void Fire() override { network.Arrive(*this); }
  VirtualNetwork& network;
  const uint64_t id;
  const uint32_t from;
  const uint32_t to;
  std::string bytes;
  Passage passage;
};

VirtualNetwork::VirtualNetwork(Scheduler& scheduler) : scheduler_(scheduler), endpoints_(1) {}

VirtualNetwork::~VirtualNetwork() {
  for (auto& [id, flight] : flights_) scheduler_.timers().Cancel(*flight);
}

void VirtualNetwork::AddMachine(uint32_t machine) {
  WT_CHECK_EQ(size_t{machine}, endpoints_.size());
  endpoints_.push_back(nullptr);
}

void VirtualNetwork::Attach(uint32_t machine, NetworkEndpoint* endpoint) {
  WT_CHECK(machine > 0 && machine < endpoints_.size());
  endpoints_[machine] = endpoint;
}

VirtualNetwork::Link& VirtualNetwork::LinkOf(uint32_t from, uint32_t to) {
  const auto [it, is_new] = links_.try_emplace({from, to});
  if (is_new) it->second.dials = default_dials_;
  return it->second;
}

void VirtualNetwork::Note(NetworkWhat what, uint32_t from, uint32_t to, std::string_view bytes) {
  const uint64_t words[] = {from, to, bytes.size(), Hash64(bytes)};
  scheduler_.Record(TraceKind::kNetwork, static_cast<uint64_t>(what), words);
}

void VirtualNetwork::SetLink(uint32_t from, uint32_t to, const LinkDials& dials) {
  const uint64_t words[] = {from, to, HashOf(dials)};
  scheduler_.Record(TraceKind::kNetwork, static_cast<uint64_t>(NetworkWhat::kDial), words);
  SetDials(LinkOf(from, to), from, to, dials);
}

void VirtualNetwork::SetAllLinks(const LinkDials& dials) {
  const uint64_t words[] = {HashOf(dials)};
  scheduler_.Record(TraceKind::kNetwork, static_cast<uint64_t>(NetworkWhat::kDial), words);
  default_dials_ = dials;
  for (auto& [ends, link] : links_) SetDials(link, ends.first, ends.second, dials);
}

void VirtualNetwork::SetDials(Link& link, uint32_t from, uint32_t to, const LinkDials& dials) {
  const uint64_t before = std::exchange(link.dials, dials).bytes_per_second;
  const uint64_t now = dials.bytes_per_second;
  if (before != 0 && (now == 0 || now > before)) HastenQueue(link, from, to);
}

// What waits for the wire leaves at its new speed, and then takes as long as it would have taken.
void VirtualNetwork::HastenQueue(Link& link, uint32_t from, uint32_t to) {
  const SimTime now = scheduler_.now();
  SimTime last_arrival{};
  link.busy_until = std::min(link.busy_until, now);
  for (auto& [id, flight] : flights_) {
    if (flight->from != from || flight->to != to) continue;
    Passage& passage = flight->passage;
    if (passage.off_wire > now) {
      link.busy_until = std::max(link.busy_until, now) +
                        OnWire(flight->bytes.size(), link.dials.bytes_per_second);
      passage.arrival += link.busy_until - passage.off_wire;
      passage.off_wire = link.busy_until;
      if (passage.in_order) passage.arrival = std::max(passage.arrival, last_arrival);
      scheduler_.timers().Cancel(*flight);
      scheduler_.timers().Set(*flight, passage.arrival);
    }
    if (passage.in_order) last_arrival = std::max(last_arrival, passage.arrival);
  }
  link.last_arrival = last_arrival;
}

const LinkDials& VirtualNetwork::link(uint32_t from, uint32_t to) { return LinkOf(from, to).dials; }

void VirtualNetwork::Clog(uint32_t from, uint32_t to, Duration how_long) {
  WT_CHECK(how_long >= Duration::zero());
  const uint64_t words[] = {from, to, static_cast<uint64_t>(how_long.count())};
  scheduler_.Record(TraceKind::kNetwork, static_cast<uint64_t>(NetworkWhat::kClogged), words);
  Link& link = LinkOf(from, to);
  link.clogged_until = std::max(link.clogged_until, scheduler_.now() + how_long);
}

void VirtualNetwork::CutOneWay(uint32_t from, uint32_t to) {
  Note(NetworkWhat::kCut, from, to, "cut");
  LinkOf(from, to).is_cut = true;
}

void VirtualNetwork::Cut(uint32_t a, uint32_t b) {
  CutOneWay(a, b);
  CutOneWay(b, a);
}

void VirtualNetwork::Isolate(uint32_t machine) {
  for (uint32_t other = 1; other < endpoints_.size(); ++other) {
    if (other != machine) Cut(machine, other);
  }
}

void VirtualNetwork::Partition(const std::vector<std::vector<uint32_t>>& groups) {
  for (size_t i = 0; i < groups.size(); ++i) {
    for (size_t j = i + 1; j < groups.size(); ++j) {
      for (uint32_t a : groups[i]) {
        for (uint32_t b : groups[j]) Cut(a, b);
      }
    }
  }
}

void VirtualNetwork::HealOneWay(uint32_t from, uint32_t to) {
  Note(NetworkWhat::kCut, from, to, "heal");
  Link& link = LinkOf(from, to);
  link.is_cut = false;
  const SimTime held_until = std::exchange(link.clogged_until, SimTime::zero());
  if (held_until <= scheduler_.now()) return;
  for (auto& [id, flight] : flights_) {
    if (flight->from != from || flight->to != to || flight->deadline() != held_until) continue;
    scheduler_.timers().Cancel(*flight);
    scheduler_.timers().Set(*flight, scheduler_.now());
  }
}

void VirtualNetwork::Heal() {
  for (auto& [ends, link] : links_) {
    if (link.is_cut || link.clogged_until > scheduler_.now()) HealOneWay(ends.first, ends.second);
  }
}

bool VirtualNetwork::IsCut(uint32_t from, uint32_t to) { return LinkOf(from, to).is_cut; }

void VirtualNetwork::Send(uint32_t from, uint32_t to, std::string_view bytes) {
  ++counts_.sent;
  counts_.sent_bytes += bytes.size();
  Note(NetworkWhat::kSent, from, to, bytes);
  if (to == 0 || to >= endpoints_.size()) {
    ++counts_.receiver_off;
    return Note(NetworkWhat::kReceiverOff, from, to, bytes);
  }
  Link& link = LinkOf(from, to);
  if (link.is_cut) {
    ++counts_.cut;
    return Note(NetworkWhat::kCut, from, to, bytes);
  }
  if (link.dials.queue_messages > 0 && link.in_flight >= link.dials.queue_messages) {
    ++counts_.queue_full;
    return Note(NetworkWhat::kQueueFull, from, to, bytes);
  }
  Transmit(link, from, to, std::string(bytes));
}

void VirtualNetwork::Transmit(Link& link, uint32_t from, uint32_t to, std::string bytes) {
  const uint64_t seed = scheduler_.seed();
  const uint64_t ordinal = link.messages++;
  const LinkDials& dials = link.dials;
  const Passage passage = PassageOf(link, from, to, ordinal, bytes.size());
  if (Draw(seed, {kLossKey, from, to, ordinal}).Chance(dials.loss_ppm)) {
    ++counts_.lost;
    return Note(NetworkWhat::kLost, from, to, bytes);
  }
  if (Draw(seed, {kDuplicateKey, from, to, ordinal}).Chance(dials.duplicate_ppm)) {
    ++counts_.duplicated;
    Note(NetworkWhat::kDuplicated, from, to, bytes);
    Draw draw(seed, {kLatencyKey, from, to, ordinal + kDuplicateOrdinal});
    const SimTime arrival = scheduler_.now() + DrawLatency(draw, dials.latency);
    Launch(link, from, to, bytes, {.arrival = arrival});
  }
  if (Draw draw(seed, {kReplayKey, from, to, ordinal}); draw.Chance(dials.replay_ppm)) {
    ++counts_.replayed;
    Note(NetworkWhat::kReplayed, from, to, bytes);
    const Duration later = DrawBetween(draw, Duration::zero(), dials.replay_after);
    Launch(link, from, to, bytes, {.arrival = passage.arrival + later});
  }
  if (Draw draw(seed, {kCorruptKey, from, to, ordinal}); draw.Chance(dials.corrupt_ppm)) {
    ++counts_.corrupted;
    FlipBits(draw, bytes);
    Note(NetworkWhat::kCorrupted, from, to, bytes);
  }
  Launch(link, from, to, std::move(bytes), passage);
}

// When the message arrives: bandwidth, then latency, then order.
VirtualNetwork::Passage VirtualNetwork::PassageOf(Link& link, uint32_t from, uint32_t to,
                                                  uint64_t ordinal, uint64_t bytes) {
  const uint64_t seed = scheduler_.seed();
  const LinkDials& dials = link.dials;
  Passage passage{.off_wire = scheduler_.now()};
  if (dials.bytes_per_second > 0) {
    link.busy_until = std::max(link.busy_until, scheduler_.now());
    link.busy_until += OnWire(bytes, dials.bytes_per_second);
    passage.off_wire = link.busy_until;
  }
  Draw latency(seed, {kLatencyKey, from, to, ordinal});
  passage.arrival = passage.off_wire + DrawLatency(latency, dials.latency);
  if (Draw draw(seed, {kReorderKey, from, to, ordinal}); draw.Chance(dials.reorder_ppm)) {
    ++counts_.reordered;
    Note(NetworkWhat::kReordered, from, to, {});
    passage.arrival += DrawBetween(draw, Duration::zero(), dials.reorder_by);
    return passage;
  }
  link.last_arrival = std::max(link.last_arrival, passage.arrival);
  passage.arrival = link.last_arrival;
  passage.in_order = true;
  return passage;
}

void VirtualNetwork::Launch(Link& link, uint32_t from, uint32_t to, std::string bytes,
                            const Passage& passage) {
  const uint64_t id = next_flight_++;
  auto flight = std::make_unique<Flight>(*this, id, from, to, std::move(bytes), passage);
  scheduler_.timers().Set(*flight, passage.arrival);
  flights_.emplace(id, std::move(flight));
  ++link.in_flight;
}

void VirtualNetwork::Arrive(Flight& flight) {
  Link& link = LinkOf(flight.from, flight.to);
  if (!link.is_cut && link.clogged_until > scheduler_.now()) {
    return scheduler_.timers().Set(flight, link.clogged_until);
  }
  const auto node = flights_.extract(flight.id);
  --link.in_flight;
  NetworkEndpoint* const receiver = endpoints_[flight.to];
  NetworkWhat what = NetworkWhat::kDelivered;
  if (link.is_cut) {
    what = NetworkWhat::kCut;
    ++counts_.cut;
  } else if (receiver == nullptr) {
    what = NetworkWhat::kReceiverOff;
    ++counts_.receiver_off;
  }
  Note(what, flight.from, flight.to, flight.bytes);
  if (what != NetworkWhat::kDelivered) return;
  const bool taken = receiver->Deliver(flight.from, std::move(flight.bytes));
  ++(taken ? counts_.delivered : counts_.queue_full);
}

NetworkEndpoint::NetworkEndpoint(Scheduler& scheduler, TaskGroup& group, VirtualNetwork& network,
                                 const VirtualClock& clock)
    : scheduler_(scheduler), group_(group), network_(network), clock_(clock) {}

void NetworkEndpoint::Send(PeerId to, std::string_view bytes) {
  CheckCaller(scheduler_, group_);
  scheduler_.DecisionPoint();
  const TsanIgnoreScope ignore;
  const uint64_t id = std::min<uint64_t>(to.value(), ~uint32_t{0});
  network_.Send(group_.machine_id, static_cast<uint32_t>(id), bytes);
}

absl::StatusOr<Message> NetworkEndpoint::Receive(Duration timeout) {
  const TsanIgnoreScope ignore;
  CheckCaller(scheduler_, group_);
  scheduler_.DecisionPoint();
  const SimTime deadline =
      scheduler_.now() + clock_.TrueTimeFor(std::max(timeout, Duration::zero()));
  while (inbox_.empty() && !closed_) {
    if (scheduler_.now() >= deadline) return DeadlineExceeded("no message");
    scheduler_.Wait(receivers_, {.what = "a message", .timeout = deadline - scheduler_.now()});
  }
  if (closed_) return FailedPrecondition("the network endpoint is closed");
  Message message = std::move(inbox_.front());
  inbox_.pop_front();
  return message;
}

void NetworkEndpoint::Close() {
  closed_ = true;
  scheduler_.WakeAll(receivers_);
}

bool NetworkEndpoint::Deliver(uint32_t from, std::string bytes) {
  if (closed_ || inbox_.size() >= kInboxMessages) return false;
  inbox_.push_back({PeerId(from), std::move(bytes)});
  if (!receivers_.empty()) scheduler_.WakeOne(receivers_);
  return true;
}

}  // namespace wt::sim
