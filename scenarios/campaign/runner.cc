#include "scenarios/campaign/runner.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/base/random.h"
#include "engine/base/status.h"

namespace wt::scenarios {
namespace {

using Clock = std::chrono::steady_clock;
using reports::RunRecord;
using reports::Verdict;

constexpr uint64_t kQueueAheadUs = 100'000;  // a worker has about this much work in hand
constexpr size_t kLongestQueue = 32;
constexpr uint64_t kMostUnreported = 20'000; // runs done ahead of one that takes long
constexpr int kCannotStart = 127;
constexpr WallDuration kTick{50};

uint64_t MicrosecondsSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
}

// One execution of the run at `ordinal` of the campaign's order.
struct Job {
  uint64_t ordinal = 0;
  bool again = false;
};

// What is known of a run that is not reported yet.
struct Outcome {
  std::optional<RunRecord> first;
  std::optional<RunRecord> again;
  bool wants_again = false;

  bool complete() const { return first && (again || !wants_again); }
};

struct Slot {
  std::unique_ptr<WorkerProcess> worker;
  std::deque<Job> jobs;      // the first is running
  Clock::time_point since;   // when it was given, or its predecessor answered
  bool verifier = false;
};

class Campaign {
 public:
  Campaign(const Tank& tank, const CampaignOptions& options)
      : tank_(tank),
        options_(options),
        size_(CampaignSize(tank.scenarios.size(), options.seeds, options.shard)),
        limit_(size_),
        start_(Clock::now()) {
    WT_CHECK(!tank.scenarios.empty());
    WT_CHECK(options.jobs > 0);
  }

  absl::StatusOr<CampaignEnd> Run();

 private:
  void MakeSlots();
  absl::Status StartWorker(Slot& slot);
  absl::Status HandOut();
  absl::Status Fill(Slot& slot);
  std::optional<Job> NextJob(const Slot& slot);
  Request RequestFor(const Job& job) const;
  bool WantsAgain(uint64_t ordinal) const;
  size_t QueueLength() const;

  void Wait();
  absl::Status Collect(Slot& slot);
  void Take(Slot& slot, std::string_view line);
  absl::Status Lost(Slot& slot, const Death& death);
  absl::Status EndHung();
  void Settle(const Job& job, RunRecord record);

  void Report();
  void ReportOne(const Outcome& outcome);
  void ReportRest();
  void ShowProgress();
  bool Idle() const;
  bool Stopped() const { return options_.stop != nullptr && *options_.stop != 0; }
  void CheckTime();

  const Tank& tank_;
  const CampaignOptions& options_;
  const uint64_t size_;
  uint64_t limit_;               // runs from here on are not started
  const Clock::time_point start_;
  std::vector<Slot> slots_;
  std::deque<Job> orphans_;      // were in the queue of a worker that died
  std::deque<Job> second_runs_;
  std::map<uint64_t, Outcome> unreported_;
  uint64_t next_ = 0;            // ordinal to hand out
  uint64_t reported_ = 0;        // ordinals below are reported
  uint64_t done_ = 0;
  uint64_t failed_ = 0;
  uint64_t verified_ = 0;
  uint64_t usual_us_ = 0;        // moving average of a run's wall time
};

void Campaign::MakeSlots() {
  const uint64_t jobs = std::min<uint64_t>(options_.jobs, std::max<uint64_t>(size_, 1));
  for (uint64_t i = 0; i < jobs; ++i) slots_.emplace_back();
  if (options_.verify_one_in == 0) return;
  const uint64_t verifiers = std::max<uint64_t>(1, jobs / options_.verify_one_in);
  for (uint64_t i = 0; i < verifiers; ++i) slots_.emplace_back().verifier = true;
}

absl::Status Campaign::StartWorker(Slot& slot) {
  WT_CHECK(slot.worker == nullptr);
  const bool afresh = slot.verifier && !options_.verifier.arguments.empty();
  absl::StatusOr<std::unique_ptr<WorkerProcess>> worker =
      afresh ? WorkerProcess::Start(options_.verifier)
             : WorkerProcess::Fork(
                   [this](std::string_view line) { return Serve(tank_, line); });
  if (!worker.ok()) return worker.status();
  slot.worker = *std::move(worker);
  slot.since = Clock::now();
  return absl::OkStatus();
}

// Scenarios take turns; a shard has whole seeds, every count-th.
Request Campaign::RequestFor(const Job& job) const {
  const uint64_t scenarios = tank_.scenarios.size();
  const uint64_t seed_ordinal = job.ordinal / scenarios;
  return {.scenario = tank_.scenarios[job.ordinal % scenarios].name,
          .seed = options_.seeds.begin + (options_.shard.index - 1) +
                  seed_ordinal * options_.shard.count};
}

// Chosen by name and seed, so that the choice does not depend on the other runs.
bool Campaign::WantsAgain(uint64_t ordinal) const {
  if (options_.verify_one_in == 0) return false;
  const Request request = RequestFor({.ordinal = ordinal});
  Draw draw(request.seed, {KeyOf("campaign.verify"), KeyOf(request.scenario)});
  return draw.OneIn(options_.verify_one_in);
}

size_t Campaign::QueueLength() const {
  const uint64_t usual = std::max<uint64_t>(usual_us_, 1);
  return std::clamp<size_t>(usual_us_ == 0 ? 1 : kQueueAheadUs / usual, 1, kLongestQueue);
}

std::optional<Job> Campaign::NextJob(const Slot& slot) {
  std::deque<Job>& waiting = slot.verifier ? second_runs_ : orphans_;
  if (!waiting.empty()) {
    const Job job = waiting.front();
    waiting.pop_front();
    return job;
  }
  if (slot.verifier || next_ >= limit_ || next_ - reported_ >= kMostUnreported) {
    return std::nullopt;
  }
  const Job job{.ordinal = next_++};
  Outcome& outcome = unreported_[job.ordinal];
  outcome.wants_again = WantsAgain(job.ordinal);
  if (outcome.wants_again) second_runs_.push_back({.ordinal = job.ordinal, .again = true});
  return job;
}

absl::Status Campaign::Fill(Slot& slot) {
  const size_t length = QueueLength();
  if (slot.jobs.size() > length / 2) return absl::OkStatus();
  while (slot.jobs.size() < length) {
    const std::optional<Job> job = NextJob(slot);
    if (!job) break;
    if (slot.worker == nullptr) WT_RETURN_IF_ERROR(StartWorker(slot));
    if (slot.jobs.empty()) slot.since = Clock::now();
    slot.jobs.push_back(*job);
    slot.worker->Send(ToLine(RequestFor(*job)));
  }
  return absl::OkStatus();
}

absl::Status Campaign::HandOut() {
  for (Slot& slot : slots_) WT_RETURN_IF_ERROR(Fill(slot));
  return absl::OkStatus();
}

bool Campaign::Idle() const {
  for (const Slot& slot : slots_) {
    if (!slot.jobs.empty()) return false;
  }
  return true;
}

void Campaign::Wait() {
  std::vector<pollfd> waits;
  for (const Slot& slot : slots_) {
    if (!slot.jobs.empty()) waits.push_back({slot.worker->socket(), POLLIN, 0});
  }
  ::poll(waits.data(), waits.size(), static_cast<int>(kTick.count()));
}

void Campaign::Settle(const Job& job, RunRecord record) {
  const auto found = unreported_.find(job.ordinal);
  if (found == unreported_.end()) return;  // beyond the first failure
  const bool failed = record.verdict == Verdict::kFail;
  done_ += !job.again;
  failed_ += failed && !job.again;
  usual_us_ = usual_us_ == 0 ? record.wall_us : (usual_us_ * 7 + record.wall_us) / 8;
  // All that follow are not wanted any more; those before still may fail, too.
  if (options_.until_fail && failed) limit_ = std::min(limit_, job.ordinal + 1);
  (job.again ? found->second.again : found->second.first) = std::move(record);
}

void Campaign::Take(Slot& slot, std::string_view line) {
  WT_CHECK(!slot.jobs.empty());
  const Job job = slot.jobs.front();
  slot.jobs.pop_front();
  slot.since = Clock::now();
  absl::StatusOr<scenarios::Run> run = RunFromLine(line);
  if (run.ok()) return Settle(job, std::move(run->record));
  const Request request = RequestFor(job);
  RunRecord record{.scenario = request.scenario, .seed = request.seed,
                   .verdict = Verdict::kError, .message = MessageOf(run.status())};
  Settle(job, std::move(record));
}

absl::Status Campaign::Lost(Slot& slot, const Death& death) {
  slot.worker.reset();
  if (slot.jobs.empty()) return absl::OkStatus();
  if (slot.verifier && death.signal == 0 && death.exit_code == kCannotStart) {
    return Unavailable("cannot start %s", options_.verifier.arguments.front());
  }
  const Job job = slot.jobs.front();
  slot.jobs.pop_front();
  std::deque<Job>& waiting = slot.verifier ? second_runs_ : orphans_;
  waiting.insert(waiting.begin(), slot.jobs.begin(), slot.jobs.end());
  slot.jobs.clear();
  const Request request = RequestFor(job);
  Settle(job, RecordOfDeath(request.scenario, request.seed, death, options_.run_timeout));
  return absl::OkStatus();
}

absl::Status Campaign::Collect(Slot& slot) {
  if (slot.worker == nullptr) return absl::OkStatus();
  std::vector<std::string> lines;
  const bool alive = slot.worker->Receive(&lines);
  for (const std::string& line : lines) Take(slot, line);
  if (alive) return absl::OkStatus();
  return Lost(slot, slot.worker->Bury());
}

absl::Status Campaign::EndHung() {
  for (Slot& slot : slots_) {
    if (slot.jobs.empty() || Clock::now() - slot.since < options_.run_timeout) continue;
    WT_RETURN_IF_ERROR(Lost(slot, slot.worker->KillHung()));
  }
  return absl::OkStatus();
}

void Campaign::ReportOne(const Outcome& outcome) {
  WT_CHECK(outcome.first);
  if (options_.on_run) options_.on_run(*outcome.first);
  verified_ += outcome.again.has_value();
  if (!outcome.again || !options_.on_mismatch) return;
  const RunRecord& a = *outcome.first;
  const RunRecord& b = *outcome.again;
  if (a.digest == b.digest && a.verdict == b.verdict && a.invariant == b.invariant) return;
  options_.on_mismatch({a.scenario, a.seed, {a.digest, b.digest}});
}

// Everything that is complete and has no gap before it.
void Campaign::Report() {
  while (!unreported_.empty() && reported_ < limit_) {
    const auto first = unreported_.begin();
    if (first->first != reported_ || !first->second.complete()) break;
    ReportOne(first->second);
    unreported_.erase(first);
    ++reported_;
  }
  // What was started beyond the limit, before the limit was known, counts for nothing.
  unreported_.erase(unreported_.lower_bound(limit_), unreported_.end());
}

void Campaign::ReportRest() {
  for (const auto& [ordinal, outcome] : unreported_) {
    if (outcome.first) ReportOne(outcome);
  }
  unreported_.clear();
}

void Campaign::CheckTime() {
  const bool up = options_.time_limit.count() > 0 &&
                  Clock::now() - start_ >= options_.time_limit;
  if (up) limit_ = std::min(limit_, std::max(next_, uint64_t{1}));
}

void Campaign::ShowProgress() {
  if (!options_.on_progress) return;
  Progress progress{.done = done_, .failed = failed_, .wall_us = MicrosecondsSince(start_)};
  if (options_.time_limit.count() == 0) progress.total = size_;
  options_.on_progress(progress);
}

absl::StatusOr<CampaignEnd> Campaign::Run() {
  MakeSlots();
  while (!Stopped()) {
    CheckTime();
    WT_RETURN_IF_ERROR(HandOut());
    if (reported_ >= limit_ || (Idle() && unreported_.empty())) break;
    Wait();
    for (Slot& slot : slots_) WT_RETURN_IF_ERROR(Collect(slot));
    WT_RETURN_IF_ERROR(EndHung());
    Report();
    ShowProgress();
  }
  const bool interrupted = Stopped();
  if (interrupted) ReportRest();
  return CampaignEnd{.interrupted = interrupted,
                     .wall_us = MicrosecondsSince(start_),
                     .verified = verified_};
}

}  // namespace

uint64_t CampaignSize(uint64_t scenarios, const SeedRange& seeds, const Shard& shard) {
  WT_CHECK(seeds.begin < seeds.end);
  WT_CHECK(shard.index >= 1 && shard.index <= shard.count);
  const uint64_t skipped = shard.index - 1;
  const uint64_t count = seeds.end - seeds.begin;
  if (count <= skipped) return 0;
  const uint64_t mine = (count - skipped - 1) / shard.count + 1;
  const auto total = static_cast<unsigned __int128>(mine) * scenarios;
  return static_cast<uint64_t>(std::min<unsigned __int128>(total, ~uint64_t{0}));
}

absl::StatusOr<CampaignEnd> RunCampaign(const Tank& tank, const CampaignOptions& options) {
  return Campaign(tank, options).Run();
}

}  // namespace wt::scenarios
