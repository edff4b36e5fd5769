#include "scenarios/cluster/member.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/state/composite_state_machine.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// A process that failed is started again after this long; one that was told to wait looks so often.
constexpr Duration kRestartDelay = 50ms;
constexpr Duration kLook = 5ms;
constexpr Duration kDrain = 1ms;

class InFlight {
 public:
  explicit InFlight(uint64_t& count) : count_(count) { ++count_; }
  ~InFlight() { --count_; }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  uint64_t& count_;
};

}  // namespace

// While it lives, the replica serves. When the machine dies it is unwound like everything else.
class Member::ServingScope {
 public:
  ServingScope(Member& member, Replica* replica) : member_(member) { member_.serving_ = replica; }
  ~ServingScope() { member_.serving_ = nullptr; }
  ServingScope(const ServingScope&) = delete;
  ServingScope& operator=(const ServingScope&) = delete;

 private:
  Member& member_;
};

Member::Member(sim::Simulator& sim, sim::Machine& machine, ReplicaOptions options,
               uint64_t chunk_bytes)
    : sim_(sim), machine_(machine), options_(std::move(options)), chunk_bytes_(chunk_bytes) {}

void Member::Start() {
  WT_CHECK(supervisor_ == nullptr);
  stopping_ = false;
  supervisor_ = sim_.tasks().Spawn("supervisor", [this] { Supervise(); });
}

void Member::Supervise() {
  for (;;) {
    WaitUntilStartable();
    if (stopping_) return;
    ++boots_;
    close_asked_ = false;
    machine_.Boot([this](Env env) { Main(env); });
    machine_.AwaitExit();
    WT_CHECK(serving_ == nullptr);
    if (!stopping_) sim_.SleepFor(kRestartDelay);
  }
}

void Member::WaitUntilStartable() {
  while (!stopping_ && (held_ || sim_.now() < down_until_)) {
    sim_.SleepFor(held_ ? kLook : std::max(kLook, down_until_ - sim_.now()));
  }
}

void Member::Main(Env env) {
  CompositeStateMachine machine(StateOptions{.target_chunk_bytes = chunk_bytes_});
  absl::StatusOr<std::unique_ptr<Replica>> replica = Replica::Open(env, options_, machine);
  opening_ = replica.status();
  failed_openings_ = replica.ok() ? 0 : failed_openings_ + 1;
  if (!replica.ok()) return;
  {
    ServingScope scope(*this, replica->get());
    (void)(*replica)->AwaitStopped();
  }
  (void)(*replica)->Close();
  while (in_flight_ > 0) env.tasks.SleepFor(kDrain);
}

Reached Member::WithReplica(std::string_view what, const std::function<void(Replica&)>& body) {
  bool found = false;
  bool ran = false;
  (void)machine_.Call(what, [&] {
    if (serving_ == nullptr) return;
    found = true;
    InFlight scope(in_flight_);
    body(*serving_);
    ran = true;
  });
  if (ran) return Reached::kYes;
  return found ? Reached::kNoAnswer : Reached::kNobody;
}

void Member::Down(Duration down_for) { down_until_ = std::max(down_until_, sim_.now() + down_for); }

void Member::CutPower(Duration down_for) {
  Down(down_for);
  machine_.PowerLoss();
}

void Member::Kill(Duration down_for) {
  Down(down_for);
  machine_.Kill();
}

void Member::AskToClose(Duration down_for) {
  Down(down_for);
  close_asked_ = true;
}

void Member::CloseIfAsked() {
  if (!close_asked_ || !serving()) return;
  close_asked_ = false;
  (void)WithReplica("close", [](Replica& replica) { (void)replica.Close(); });
}

void Member::Stop() {
  WT_CHECK(supervisor_ != nullptr);
  stopping_ = true;
  down_until_ = {};
  for (;;) {
    if (WithReplica("stop", [](Replica& replica) { (void)replica.Close(); }) == Reached::kYes)
      break;
    if (machine_.state() == sim::Machine::State::kOff) break;
    sim_.SleepFor(kLook);  // still opening
  }
  supervisor_->Join();
  supervisor_ = nullptr;
}

}  // namespace wt::scenarios
