#include "faults/links.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace wt::faults {
namespace {

// No bent latency is longer: a window must not reach far beyond its end.
constexpr Duration kSlowest = std::chrono::seconds(60);

Area AreaOf(const Window& window) { return InfoOf(window.fault.kind).area; }

Duration Times(Duration latency, uint64_t factor) {
  const auto longer = static_cast<unsigned __int128>(latency.count()) * factor;
  const auto most = static_cast<unsigned __int128>(kSlowest.count());
  return std::max(latency, Duration(static_cast<int64_t>(std::min(longer, most))));
}

uint64_t FactorOf(const Fault& fault) { return std::max<uint64_t>(1, fault.amount); }

uint64_t Tighter(uint64_t limit, uint64_t amount) {
  amount = std::max<uint64_t>(1, amount);
  return limit == 0 ? amount : std::min(limit, amount);
}

// How many of a million messages take longer.
uint32_t SpikesOf(const Fault& fault) {
  return static_cast<uint32_t>(
      wt::Draw(fault.salt, {KeyOf("fault.spikes")}).Between(10'000, 200'000));
}

void BendLatency(const Fault& fault, sim::Latency& latency) {
  latency.high = Times(std::max(latency.low, latency.high), FactorOf(fault));
  if (fault.kind == FaultKind::kSlowLink) {
    latency.low = Times(latency.low, FactorOf(fault));
    return;
  }
  const bool tail = fault.kind == FaultKind::kLatencyTail;
  latency.shape = tail ? sim::Latency::Shape::kExponential : sim::Latency::Shape::kBimodal;
  if (!tail) latency.slow_ppm = SpikesOf(fault);
}

void Bend(const Fault& fault, sim::LinkDials& dials) {
  const uint32_t ppm = PpmOf(fault);
  switch (fault.kind) {
    case FaultKind::kMessageLoss:
      dials.loss_ppm = std::max(dials.loss_ppm, ppm);
      break;
    case FaultKind::kMessageDuplication:
      dials.duplicate_ppm = std::max(dials.duplicate_ppm, ppm);
      break;
    case FaultKind::kMessageReordering:
      dials.reorder_ppm = std::max(dials.reorder_ppm, ppm);
      break;
    case FaultKind::kMessageReplay:
      dials.replay_ppm = std::max(dials.replay_ppm, ppm);
      break;
    case FaultKind::kMessageCorruption:
      dials.corrupt_ppm = std::max(dials.corrupt_ppm, ppm);
      break;
    case FaultKind::kNarrowLink:
      dials.bytes_per_second = Tighter(dials.bytes_per_second, fault.amount);
      break;
    case FaultKind::kShortQueue:
      dials.queue_messages = Tighter(dials.queue_messages, fault.amount);
      break;
    default:
      break;
  }
}

// Of the windows of this kind on that link, the strongest; of equals, the latest.
const Fault* StrongestOf(FaultKind kind, const Windows& windows, DirectedLink ends) {
  const Fault* strongest = nullptr;
  for (const auto& [id, window] : windows) {
    const Fault& fault = window.fault;
    if (fault.kind != kind) continue;
    if (fault.machine != ends.first && fault.machine != ends.second) continue;
    if (strongest == nullptr || fault.amount >= strongest->amount) strongest = &fault;
  }
  return strongest;
}

sim::LinkDials Bent(sim::LinkDials dials, const Windows& windows, DirectedLink ends) {
  for (const auto& [id, window] : windows) {
    const uint32_t machine = window.fault.machine;
    if (machine == ends.first || machine == ends.second) Bend(window.fault, dials);
  }
  // The shape first, then what makes all of it longer.
  for (FaultKind kind :
       {FaultKind::kLatencyTail, FaultKind::kLatencySpikes, FaultKind::kSlowLink}) {
    const Fault* fault = StrongestOf(kind, windows, ends);
    if (fault != nullptr) BendLatency(*fault, dials.latency);
  }
  return dials;
}

sim::SimTime ClogOf(const Windows& windows, DirectedLink ends) {
  sim::SimTime until{};
  for (const auto& [id, window] : windows) {
    const Fault& fault = window.fault;
    if (fault.kind != FaultKind::kClog) continue;
    if (fault.machine != ends.first && fault.machine != ends.second) continue;
    until = std::max(until, window.until);
  }
  return until;
}

bool IsOnLinks(const Window& window) {
  return AreaOf(window) == Area::kPartition || AreaOf(window) == Area::kLink;
}

}  // namespace

uint32_t Links::machines() const { return static_cast<uint32_t>(sim_.machines().size()); }

void Links::Turn(const Windows& windows) {
  const bool any = std::any_of(windows.begin(), windows.end(),
                               [](const auto& entry) { return IsOnLinks(entry.second); });
  if (!any && links_.empty()) return;
  std::set<DirectedLink> cut;
  for (const auto& [id, window] : windows) {
    if (AreaOf(window) != Area::kPartition || window.is_resting) continue;
    cut.merge(LinksCutBy(window.fault, machines()));
  }
  for (uint32_t from = 1; from <= machines(); ++from) {
    for (uint32_t to = 1; to <= machines(); ++to) {
      if (from != to) TurnLink({from, to}, windows, cut.contains({from, to}));
    }
  }
  if (!any) links_.clear();
}

void Links::TurnLink(DirectedLink ends, const Windows& windows, bool cut) {
  sim::VirtualNetwork& network = sim_.network();
  const auto [from, to] = ends;
  const auto [it, is_new] = links_.try_emplace(ends);
  Link& link = it->second;
  if (is_new) {
    link.base = network.link(from, to);
    link.base_cut = network.IsCut(from, to);
  }
  const sim::LinkDials dials = Bent(link.base, windows, ends);
  if (!(dials == network.link(from, to))) network.SetLink(from, to, dials);

  const bool want_cut = cut || link.base_cut;
  const sim::SimTime clogged_until = ClogOf(windows, ends);
  const bool ends_early = link.clogged_until > sim_.now() && clogged_until < link.clogged_until;
  if ((network.IsCut(from, to) && !want_cut) || ends_early) {
    network.HealOneWay(from, to);  // of its clogs as well
    link.clogged_until = {};
  }
  if (want_cut && !network.IsCut(from, to)) network.CutOneWay(from, to);
  if (clogged_until > std::max(sim_.now(), link.clogged_until)) {
    network.Clog(from, to, clogged_until - sim_.now());
    link.clogged_until = clogged_until;
  }
}

std::set<uint32_t> Links::CutFromClients(const Windows& windows) const {
  std::set<uint32_t> cut;
  for (const auto& [id, window] : windows) {
    if (AreaOf(window) != Area::kPartition || window.is_resting) continue;
    for (uint32_t machine : ClientsCutBy(window.fault, machines())) cut.insert(machine);
  }
  return cut;
}

}  // namespace wt::faults
