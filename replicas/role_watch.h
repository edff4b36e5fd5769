// Tells the world what has become of consensus: compares it with what it was when last looked at.
//
// Not thread-safe.
#ifndef WAVETANK_REPLICAS_ROLE_WATCH_H_
#define WAVETANK_REPLICAS_ROLE_WATCH_H_

#include <string_view>
#include <vector>

#include "engine/env/events.h"
#include "replicas/consensus/consensus.h"

namespace wt {

class RoleWatch {
 public:
  struct Changes {
    bool role = false;  // or term, primary, serving, standing: something that somebody may wait for
    bool stepped_down = false;
    bool configuration = false;
    bool commit = false;
  };

  explicit RoleWatch(const Consensus& consensus);

  Changes Look(const Consensus& consensus, EventSink& events);
  // Why it will step down, should it do so before it is looked at again.
  void Expect(std::string_view why) { why_ = why; }

  // A message that leaves now: a vote or an acknowledgement that counts is an event.
  void OnRelease(const Consensus& consensus, const ReplicaMessage& message, EventSink& events);

 private:
  void LookAtDoubt(const Consensus& consensus, EventSink& events);
  void LookAtRole(const Consensus& consensus, EventSink& events, Changes& changes);

  Role role_;
  Term term_;
  NodeId primary_;
  bool serving_;
  bool trusted_;
  LogIndex commit_;
  Configuration configuration_;
  std::vector<NodeId> awaited_;  // whom its trust waits for, as told
  Term candidate_of_;            // whose candidacy was told
  std::string_view why_;
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_ROLE_WATCH_H_
