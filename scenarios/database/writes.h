// What clients are writing to a database: from the hash of a log entry to the batches that are in
// it.
//
// Writers share entries: an entry is some of the batches that are under way, one behind the other.
// Any other content is one that nobody wrote.
#ifndef WAVETANK_SCENARIOS_DATABASE_WRITES_H_
#define WAVETANK_SCENARIOS_DATABASE_WRITES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/units.h"
#include "engine/kv/write_batch.h"
#include "scenarios/judge.h"
#include "scenarios/shadow.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class Writes final : public sim::EventObserver {
 public:
  Writes(Judge& judge, Shadow& shadow) : judge_(judge), shadow_(shadow) {}

  // A batch is on its way. Each gets a number.
  uint64_t Begin(const WriteBatch& batch);
  // It was answered, or never will be: the entry that it is in, if it came that far.
  std::optional<LogIndex> End(uint64_t number);

  // The last entry that a log.synced named, of this life.
  LogIndex synced() const { return synced_; }
  // Batches in the largest entry.
  uint64_t largest_group() const { return largest_group_; }

  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

  // The disk was wiped.
  void BeginAnew();

 private:
  struct UnderWay {
    std::string bytes;
    bool may_come = true;  // it is of this life, and in no entry yet
    std::optional<LogIndex> index;
  };

  void OnAppended(const Event& event);
  // The batches whose bytes, one behind the other, have this hash; empty when none have.
  std::vector<uint64_t> Find(uint64_t hash) const;
  bool Extend(uint64_t hash, size_t length, std::vector<uint64_t>& chosen,
              const std::string& bytes) const;

  Judge& judge_;
  Shadow& shadow_;
  std::map<uint64_t, UnderWay> under_way_;  // in the order in which they came
  uint64_t last_ = 0;
  LogIndex synced_;
  uint64_t largest_group_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_DATABASE_WRITES_H_
