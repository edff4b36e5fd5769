// The native network over the loopback device, all endpoints in this process: messages and bytes a
// second one way, round trips, and the message pattern of replication with three machines.
// Prints one line a figure; no assertion, since machines differ.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/posix/posix_sources.h"
#include "engine/posix/posix_tasks.h"
#include "engine/posix/tcp/tcp_network.h"

namespace wt {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr Duration kPatience = std::chrono::seconds(30);

double Since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Machines 1 to n, each knowing all others.
class Machines {
 public:
  explicit Machines(uint64_t count) {
    std::map<PeerId, std::string> peers;
    for (uint64_t id = 1; id <= count; ++id) peers[PeerId(id)] = "127.0.0.1:" + std::to_string(id);
    for (uint64_t id = 1; id <= count; ++id) {
      std::map<PeerId, std::string> others = peers;
      others.erase(PeerId(id));
      networks_.push_back(std::make_unique<TcpNetwork>(
          clock_, tasks_, random_,
          TcpOptions{.self = PeerId(id), .listen = "127.0.0.1:0", .peers = others}));
      WT_CHECK(networks_.back()->status().ok());
    }
    for (uint64_t a = 1; a <= count; ++a) {
      for (uint64_t b = 1; b <= count; ++b) {
        if (a != b) WT_CHECK(at(a).MovePeer(PeerId(b), at(b).address()).ok());
      }
    }
  }
  TcpNetwork& at(uint64_t id) { return *networks_[id - 1]; }

 private:
  PosixClock clock_;
  PosixTasks tasks_;
  PosixRandom random_;
  std::vector<std::unique_ptr<TcpNetwork>> networks_;
};

// Keeps a sender at most `window` messages before the slowest receiver, without spinning.
class Window {
 public:
  explicit Window(uint64_t window) : window_(window) {}
  void AwaitRoom(uint64_t sent) {
    for (uint64_t done = done_.load(); sent - done >= window_; done = done_.load()) {
      done_.wait(done);
    }
  }
  // Wakes the sender now and then only.
  void Done(uint64_t done) {
    if (done % (window_ / 4) != 0) return;
    done_.store(done);
    done_.notify_one();
  }

 private:
  const uint64_t window_;
  std::atomic<uint64_t> done_ = 0;
};

void BenchOneWay(size_t bytes, uint64_t messages) {
  Machines machines(2);
  const std::string payload(bytes, 'x');
  Window window(std::max<uint64_t>(8, 8 * kMiB / (bytes + 64) / 8 * 8));
  const double cpu_before = CpuSeconds();
  const SteadyClock::time_point start = SteadyClock::now();
  std::thread receiver([&] {
    for (uint64_t i = 1; i <= messages; ++i) {
      WT_CHECK(machines.at(2).Receive(kPatience).ok());
      window.Done(i);
    }
  });
  for (uint64_t i = 0; i < messages; ++i) {
    window.AwaitRoom(i);
    machines.at(1).Send(PeerId(2), payload);
  }
  receiver.join();
  const double wall = Since(start);
  const double cpu = CpuSeconds() - cpu_before;
  const TcpCounters sent = machines.at(1).counters();
  const TcpCounters received = machines.at(2).counters();
  std::printf(
      "one way   %6zu B  %9.0f msg/s  %7.1f MB/s  %6.0f cpu ns/msg  "
      "%7.1f msg/write  %7.1f msg/read  %5.2f %% woke\n",
      bytes, double(messages) / wall, double(messages) * double(bytes) / wall / 1e6,
      cpu / double(messages) * 1e9, double(messages) / double(sent.write_calls),
      double(messages) / double(received.read_calls),
      100.0 * double(sent.wakeups) / double(messages));
}

void BenchPingPong(size_t bytes, uint64_t rounds) {
  Machines machines(2);
  const std::string payload(bytes, 'x');
  std::thread echo([&] {
    for (uint64_t i = 0; i < rounds; ++i) {
      const absl::StatusOr<Message> message = machines.at(2).Receive(kPatience);
      WT_CHECK(message.ok());
      machines.at(2).Send(message->from, message->bytes);
    }
  });
  std::vector<double> micros;
  for (uint64_t i = 0; i < rounds; ++i) {
    const SteadyClock::time_point start = SteadyClock::now();
    machines.at(1).Send(PeerId(2), payload);
    WT_CHECK(machines.at(1).Receive(kPatience).ok());
    micros.push_back(Since(start) * 1e6);
  }
  echo.join();
  std::sort(micros.begin(), micros.end());
  const auto quantile = [&](double q) { return micros[size_t(q * double(micros.size() - 1))]; };
  std::printf("ping-pong %6zu B  P50 %7.1f us  P99 %7.1f us  P99.9 %7.1f us\n", bytes,
              quantile(0.5), quantile(0.99), quantile(0.999));
}

// One message of `batch` puts of 100 bytes to each of two replicas, an acknowledgement of each; a
// put counts when the first of both has acknowledged it.
void BenchReplication(uint64_t batch, uint64_t window, uint64_t puts) {
  Machines machines(3);
  const std::string payload(batch * 100, 'x');
  const uint64_t messages = puts / batch;
  const double cpu_before = CpuSeconds();
  const SteadyClock::time_point start = SteadyClock::now();
  std::vector<std::thread> replicas;
  for (uint64_t id : {2, 3}) {
    replicas.emplace_back([&machines, id, messages] {
      for (uint64_t i = 1; i <= messages; ++i) {
        const absl::StatusOr<Message> message = machines.at(id).Receive(kPatience);
        WT_CHECK(message.ok());
        std::string ack;
        PutU64(ack, i);
        machines.at(id).Send(PeerId(1), ack);
      }
    });
  }
  uint64_t sent = 0;
  uint64_t acknowledged[4] = {};
  while (std::min(acknowledged[2], acknowledged[3]) < messages) {
    for (; sent < messages && sent - std::min(acknowledged[2], acknowledged[3]) < window; ++sent) {
      machines.at(1).Send(PeerId(2), payload);
      machines.at(1).Send(PeerId(3), payload);
    }
    const absl::StatusOr<Message> ack = machines.at(1).Receive(kPatience);
    WT_CHECK(ack.ok());
    acknowledged[ack->from.value()] = ByteReader(ack->bytes).U64();
  }
  for (std::thread& replica : replicas) replica.join();
  const double wall = Since(start);
  std::printf(
      "3 nodes, %4llu puts a message, %5llu messages in flight  %9.0f puts/s  "
      "%6.0f cpu ns/put\n",
      static_cast<unsigned long long>(batch), static_cast<unsigned long long>(window),
      double(messages * batch) / wall,
      (CpuSeconds() - cpu_before) / double(messages * batch) * 1e9);
}

}  // namespace
}  // namespace wt

int main() {
  wt::BenchOneWay(100, 4'000'000);
  wt::BenchOneWay(4096, 1'000'000);
  wt::BenchOneWay(64 * 1024, 100'000);
  wt::BenchPingPong(100, 50'000);
  wt::BenchPingPong(4096, 50'000);
  wt::BenchPingPong(64 * 1024, 20'000);
  wt::BenchReplication(1, 64, 500'000);
  wt::BenchReplication(1, 1024, 1'000'000);
  wt::BenchReplication(32, 32, 4'000'000);
}
