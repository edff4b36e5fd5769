#include "scenarios/crash_run.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "sim/machine.h"
#include "sim/trace.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatience = 10s;
// From where on CrashLie::kLostSyncs loses them: some have taken place, and many follow.
constexpr uint64_t kFirstLostSync = 10;

std::optional<CrashFailure> FailureOf(const sim::RunEnd& end) {
  if (end.kind == sim::RunEnd::Kind::kFinished) return std::nullopt;
  return CrashFailure{end.invariant.empty() ? "converges" : end.invariant, end.message, {}};
}

}  // namespace

// ---- CrashWorkload

CrashWorkload::CrashWorkload(const Plan& plan, Owed owed)
    : sim_({.seed = plan.seed, .policy = plan.policy}),
      machine_(sim_.AddMachine("n1")),
      judge_(sim_),
      shadow_(std::make_unique<Shadow>()),
      index_order_(judge_),
      survival_(judge_, machine_, *shadow_, history_, owed),
      append_only_(judge_),
      faults_contained_(judge_, owed) {}

void CrashWorkload::Watch(std::initializer_list<sim::EventObserver*> events,
                          std::initializer_list<sim::DiskObserver*> disk) {
  for (sim::EventObserver* observer : events) sim_.AddObserver(observer);
  machine_.disk().AddObserver(&append_only_);
  machine_.disk().AddObserver(&faults_contained_);
  for (sim::DiskObserver* observer : disk) machine_.disk().AddObserver(observer);
  machine_.disk().AddObserver(this);
}

Recording CrashWorkload::Record(CrashLie lie) {
  recording_ = true;
  lie_ = lie;
  Recording recording;
  recording.failure = FailureOf(sim_.Run([this, &recording] {
    node().Start();
    clients().Start();
    while (!clients().Done()) sim_.SleepFor(1ms);
    recording.before_stop = barriers_;
    node().Stop();
  }));
  recording.points = std::move(points_);
  recording.truth = std::move(shadow_);
  recording.digest = sim_.trace().digest();
  return recording;
}

std::optional<CrashFailure> CrashWorkload::Suffer(uint64_t point, Mishap mishap, CrashLie lie) {
  lie_ = lie;
  mishap_at_ = point;
  mishap_ = mishap;
  return FailureOf(sim_.Run([this] {
    node().Start();
    clients().Start();
    while (!clients().Done() && !struck_) sim_.SleepFor(1ms);
    WT_CHECK(struck_);
    AfterMishap();
    clients().GiveUpAfter(sim_.now());
    while (!clients().Done()) sim_.SleepFor(1ms);
    node().Stop();
  }));
}

void CrashWorkload::OnBarrier(std::string_view path) {
  ++barriers_;
  if (recording_) {
    points_.push_back(
        {CrashPoint(machine_.disk(), absl::StrFormat("point %d (sync %s)", barriers_, path)),
         Bounds{std::max(history_.last_acknowledged(), committed()), shadow_->last()}});
  }
  if (lie_ == CrashLie::kLostSyncs && barriers_ == kFirstLostSync) {
    machine_.disk().LieNextSyncs(std::numeric_limits<uint64_t>::max());
  }
  if (barriers_ != mishap_at_ || !mishap_.has_value()) return;
  struck_ = true;
  // That is this one. Who is to be killed gets no further, nor does anybody else of its machine.
  if (mishap_ == Mishap::kFailedSync) return machine_.disk().FailNextSyncs(1);
  machine_.StandStill();
}

// Lets the server start again and answer, then cuts the power: what it answered must be there.
void CrashWorkload::AfterMishap() {
  if (mishap_ == Mishap::kKillThenCut) {
    WT_CHECK(machine_.state() == sim::Machine::State::kPaused);
    node().Kill(0ns);
  }
  if (lie_ == CrashLie::kOverwrite) TellOverwrite();
  for (int life = 0; life < 2; ++life) {
    AwaitServing();
    CheckEverything();
    if (life == 0) node().CutPower(0ns);
  }
}

// To the judge, as if somebody had done it.
void CrashWorkload::TellOverwrite() {
  for (const sim::DurableFile& file : machine_.disk().DurableImage()) {
    if (file.path.starts_with("log/")) append_only_.OnWrite(file.path, 0, 1, file.bytes.size());
  }
}

void CrashWorkload::AwaitServing() {
  const sim::SimTime deadline = sim_.now() + kPatience;
  while (!node().serving() || !Probe()) {
    if (node().refused() || sim_.now() > deadline) {
      judge_.Fail("refuse-not-lie",
                  "it does not come back from an honest crash: " + MessageOf(node().opening()));
    }
    sim_.SleepFor(1ms);
  }
}

// ---- CrashProber

CrashProber::CrashProber(const Bounds& bounds, const Shadow& truth, bool record)
    : truth_(truth),
      sim_({.seed = 1, .policy = sim::SchedulePolicy::kRoundRobin}),
      machine_(sim_.AddMachine("n1")),
      bounds_(bounds),
      recording_(record) {
  machine_.disk().AddObserver(this);
}

Probed CrashProber::Run(const sim::DiskImage& image) {
  machine_.disk().LoadImage(image);
  std::optional<CrashFailure> failure = FailureOf(sim_.Run([this] { Harness(); }));
  if (!probed_.failure.has_value()) probed_.failure = std::move(failure);
  probed_.digest = sim_.trace().digest();
  return std::move(probed_);
}

void CrashProber::OnBarrier(std::string_view path) {
  if (!recording_) return;
  probed_.points.push_back(
      {CrashPoint(machine_.disk(),
                  absl::StrFormat("recovery sync %d (%s)", probed_.points.size() + 1, path)),
       bounds_});
}

void CrashProber::Harness() {
  node().Start();
  if (!AwaitServing()) return;
  recording_ = false;
  last_ = LastApplied();
  if (!CheckBounds() || !CheckState()) return;
  if (const absl::Status written = Write(); !written.ok()) {
    Fail("converges", "recovered, it takes no write: " + MessageOf(written));
    return;
  }
  node().CutPower(0ns);
  if (!AwaitServing() || !CheckNothingLost()) return;
  node().Stop();
}

bool CrashProber::Fail(std::string_view invariant, std::string message) {
  probed_.failure = CrashFailure{std::string(invariant), std::move(message), {}};
  return false;
}

bool CrashProber::FailLost(LogIndex last, std::string_view more) {
  return Fail("acked-writes-survive",
              absl::StrFormat("entry %d was acknowledged after recovery; after one more power cut "
                              "all ends with entry %d%s",
                              (last_ + 1).value(), last.value(), more));
}

bool CrashProber::AwaitServing() {
  const sim::SimTime deadline = sim_.now() + kPatience;
  while (!node().serving()) {
    if (!node().opening().ok() || node().refused()) {
      return Fail("refuse-not-lie", "a crash alone left this disk, and it is refused: " +
                                        MessageOf(node().opening()));
    }
    if (sim_.now() >= deadline) return Fail("converges", "it does not open");
    sim_.SleepFor(500us);
  }
  return true;
}

bool CrashProber::CheckBounds() {
  if (last_ < bounds_.promised) {
    return Fail("acked-writes-survive",
                absl::StrFormat("entry %d was durable; recovered, all ends with entry %d",
                                bounds_.promised.value(), last_.value()));
  }
  if (last_ > bounds_.appended) {
    return Fail("no-phantom",
                absl::StrFormat("only %d entries were ever appended; recovered, all ends with "
                                "entry %d",
                                bounds_.appended.value(), last_.value()));
  }
  return true;
}

}  // namespace wt::scenarios
