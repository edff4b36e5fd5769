// The one snapshot that newer ones do not push out, because a peer is being sent it: else a slow
// peer on a busy group would begin again with each new snapshot, and never have one whole.
//
// Bounded: a pin ends when no peer has been heard of for `silence`, and after `limit` in any case;
// the same snapshot is then not pinned again. Whoever else needs a snapshot is offered this one.
//
// Not thread-safe.
#ifndef WAVETANK_REPLICAS_TRANSFER_PIN_H_
#define WAVETANK_REPLICAS_TRANSFER_PIN_H_

#include <map>
#include <optional>
#include <string>

#include "engine/base/units.h"
#include "engine/snapshot/snapshot_manager.h"
#include "replicas/consensus/configuration.h"

namespace wt {

class TransferPin {
 public:
  TransferPin(Duration silence, Duration limit) : silence_(silence), limit_(limit) {}

  // `peer` was offered `snapshot`, or has asked for a piece of it.
  void Heard(Time now, NodeId peer, const Snapshot& snapshot);
  // `peer` has it, or wants none any more.
  void Ended(NodeId peer) { heard_.erase(peer); }
  // The log of `peer` is known to agree up to `match`. When that is past the snapshot, it has it:
  // the message that said so may be lost. True when this ends its transfer.
  bool HasLog(NodeId peer, LogIndex match);

  // What the pinned snapshot ends with; 0: none is.
  LogIndex IndexAt(Time now) const { return HoldsAt(now) ? index_ : LogIndex(0); }
  // Its name; empty: none is.
  std::string IdAt(Time now) const { return HoldsAt(now) ? id_ : std::string(); }

  // When it ends if nobody is heard of until then; nothing: it is known to have ended.
  std::optional<Time> Ends() const;
  // Whether it has ended since this was last asked.
  bool TakeEnd(Time now);

 private:
  bool HoldsAt(Time now) const;

  const Duration silence_;
  const Duration limit_;
  std::string id_;  // of the last that was pinned; empty: none ever was
  LogIndex index_;
  Time since_{};
  std::map<NodeId, Time> heard_;  // from whom, and when last
  bool end_is_due_ = false;       // TakeEnd has not told yet
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_TRANSFER_PIN_H_
