// Everything that engine code must not do, once each: the ban list must find it in this file's
// object code. Compiled, never linked, never run.
#include <sys/socket.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>

#include "absl/hash/hash.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

namespace wt::house {

std::mutex planted_mutex;
absl::Mutex planted_absl_mutex;
std::unordered_map<std::string, int> planted_map;

long Clocks() {
  const auto now = std::chrono::steady_clock::now();
  return now.time_since_epoch().count() + absl::ToUnixNanos(absl::Now());
}

void Sleeping() { std::this_thread::sleep_for(std::chrono::nanoseconds(Clocks())); }

int ThreadsAndLocks() {
  std::lock_guard<std::mutex> lock(planted_mutex);
  absl::MutexLock absl_lock(&planted_absl_mutex);
  std::thread(Sleeping).join();
  return static_cast<int>(planted_map.size());
}

bool Files(const char* path) { return std::fopen(path, "r") != nullptr; }

void Printing(const char* text) { std::puts(text); }

int Sockets() { return ::socket(AF_INET, SOCK_STREAM, 0); }

unsigned Chance() { return std::random_device()(); }

const char* TheEnvironment(const char* name) { return std::getenv(name); }

size_t Hashing(const std::string& key) { return absl::Hash<std::string>()(key) + planted_map[key]; }

double FloatingPoint(double value) { return std::log(value); }

}  // namespace wt::house
