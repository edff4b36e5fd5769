// Whether this life of a replica may vote and count, and what it demands of others: the recall,
// the epochs and the floor of PROTOCOL.md, "Disks that lie".
#ifndef WAVETANK_REPLICAS_CONSENSUS_STANDING_H_
#define WAVETANK_REPLICAS_CONSENSUS_STANDING_H_

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "engine/base/units.h"
#include "replicas/consensus/configuration.h"
#include "replicas/consensus/log_shape.h"
#include "replicas/consensus/message.h"

namespace wt {

class Standing {
 public:
  // What a replica knows of itself, beside its epoch.
  struct Own {
    Term term;
    LogEnd end;
    LogEnd configured;  // the entry that made `configuration`
    const Configuration& configuration;
  };

  // `recorded`: the epochs that an earlier life made durable.
  Standing(NodeId self, uint64_t session, bool doubtful, bool amnesiac, const Witness& recorded);

  bool trusted() const { return trusted_; }
  bool amnesiac() const { return amnesiac_; }
  uint64_t epoch() const { return trusted_ ? epoch_ : 0; }
  Term floor_term() const { return floor_term_; }
  LogEnd floor_end() const { return floor_end_; }

  // Who must still answer before it is trusted: enough of these. Empty when trusted.
  std::vector<NodeId> Awaited(const Configuration& configuration) const;

  // ---- Epochs of others (and its own, as far as others know it).

  uint64_t Known(NodeId node) const;
  Witness witness() const;
  // By hearsay. A trusted replica that hears of a higher epoch of its own goes over to it: what it
  // promised in this life it still remembers.
  void Learn(NodeId node, uint64_t epoch);
  void Learn(const Witness& witness);
  // Whether a promise made so counts.
  bool Counts(const ReplicaMessage& message) const;
  // The epoch of who asks. Must be durable before the answer leaves.
  uint64_t Give(const ReplicaMessage& message, const Recall& question);
  // Whether something was learnt since the last call.
  bool TakeNews();

  // ---- Its own recall.

  // Doubtful, or trusted with a floor that its log does not reach.
  bool asking() const { return !trusted_ || floor_end_ > LogEnd{}; }
  Recall Question() const;
  // Whom to ask now.
  std::vector<NodeId> Asked(const Own& own) const;
  // Returns whether all must be asked again, for a higher epoch.
  bool Answered(const ReplicaMessage& message, const RecallResponse& answer);
  // Judges what has been answered. Returns true when it became trusted just now. Its floor falls
  // when its log reaches it, or when all others have answered and nobody's log does.
  bool Settle(const Own& own);

 private:
  struct Answer {
    RecallResponse response;
    bool trusted = false;
    uint64_t epoch = 0;  // of the answerer
  };

  // Of those that it has heard of and votes in.
  const Configuration& Newest(const Own& own) const;
  // In the present epoch, and good for rule (b).
  const Answer* AnswerOf(NodeId node) const;
  // The same, good for rule (a): from a trusted life that nobody knows to be over.
  bool TrustedAnswerOf(NodeId node) const;
  bool MajorityAnswered(std::span<const NodeId> half) const;
  bool AllAnswered(std::span<const NodeId> half) const;
  bool AllAnswered(const Configuration& configuration) const;
  bool Enough(std::span<const NodeId> half) const;
  void SetFloor(const Own& own, const Configuration& configuration);
  LogEnd HighestLog(const Own& own, const Configuration& configuration) const;
  void LowerFloor(const Own& own);

  NodeId self_;
  uint64_t session_;
  bool trusted_;
  bool amnesiac_;
  uint64_t epoch_ = 0;  // when trusted; else the one it asks for
  Term floor_term_;
  LogEnd floor_end_;
  std::map<NodeId, uint64_t> known_;
  std::map<NodeId, uint64_t> sessions_;  // to which life `known_` was given, where we know
  std::map<NodeId, Answer> answers_;     // of this life
  bool news_ = false;
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_CONSENSUS_STANDING_H_
