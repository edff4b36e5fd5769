// acked-writes-survive and refuse-not-lie: what a node that starts again must still have, decided
// by the ledger.
//
// Each successful sync of a log file promises a range of its bytes. A later sync is a witness that
// the earlier ones took place: an engine that finds the later range intact and an earlier one
// damaged knows that something durable is gone, and must refuse. So, when a recovered log ends
// before something promised:
//   - the first promised range that is missing is intact on the platter    -> acked-writes-survive
//   - it is harmed, but a later promised range is intact                   -> refuse-not-lie
//   - it is harmed, and so is everything promised after it                 -> forgiven: nobody can
//     tell this disk from one on which it never happened
// A refusal is right when the platter holds harm, and wrong (refuse-not-lie) when it does not.
#ifndef WAVETANK_SCENARIOS_INVARIANTS_SURVIVAL_H_
#define WAVETANK_SCENARIOS_INVARIANTS_SURVIVAL_H_

#include <string>
#include <vector>

#include "scenarios/history.h"
#include "scenarios/judge.h"
#include "scenarios/shadow.h"
#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class Survival final : public sim::EventObserver {
 public:
  Survival(Judge& judge, sim::Machine& machine, Shadow& shadow, History& history,
           Owed owed = Owed::kCommitted)
      : judge_(judge), machine_(machine), shadow_(shadow), history_(history), owed_(owed) {}
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

  // A fault that lies without leaving a trace on the platter (a stale read, say) takes place, or
  // its window ends. While one is open, or was since the engine began to open, refusal is right.
  void TransientLies(bool begin);

  // Of these, one that says nothing: older bytes are read where newer ones are. The last batch of
  // the log may then look as if it had never been written.
  void StaleReads(bool begin);

  // A backup of the disk is taken, or takes the disk's place: anything since then is nobody's
  // fault.
  void OnBackup();
  void OnDiskSwapped() { swapped_ = true; }

  // The disk was wiped; nothing was promised yet.
  void BeginAnew();

  // Whether a refusal, or an error that names damage, may be right now.
  bool MayRefuse() const;
  // What harm there is now excuses this life also when the file that has it is gone.
  void RememberHarm();
  // Somebody was refused for damage: at the opening, or later while it served.
  void OnRefused(std::string_view error);

  uint64_t refusals() const { return refusals_; }
  uint64_t forgiven() const { return forgiven_; }

 private:
  struct Promise {
    uint64_t segment = 0;
    uint64_t from = 0;
    uint64_t to = 0;
    LogIndex last;
    bool named = false;  // the name of its file is durable as well
    // When the engine began to open: what it found, before it did anything.
    bool harmed = false;
    bool silently = false;  // and not all of it is sectors that say themselves that they are lost
  };

  void OnSegmentRemoved(uint64_t segment);
  void OnRecovered(LogIndex last);
  void JudgeLoss(LogIndex last, LogIndex promised);
  void OnOldDisk(LogIndex last);
  void Forgive(LogIndex last);
  bool HarmedSilently(const Promise& promise) const;
  void OnOpening();
  void NoteHarm();
  void Settle();

  Judge& judge_;
  sim::Machine& machine_;
  Shadow& shadow_;
  History& history_;
  const Owed owed_;
  std::vector<Promise> promises_;
  std::vector<Promise> made_by_recovery_;  // since engine.opening
  LogIndex committed_;                     // what is owed, less what was forgiven
  LogIndex backup_;                        // committed_ when the backup was taken
  bool swapped_ = false;                   // since the last opening
  bool harmed_ = false;                    // anything at all, since the engine began to open
  bool opening_ = false;                   // between engine.opening and the first commit.advanced
  uint32_t open_lies_ = 0;
  bool lied_since_opening_ = false;
  uint32_t open_stale_ = 0;
  bool stale_since_opening_ = false;
  uint64_t refusals_ = 0;
  uint64_t forgiven_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_INVARIANTS_SURVIVAL_H_
