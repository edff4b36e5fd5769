#include "scenarios/story.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "scenarios/campaign/values.h"
#include "scenarios/conclude.h"
#include "sim/trace.h"

namespace wt::scenarios {
namespace {

constexpr size_t kTailSteps = 64;

// One for each entry or read: too many to be read, and never the cause by themselves.
bool IsRoutine(EventKind kind) {
  return kind == EventKind::kLogAppended || kind == EventKind::kCommitAdvanced ||
         kind == EventKind::kEntryApplied || kind == EventKind::kReadServed ||
         kind == EventKind::kLogSynced || kind == EventKind::kAckReleased ||
         kind == EventKind::kQuorumCommitted;
}

}  // namespace

std::string PhraseOf(const Event& event) {
  const EventInfo& info = InfoOf(event.kind);
  std::string phrase(info.name);
  const uint64_t values[] = {event.a, event.b, event.c, event.d};
  for (int i = 0; i < 4; ++i) {
    const std::string_view field = info.fields[i];
    if (field.empty() || field == "state_digest" || field == "command_hash") continue;
    phrase += absl::StrFormat(" %s %d", field, values[i]);
  }
  if (!info.text.empty() && !event.text.empty()) phrase += ": " + std::string(event.text);
  return phrase;
}

void Story::Listen(std::function<void(const reports::Step&)> listener) {
  listener_ = std::move(listener);
}

void Story::OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) {
  if (routine_ || !IsRoutine(event.kind)) {
    Add(at, machine.name(), PhraseOf(event));
  } else if (listener_) {
    listener_(StepOf(at, machine.name(), PhraseOf(event), {}));
  }
}

reports::Step Story::StepOf(sim::SimTime at, std::string machine, std::string what,
                            std::string note) {
  return {.at_us = Micros(at),
          .machine = std::move(machine),
          .what = std::move(what),
          .note = std::move(note),
          .record = sim_.trace().count()};
}

void Story::Add(sim::SimTime at, std::string machine, std::string what, std::string note) {
  steps_.push_back(StepOf(at, std::move(machine), std::move(what), std::move(note)));
  if (!everything_ && steps_.size() > 2 * kTailSteps) Trim();
  if (listener_) listener_(reports::Step(steps_.back()));
}

void Story::Trim() { steps_.erase(steps_.begin(), steps_.end() - kTailSteps); }

std::vector<reports::Step> Story::Tail(size_t n) const {
  const size_t from = steps_.size() > n ? steps_.size() - n : 0;
  return {steps_.begin() + static_cast<ptrdiff_t>(from), steps_.end()};
}

}  // namespace wt::scenarios
