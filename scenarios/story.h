// The story of a run: what happened that a person would want to read, in order; and, for a failure,
// the last few steps that led to it.
#ifndef WAVETANK_SCENARIOS_STORY_H_
#define WAVETANK_SCENARIOS_STORY_H_

#include <functional>
#include <string>
#include <vector>

#include "reports/run_record.h"
#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class Story final : public sim::EventObserver {
 public:
  // `everything`: keep every step, not only the tail that a failure needs.
  Story(sim::Simulator& sim, bool everything) : sim_(sim), everything_(everything) {}

  // Keeps the steps of routine, too. Before the run.
  void KeepRoutine() { routine_ = true; }

  // Gives every step to `listener` as it is told, and those of routine that the story leaves out.
  void Listen(std::function<void(const reports::Step&)> listener);

  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;
  void Add(sim::SimTime at, std::string machine, std::string what, std::string note = {});

  const std::vector<reports::Step>& steps() const { return steps_; }
  // The last `n` steps that can have caused something.
  std::vector<reports::Step> Tail(size_t n) const;

 private:
  reports::Step StepOf(sim::SimTime at, std::string machine, std::string what, std::string note);
  void Trim();

  sim::Simulator& sim_;
  const bool everything_;
  bool routine_ = false;
  std::function<void(const reports::Step&)> listener_;
  std::vector<reports::Step> steps_;
};

// "log.synced upto 413" and the like.
std::string PhraseOf(const Event& event);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_STORY_H_
