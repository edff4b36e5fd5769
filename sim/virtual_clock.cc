#include "sim/virtual_clock.h"

#include <algorithm>

#include "engine/base/check.h"
#include "sim/trace.h"

namespace wt::sim {
namespace {

constexpr int64_t kMillion = 1'000'000;

// 2020-01-01 00:00:00 UTC: what the wall clock of every machine shows when a run starts.
constexpr Duration kRunStart = std::chrono::seconds(1'577'836'800);

// a * b / c without overflow in between.
int64_t MulDiv(int64_t a, int64_t b, int64_t c) {
  return static_cast<int64_t>(static_cast<__int128>(a) * b / c);
}

}  // namespace

Duration ClockHand::At(SimTime now) const {
  const SimTime moving_since = std::max(anchor_, frozen_until_);
  if (now <= moving_since) return reading_;
  return reading_ + Duration(MulDiv((now - moving_since).count(), kMillion + drift_ppm_, kMillion));
}

SimTime ClockHand::TrueTimeFor(SimTime now, Duration span) const {
  const SimTime stalled = std::max(frozen_until_ - now, SimTime::zero());
  span = std::clamp(span, Duration::zero(), kForever);
  // Rounded up: who waits until its clock shows a time must not wake a moment before it does.
  const int64_t pace = kMillion + drift_ppm_;
  return stalled + Duration((MulDiv(span.count(), kMillion, pace)) +
                            (static_cast<__int128>(span.count()) * kMillion % pace != 0 ? 1 : 0));
}

void ClockHand::Set(SimTime now, Duration reading) {
  reading_ = reading;
  anchor_ = now;
}

void ClockHand::SetDrift(SimTime now, int32_t ppm) {
  WT_CHECK(ppm >= -500'000 && ppm <= 500'000);
  Set(now, At(now));
  drift_ppm_ = ppm;
}

void ClockHand::Freeze(SimTime now, Duration how_long) {
  WT_CHECK(how_long >= Duration::zero());
  Set(now, At(now));
  frozen_until_ = std::max(frozen_until_, now + how_long);
}

VirtualClock::VirtualClock(Host& host, uint32_t machine_id)
    : host_(host), machine_id_(machine_id), monotonic_(Duration::zero()), wall_(kRunStart) {}

Time VirtualClock::Now() { return Time(monotonic_.At(host_.now())); }

WallTime VirtualClock::WallNow() { return WallTime(wall_.At(host_.now())); }

void VirtualClock::Jump(Duration by) {
  host_.Record(TraceKind::kClock, static_cast<uint64_t>(ClockWhat::kJumped),
               {machine_id_, static_cast<uint64_t>(by.count())});
  wall_.Set(host_.now(), wall_.At(host_.now()) + by);
}

void VirtualClock::SetDrift(int32_t ppm) {
  host_.Record(TraceKind::kClock, static_cast<uint64_t>(ClockWhat::kDrift),
               {machine_id_, static_cast<uint64_t>(int64_t{ppm})});
  monotonic_.SetDrift(host_.now(), ppm);
  wall_.SetDrift(host_.now(), ppm);
}

void VirtualClock::Freeze(Duration how_long) {
  host_.Record(TraceKind::kClock, static_cast<uint64_t>(ClockWhat::kFrozen),
               {machine_id_, static_cast<uint64_t>(how_long.count())});
  monotonic_.Freeze(host_.now(), how_long);
  wall_.Freeze(host_.now(), how_long);
}

void VirtualClock::FreezeWall(Duration how_long) {
  host_.Record(TraceKind::kClock, static_cast<uint64_t>(ClockWhat::kWallFrozen),
               {machine_id_, static_cast<uint64_t>(how_long.count())});
  wall_.Freeze(host_.now(), how_long);
}

SimTime VirtualClock::TrueTimeFor(Duration span) const {
  return monotonic_.TrueTimeFor(host_.now(), span);
}

void VirtualClock::OnBoot(Duration reading) { monotonic_.Set(host_.now(), reading); }

}  // namespace wt::sim
