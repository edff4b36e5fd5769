// A campaign: scenarios × seeds, run by worker processes, reported in order.
//
// The order is seed by seed, and for each seed scenario by scenario. Whatever the number of
// workers, on_run sees the same records in the same order. A worker that dies of a run, or hangs,
// makes that run a finding; the campaign goes on with a new one.
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_RUNNER_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_RUNNER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "reports/campaign.h"
#include "reports/run_record.h"
#include "scenarios/campaign/protocol.h"
#include "scenarios/campaign/values.h"
#include "scenarios/campaign/worker.h"

namespace wt::scenarios {

struct Progress {
  uint64_t done = 0;
  std::optional<uint64_t> total{};  // not known when time is the limit
  uint64_t failed = 0;
  uint64_t wall_us = 0;
};

struct CampaignOptions {
  SeedRange seeds = {0, 100};
  Shard shard{};
  uint32_t jobs = 1;
  WallDuration run_timeout{60'000};
  WallDuration time_limit{0};       // no new runs after that; zero: no limit
  bool until_fail = false;          // nothing after the first failure in order
  uint32_t verify_one_in = 0;       // of so many runs, one is run again elsewhere; zero: none
  Command verifier{};               // that elsewhere, started afresh; empty: another fork
  const std::atomic<int>* stop = nullptr;  // nonzero: interrupted

  std::function<void(const reports::RunRecord&)> on_run{};
  std::function<void(const reports::Mismatch&)> on_mismatch{};  // after the run's on_run
  std::function<void(const Progress&)> on_progress{};           // about 20 times a second
};

struct CampaignEnd {
  bool interrupted = false;  // what was done was reported, with gaps
  uint64_t wall_us = 0;
  uint64_t verified = 0;  // runs that were run twice
};

// Requires: tank.scenarios is not empty. Errors: Unavailable when no worker can be started.
absl::StatusOr<CampaignEnd> RunCampaign(const Tank& tank, const CampaignOptions& options);

// How many runs the campaign, or this shard of it, has.
uint64_t CampaignSize(uint64_t scenarios, const SeedRange& seeds, const Shard& shard);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_RUNNER_H_
