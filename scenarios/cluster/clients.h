// The clients of a group: harness tasks that do their planned operations one after another,
// whatever happens to the machines, and tell what they were told.
//
// One goes to whom it believes is primary. Refused before any effect: it follows the hint and tries
// again. Not known: an idempotent command is sent again, under the same key, until it is answered;
// of any other the outcome stays unknown, and the client goes on.
#ifndef WAVETANK_SCENARIOS_CLUSTER_CLIENTS_H_
#define WAVETANK_SCENARIOS_CLUSTER_CLIENTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/cluster/conversation.h"
#include "scenarios/cluster/invariants/promises.h"
#include "scenarios/cluster/testimony.h"
#include "scenarios/judge.h"
#include "scenarios/plan.h"
#include "scenarios/scripted_clients.h"

namespace wt::scenarios {

class GroupClients final : public ScriptedClients {
 public:
  GroupClients(Judge& judge, Fleet& fleet, Ledger& ledger, Promises& promises, Testimony& testimony,
               const Plan& plan);

  struct Manners {
    Ack ack = Ack::kQuorum;
    bool once = false;
    Duration timeout = std::chrono::seconds(1);
    sim::SimTime give_up = sim::SimTime::max();  // no attempt begins after this
  };
  // Sends a write until it is answered or its outcome is unknown; everything is judged. The status
  // is that of the last attempt. Suspends.
  absl::Status Write(Conversation& with, uint32_t client, const Command& command,
                     const Manners& manners);
  // One read. Nothing when nobody answered. Suspends.
  std::optional<ReadResult> Read(Conversation& with, uint32_t client, const Command& command,
                                 ReadFrom from, uint32_t machine);

 private:
  void RunScript(uint32_t client, const std::vector<ClientOp>& script) override;
  void Do(Conversation& with, uint32_t client, const ClientOp& op);
  Command CommandFor(const ClientOp& op);

  Judge& judge_;
  Fleet& fleet_;
  Ledger& ledger_;
  Promises& promises_;
  Testimony& testimony_;
  uint64_t once_keys_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_CLIENTS_H_
