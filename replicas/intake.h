// One snapshot on its way from the primary to here: which chunks are had, which were asked for, and
// what to ask for next. Chunks are named by content, so it goes on with any primary that has the
// same snapshot.
//
// Not thread-safe.
#ifndef WAVETANK_REPLICAS_INTAKE_H_
#define WAVETANK_REPLICAS_INTAKE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/units.h"
#include "replicas/consensus/message.h"

namespace wt {

class Intake {
 public:
  Intake(SnapshotOffer offer, NodeId from, uint64_t most_in_flight);

  const SnapshotOffer& offer() const { return offer_; }
  NodeId from() const { return from_; }
  // Goes on with another sender, which is asked for everything that is missing.
  void GoOnWith(NodeId from);

  // Nobody is to work on it any more.
  void Cancel() { cancelled_ = true; }
  bool cancelled() const { return cancelled_; }

  // The next chunk to look for here before it is asked for, within the window.
  std::optional<uint64_t> NextToFind() const;
  // What that search brought; nothing: it has to be asked for.
  void Found(uint64_t number, std::optional<std::string> content);

  // The chunks to ask for now: those never asked for, and those unanswered for `resend`.
  std::vector<uint64_t> ToAsk(Time now, Duration resend);
  // When ToAsk will have something by the time alone; nothing when nothing is under way.
  std::optional<Time> NextResend(Duration resend) const;
  // A chunk from a peer. False when it is not wanted, or not what it should be.
  bool Arrived(Time now, uint64_t number, std::string bytes);

  // The chunks in order: the next one, when it is there.
  std::optional<std::string> TakeNext();
  bool exhausted() const { return taken_ == offer_.chunks.size(); }
  uint64_t taken() const { return taken_; }

  uint64_t sent_bytes() const { return sent_bytes_; }
  uint64_t reused_bytes() const { return reused_bytes_; }
  // When a chunk last arrived.
  Time heard() const { return heard_; }
  void Heard(Time now) { heard_ = now; }

 private:
  uint64_t WindowEnd() const;

  SnapshotOffer offer_;
  NodeId from_;
  const uint64_t most_in_flight_;
  bool cancelled_ = false;
  uint64_t taken_ = 0;                    // chunks given to who writes them
  uint64_t to_find_ = 0;                  // before this one, all were looked for here
  std::set<uint64_t> missing_;            // to be asked for, not asked yet
  std::map<uint64_t, Time> asked_;        // when
  std::map<uint64_t, std::string> here_;  // not taken yet
  uint64_t sent_bytes_ = 0;
  uint64_t reused_bytes_ = 0;
  Time heard_{};
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_INTAKE_H_
