// How a client outside talks to the machines: requests and answers take time, may be lost between
// it and a machine, and go to whoever it believes is primary.
#ifndef WAVETANK_SCENARIOS_CLUSTER_CONVERSATION_H_
#define WAVETANK_SCENARIOS_CLUSTER_CONVERSATION_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "replicas/replica.h"
#include "scenarios/cluster/fleet.h"

namespace wt::scenarios {

class Conversation {
 public:
  // `client` keys its delays.
  Conversation(sim::Simulator& sim, Fleet& fleet, uint32_t client);

  // Sends a request to `machine` and waits for the answer. kNobody: it was certainly not executed.
  // Suspends.
  Reached Ask(uint32_t machine, std::string_view what, const std::function<void(Replica&)>& body);

  struct Proposed {
    // As Replica::Propose. Where nobody was there: FailedPrecondition; no answer: Unavailable.
    absl::StatusOr<wt::Acknowledged> outcome;
    uint32_t machine = 0;
    Configuration members;  // as the machine had them when it was asked
  };
  // To whom it believes is primary; afterwards it may believe something else. Suspends.
  Proposed Propose(const std::string& command, Ack ack, Duration timeout,
                   const std::function<Configuration(uint32_t)>& members_of);
  // Errors: as Replica::Query. Suspends.
  absl::StatusOr<ReadResult> Query(uint32_t machine, const std::string& command,
                                   const QueryOptions& options);

  uint32_t believed() const { return believed_; }
  void Believe(uint32_t machine) { believed_ = machine; }
  // From now on it waits for a machine that stands still, whatever becomes of it.
  void BePatient() { patient_ = true; }
  // On to somebody else.
  void LookElsewhere();

 private:
  Duration NextDelay();
  bool StandsStill(uint32_t machine) const;
  bool WaitsForThePaused() const;

  sim::Simulator& sim_;
  Fleet& fleet_;
  const uint32_t client_;
  uint32_t believed_;
  bool patient_ = false;
  uint64_t messages_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_CONVERSATION_H_
