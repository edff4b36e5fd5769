#include "replicas/transfer_pin.h"

#include <algorithm>

#include "engine/base/check.h"

namespace wt {

void TransferPin::Heard(Time now, NodeId peer, const Snapshot& snapshot) {
  WT_CHECK(!snapshot.id.empty());
  if (snapshot.id != id_) {
    if (HoldsAt(now)) return;
    id_ = snapshot.id;
    index_ = snapshot.index;
    since_ = now;
    heard_.clear();
  }
  heard_[peer] = now;
  end_is_due_ = end_is_due_ || HoldsAt(now);
}

bool TransferPin::HasLog(NodeId peer, LogIndex match) {
  return match >= index_ && heard_.erase(peer) > 0;
}

bool TransferPin::HoldsAt(Time now) const {
  if (now >= since_ + limit_) return false;
  return std::any_of(heard_.begin(), heard_.end(),
                     [&](const auto& peer) { return now < peer.second + silence_; });
}

std::optional<Time> TransferPin::Ends() const {
  if (!end_is_due_) return std::nullopt;
  Time last = Time();
  for (const auto& [peer, heard] : heard_) last = std::max(last, heard + silence_);
  return std::min(last, since_ + limit_);
}

bool TransferPin::TakeEnd(Time now) {
  if (!end_is_due_ || HoldsAt(now)) return false;
  end_is_due_ = false;
  return true;
}

}  // namespace wt
