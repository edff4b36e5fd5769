// Time, processor time, latencies, and what others do on this machine meanwhile.
#ifndef WAVETANK_TESTS_BENCH_ENGINE_MEASURE_H_
#define WAVETANK_TESTS_BENCH_ENGINE_MEASURE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace wt::bench {

// A counter that is read in a few nanoseconds; the system's clock takes half a microsecond on some
// virtual machines, as long as what is measured.
uint64_t Ticks();
double NanosecondsPerTick();

// Log-linear: 64 steps an octave, so a quantile is off by less than 2 %.
class Histogram {
 public:
  void Add(uint64_t ticks);
  double Microseconds(double quantile) const;
  double MostMicroseconds() const;

 private:
  static constexpr uint64_t kSteps = 64;
  std::vector<uint64_t> counts_ = std::vector<uint64_t>(kSteps * 64, 0);
  uint64_t total_ = 0;
  uint64_t most_ = 0;
};

// What passed between construction and Stop.
struct Passed {
  double seconds = 0;
  double cpu_seconds = 0;     // of this process, all threads
  double thread_seconds = 0;  // of them, of the calling thread
  double others = 0;          // cores that other processes kept busy
};
class Stopwatch {
 public:
  Stopwatch();
  Passed Passes() const;

 private:
  std::chrono::steady_clock::time_point begun_;
  double cpu_;
  double thread_;
  double busy_;
};

// Returns when others use less than a quarter of the machine, or when the time is over.
void AwaitQuiet(double most_seconds);
// Returns when this process has done next to nothing for a second: background work is over.
void AwaitIdle();
// Writes out what the file system below `folder` has not, so that nobody pays for another's bytes.
void FlushFileSystem(const std::string& folder);

}  // namespace wt::bench

#endif  // WAVETANK_TESTS_BENCH_ENGINE_MEASURE_H_
