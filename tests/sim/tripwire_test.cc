// Proves that inside a run the real world cannot be asked, by whomever, and outside it can.
#include "sim/core/tripwire.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::sim {
namespace {

class TripwireTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Tripwire::IsThere()) GTEST_SKIP() << "sanitizers interpose the same calls";
  }
};

// In a task of a machine, as the engine would.
void InARun(const std::function<void()>& body) {
  Simulator sim({.seed = 1});
  Machine& n1 = sim.AddMachine("n1");
  (void)sim.Run([&] {
    n1.Boot([](Env env) { env.tasks.SleepFor(std::chrono::hours(1)); });
    n1.Call("leak", body);
  });
}

using TripwireDeathTest = TripwireTest;

TEST_F(TripwireDeathTest, EveryKindOfCallEndsTheRunByName) {
  const std::pair<const char*, std::function<void()>> leaks[] = {
      {"clock_gettime", [] { (void)std::chrono::steady_clock::now(); }},
      {"clock_gettime", [] { (void)std::chrono::system_clock::now(); }},
      {"time", [] { (void)::time(nullptr); }},
      {"nanosleep",
       [] {
         const timespec shortly = {.tv_sec = 0, .tv_nsec = 1};
         (void)::nanosleep(&shortly, nullptr);
       }},
      {"rand", [] { (void)::rand(); }},
      {"random", [] { (void)::random(); }},
      {"getrandom",
       [] {
         char byte = 0;
         (void)!::getrandom(&byte, 1, 0);
       }},
      {"pthread_create", [] { std::thread([] {}).join(); }},
      {"open", [] { (void)::open("/dev/null", O_RDONLY); }},
      {"fopen", [] { std::ifstream file("/dev/null"); }},
      {"socket", [] { (void)::socket(AF_UNIX, SOCK_STREAM, 0); }},
  };
  for (const auto& [name, leak] : leaks) {
    EXPECT_DEATH(InARun(leak), std::string("tripwire: .*") + name) << name;
  }
}

TEST_F(TripwireTest, OutsideARunTheyDoWhatTheyAlwaysDid) {
  timespec now{};
  EXPECT_EQ(::clock_gettime(CLOCK_MONOTONIC, &now), 0);
  EXPECT_GT(::time(nullptr), 0);
  const int file = ::open("/dev/null", O_RDONLY);
  EXPECT_GE(file, 0);
  EXPECT_EQ(::close(file), 0);
  char bytes[8] = {};
  EXPECT_EQ(::getrandom(bytes, sizeof(bytes), 0), 8);
  bool ran = false;
  std::thread([&] { ran = true; }).join();
  EXPECT_TRUE(ran);
}

TEST_F(TripwireTest, AfterARunAsWell) {
  InARun([] {});
  EXPECT_GT(::time(nullptr), 0);
}

TEST_F(TripwireTest, CanBeLifted) {
  InARun([] {
    const Tripwire::Lifted lifted;
    EXPECT_GT(::time(nullptr), 0);
  });
}

}  // namespace
}  // namespace wt::sim
