// Messages that wait for a write to be durable. A message names the number of the write, never an
// index: an index may be written twice, with different entries.
//
// Not thread-safe.
#ifndef WAVETANK_REPLICAS_OUTBOX_H_
#define WAVETANK_REPLICAS_OUTBOX_H_

#include <cstdint>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "replicas/consensus/consensus.h"

namespace wt {

class Outbox {
 public:
  void Add(Outgoing outgoing) { waiting_[outgoing.after].push_back(std::move(outgoing.message)); }

  // Moves what waits for nothing beyond `durable` behind `out`, in the order of the writes.
  void Release(uint64_t durable, std::vector<ReplicaMessage>& out) {
    while (!waiting_.empty() && waiting_.begin()->first <= durable) {
      for (ReplicaMessage& message : waiting_.begin()->second) out.push_back(std::move(message));
      waiting_.erase(waiting_.begin());
    }
  }

  // The write `number` makes entries from `from` on void: whoever was to hear that they are held,
  // as of an earlier write, does not.
  void Withdraw(uint64_t number, LogIndex from) {
    for (auto& [after, messages] : waiting_) {
      if (after >= number) return;
      std::erase_if(messages, [&](const ReplicaMessage& message) {
        const auto* ack = std::get_if<AppendResponse>(&message.body);
        return ack != nullptr && !ack->rejected && ack->match >= from;
      });
    }
  }

  bool empty() const { return waiting_.empty(); }

 private:
  std::map<uint64_t, std::vector<ReplicaMessage>> waiting_;
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_OUTBOX_H_
