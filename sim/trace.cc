#include "sim/trace.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/env/events.h"

namespace wt::sim {
namespace {

constexpr std::string_view kScheduleNames[] = {"", "switch", "time.jumped", "run.ended"};
constexpr std::string_view kTaskNames[] = {"", "task.spawned", "task.returned", "task.unwound"};
constexpr std::string_view kMachineNames[] = {"",
                                              "machine.added",
                                              "machine.booted",
                                              "machine.power_lost",
                                              "machine.killed",
                                              "machine.paused",
                                              "machine.resumed",
                                              "machine.exited",
                                              "machine.step_cost"};
constexpr std::string_view kClockNames[] = {"", "clock.jumped", "clock.drift", "clock.frozen",
                                            "clock.wall_frozen"};
constexpr std::string_view kNetworkNames[] = {"",
                                              "network.sent",
                                              "network.delivered",
                                              "network.lost",
                                              "network.cut",
                                              "network.receiver_off",
                                              "network.queue_full",
                                              "network.duplicated",
                                              "network.replayed",
                                              "network.corrupted",
                                              "network.reordered",
                                              "network.clogged",
                                              "network.dial"};
constexpr std::string_view kHarnessNames[] = {"", "goal.reached", "run.failed"};

constexpr std::string_view kKindNames[] = {"?",       "schedule", "task",    "disk",
                                           "network", "event",    "machine", "clock",
                                           "harness", "fault",    "random"};

template <size_t n>
std::string_view NameIn(const std::string_view (&names)[n], uint64_t what) {
  return what < n ? names[what] : std::string_view();
}

std::string EventInWords(const TraceRecord& record) {
  const EventInfo& info = kEventInfo[record.what];
  std::string out(info.name);
  for (size_t i = 0; i < record.words.size() && i < 4; ++i) {
    if (!info.fields[i].empty()) {
      out += absl::StrFormat(" %s=%d", std::string(info.fields[i]), record.words[i]);
    }
  }
  return out;
}

std::string InWords(const TraceRecord& record) {
  if (record.kind == TraceKind::kEvent && record.what < std::size(kEventInfo)) {
    return EventInWords(record);
  }
  const uint64_t kind = static_cast<uint64_t>(record.kind);
  std::string out(TraceWhatName(record.kind, record.what));
  if (out.empty()) {
    const std::string_view name = NameIn(kKindNames, kind);
    out = absl::StrFormat("%s.%d", name.empty() ? "?" : std::string(name), record.what);
  }
  for (uint64_t word : record.words) out += absl::StrFormat(" %d", word);
  return out;
}

}  // namespace

std::string_view TraceWhatName(TraceKind kind, uint64_t what) {
  switch (kind) {
    case TraceKind::kSchedule:
      return NameIn(kScheduleNames, what);
    case TraceKind::kTask:
      return NameIn(kTaskNames, what);
    case TraceKind::kMachine:
      return NameIn(kMachineNames, what);
    case TraceKind::kClock:
      return NameIn(kClockNames, what);
    case TraceKind::kNetwork:
      return NameIn(kNetworkNames, what);
    case TraceKind::kHarness:
      return NameIn(kHarnessNames, what);
    default:
      return {};
  }
}

std::string TraceRecord::ToString() const {
  const int64_t ns = at.count();
  std::string out = absl::StrFormat("%8d %4d.%09d %-20s %s", number, ns / 1'000'000'000,
                                    ns % 1'000'000'000, who, InWords(*this));
  if (!text.empty()) out += absl::StrFormat(" \"%s\"", text);
  return out;
}

void Trace::CaptureWindow(uint64_t from, uint64_t to) {
  WT_CHECK_LE(from, to);
  WT_CHECK_EQ(count_, uint64_t{0});
  capture_from_ = from;
  capture_to_ = to;
}

void Trace::LookAt(uint64_t count, std::function<void()> look) {
  WT_CHECK_LT(count_, count);
  looks_.emplace(count, std::move(look));
  look_at_ = looks_.begin()->first;
}

void Trace::Look() {
  WT_CHECK_EQ(count_, look_at_);
  while (!looks_.empty() && looks_.begin()->first == count_) {
    looks_.extract(looks_.begin()).mapped()();
  }
  look_at_ = looks_.empty() ? 0 : looks_.begin()->first;
}

void Trace::LookAtTime(SimTime time, std::function<void()> look) {
  WT_CHECK(look_in_time_ == nullptr);
  look_at_time_ = time;
  look_in_time_ = std::move(look);
}

void Trace::LookInTime() {
  look_at_time_ = SimTime::max();
  std::exchange(look_in_time_, nullptr)();
}

void Trace::Capture(const TraceActor& actor, SimTime at, TraceKind kind, uint64_t what,
                    std::span<const uint64_t> words, std::string_view text) {
  TraceRecord record{.number = count_,
                     .at = at,
                     .kind = kind,
                     .what = what,
                     .machine = actor.machine,
                     .task = actor.task};
  record.who = actor.machine_name;
  if (!actor.task_name.empty()) record.who.append("/").append(actor.task_name);
  record.words.assign(words.begin(), words.end());
  record.text = text;
  captured_.push_back(std::move(record));
}

}  // namespace wt::sim
