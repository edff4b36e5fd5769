#include <algorithm>
#include <utility>

#include "scenarios/shrink/simpler.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;
using faults::Fault;

constexpr size_t kFew = 12;  // so many at most are made simpler one by one
constexpr uint32_t kSmallValue = 16;

// Edits of every element of a list at once, then of each if they are few.
template <typename T>
void AddEdits(std::vector<Edit>& edits, std::vector<T> Plan::*list, size_t size,
              const std::function<void(T&)>& simplify) {
  edits.push_back([list, simplify](const Plan& plan) {
    Plan edited = plan;
    for (T& item : edited.*list) simplify(item);
    return edited;
  });
  if (size < 2 || size > kFew) return;
  for (size_t i = 0; i < size; ++i) {
    edits.push_back([list, simplify, i](const Plan& plan) {
      Plan edited = plan;
      if (i < (edited.*list).size()) simplify((edited.*list)[i]);
      return edited;
    });
  }
}

// Edits of one element that set `field` to each of the rounder values below its present one.
template <typename T, typename Value>
void AddRounder(std::vector<Edit>& edits, std::vector<T> Plan::*list, size_t i, Value T::*field,
                const std::vector<Value>& values) {
  for (const Value& value : values) {
    edits.push_back([list, i, field, value](const Plan& plan) {
      Plan edited = plan;
      if (i >= (edited.*list).size()) return edited;
      Value& now = (edited.*list)[i].*field;
      now = std::min(now, value);
      return edited;
    });
  }
}

// Kinds that are several faults in one, and the one.
constexpr std::pair<FaultKind, FaultKind> kPlainerKinds[] = {
    {FaultKind::kKillThenPowerLoss, FaultKind::kPowerLoss},
    {FaultKind::kRestartStorm, FaultKind::kKill},
    {FaultKind::kRollingKill, FaultKind::kKill},
    {FaultKind::kFlappingPartition, FaultKind::kPartition},
};

void MakePlainer(Fault& fault) {
  for (const auto& [kind, plainer] : kPlainerKinds) {
    if (fault.kind != kind) continue;
    fault.kind = plainer;
    fault.amount = 0;
    return;
  }
}

// Of these, less is more.
bool IsALimit(FaultKind kind) {
  return kind == FaultKind::kFullDisk || kind == FaultKind::kNarrowLink ||
         kind == FaultKind::kShortQueue;
}

Plan InOrderOfTime(Plan plan) {
  std::ranges::stable_sort(plan.faults, {}, &Fault::at);
  std::ranges::stable_sort(plan.chores, {}, &Chore::at);
  return plan;
}

// The next whole multiple.
Duration Ceiling(Duration duration, Duration unit) {
  return (duration + unit - Duration(1)) / unit * unit;
}

void AddStorms(std::vector<Edit>& edits, const Plan& plan) {
  const Duration last = LastStart(plan, false);
  const Duration over = LastStart(plan, true);
  for (Duration storm :
       {Ceiling(last, 1ms), Ceiling(last, 10ms), Ceiling(over, 10ms), Ceiling(last, 100ms),
        Ceiling(over, 100ms), plan.storm / 8, plan.storm / 4, plan.storm / 2, plan.storm * 3 / 4}) {
    edits.push_back([storm](const Plan& now) {
      Plan edited = now;
      edited.storm = std::min(storm, now.storm);
      return edited;
    });
  }
}

template <typename Rep>
std::vector<Rep> Rounder(Rep value, Rep unit) {
  std::vector<Rep> all;
  const auto add = [&](Rep candidate) {
    if (candidate < value && (all.empty() || all.back() < candidate)) all.push_back(candidate);
  };
  add(0);
  Rep power = unit;
  for (; power <= value / 10; power *= 10) add(power);
  add(power);
  add(value / power * power);                                 // one digit
  if (power >= 10) add(value / (power / 10) * (power / 10));  // two
  if (power >= unit) add(value / unit * unit);
  return all;
}

}  // namespace

std::vector<Duration> RounderThan(Duration duration) {
  const Duration unit = duration >= 1ms ? Duration(1ms) : Duration(1us);
  std::vector<Duration> all;
  for (int64_t ns : Rounder<int64_t>(duration.count(), unit.count())) all.emplace_back(ns);
  return all;
}

std::vector<uint64_t> RounderThan(uint64_t amount) { return Rounder<uint64_t>(amount, 1); }

std::vector<Edit> OperationEdits(const Plan& plan) {
  std::vector<Edit> edits = {WithOneClient, Renumbered};
  const size_t size = plan.operations.size();
  const auto add = [&](const std::function<void(ClientOp&)>& simplify) {
    AddEdits<ClientOp>(edits, &Plan::operations, size, simplify);
  };
  add([](ClientOp& op) { op.think = Duration(0); });
  for (Duration think : {1ms, 10ms, 100ms}) {
    add([think](ClientOp& op) { op.think = std::min<Duration>(op.think, think); });
  }
  add([](ClientOp& op) { op.value_bytes = std::min(op.value_bytes, kSmallValue); });
  add([](ClientOp& op) { op.span = std::min<uint32_t>(op.span, 2); });
  // A small put is the plainest there is.
  add([](ClientOp& op) {
    op.span = 1;
    op.held = Duration(0);
    if (op.kind != OpKind::kGet) op.kind = OpKind::kPut;
  });
  add([](ClientOp& op) { op.ack = Ack::kQuorum; });
  add([](ClientOp& op) { op.from = ReadFrom::kPrimary; });
  add([](ClientOp& op) { op.once = false; });
  add([](ClientOp& op) { op.buffered = false; });
  add([](ClientOp& op) { op.key = 0; });
  if (size > kFew) return edits;
  for (size_t i = 0; i < size; ++i) {
    const ClientOp& op = plan.operations[i];
    AddRounder(edits, &Plan::operations, i, &ClientOp::think, RounderThan(op.think));
    AddRounder(edits, &Plan::operations, i, &ClientOp::held, RounderThan(op.held));
    std::vector<uint32_t> sizes;
    for (uint64_t bytes : RounderThan(op.value_bytes)) {
      sizes.push_back(static_cast<uint32_t>(bytes));
    }
    AddRounder(edits, &Plan::operations, i, &ClientOp::value_bytes, sizes);
  }
  return edits;
}

std::vector<Edit> FaultEdits(const Plan& plan) {
  std::vector<Edit> edits;
  const size_t size = plan.faults.size();
  const auto add = [&](const std::function<void(Fault&)>& simplify) {
    AddEdits<Fault>(edits, &Plan::faults, size, simplify);
  };
  add(MakePlainer);
  add([](Fault& fault) { fault.target = faults::Target::kMachine; });
  add([](Fault& fault) { fault.cuts_clients = false; });
  add([](Fault& fault) { fault.salt = 0; });
  add([](Fault& fault) { fault.salt = std::min<uint64_t>(fault.salt, 1); });
  if (size > kFew) return edits;
  for (size_t i = 0; i < size; ++i) {
    const Fault& fault = plan.faults[i];
    AddRounder(edits, &Plan::faults, i, &Fault::lasts, RounderThan(fault.lasts));
    AddRounder(edits, &Plan::faults, i, &Fault::at, RounderThan(fault.at));
    if (IsALimit(fault.kind)) continue;
    AddRounder(edits, &Plan::faults, i, &Fault::amount, RounderThan(fault.amount));
  }
  for (Edit& edit : edits) {
    edit = [edit = std::move(edit)](const Plan& now) { return InOrderOfTime(edit(now)); };
  }
  return edits;
}

std::vector<Edit> ChoreEdits(const Plan& plan) {
  std::vector<Edit> edits;
  if (plan.chores.size() > kFew) return edits;
  for (size_t i = 0; i < plan.chores.size(); ++i) {
    AddRounder(edits, &Plan::chores, i, &Chore::at, RounderThan(plan.chores[i].at));
  }
  for (Edit& edit : edits) {
    edit = [edit = std::move(edit)](const Plan& now) { return InOrderOfTime(edit(now)); };
  }
  return edits;
}

std::vector<Edit> TimeEdits(const Plan& plan) {
  std::vector<Edit> edits;
  const Duration lead = FirstStart(plan);
  for (Duration by : {lead, lead - lead / 4, lead / 2}) {
    edits.push_back([by](const Plan& now) { return Earlier(now, by); });
  }
  for (uint32_t divisor : {10, 4, 2}) {
    edits.push_back([divisor](const Plan& now) { return Faster(now, divisor); });
  }
  AddStorms(edits, plan);
  return edits;
}

}  // namespace wt::scenarios
