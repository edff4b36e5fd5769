// One core, alone on the bench: a test plays everybody else, and the disk.
#ifndef WAVETANK_TESTS_CONSENSUS_SINGLE_H_
#define WAVETANK_TESTS_CONSENSUS_SINGLE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "replicas/consensus/consensus.h"

namespace wt::testing {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline LogEntry EntryOf(uint64_t index, uint64_t term) {
  LogEntry entry{.term = Term(term), .index = LogIndex(index)};
  entry.command = std::to_string(index) + "." + std::to_string(term);
  return entry;
}

inline LogEnd EndOf(uint64_t term, uint64_t index) { return {Term(term), LogIndex(index)}; }

inline LogShape ShapeOf(const std::vector<uint64_t>& terms) {
  LogShape shape;
  for (uint64_t term : terms) shape.Append(shape.last() + 1, Term(term));
  return shape;
}

struct SingleOptions {
  uint64_t self = 1;
  std::vector<uint64_t> voters = {1, 2, 3};
  std::vector<uint64_t> terms;  // of the log, from index 1 on
  uint64_t term = 0;            // at least the log's
  uint64_t vote = 0;
  uint64_t applied = 0;
  bool doubtful = false;
  bool damaged = false;
  ConsensusOptions consensus;
};

class Single {
 public:
  explicit Single(SingleOptions options);

  Consensus& operator*() { return core_; }
  Consensus* operator->() { return &core_; }
  Time now() const { return now_; }

  // From `from`, of `term`, in that node's only life.
  void Step(uint64_t from, uint64_t term, Body body);
  void Step(ReplicaMessage message);
  ReplicaMessage From(uint64_t from, uint64_t term, Body body) const;
  // Everything written so far is durable.
  void Persist();
  // To its next deadline.
  void TimePasses();
  void Wait(Duration time);
  // Pre-votes and votes of everybody; its first entry is durable.
  void Elect();
  // What it has to send to `to`.
  std::optional<AppendRequest> Append(uint64_t to);

  // Released since the last call: what waits for a write comes after Persist().
  std::vector<ReplicaMessage> Sent();
  // The bodies of one kind among them.
  template <typename T>
  std::vector<T> Sent() {
    std::vector<T> bodies;
    for (const ReplicaMessage& message : Sent()) {
      if (const T* body = std::get_if<T>(&message.body)) bodies.push_back(*body);
    }
    return bodies;
  }
  std::vector<ReadReady> Reads() { return std::exchange(reads_, {}); }
  std::vector<Write> Writes() { return std::exchange(writes_, {}); }
  std::vector<uint64_t> Terms() const;  // of the log

 private:
  void Collect();

  Time now_{};
  Consensus core_;
  std::vector<LogEntry> entries_;
  std::vector<Outgoing> held_;
  std::vector<ReadReady> reads_;
  std::vector<Write> writes_;
  uint64_t written_ = 0;
  uint64_t persisted_ = 0;
};

}  // namespace wt::testing

#endif  // WAVETANK_TESTS_CONSENSUS_SINGLE_H_
