// N cores, their disks and their network, in memory, one step at a time: a test says what is
// persisted, delivered, lost, and when somebody dies. Whatever happens is watched by a Ledger.
//
//   Group group({.nodes = 3});
//   group.RunFor(3s);                     // a quiet world: all is delivered, all is durable
//   NodeId primary = group.Primary();
//   group.Propose(primary, "x");
//   group.Crash(primary);
#ifndef WAVETANK_TESTS_CONSENSUS_GROUP_H_
#define WAVETANK_TESTS_CONSENSUS_GROUP_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "replicas/consensus/consensus.h"
#include "tests/consensus/ledger.h"

namespace wt::testing {

// A snapshot, as far as consensus minds it.
struct Image {
  LogEnd end;
  Configuration configuration;
};

struct Packet {
  ReplicaMessage message;
  std::optional<Image> image;  // a snapshot travels instead of the message's body
};

// One thing that becomes durable.
struct Record {
  Write write;
  std::optional<Image> image;  // of write.install, or what the log is compacted to
};

struct Contents {
  Term term;
  NodeId vote;
  Image base;
  std::vector<LogEntry> entries;
  Witness epochs;

  void Apply(const Record& record);
  LogIndex last() const { return base.end.index + entries.size(); }
  LogEnd end() const;
  LogShape Shape() const;
  const LogEntry* Find(LogIndex index) const;
  std::vector<LogEntry> Read(LogIndex from, LogIndex to, uint64_t max_bytes) const;
};

struct Machine {
  NodeId id;
  std::unique_ptr<Consensus> core;  // null: down
  uint64_t session = 0;
  std::vector<Record> journal;  // durable, since it was born
  Contents disk;                // what `journal` amounts to
  Contents memory;              // and with `unwritten` on top
  std::deque<Record> unwritten;
  std::deque<Outgoing> held;  // messages that wait for a write
  uint64_t persisted = 0;
  LogIndex commit;
  bool trusted = false;   // as last seen
  bool may_lie = false;   // its votes are remembered by its lives only
  bool doubtful = false;  // the next start is
  bool amnesiac = false;
  bool damaged = false;
  std::map<uint64_t, LogIndex> reads;  // id -> what was committed when it was asked

  bool up() const { return core != nullptr; }
};

struct GroupOptions {
  uint64_t nodes = 3;
  std::optional<Configuration> initial;  // else all of them vote
  bool verified = false;                 // every start is doubtful
  uint64_t seed = 1;
  ConsensusOptions consensus;
};

class Group {
 public:
  explicit Group(GroupOptions options);

  Machine& machine(NodeId id) { return machines_.at(id); }
  Consensus& core(NodeId id) { return *machines_.at(id).core; }
  std::map<NodeId, Machine>& machines() { return machines_; }
  Ledger& ledger() { return ledger_; }
  Time now() const { return now_; }
  std::deque<Packet>& wire() { return wire_; }
  std::set<std::pair<NodeId, NodeId>>& cut() { return cut_; }  // from, to
  // Whether a packet is lost as it is sent.
  std::function<bool(const Packet&)> lose = [](const Packet&) { return false; };
  uint64_t sent(size_t kind) const { return sent_.at(kind); }
  uint64_t requests() const;  // sent so far, all kinds that are no answers

  // ---- One step at a time
  void Start(NodeId id);
  // Loses what is not durable.
  void Crash(NodeId id);
  // Loses also what was durable, but for the first `kept` records.
  void CrashAndForget(NodeId id, size_t kept);
  void Advance(Duration by) { now_ += by; }
  void Tick(NodeId id);
  void Deliver(Packet packet);
  bool PersistNext(NodeId id);
  // What `id`, as primary, has to send to `to` now.
  bool PullAppend(NodeId id, NodeId to);
  void PullAppends(NodeId id);
  void SendSnapshots(NodeId id);
  absl::StatusOr<LogIndex> Propose(NodeId id, std::string command);
  void Read(NodeId id, uint64_t read);
  void Compact(NodeId id, LogIndex through);
  // After any other call to a core.
  void Settle(NodeId id);

  // ---- A quiet world
  void RunFor(Duration time);
  bool RunUntil(const std::function<bool()>& done, Duration limit);
  NodeId Primary() const;  // the one of the highest term; 0: nobody
  void Isolate(NodeId id);
  void Heal() { cut_.clear(); }
  std::string Describe() const;

 private:
  void ApplyOutput(Machine& machine);
  void Remember(Machine& machine, Record record);
  void Release(Machine& machine);
  void Emit(const Machine& machine, Packet packet);
  void Watch(Machine& machine);
  void CheckCompleteness(const Machine& mover, LogIndex index, Term term);
  Configuration ConfigurationAt(const Contents& contents, LogIndex index) const;
  // Everything that can be done without waiting; whether there was anything.
  bool DoAll();
  Time NextEvent() const;

  GroupOptions options_;
  Configuration initial_;
  Time now_{};
  std::map<NodeId, Machine> machines_;
  std::deque<Packet> wire_;
  std::set<std::pair<NodeId, NodeId>> cut_;
  std::vector<uint64_t> sent_;
  Ledger ledger_;
  std::optional<Image> installing_;
  uint64_t sessions_ = 0;
};

}  // namespace wt::testing

#endif  // WAVETANK_TESTS_CONSENSUS_GROUP_H_
