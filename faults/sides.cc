#include "faults/sides.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "engine/base/random.h"

namespace wt::faults {
namespace {

using Group = std::vector<uint32_t>;
using Groups = std::vector<Group>;

// Its own key per question, so that who is cut from clients does not depend on how the sides fell.
constexpr uint64_t kSidesKey = KeyOf("fault.sides");
constexpr uint64_t kClientSideKey = KeyOf("fault.client_side");

Group Everyone(uint32_t machines) {
  Group all(machines);
  std::iota(all.begin(), all.end(), 1);
  return all;
}

Group Shuffled(Group group, wt::Draw& draw) {
  for (size_t i = group.size(); i > 1; --i) std::swap(group[i - 1], group[draw.Below(i)]);
  return group;
}

Group Without(Group group, uint32_t machine) {
  std::erase(group, machine);
  return group;
}

// The first `count` on one side, the rest on the other.
Groups Split(const Group& order, size_t count) {
  WT_CHECK(count <= order.size());
  const auto middle = order.begin() + static_cast<ptrdiff_t>(count);
  Groups sides = {Group(order.begin(), middle), Group(middle, order.end())};
  for (Group& side : sides) std::sort(side.begin(), side.end());
  return sides;
}

// Two sides of any size, neither empty. Requires: at least two.
Groups AnySplit(const Group& order, wt::Draw& draw) {
  return Split(order, draw.Between(1, order.size() - 1));
}

Groups MinoritySplit(uint32_t machine, const Group& order, wt::Draw& draw) {
  const size_t most = std::max<size_t>(1, (order.size() - 1) / 2);
  Group with_first = Without(order, machine);
  with_first.insert(with_first.begin(), machine);
  return Split(with_first, draw.Between(1, most));
}

Groups OneEach(const Group& order) {
  Groups sides;
  for (uint32_t machine : order) sides.push_back({machine});
  return sides;
}

// Whether two places of a ring are neighbours. A ring of three is cut open, or it would cut
// nothing.
bool AreNeighbours(size_t a, size_t b, size_t size) {
  const size_t apart = a < b ? b - a : a - b;
  return apart == 1 || (apart == size - 1 && size > 3);
}

bool IsOneSided(FaultKind kind) {
  return kind == FaultKind::kIsolation || kind == FaultKind::kOneWayCut;
}

std::string Names(const Group& group) { return absl::StrJoin(group, " "); }

}  // namespace

Groups SidesOf(const Fault& fault, uint32_t machines) {
  WT_CHECK(InfoOf(fault.kind).area == Area::kPartition);
  const Group all = Everyone(machines);
  if (machines < 2) return {all};
  wt::Draw draw(fault.salt, {kSidesKey});
  const Group order = Shuffled(all, draw);
  switch (fault.kind) {
    case FaultKind::kMinorityPartition:
      return MinoritySplit(fault.machine, order, draw);
    case FaultKind::kIsolation:
    case FaultKind::kOneWayCut:
      return {{fault.machine}, Without(all, fault.machine)};
    case FaultKind::kBridge:
      return machines < 3 ? Groups{all} : AnySplit(Without(order, fault.machine), draw);
    case FaultKind::kRing:
      return OneEach(order);
    default:
      return AnySplit(order, draw);
  }
}

std::set<DirectedLink> LinksCutBy(const Fault& fault, uint32_t machines) {
  const Groups sides = SidesOf(fault, machines);
  const bool is_ring = fault.kind == FaultKind::kRing;
  const bool one_way = fault.kind == FaultKind::kOneWayCut;
  const bool is_deaf = fault.salt % 2 == 0;
  std::set<DirectedLink> cut;
  for (size_t i = 0; i < sides.size(); ++i) {
    for (size_t j = i + 1; j < sides.size(); ++j) {
      if (is_ring && AreNeighbours(i, j, sides.size())) continue;
      for (uint32_t a : sides[i]) {
        for (uint32_t b : sides[j]) {
          if (!one_way || !is_deaf) cut.insert({a, b});
          if (!one_way || is_deaf) cut.insert({b, a});
        }
      }
    }
  }
  return cut;
}

Group ClientsCutBy(const Fault& fault, uint32_t machines) {
  if (!fault.cuts_clients) return {};
  const Groups sides = SidesOf(fault, machines);
  if (IsOneSided(fault.kind)) return sides.front();
  wt::Draw draw(fault.salt, {kClientSideKey});
  return sides[draw.Below(sides.size())];
}

std::string SidesInWords(const Fault& fault, uint32_t machines) {
  std::string words;
  if (fault.kind == FaultKind::kOneWayCut) {
    const bool is_deaf = fault.salt % 2 == 0;
    words = is_deaf ? absl::StrFormat("{%d hears nobody}", fault.machine)
                    : absl::StrFormat("{nobody hears %d}", fault.machine);
  } else {
    std::vector<std::string> names;
    for (const Group& side : SidesOf(fault, machines)) names.push_back(Names(side));
    words = "{" + absl::StrJoin(names, fault.kind == FaultKind::kRing ? " - " : " | ") + "}";
  }
  const Group cut = ClientsCutBy(fault, machines);
  if (!cut.empty()) words += ", clients cut from " + Names(cut);
  return words;
}

}  // namespace wt::faults
