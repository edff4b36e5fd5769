#include "scenarios/linearizability/check.h"

#include <algorithm>

#include "scenarios/linearizability/zones.h"

namespace wt::lin {
namespace {

std::vector<bool> AllKeys(const Partition& partition) {
  return std::vector<bool>(partition.keys(), true);
}

// Unmarks the keys that zones decided. False when one is not linearizable.
bool RunZones(const History& history, const Partition& partition, std::vector<bool>* wanted,
              Outcome* outcome) {
  Zones zones(history.values.size(), history.initial);
  for (uint32_t key = 0; key < partition.keys(); ++key) {
    const std::optional<ZonesResult> result = zones.Check(partition.operations(key));
    if (!result) continue;
    outcome->engine.zones = true;
    outcome->steps += partition.operations(key).size();
    (*wanted)[key] = false;
    if (result->linearizable) continue;
    outcome->verdict = Verdict::kNotLinearizable;
    outcome->key = key;
    for (const uint32_t number : result->core) {
      outcome->core.push_back(partition.origin(key, number));
    }
    return false;
  }
  return true;
}

void RunSearches(const History& history, const Partition& partition,
                 const std::vector<bool>& wanted, const Budget& budget, Outcome* outcome) {
  switch (history.model) {
    case ModelKind::kRegister:
      return RunWgl(RegisterModel(history), partition, wanted, budget, outcome);
    case ModelKind::kCounter:
      return RunWgl(CounterModel(history), partition, wanted, budget, outcome);
    case ModelKind::kText:
    case ModelKind::kList:
      return RunWgl(SequenceModel(history), partition, wanted, budget, outcome);
  }
}

}  // namespace

Outcome Check(const History& history, const Budget& budget) {
  Outcome outcome;
  const Partition partition(history);
  std::vector<bool> wanted = AllKeys(partition);
  if (history.model == ModelKind::kRegister && !RunZones(history, partition, &wanted, &outcome)) {
    return outcome;
  }
  if (std::find(wanted.begin(), wanted.end(), true) == wanted.end()) return outcome;
  RunSearches(history, partition, wanted, budget, &outcome);
  return outcome;
}

Outcome CheckBySearch(const History& history, const Budget& budget) {
  Outcome outcome;
  const Partition partition(history);
  RunSearches(history, partition, AllKeys(partition), budget, &outcome);
  return outcome;
}

std::string_view NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kLinearizable:
      return "linearizable";
    case Verdict::kNotLinearizable:
      return "not linearizable";
    case Verdict::kUnknown:
      return "inconclusive";
  }
  return "?";
}

std::string_view NameOf(EngineUse engine) {
  if (engine.zones && engine.wgl) return "zones+wgl";
  if (engine.zones) return "zones";
  return engine.wgl ? "wgl" : "-";
}

}  // namespace wt::lin
