// Engine "wgl": searches (search.h) of all keys of a history, in turns.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_WGL_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_WGL_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/check.h"
#include "scenarios/linearizability/models.h"
#include "scenarios/linearizability/partition.h"
#include "scenarios/linearizability/replay.h"
#include "scenarios/linearizability/search.h"

namespace wt::lin {

enum class Verdict { kLinearizable, kNotLinearizable, kUnknown };

struct Budget {
  uint64_t steps = 20'000'000;
  uint64_t patience = 1000;  // steps of one key before the model's foresight, if any, is asked
};

struct EngineUse {
  bool zones = false;
  bool wgl = false;
};

struct Outcome {
  Verdict verdict = Verdict::kLinearizable;
  EngineUse engine;
  uint64_t steps = 0;
  uint32_t key = 0;  // that is not linearizable, or (the first) that is not decided
  // Numbers of operations in the history. When linearizable: an order of each key's that wgl had,
  // key after key. When not: a part that is not linearizable alone, if zones found it.
  std::vector<uint32_t> order{};
  std::vector<uint32_t> core{};
};

namespace internal {

// All the searches of a history. They keep their place between turns.
template <Model M>
class Turns {
 public:
  Turns(const M& model, const Partition& partition, const std::vector<bool>& wanted,
        const Budget& budget)
      : model_(model), partition_(partition), wanted_(wanted), budget_(budget) {
    partition.MakeTimelines(wanted, &timelines_);
    searches_.resize(partition.keys());
    for (uint32_t key = 0; key < partition.keys(); ++key) {
      if (wanted[key]) running_.push_back(key);
    }
  }

  void Run(Outcome* outcome) {
    uint64_t turn = kFirstTurn;
    while (!running_.empty() && outcome->steps < budget_.steps) {
      std::vector<uint32_t> still;
      for (const uint32_t key : running_) {
        const uint64_t steps =
            std::min(turn, budget_.steps - std::min(budget_.steps, outcome->steps));
        const auto state = TakeTurn(key, steps, outcome);
        if (state == Search<M>::State::kExhausted) {
          Settle(key, outcome);
          return;
        }
        if (state == Search<M>::State::kRunning) still.push_back(key);
      }
      running_ = std::move(still);
      turn *= 2;
    }
    if (!running_.empty()) {
      outcome->verdict = Verdict::kUnknown;
      outcome->key = running_.front();
      return;
    }
    CollectOrders(outcome);
  }

 private:
  typename Search<M>::State TakeTurn(uint32_t key, uint64_t steps, Outcome* outcome) {
    std::unique_ptr<Search<M>>& search = searches_[key];
    if (!search) {
      search = std::make_unique<Search<M>>(model_, partition_.operations(key),
                                           std::move(timelines_[key]), kSeed, budget_.patience);
    }
    const uint64_t before = search->steps();
    const auto state = search->Run(steps);
    outcome->steps += search->steps() - before;
    return state;
  }

  // `key` seems to have no order. A collision of fingerprints could be the reason; two with
  // different seeds will not be.
  void Settle(uint32_t key, Outcome* outcome) {
    outcome->verdict = Verdict::kNotLinearizable;
    outcome->key = key;
    if (!searches_[key]->depends_on_fingerprints()) return;
    std::vector<bool> only(partition_.keys());
    only[key] = true;
    std::vector<Timeline> timelines;
    partition_.MakeTimelines(only, &timelines);
    Search<M> again(model_, partition_.operations(key), std::move(timelines[key]), ~kSeed,
                    budget_.patience);
    const auto state = again.Run(std::max(budget_.steps, 2 * searches_[key]->steps()));
    outcome->steps += again.steps();
    if (state != Search<M>::State::kExhausted) outcome->verdict = Verdict::kUnknown;
  }

  void CollectOrders(Outcome* outcome) {
    for (uint32_t key = 0; key < searches_.size(); ++key) {
      if (!wanted_[key]) continue;
      const std::vector<uint32_t> order = searches_[key]->Order();
      const std::span<const Operation> operations = partition_.operations(key);
      WT_CHECK(KeepsRealTime(operations, order));
      WT_CHECK(Replays(model_, operations, order));
      for (const uint32_t number : order) outcome->order.push_back(partition_.origin(key, number));
    }
  }

  static constexpr uint64_t kFirstTurn = 1024;
  static constexpr uint64_t kSeed = 0x77617665;

  const M& model_;
  const Partition& partition_;
  const std::vector<bool>& wanted_;
  const Budget budget_;
  std::vector<Timeline> timelines_;
  std::vector<std::unique_ptr<Search<M>>> searches_;
  std::vector<uint32_t> running_;
};

}  // namespace internal

// The keys that are marked in `wanted`; adds to `outcome`.
template <Model M>
void RunWgl(const M& model, const Partition& partition, const std::vector<bool>& wanted,
            const Budget& budget, Outcome* outcome) {
  WT_CHECK_EQ(wanted.size(), partition.keys());
  outcome->engine.wgl = true;
  internal::Turns<M>(model, partition, wanted, budget).Run(outcome);
}

// By a model of one's own (models.h).
template <Model M>
Outcome CheckWith(const M& model, const History& history, const Budget& budget) {
  Outcome outcome;
  const Partition partition(history);
  RunWgl(model, partition, std::vector<bool>(partition.keys(), true), budget, &outcome);
  return outcome;
}

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_WGL_H_
