#include "scenarios/shrink/edits.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "engine/base/check.h"

namespace wt::scenarios {
namespace {

template <typename T>
void Cut(std::vector<T>& list, size_t begin, size_t end) {
  WT_CHECK(begin <= end && end <= list.size());
  list.erase(list.begin() + static_cast<ptrdiff_t>(begin),
             list.begin() + static_cast<ptrdiff_t>(end));
}

template <typename Keep>
Plan WithOperations(const Plan& plan, const Keep& keep) {
  Plan edited = plan;
  edited.operations.clear();
  std::map<uint32_t, Duration> owed;  // of a client: the time of what it does not do
  for (size_t i = 0; i < plan.operations.size(); ++i) {
    ClientOp op = plan.operations[i];
    Duration& more = owed[op.client];
    op.think += more;
    more = keep(i) ? Duration(0) : op.think;
    if (keep(i)) edited.operations.push_back(op);
  }
  return edited;
}

// Old numbers to new ones, of the machines that stay.
std::map<uint32_t, uint32_t> CloseRanks(uint32_t machines, const std::set<uint32_t>& gone) {
  std::map<uint32_t, uint32_t> now;
  for (uint32_t machine = 1; machine <= machines; ++machine) {
    if (!gone.contains(machine)) now[machine] = static_cast<uint32_t>(now.size()) + 1;
  }
  return now;
}

std::vector<uint32_t> Renamed(const std::vector<uint32_t>& list,
                              const std::map<uint32_t, uint32_t>& now) {
  std::vector<uint32_t> renamed;
  for (uint32_t machine : list) {
    if (const auto found = now.find(machine); found != now.end()) renamed.push_back(found->second);
  }
  return renamed;
}

std::optional<Chore> Renamed(Chore chore, const std::map<uint32_t, uint32_t>& now) {
  const auto to = now.find(chore.to);
  if (chore.to != 0 && to == now.end()) return std::nullopt;
  if (chore.to != 0) chore.to = to->second;
  chore.voters = Renamed(chore.voters, now);
  chore.learners = Renamed(chore.learners, now);
  if (chore.kind == Chore::Kind::kMembers && chore.voters.empty()) return std::nullopt;
  return chore;
}

std::optional<faults::Fault> Renamed(faults::Fault fault, const std::map<uint32_t, uint32_t>& now) {
  const auto machine = now.find(fault.machine);
  const auto other = now.find(fault.other);
  if (machine == now.end() || (fault.other != 0 && other == now.end())) return std::nullopt;
  fault.machine = machine->second;
  if (fault.other != 0) fault.other = other->second;
  if (!faults::ProblemOf(fault, static_cast<uint32_t>(now.size())).empty()) return std::nullopt;
  return fault;
}

// What is left of a list of which each element may vanish.
template <typename T>
std::vector<T> AllRenamed(const std::vector<T>& list, const std::map<uint32_t, uint32_t>& now) {
  std::vector<T> renamed;
  for (const T& item : list) {
    if (std::optional<T> one = Renamed(item, now)) renamed.push_back(*std::move(one));
  }
  return renamed;
}

bool IsHarmful(const faults::Fault& fault) {
  return faults::InfoOf(fault.kind).severity == faults::Severity::kHarmful;
}

Duration Less(Duration from, Duration by) { return from > by ? from - by : Duration(0); }

}  // namespace

Plan WithoutOperations(const Plan& plan, size_t begin, size_t end) {
  WT_CHECK(begin <= end && end <= plan.operations.size());
  return WithOperations(plan, [&](size_t i) { return i < begin || i >= end; });
}

Plan WithoutClient(const Plan& plan, uint32_t client) {
  return WithOperations(plan, [&](size_t i) { return plan.operations[i].client != client; });
}

Plan WithoutFaults(const Plan& plan, size_t begin, size_t end) {
  Plan edited = plan;
  Cut(edited.faults, begin, end);
  return edited;
}

Plan WithoutChores(const Plan& plan, size_t begin, size_t end) {
  Plan edited = plan;
  Cut(edited.chores, begin, end);
  return edited;
}

Plan WithoutMachines(const Plan& plan, const std::set<uint32_t>& machines) {
  WT_CHECK(plan.group.has_value());
  Plan edited = plan;
  const std::map<uint32_t, uint32_t> now = CloseRanks(plan.machines, machines);
  edited.machines = static_cast<uint32_t>(now.size());
  for (uint32_t machine : machines) {
    const bool votes = machine <= plan.group->voters;
    --(votes ? edited.group->voters : edited.group->learners);
  }
  WT_CHECK(edited.group->voters > 0);
  edited.chores = AllRenamed(plan.chores, now);
  edited.faults = AllRenamed(plan.faults, now);
  if (edited.group->voters < 3) std::erase_if(edited.faults, IsHarmful);
  return edited;
}

std::vector<std::set<uint32_t>> MachinesToSpare(const Plan& plan) {
  std::vector<std::set<uint32_t>> sets;
  if (!plan.group) return sets;
  const uint32_t voters = plan.group->voters;
  std::set<uint32_t> learners;
  for (uint32_t machine = voters + 1; machine <= plan.machines; ++machine) learners.insert(machine);
  if (learners.size() > 1) sets.push_back(learners);
  for (uint32_t machine : learners) sets.push_back({machine});
  const bool is_even = voters % 2 == 0;
  for (uint32_t a = voters; a > 1; --a) {
    if (is_even) sets.push_back({a});
    for (uint32_t b = a - 1; b >= 1 && !is_even; --b) sets.push_back({a, b});
  }
  return sets;
}

std::vector<Duration> StartsOf(const Plan& plan) {
  std::vector<Duration> starts;
  std::map<uint32_t, Duration> now;
  for (const ClientOp& op : plan.operations) starts.push_back(now[op.client] += op.think);
  return starts;
}

Duration FirstStart(const Plan& plan) {
  std::vector<Duration> all = StartsOf(plan);
  for (const faults::Fault& fault : plan.faults) all.push_back(fault.at);
  for (const Chore& chore : plan.chores) all.push_back(chore.at);
  return all.empty() ? Duration(0) : *std::ranges::min_element(all);
}

Duration LastStart(const Plan& plan, bool with_faults_over) {
  Duration last{};
  for (Duration start : StartsOf(plan)) last = std::max(last, start);
  for (const Chore& chore : plan.chores) last = std::max(last, chore.at);
  for (const faults::Fault& fault : plan.faults) {
    last = std::max(last, with_faults_over ? fault.at + fault.lasts : fault.at);
  }
  return last;
}

Plan CutAfter(const Plan& plan, Duration at) {
  const std::vector<Duration> starts = StartsOf(plan);
  Plan edited = WithOperations(plan, [&](size_t i) { return starts[i] <= at; });
  std::erase_if(edited.faults, [&](const faults::Fault& fault) { return fault.at > at; });
  std::erase_if(edited.chores, [&](const Chore& chore) { return chore.at > at; });
  edited.storm = std::min(plan.storm, at);
  return edited;
}

Plan Earlier(const Plan& plan, Duration by) {
  Plan edited = plan;
  std::set<uint32_t> begun;  // clients
  for (ClientOp& op : edited.operations) {
    if (begun.insert(op.client).second) op.think = Less(op.think, by);
  }
  for (faults::Fault& fault : edited.faults) fault.at = Less(fault.at, by);
  for (Chore& chore : edited.chores) chore.at = Less(chore.at, by);
  edited.storm = Less(plan.storm, by);
  return edited;
}

Plan WithFaultsShifted(const Plan& plan, Duration by) {
  Plan edited = plan;
  for (faults::Fault& fault : edited.faults) fault.at = std::max(fault.at + by, Duration(0));
  if (!plan.faults.empty()) edited.storm += std::max(by, Duration(0));
  return edited;
}

Plan Faster(const Plan& plan, uint32_t divisor) {
  WT_CHECK(divisor > 0);
  Plan edited = plan;
  for (ClientOp& op : edited.operations) op.think /= divisor;
  for (faults::Fault& fault : edited.faults) fault.at /= divisor;
  for (Chore& chore : edited.chores) chore.at /= divisor;
  edited.storm /= divisor;
  return edited;
}

Plan Bunched(const Plan& plan, size_t count, Duration at, Duration lead) {
  const std::vector<Duration> starts = StartsOf(plan);
  Plan edited = plan;
  edited.operations.clear();
  for (size_t i = starts.size(); i > 0 && edited.operations.size() < count; --i) {
    if (starts[i - 1] > at) continue;
    ClientOp op = plan.operations[i - 1];
    op.client = static_cast<uint32_t>(edited.operations.size());
    op.think = Less(at, lead);
    edited.operations.push_back(op);
  }
  return edited.operations.size() < plan.operations.size() ? edited : plan;
}

Plan WithOneClient(const Plan& plan) {
  const std::vector<Duration> starts = StartsOf(plan);
  std::vector<size_t> order(starts.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](size_t i) { return starts[i]; });
  Plan edited = plan;
  edited.operations.clear();
  Duration now{};
  for (size_t i : order) {
    ClientOp op = plan.operations[i];
    op.client = 0;
    op.think = starts[i] - now;
    now = starts[i];
    edited.operations.push_back(op);
  }
  return edited;
}

Plan Renumbered(const Plan& plan) {
  std::map<uint32_t, uint32_t> clients;
  std::map<uint32_t, uint32_t> keys;
  for (const ClientOp& op : plan.operations) {
    clients[op.client] = 0;
    for (uint32_t part = 0; part < op.span; ++part) keys[op.key + part] = 0;
  }
  uint32_t next = 0;
  for (auto& [old, now] : clients) now = next++;
  next = 0;
  for (auto& [old, now] : keys) now = next++;
  Plan edited = plan;
  for (ClientOp& op : edited.operations) {
    op.client = clients.at(op.client);
    op.key = keys.at(op.key);
  }
  return edited;
}

}  // namespace wt::scenarios
