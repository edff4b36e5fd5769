#include "tests/bench/engine/measure.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <thread>

#include "engine/posix/posix_tasks.h"
#include "tests/bench/engine/store.h"

namespace wt::bench {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

// A rate needs an interval: there is no event to wait for.
void Let(milliseconds pass) { PosixTasks().SleepFor(pass); }

double SecondsSince(Steady::time_point begun) {
  return std::chrono::duration<double>(Steady::now() - begun).count();
}

double CpuSeconds(int who) {
  rusage usage = {};
  Require(::getrusage(who, &usage) == 0, "getrusage failed");
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Of all cores, since the machine started. Zero where the system does not tell.
double BusySeconds() {
  std::ifstream stat("/proc/stat");
  std::string cpu;
  double user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0;
  stat >> cpu >> user >> nice >> system >> idle >> wait >> irq >> softirq >> steal;
  return (user + nice + system + irq + softirq + steal) /
         static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

uint64_t Ticks() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return static_cast<uint64_t>(Steady::now().time_since_epoch().count());
#endif
}

double NanosecondsPerTick() {
  static const double measured = [] {
    const Steady::time_point begun = Steady::now();
    const uint64_t first = Ticks();
    Let(milliseconds(100));
    const uint64_t last = Ticks();
    return SecondsSince(begun) * 1e9 / static_cast<double>(last - first);
  }();
  return measured;
}

void Histogram::Add(uint64_t ticks) {
  ++total_;
  most_ = std::max(most_, ticks);
  if (ticks < kSteps) {
    ++counts_[ticks];
    return;
  }
  const auto octave = static_cast<uint64_t>(std::bit_width(ticks)) - 7;  // of at least kSteps
  ++counts_[(octave + 1) * kSteps + ((ticks >> octave) & (kSteps - 1))];
}

double Histogram::Microseconds(double quantile) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(static_cast<double>(total_) * quantile));
  uint64_t seen = 0;
  for (uint64_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen < wanted || seen == 0) continue;
    const uint64_t octave = i / kSteps;
    const uint64_t ticks = octave == 0 ? i : (kSteps + i % kSteps) << (octave - 1);
    return static_cast<double>(ticks) * NanosecondsPerTick() / 1e3;
  }
  return 0;
}

double Histogram::MostMicroseconds() const {
  return static_cast<double>(most_) * NanosecondsPerTick() / 1e3;
}

Stopwatch::Stopwatch()
    : begun_(Steady::now()),
      cpu_(CpuSeconds(RUSAGE_SELF)),
      thread_(CpuSeconds(RUSAGE_THREAD)),
      busy_(BusySeconds()) {}

Passed Stopwatch::Passes() const {
  Passed passed = {.seconds = SecondsSince(begun_),
                   .cpu_seconds = CpuSeconds(RUSAGE_SELF) - cpu_,
                   .thread_seconds = CpuSeconds(RUSAGE_THREAD) - thread_};
  const double others = BusySeconds() - busy_ - passed.cpu_seconds;
  passed.others = std::max(0.0, others / std::max(passed.seconds, 1e-3));
  return passed;
}

void AwaitQuiet(double most_seconds) {
  const Steady::time_point begun = Steady::now();
  const double enough = 0.25 * std::max(1u, std::thread::hardware_concurrency());
  while (SecondsSince(begun) < most_seconds) {
    const Stopwatch watch;
    Let(milliseconds(400));
    if (watch.Passes().others < enough) return;
  }
}

void AwaitIdle() {
  constexpr double kIdleCpuSeconds = 0.005;
  for (int idle = 0; idle < 4;) {
    const Stopwatch watch;
    Let(milliseconds(250));
    idle = watch.Passes().cpu_seconds < kIdleCpuSeconds ? idle + 1 : 0;
  }
}

void FlushFileSystem(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY);
  Require(fd >= 0, "the folder cannot be opened");
  (void)::syncfs(fd);
  (void)::close(fd);
}

}  // namespace wt::bench
