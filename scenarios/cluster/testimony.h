// What the clients of a group say, and whether it can be true: linearizable, exactly-once,
// no-phantom, atomic-commit. Each answer names the index of the log that it comes from, and is held
// to the committed sequence at once; the whole history is checked without indices at the end.
#ifndef WAVETANK_SCENARIOS_CLUSTER_TESTIMONY_H_
#define WAVETANK_SCENARIOS_CLUSTER_TESTIMONY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/state/command.h"
#include "scenarios/cluster/ledger.h"
#include "scenarios/judge.h"
#include "scenarios/linearizability/client_history.h"

namespace wt::scenarios {

class Testimony {
 public:
  // One operation under way.
  struct Call {
    uint32_t client = 0;
    Command command;  // what is executed, be it within a Once
    std::string once_key;
    LogIndex floor;  // nothing older may be the answer
    std::vector<lin::ClientHistory::Ticket> tickets;
  };

  Testimony(Judge& judge, const Ledger& ledger) : judge_(judge), ledger_(ledger) {}

  // `once_key`: empty unless the command goes as a Once of that key.
  Call Begin(uint32_t client, const Command& command, std::string once_key = {});

  // ---- Ends. Exactly one for each call.

  // A write was acknowledged at `index`, and is committed, with this result. `again`: it was sent
  // before, so that this entry need not be the one that took effect.
  void Acknowledged(Call& call, LogIndex index, const std::string& result, bool again);
  // A read was answered; as one that is linearizable, or a stale one.
  void Answered(Call& call, const ReadResult& read, bool linearizable);
  // Its outcome is not known, or it was acknowledged before it was committed.
  void Unknown(Call& call);
  // It certainly had no effect.
  void Refused(Call& call);

  // The check of the history as a whole. Returns false when its budget did not suffice.
  bool CheckHistory();

  uint64_t acknowledged() const { return acknowledged_; }
  uint64_t answered() const { return answered_; }
  uint64_t unknown() const { return unknown_; }
  uint64_t refused() const { return refused_; }

 private:
  void JudgeValue(const Call& call, const ReadResult& read);
  void JudgeFresh(const Call& call, LogIndex at, std::string_view what);
  void CloseTickets(Call& call, const Result& result, LogIndex index, bool again);
  void Raise(LogIndex index) { known_ = std::max(known_, index); }

  Judge& judge_;
  const Ledger& ledger_;
  lin::ClientHistory history_;
  LogIndex known_;                                    // the newest that anybody was told of
  std::map<std::string, std::string> first_answers_;  // by idempotency key
  uint64_t acknowledged_ = 0;
  uint64_t answered_ = 0;
  uint64_t unknown_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_TESTIMONY_H_
