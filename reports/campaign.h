// Many runs, added up: what a campaign amounts to. Runs are added in the campaign's order; nothing
// here depends on how many processes ran them.
#ifndef WAVETANK_REPORTS_CAMPAIGN_H_
#define WAVETANK_REPORTS_CAMPAIGN_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reports/run_record.h"

namespace wt::reports {

// What a scenario promises that its runs will have seen.
struct Promise {
  std::string scenario;
  std::vector<std::string> goals;
  std::vector<std::string> faults;
};

struct ScenarioTotals {
  Promise promise;
  uint64_t runs = 0;
  uint64_t failed = 0;
  uint64_t inconclusive = 0;
  uint64_t errors = 0;
  uint64_t events = 0;
  uint64_t virtual_us = 0;
  std::map<std::string, uint64_t> faults;
  std::map<std::string, uint64_t> goals;
  std::map<std::string, uint64_t> invariants;
  std::map<std::string, uint64_t> failures{};  // runs that failed, by invariant

  uint64_t fault_count() const;
  // Promised, but seen in no run.
  std::vector<std::string> GoalsMissed() const;
  std::vector<std::string> FaultsMissed() const;
  // Invariants that were only ever evaluated on trivial state; the scenario's name, when no run of
  // it had a single event.
  std::vector<std::string> Vacuous() const;
};

// Runs that failed in the same way.
struct Finding {
  std::string signature;  // of the folder, too
  RunRecord example;      // the one with the fewest events: the quickest to look at
  uint64_t runs = 0;
  std::vector<std::string> some;  // names of the first ten runs
  std::string minimal{};          // "findings/SIGNATURE/minimal.json", once it has been shrunk
};

// One seed, two digests.
struct Mismatch {
  std::string scenario;
  uint64_t seed = 0;
  uint64_t digests[2] = {};
};

// Whether what a campaign promised to see counts. It does not for a single seed or one shard, which
// cannot be expected to see everything.
enum class Goals { kMustBeReached, kAreNotJudged };

struct Totals {
  std::vector<ScenarioTotals> scenarios;
  std::vector<Finding> findings;  // the quickest first
  std::vector<Mismatch> mismatches;
  uint64_t runs = 0;
  uint64_t failed = 0;
  uint64_t inconclusive = 0;
  uint64_t errors = 0;
  uint64_t events = 0;
  uint64_t virtual_us = 0;
  // The sum of a hash of each (scenario, seed, digest): whatever the order of adding, and the sum
  // over the shards of a campaign is the whole campaign's.
  uint64_t digest = 0;
  MatrixCounts matrix{};

  // "torn-tail/log.tail_cut", each.
  std::vector<std::string> GoalsMissed() const;
  std::vector<std::string> FaultsMissed() const;
  std::vector<std::string> Vacuous() const;

  // Nothing failed, but not everything was shown either.
  bool Inconclusive(Goals goals) const;
};

class Tally {
 public:
  explicit Tally(const std::vector<Promise>& promises);

  // Requires: the record's scenario is among the promises.
  void Add(const RunRecord& record);
  void AddMismatch(const Mismatch& mismatch) { totals_.mismatches.push_back(mismatch); }

  Totals totals() const;
  uint64_t failed() const { return totals_.failed; }

 private:
  ScenarioTotals& Of(const std::string& scenario);
  void AddFinding(const RunRecord& record);

  Totals totals_;                            // all but the findings
  std::map<std::string, Finding> findings_;  // by signature
};

// The part of a campaign's digest that one run contributes.
uint64_t DigestTerm(const RunRecord& record);

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_CAMPAIGN_H_
