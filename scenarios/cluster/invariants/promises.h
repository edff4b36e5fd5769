// acked-writes-survive, by what each mode of acknowledgement promises.
//
//   async    durable on the primary when it was acknowledged, or committed already. A failover may
//            undo it: that is counted, and is no failure
//   quorum   committed, and in the committed sequence for ever
//   all      committed, and durable on every member when it was acknowledged
//
// And exactly as often as it was asked for: what was refused before any effect is nowhere.
#ifndef WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_PROMISES_H_
#define WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_PROMISES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "replicas/replica.h"
#include "scenarios/cluster/ledger.h"
#include "scenarios/judge.h"

namespace wt::scenarios {

class Promises {
 public:
  Promises(Judge& judge, const Ledger& ledger) : judge_(judge), ledger_(ledger) {}

  // A command is sent to a machine, and may then be committed once more; or it turned out that it
  // has not been taken, and will not be.
  void OnSent(const std::string& command);
  void OnRefused(const std::string& command);

  // A machine acknowledged. `members`: as it had them when the command was sent.
  void OnAcknowledged(uint32_t machine, Ack ack, LogEnd entry, const Configuration& members);

  // At the end: what became of everything. Returns how many asynchronous acknowledgements a
  // failover has undone.
  uint64_t Settle();

  uint64_t acknowledged() const { return acknowledged_; }

 private:
  Judge& judge_;
  const Ledger& ledger_;
  std::map<uint64_t, uint32_t> sent_;  // by the command's hash: how often it may be committed
  std::vector<LogEnd> async_;
  uint64_t acknowledged_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_PROMISES_H_
