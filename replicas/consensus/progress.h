// How far one peer is, as the primary knows it, and what may be sent to it now.
#ifndef WAVETANK_REPLICAS_CONSENSUS_PROGRESS_H_
#define WAVETANK_REPLICAS_CONSENSUS_PROGRESS_H_

#include <cstdint>
#include <deque>

#include "engine/base/units.h"
#include "replicas/consensus/configuration.h"

namespace wt {

struct Progress {
  // Probing: one append at a time, looking for where the logs agree. Streaming: appends follow each
  // other. Snapshot: a transfer goes on.
  enum class State { kProbing, kStreaming, kSnapshot };
  State state = State::kProbing;
  LogIndex match;        // durable there, and equal
  LogIndex next;         // what to send next
  uint64_t session = 0;  // the life that `match` is of
  uint64_t epoch = 0;
  bool trusted = false;  // what it says now may count

  LogIndex counted;            // what it has acknowledged while trusted ...
  uint64_t counted_epoch = 0;  // ... in this epoch
  LogIndex told;               // the highest commit index sent to it
  uint64_t round = 0;          // the latest heartbeat it has answered,
  Time confirmed;              // and when that one was sent
  Time heard;                  // its last answer
  bool probed = false;         // a probe is on its way

  struct InFlight {
    LogIndex through;
    uint64_t bytes = 0;
  };
  std::deque<InFlight> in_flight;
  uint64_t bytes_in_flight = 0;
  // When something in flight was last acknowledged, or the first of it sent; or when a transfer was
  // last heard of.
  Time moved;

  // From here on, one append at a time, the next from `next` on.
  void Probe(LogIndex from);
  void Sent(Time now, LogIndex through, uint64_t bytes);
  // Lets go of what is acknowledged.
  void Acknowledged(Time now, LogIndex through);
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_CONSENSUS_PROGRESS_H_
