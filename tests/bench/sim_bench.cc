// What a run of the tank costs: events and runs a second, virtual to wall time, the digest's share.
// Prints one line a figure; no assertion, since machines differ.
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string_view>

#include "scenarios/execute.h"
#include "scenarios/scenario.h"
#include "sim/trace.h"

namespace wt::scenarios {
namespace {

// Processor seconds of this process: a busy machine does not change them much.
double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void BenchScenario(std::string_view name, uint64_t seeds) {
  const Scenario& scenario = *FindScenario(name);
  uint64_t events = 0;
  uint64_t virtual_us = 0;
  const double begin = CpuSeconds();
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    const Run run = Execute(scenario, seed, {});
    events += run.record.events;
    virtual_us += run.record.virtual_us;
  }
  const double cpu = CpuSeconds() - begin;
  std::printf("%-24s %6.0f runs/s  %5.2f M events/s  %6.0f virtual s per cpu s\n",
              scenario.name.c_str(), double(seeds) / cpu, double(events) / cpu / 1e6,
              double(virtual_us) / 1e6 / cpu);
}

void BenchDigest() {
  sim::Trace trace(1);
  const sim::TraceActor actor{.machine = 1, .task = 7};
  const uint64_t words[] = {1, 2, 3, 4};
  constexpr uint64_t kRecords = 20'000'000;
  const double begin = CpuSeconds();
  for (uint64_t i = 0; i < kRecords; ++i) {
    trace.Record(actor, sim::SimTime(i), sim::TraceKind::kDisk, i, words);
  }
  const double cpu = CpuSeconds() - begin;
  std::printf("%-24s %6.1f ns a record  (digest %016llx)\n", "trace digest",
              cpu / double(kRecords) * 1e9, static_cast<unsigned long long>(trace.digest()));
}

void PrintMemory() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%-24s %6.1f MiB\n", "peak memory", double(usage.ru_maxrss) / 1024);
}

}  // namespace
}  // namespace wt::scenarios

int main() {
  std::printf("per second of one core:\n");
  for (const wt::scenarios::Scenario& scenario : wt::scenarios::Catalog()) {
    if (scenario.in_default_set && !scenario.directed) {
      wt::scenarios::BenchScenario(scenario.name, 60);
    }
  }
  wt::scenarios::BenchDigest();
  wt::scenarios::PrintMemory();
}
