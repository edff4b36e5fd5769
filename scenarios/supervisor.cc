#include "scenarios/supervisor.h"

#include <algorithm>

#include "engine/base/check.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// A process that failed is started again after this long; one that was told to wait looks so often.
constexpr Duration kRestartDelay = 50ms;
constexpr Duration kLook = 1ms;

}  // namespace

void Supervisor::Start() {
  WT_CHECK(supervisor_ == nullptr);
  stopping_ = false;
  supervisor_ = sim_.tasks().Spawn("supervisor", [this] { Supervise(); });
}

void Supervisor::Supervise() {
  while (!stopping_) {
    WaitUntilStartable();
    if (stopping_) return;
    ++boots_;
    OnBoot();
    machine_.Boot([this](Env env) { Main(env); });
    machine_.AwaitExit();
    WT_CHECK(!serving());
    if (!stopping_) sim_.SleepFor(kRestartDelay);
  }
}

void Supervisor::WaitUntilStartable() {
  while (!stopping_ && (held() || sim_.now() < down_until_)) {
    sim_.SleepFor(held() ? kLook : std::max(kLook, down_until_ - sim_.now()));
  }
}

bool Supervisor::NoteOpening(const absl::Status& opening) {
  opening_ = opening;
  failed_openings_ = opening.ok() ? 0 : failed_openings_ + 1;
  if (!opening.ok()) refused_ = absl::IsDataLoss(opening);
  return opening.ok();
}

void Supervisor::AcceptRefusal() {
  refused_ = false;
  failed_openings_ = 0;
}

void Supervisor::Down(Duration down_for) {
  down_until_ = std::max(down_until_, sim_.now() + down_for);
}

void Supervisor::CutPower(Duration down_for) {
  Down(down_for);
  machine_.PowerLoss();
}

void Supervisor::Kill(Duration down_for) {
  Down(down_for);
  machine_.Kill();
}

void Supervisor::Stop() {
  WT_CHECK(supervisor_ != nullptr);
  stopping_ = true;
  down_until_ = {};
  while (!Close()) {
    if (machine_.state() == sim::Machine::State::kOff) break;
    sim_.SleepFor(kLook);  // still opening
  }
  supervisor_->Join();
  supervisor_ = nullptr;
}

}  // namespace wt::scenarios
