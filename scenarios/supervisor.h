// The supervisor of one simulated server: boots its machine, and starts it again whenever it dies,
// as an init system would.
//
//   Supervisor     machine, power, kill, refusals: whatever the program is
//   Serving<T>     hands the open program to harness tasks, while it is open
#ifndef WAVETANK_SCENARIOS_SUPERVISOR_H_
#define WAVETANK_SCENARIOS_SUPERVISOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "engine/env/env.h"
#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::scenarios {

// How far a call to a server came.
enum class Reached {
  kYes,
  kNobody,    // nothing was there that could run it
  kNoAnswer,  // it may have run, or a part of it, or not
};

class Supervisor {
 public:
  Supervisor(sim::Simulator& sim, sim::Machine& machine) : sim_(sim), machine_(machine) {}
  virtual ~Supervisor() = default;
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Starts the supervisor, which boots the machine. For harness tasks; each of these suspends.
  void Start();

  // The power goes now and comes back `down_for` later.
  void CutPower(Duration down_for);
  // The process is killed now and starts again `down_for` later.
  void Kill(Duration down_for);

  // Closes the program in an orderly way and keeps the machine off. Afterwards Start again.
  void Stop();

  virtual bool serving() const = 0;
  // The last opening was refused for DATA_LOSS and nothing was started since.
  bool refused() const { return refused_; }
  // Lets the supervisor go on after a refusal (the operator has done something about it).
  void AcceptRefusal();

  // Openings that failed in a row.
  uint64_t failed_openings() const { return failed_openings_; }
  // Why the last opening failed; OK when it did not.
  const absl::Status& opening() const { return opening_; }
  uint64_t boots() const { return boots_; }
  sim::Machine& machine() { return machine_; }

 protected:
  // The program, from opening to closing; NoteOpening tells how the opening went.
  virtual void Main(Env env) = 0;
  // Makes the serving program come to its end. False when none was serving.
  virtual bool Close() = 0;
  // The machine is about to be booted.
  virtual void OnBoot() {}
  // The machine stays off for now, whatever down_for said.
  virtual bool held() const { return refused_; }

  void Down(Duration down_for);

  // Whether it succeeded.
  bool NoteOpening(const absl::Status& opening);

 private:
  void Supervise();
  void WaitUntilStartable();

  sim::Simulator& sim_;
  sim::Machine& machine_;
  std::unique_ptr<Task> supervisor_;
  sim::SimTime down_until_{};
  bool stopping_ = false;
  bool refused_ = false;
  absl::Status opening_;
  uint64_t failed_openings_ = 0;
  uint64_t boots_ = 0;
};

// Supervises a program whose open form is a T.
template <typename T>
class Serving : public Supervisor {
 public:
  using Supervisor::Supervisor;

  // Runs `body` on the machine with what serves. Suspends.
  Reached Call(std::string_view what, const std::function<void(T&)>& body) {
    bool found = false;
    bool ran = false;
    (void)machine().Call(what, [&] {
      if (serving_ == nullptr) return;
      found = true;
      const InFlight scope(in_flight_);
      body(*serving_);
      ran = true;
    });
    if (ran) return Reached::kYes;
    return found ? Reached::kNoAnswer : Reached::kNobody;
  }
  // The same, for who asks only whether it was reached.
  bool With(std::string_view what, const std::function<void(T&)>& body) {
    return Call(what, body) == Reached::kYes;
  }

  bool serving() const override { return serving_ != nullptr; }

 protected:
  // While it lives, `program` serves. When the machine dies it is unwound like everything else.
  class Scope {
   public:
    Scope(Serving& node, T* program) : node_(node) { node_.serving_ = program; }
    ~Scope() { node_.serving_ = nullptr; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Serving& node_;
  };

  // Until no call uses what served. Suspends.
  void Drain(Env env) {
    while (in_flight_ > 0) env.tasks.SleepFor(std::chrono::microseconds(100));
  }

 private:
  class InFlight {
   public:
    explicit InFlight(uint64_t& count) : count_(count) { ++count_; }
    ~InFlight() { --count_; }
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

   private:
    uint64_t& count_;
  };

  T* serving_ = nullptr;    // on the stack of the machine's main task
  uint64_t in_flight_ = 0;  // calls that use serving_
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_SUPERVISOR_H_
