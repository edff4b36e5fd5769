#include "scenarios/invariants.h"

namespace wt::scenarios {
namespace {

constexpr InvariantInfo kInvariants[] = {
    {"wal-append-only",
     "durable bytes of the log never change; its files only grow, or go whole by compaction"},
    {"snapshot-equivalence",
     "snapshot + suffix replay gives the state of a full replay, at every index"},
    {"atomic-commit", "a batch is whole or absent, at every moment and after every crash"},
    {"index-order", "last_applied <= commit_index <= last_log_index, each monotone while running"},
    {"log-matching", "the same (index, term) is the same entry, for ever, and there is no gap"},
    {"election-safety",
     "at most one primary a term; nobody votes twice in a term, restarts included"},
    {"leader-completeness", "what is committed is in the log of every later primary"},
    {"acked-writes-survive",
     "what was acknowledged is there after any faults that the ledger calls recoverable"},
    {"no-phantom", "nothing is read that nobody wrote; nothing deleted comes back"},
    {"ordered-scan",
     "a scan, either way, shows each key of its range once, in order, as reads of the key do"},
    {"repeatable-view",
     "a view shows one state for as long as it is held, whatever is written, flushed or merged"},
    {"linearizable", "every answer fits one order of the operations that respects real time"},
    {"read-barrier", "after a start, no read is served before the committed entries are applied"},
    {"deterministic-apply",
     "an entry applied again to the same state gives the same answer and state"},
    {"state-machine-safety",
     "no two replicas apply different entries at an index; answers are the model's"},
    {"exactly-once", "an idempotency key takes effect once; retries get the first answer"},
    {"refuse-not-lie",
     "damage beyond repair is refused, never served; a healthy disk is never refused"},
    {"disk-faults-contained",
     "a failed sync is never retried into success; a full disk refuses and recovers"},
    {"no-leak", "in calm every file is referenced, and obsolete logs and snapshots are gone"},
    {"converges",
     "in calm a node, or a primary, serves within its bound, every operation is answered, and "
     "replicas come to the same state"},
    {"story", "a directed scenario goes as it is told"},
    {"no-crash", "the process of a run does not die"},
    {"no-hang", "a run ends within its limit of wall time"},
    {"check", "no assertion of the engine fails"},
};

}  // namespace

std::span<const InvariantInfo> AllInvariants() { return kInvariants; }

}  // namespace wt::scenarios
