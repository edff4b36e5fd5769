#include "scenarios/stopper.h"

#include <algorithm>

#include "engine/base/status.h"
#include "scenarios/campaign/step_pattern.h"
#include "scenarios/campaign/values.h"
#include "scenarios/conclude.h"
#include "sim/trace.h"

// Where a debugger waits: `wavetank repro --gdb`.
extern "C" [[gnu::noinline]] void wavetank_stopped_here() { asm volatile(""); }

namespace wt::scenarios {

Stopper::Stopper(sim::Simulator& sim, Story& story, const ExecuteOptions& options)
    : sim_(sim), options_(options) {
  if (!options.stop.set()) return;
  story.Listen([this](const reports::Step& step) { OnStep(step); });
  // Some records are made before a run begins.
  const uint64_t first = sim.trace().count() + 1;
  if (options.stop.record > 0) {
    sim.LookAt(std::max(first, options.stop.record), [this] { Stop(); });
  }
  if (options.stop.time > Duration(0)) sim.LookAtTime(options.stop.time, [this] { Stop(); });
}

void Stopper::OnStep(const reports::Step& step) {
  board_.Add(step);
  if (options_.stop.event.empty() || !Matches(options_.stop.event, step)) return;
  if (++matched_ == options_.stop.nth) Stop();
}

void Stopper::Stop() {
  if (stopped_) return;
  stopped_ = {.record = sim_.trace().count(), .at_us = Micros(sim_.now())};
  for (const std::string& show : options_.show) {
    const absl::StatusOr<ViewRequest> request = ParseViewRequest(show);
    stopped_->view += "--- " + show + "\n";
    stopped_->view += request.ok() ? View(sim_, board_, *request) : MessageOf(request.status());
  }
  wavetank_stopped_here();
  sim_.Fail(kName, "stopped there, as asked");
}

}  // namespace wt::scenarios
