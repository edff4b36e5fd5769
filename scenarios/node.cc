#include "scenarios/node.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/state/composite_state_machine.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// A process that failed is started again after this long; one that was told to wait looks so often.
constexpr Duration kRestartDelay = 50ms;
constexpr Duration kLook = 1ms;
constexpr Duration kDrain = 100us;

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

EngineOptions OptionsFrom(const EngineKnobs& knobs) {
  EngineOptions options;
  options.log.segment_bytes = knobs.segment_bytes;
  options.log.alignment = static_cast<uint32_t>(knobs.alignment);
  options.log.buffer_bytes = 64 * kKiB;
  options.snapshot.compress = knobs.compress;
  options.snapshot.incremental = knobs.incremental;
  options.snapshot_log_bytes = knobs.snapshot_log_bytes;
  options.snapshots_kept = knobs.snapshots_kept;
  return options;
}

// While it lives, the engine serves. When the machine dies it is unwound like everything else.
class Node::ServingScope {
 public:
  ServingScope(Node& node, Standalone* engine) : node_(node) { node_.serving_ = engine; }
  ~ServingScope() { node_.serving_ = nullptr; }
  ServingScope(const ServingScope&) = delete;
  ServingScope& operator=(const ServingScope&) = delete;

 private:
  Node& node_;
};

Node::Node(sim::Simulator& sim, sim::Machine& machine, const EngineKnobs& knobs)
    : sim_(sim), machine_(machine), knobs_(knobs) {}

void Node::Start() {
  WT_CHECK(supervisor_ == nullptr);
  stopping_ = false;
  supervisor_ = sim_.tasks().Spawn("supervisor", [this] { Supervise(); });
}

void Node::Supervise() {
  while (!stopping_) {
    WaitUntilStartable();
    if (stopping_) return;
    ++boots_;
    machine_.Boot([this](Env env) { Main(env); });
    machine_.AwaitExit();
    WT_CHECK(serving_ == nullptr);
    if (!stopping_) sim_.SleepFor(kRestartDelay);
  }
}

void Node::WaitUntilStartable() {
  while (!stopping_ && (refused_ || sim_.now() < down_until_)) {
    sim_.SleepFor(refused_ ? kLook : std::max(kLook, down_until_ - sim_.now()));
  }
}

void Node::Main(Env env) {
  CompositeStateMachine machine;
  absl::StatusOr<std::unique_ptr<Standalone>> engine =
      Standalone::Open(env, OptionsFrom(knobs_), machine);
  opening_ = engine.status();
  failed_openings_ = engine.ok() ? 0 : failed_openings_ + 1;
  if (!engine.ok()) {
    refused_ = absl::IsDataLoss(engine.status());
    return;
  }
  {
    ServingScope scope(*this, engine->get());
    (void)(*engine)->engine().AwaitStopped();
  }
  while (in_flight_ > 0) env.tasks.SleepFor(kDrain);
  (void)(*engine)->Close();
}

bool Node::WithEngine(std::string_view what, const std::function<void(Standalone&)>& body) {
  bool ran = false;
  const bool returned = machine_.Call(what, [&] {
    if (serving_ == nullptr) return;
    InFlight scope(in_flight_);
    body(*serving_);
    ran = true;
  });
  return returned && ran;
}

void Node::Down(Duration down_for) { down_until_ = std::max(down_until_, sim_.now() + down_for); }

void Node::CutPower(Duration down_for) {
  Down(down_for);
  machine_.PowerLoss();
}

void Node::Kill(Duration down_for) {
  Down(down_for);
  machine_.Kill();
}

void Node::Stop() {
  WT_CHECK(supervisor_ != nullptr);
  stopping_ = true;
  down_until_ = {};
  while (!WithEngine("stop", [](Standalone& engine) { (void)engine.Close(); })) {
    if (machine_.state() == sim::Machine::State::kOff) break;
    sim_.SleepFor(kLook);  // still opening
  }
  supervisor_->Join();
  supervisor_ = nullptr;
}

}  // namespace wt::scenarios
