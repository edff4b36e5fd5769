// Three replicas in this process, over TCP on the loopback device and real files: how many puts a
// second, how long one takes, and how many share a sync. Beside it, what one sync costs here.
//
//   WT_BENCH_DIR=/some/disk WT_BENCH_SECONDS=5 wavetank_replication_bench
//                                              (default: a folder below TMPDIR or /tmp; 3 seconds)
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/check.h"
#include "engine/state/command.h"
#include "tests/replicas/native_group.h"

namespace wt {
namespace {

using test::NativeGroup;

constexpr uint64_t kValueBytes = 100;
constexpr uint64_t kKeys = 10'000;

std::string NewRoot() {
  const char* given = std::getenv("WT_BENCH_DIR");
  std::string pattern =
      (given != nullptr ? std::string(given) : std::filesystem::temp_directory_path().string()) +
      "/replication_bench_XXXXXX";
  WT_CHECK(mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

Duration RunTime() {
  const char* given = std::getenv("WT_BENCH_SECONDS");
  return std::chrono::seconds(given != nullptr ? std::atoi(given) : 3);
}

double Microseconds(Duration duration) { return static_cast<double>(duration.count()) / 1000; }

double AtFraction(std::vector<Duration>& sorted, double fraction) {
  WT_CHECK(!sorted.empty());
  const size_t at = static_cast<size_t>(fraction * static_cast<double>(sorted.size() - 1));
  return Microseconds(sorted[at]);
}

// One write of an entry's size and one sync, again and again, on a file of reserved room.
void MeasureSync(const std::string& root) {
  PosixWorld world({.root = root + "/sync"});
  Env env = world.env();
  auto file = env.disk.Open("file", OpenMode::kCreate);
  WT_CHECK(file.ok() && (*file)->Allocate(0, 64 * kMiB).ok() && (*file)->Sync().ok());
  std::vector<Duration> times;
  const std::string bytes(4096, 'x');
  for (uint64_t i = 0; i < 1000; ++i) {
    const Time begin = env.clock.Now();
    WT_CHECK((*file)->WriteAt(i * bytes.size(), bytes).ok() && (*file)->Sync().ok());
    times.push_back(env.clock.Now() - begin);
  }
  std::sort(times.begin(), times.end());
  std::printf("one write and sync of 4 KiB on this disk: P50 %.0f us, P99 %.0f us\n\n",
              AtFraction(times, 0.5), AtFraction(times, 0.99));
}

// `outstanding` puts at any time; each answer brings the next.
class Load {
 public:
  Load(NativeGroup& group, Replica& primary, uint64_t outstanding, Duration run_time)
      : group_(group), primary_(primary), outstanding_(outstanding), run_time_(run_time) {}

  void Run() {
    end_ = group_.Now() + run_time_;
    running_ = outstanding_;
    for (uint64_t i = 0; i < outstanding_; ++i) PutOne();
    WT_CHECK(group_.Await([&] { return running_ == 0; }, run_time_ + std::chrono::seconds(60)));
  }

  uint64_t puts() const { return times_.size(); }
  std::vector<Duration>& times() { return times_; }

 private:
  void PutOne() {
    const uint64_t number = next_++;
    std::string command =
        EncodeCommand(KvSet{"key" + std::to_string(number % kKeys), std::string(kValueBytes, 'v')});
    const Time begin = group_.Now();
    primary_.ProposeAsync(std::move(command), Ack::kQuorum,
                          [this, begin](absl::StatusOr<Acknowledged> done) {
                            WT_CHECK(done.ok());
                            const Time now = group_.Now();
                            times_.push_back(now - begin);  // the replica answers one at a time
                            if (now < end_) {
                              PutOne();
                            } else {
                              --running_;
                            }
                          });
  }

  NativeGroup& group_;
  Replica& primary_;
  const uint64_t outstanding_;
  const Duration run_time_;
  Time end_;
  std::atomic<uint64_t> next_ = 0;
  std::atomic<uint64_t> running_ = 0;
  std::vector<Duration> times_;
};

void Measure(NativeGroup& group, uint64_t outstanding) {
  const int primary = group.AwaitPrimary();
  WT_CHECK(primary != 0);
  const uint64_t syncs = group.syncs(primary);
  const Time begin = group.Now();
  Load load(group, group.replica(primary), outstanding, RunTime());
  load.Run();
  const double seconds = Microseconds(group.Now() - begin) / 1e6;
  const double per_sync = static_cast<double>(load.puts()) /
                          static_cast<double>(std::max<uint64_t>(group.syncs(primary) - syncs, 1));
  std::sort(load.times().begin(), load.times().end());
  std::printf("%11llu %11.0f %9.0f %9.0f %12.1f\n", static_cast<unsigned long long>(outstanding),
              static_cast<double>(load.puts()) / seconds, AtFraction(load.times(), 0.5),
              AtFraction(load.times(), 0.99), per_sync);
}

int Main() {
  const std::string root = NewRoot();
  MeasureSync(root);
  std::printf("%11s %11s %9s %9s %12s\n", "outstanding", "puts/s", "P50 us", "P99 us", "puts/sync");
  {
    ReplicaOptions options;
    options.engine.snapshot_log_bytes = kGiB;
    NativeGroup group(root, 3, options);
    for (uint64_t outstanding : {1, 16, 256, 1024}) Measure(group, outstanding);
  }
  std::filesystem::remove_all(root);
  return 0;
}

}  // namespace
}  // namespace wt

int main() { return wt::Main(); }
