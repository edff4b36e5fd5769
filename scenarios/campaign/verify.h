// Is a run a function of its seed? Two fresh processes, as different as they can be made, run the
// same seed; if they differ, the first trace record at which they part is found by bisection over
// the checkpoints of their digests.
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_VERIFY_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_VERIFY_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "scenarios/campaign/values.h"
#include "scenarios/campaign/worker.h"
#include "scenarios/execute.h"

namespace wt::scenarios {

// Trace records [from, to).
struct Window {
  uint64_t from = 0;
  uint64_t to = 0;
  bool operator==(const Window&) const = default;
};

// The records between the last checkpoint that both share and the first that they do not. Nothing
// when all checkpoints agree and there are equally many of them.
std::optional<Window> FirstDifference(const std::vector<Checkpoint>& a,
                                      const std::vector<Checkpoint>& b);

// Where two runs parted, as far as it could be seen.
struct Divergence {
  std::optional<uint64_t> record{};  // nothing: they did not differ again when traced
  std::vector<std::string> before;   // records that both had, the last few
  std::vector<std::string> sides[2]; // from the first different one on, a few of each
};

// Compares two traces of a window that begins at record `from`.
Divergence CompareTraces(const std::vector<std::string>& a, const std::vector<std::string>& b,
                         uint64_t from);

struct Verification {
  bool same = false;
  reports::RunRecord record;  // of the first process
  uint64_t digests[3] = {};   // the first process, the second, the second once more
  std::string outcomes[3];    // "pass", or the invariant
  std::optional<Divergence> divergence;
};

struct VerifyOptions {
  Command processes[2];
  WallDuration run_timeout{60'000};
  const std::atomic<int>* stop = nullptr;
};

// The ways in which the second process differs: heap contents, environment size (and with it every
// stack address), working directory; the kernel adds address randomisation.
Command MadeDifferent(Command command);

// Runs it once in one fresh process and twice in another. Errors: Unavailable when a process cannot
// be started; Aborted when stopped; what a worker says is wrong with the request.
absl::StatusOr<Verification> Verify(const RunId& run, const VerifyOptions& options);

std::string DivergenceText(const Divergence& divergence);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_VERIFY_H_
