// What the clients did and were told. An operation is acknowledged (must hold), refused before
// effect (must not hold), or unknown (either, but one of them for ever after).
#ifndef WAVETANK_SCENARIOS_HISTORY_H_
#define WAVETANK_SCENARIOS_HISTORY_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/units.h"
#include "sim/host.h"

namespace wt::scenarios {

struct Acknowledged {
  uint32_t client = 0;
  LogIndex index;
  sim::SimTime at{};
};

class History {
 public:
  void Acknowledge(uint32_t client, LogIndex index, sim::SimTime at) {
    acknowledged_.insert_or_assign(index, Acknowledged{client, index, at});
    ++acknowledged_count_;
  }
  void Refuse() { ++refused_; }
  void Lose() { ++unknown_; }
  void Read() { ++reads_; }

  // The newest index that somebody was told OK for; 0 when nobody was.
  LogIndex last_acknowledged() const {
    return acknowledged_.empty() ? LogIndex(0) : acknowledged_.rbegin()->first;
  }
  // The first acknowledged operation behind `index`; null when there is none.
  const Acknowledged* FirstAfter(LogIndex index) const {
    const auto found = acknowledged_.upper_bound(index);
    return found == acknowledged_.end() ? nullptr : &found->second;
  }
  // The ledger forgives the loss of everything behind `index`.
  void Forgive(LogIndex index) {
    acknowledged_.erase(acknowledged_.upper_bound(index), acknowledged_.end());
  }

  uint64_t acknowledged() const { return acknowledged_count_; }
  uint64_t refused() const { return refused_; }
  uint64_t unknown() const { return unknown_; }
  uint64_t reads() const { return reads_; }

 private:
  std::map<LogIndex, Acknowledged> acknowledged_;
  uint64_t acknowledged_count_ = 0;
  uint64_t refused_ = 0;
  uint64_t unknown_ = 0;
  uint64_t reads_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_HISTORY_H_
