// Any windows, opened and closed in any order: every link is what those that are open now say, as a
// model that knows nothing of their history says it; and when none is left, it is its base.
#include "faults/links.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "sim/machine.h"

namespace wt::faults {
namespace {

using namespace std::chrono_literals;

constexpr uint32_t kMachines = 4;

const std::vector<FaultKind>& Kinds() {
  static const std::vector<FaultKind> kinds = [] {
    std::vector<FaultKind> found;
    for (size_t i = 0; i < AllFaults().size(); ++i) {
      const Area area = AllFaults()[i].area;
      if (area == Area::kPartition || area == Area::kLink) {
        found.push_back(static_cast<FaultKind>(i));
      }
    }
    return found;
  }();
  return kinds;
}

Window AnyWindow(const std::vector<FaultKind>& kinds) {
  Window window;
  window.fault.kind = *rc::gen::elementOf(kinds);
  window.fault.machine = *rc::gen::inRange<uint32_t>(1, kMachines + 1);
  window.fault.amount = *rc::gen::inRange<uint64_t>(0, 1'000);
  window.fault.salt = *rc::gen::arbitrary<uint64_t>();
  window.until = Duration(*rc::gen::inRange<int64_t>(1, 1'000'000'000));
  window.is_resting =
      window.fault.kind == FaultKind::kFlappingPartition && *rc::gen::arbitrary<bool>();
  return window;
}

// The strongest of a kind on a link: its amount, or none.
std::optional<uint64_t> Strongest(const Windows& windows, FaultKind kind, DirectedLink ends,
                                  bool least = false) {
  std::optional<uint64_t> found;
  for (const auto& [id, window] : windows) {
    const Fault& fault = window.fault;
    if (fault.kind != kind) continue;
    if (fault.machine != ends.first && fault.machine != ends.second) continue;
    if (!found || (least ? fault.amount < *found : fault.amount > *found)) found = fault.amount;
  }
  return found;
}

void CheckLink(sim::VirtualNetwork& network, DirectedLink ends, const sim::LinkDials& base,
               const Windows& windows) {
  const auto [from, to] = ends;
  const bool cut = std::any_of(windows.begin(), windows.end(), [&](const auto& entry) {
    const Window& window = entry.second;
    return InfoOf(window.fault.kind).area == Area::kPartition && !window.is_resting &&
           LinksCutBy(window.fault, kMachines).contains(ends);
  });
  RC_ASSERT(network.IsCut(from, to) == cut);
  const sim::LinkDials& dials = network.link(from, to);
  const auto at_least = [&](FaultKind kind, uint32_t base_ppm) {
    return std::max<uint64_t>(base_ppm, Strongest(windows, kind, ends).value_or(0));
  };
  RC_ASSERT(dials.loss_ppm == at_least(FaultKind::kMessageLoss, base.loss_ppm));
  RC_ASSERT(dials.duplicate_ppm == at_least(FaultKind::kMessageDuplication, base.duplicate_ppm));
  RC_ASSERT(dials.reorder_ppm == at_least(FaultKind::kMessageReordering, base.reorder_ppm));
  RC_ASSERT(dials.replay_ppm == at_least(FaultKind::kMessageReplay, base.replay_ppm));
  RC_ASSERT(dials.corrupt_ppm == at_least(FaultKind::kMessageCorruption, base.corrupt_ppm));
  const auto narrow = Strongest(windows, FaultKind::kNarrowLink, ends, true);
  const auto queue = Strongest(windows, FaultKind::kShortQueue, ends, true);
  RC_ASSERT(dials.queue_messages == (queue ? std::max<uint64_t>(1, *queue) : 0));
  RC_ASSERT(dials.bytes_per_second == (narrow ? std::max<uint64_t>(1, *narrow) : 0));
  const auto slow = Strongest(windows, FaultKind::kSlowLink, ends);
  RC_ASSERT(dials.latency.low ==
            base.latency.low * static_cast<int64_t>(std::max<uint64_t>(1, slow.value_or(1))));
  const bool spikes = Strongest(windows, FaultKind::kLatencySpikes, ends).has_value();
  const bool tail = Strongest(windows, FaultKind::kLatencyTail, ends).has_value();
  using Shape = sim::Latency::Shape;
  RC_ASSERT(dials.latency.shape == (spikes ? Shape::kBimodal
                                    : tail ? Shape::kExponential
                                           : base.latency.shape));
  RC_ASSERT(dials.latency.low <= dials.latency.high);
}

template <typename Check>
void ForEachLink(Check check) {
  for (uint32_t from = 1; from <= kMachines; ++from) {
    for (uint32_t to = 1; to <= kMachines; ++to) {
      if (from != to) check(DirectedLink{from, to});
    }
  }
}

RC_GTEST_PROP(LinksPropertyTest, EveryLinkIsWhatTheOpenWindowsSay, ()) {
  sim::Simulator sim({.seed = 3});
  for (uint32_t i = 0; i < kMachines; ++i) sim.AddMachine("m");
  sim::LinkDials base;
  base.loss_ppm = *rc::gen::inRange(0u, 1'000u);
  sim.network().SetAllLinks(base);
  Links links(sim);
  Windows windows;
  // A few kinds at a time, so that windows of one kind meet.
  const auto kinds = *rc::gen::container<std::vector<FaultKind>>(3, rc::gen::elementOf(Kinds()));
  const auto steps = *rc::gen::inRange<uint64_t>(1, 30);
  for (uint64_t step = 0; step < steps; ++step) {
    if (windows.empty() || *rc::gen::inRange(0, 3) > 0) {
      windows[step] = AnyWindow(kinds);
    } else {
      const auto nth = *rc::gen::inRange<size_t>(0, windows.size());
      windows.erase(std::next(windows.begin(), static_cast<ptrdiff_t>(nth)));
    }
    links.Turn(windows);
    ForEachLink([&](DirectedLink ends) { CheckLink(sim.network(), ends, base, windows); });
  }
  links.Turn({});
  ForEachLink([&](DirectedLink ends) {
    RC_ASSERT(sim.network().link(ends.first, ends.second) == base);
    RC_ASSERT(!sim.network().IsCut(ends.first, ends.second));
  });
}

}  // namespace
}  // namespace wt::faults
