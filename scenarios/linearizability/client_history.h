// The operations of the clients of a simulated store as they happen, and the question whether one
// copy could have answered so.
//
//   ClientHistory history;
//   auto put = history.Put(client, "k017", "v412", now());
//   ... history.Ok(put, now());            // and, if known: history.TookEffectAt(put, log_index)
//   auto get = history.Get(client, "k017", now());
//   ... history.OkGet(get, value, now());
//   CheckResult result = CheckHistory(history, {});
//   if (result.verdict == Verdict::kNotLinearizable) Fail(result.message);
//
// Each operation ends in one of three ways: an answer (Ok...), Fail when it certainly had no
// effect, or Unknown (also if nothing is said): it may have taken effect at any time since, or not
// yet. Calls are made in the order in which things happen; that order is the real time that is
// checked, the instants are for people.
//
// Keys of the key-value store and names of counters are different worlds. A client may have several
// operations under way. If the workload writes each value once (client and sequence number in it) a
// key is decided by a sort, however long its history.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_CLIENT_HISTORY_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_CLIENT_HISTORY_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/units.h"
#include "scenarios/linearizability/check.h"
#include "scenarios/linearizability/versioned.h"
#include "sim/host.h"

namespace wt::lin {

class ClientHistory {
 public:
  enum class Family : uint8_t { kKv, kCounter };
  struct Ticket {
    Family family = Family::kKv;
    uint32_t number = 0;
  };
  using OptionalText = std::optional<std::string_view>;

  ClientHistory();
  ClientHistory(const ClientHistory&) = delete;
  ClientHistory& operator=(const ClientHistory&) = delete;

  // No value is an absent key.
  Ticket Put(uint32_t client, std::string_view key, std::string_view value, sim::SimTime now);
  Ticket Get(uint32_t client, std::string_view key, sim::SimTime now);
  Ticket Delete(uint32_t client, std::string_view key, sim::SimTime now);
  Ticket CompareAndSet(uint32_t client, std::string_view key, OptionalText expected,
                       OptionalText desired, sim::SimTime now);
  Ticket Increment(uint32_t client, std::string_view counter, int64_t by, sim::SimTime now);
  Ticket SetCount(uint32_t client, std::string_view counter, int64_t count, sim::SimTime now);
  Ticket ReadCount(uint32_t client, std::string_view counter, sim::SimTime now);

  // Requires, for each: the ticket is open, and of an operation that can end so.
  void Ok(Ticket ticket, sim::SimTime now);  // a put, a delete, an increment, a set
  void OkGet(Ticket ticket, OptionalText value, sim::SimTime now);
  void OkDelete(Ticket ticket, bool existed, sim::SimTime now);
  void OkCompareAndSet(Ticket ticket, sim::SimTime now);
  void CompareFailed(Ticket ticket, OptionalText found, sim::SimTime now);
  void OkCount(Ticket ticket, int64_t count, sim::SimTime now);  // read, or the new count
  void Fail(Ticket ticket);
  void Unknown(Ticket ticket);

  // Says more of an operation that has its answer, for the versioned check: the index of the log at
  // which it changed the key; or, if it changed nothing (a read, a compare that failed), that of
  // the state that it saw, and of the key's newest write or delete in that state, 0 for none.
  void TookEffectAt(Ticket ticket, LogIndex index);
  void SawState(Ticket ticket, LogIndex index, std::optional<LogIndex> value_of = std::nullopt);

  // In the order of their calls, failed ones included.
  size_t operations() const { return kv_.operations.size() + counters_.operations.size(); }
  const History& kv() const { return kv_; }
  const History& counters() const { return counters_; }
  const std::vector<VersionedOperation>& versions() const { return versions_; }

 private:
  friend struct CheckResult CheckHistory(const ClientHistory& history, const Budget& budget);

  History& HistoryOf(Ticket ticket);
  HistoryBuilder& BuilderOf(Ticket ticket);
  uint32_t ValueOf(OptionalText value);
  Ticket Invoke(Family family, uint32_t client, std::string_view key, Function function,
                uint64_t argument, sim::SimTime now);
  void Return(Ticket ticket, Function function, uint64_t result, sim::SimTime now);
  void AddVersion(Ticket ticket, VersionedOperation version);
  std::string VersionText(size_t number) const;
  std::string ViolationText(const VersionViolation& violation) const;

  History kv_;
  History counters_;
  HistoryBuilder kv_builder_{&kv_};
  HistoryBuilder counter_builder_{&counters_};
  std::vector<VersionedOperation> versions_;
  std::vector<Ticket> version_tickets_;  // whose they are
};

struct CheckResult {
  Verdict verdict = Verdict::kLinearizable;
  std::string message{};  // one or more lines, if it is not linearizable or not decided
  uint64_t steps = 0;
};

// The versioned check of what has versions, then each key by what the operations say. kUnknown if
// the budget (of steps, for each family) ended before there was a verdict: that is no pass.
CheckResult CheckHistory(const ClientHistory& history, const Budget& budget);

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_CLIENT_HISTORY_H_
