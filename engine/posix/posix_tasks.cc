#include "engine/posix/posix_tasks.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "engine/base/check.h"
#include "engine/posix/suspend.h"

namespace wt {
namespace {

using SteadyClock = std::chrono::steady_clock;

// The instant `duration` from now; a longer wait than this process can live is cut to a year, so
// that no sum overflows.
SteadyClock::time_point DeadlineAfter(Duration duration) {
  constexpr Duration kLongest = std::chrono::hours(24 * 365);
  return SteadyClock::now() + std::clamp(duration, Duration::zero(), kLongest);
}

class PosixTask : public Task {
 public:
  explicit PosixTask(std::thread thread) : thread_(std::move(thread)) {}
  ~PosixTask() override {
    if (thread_.joinable()) thread_.detach();
  }

  void Join() override {
    CheckMaySuspend();
    WT_CHECK(thread_.joinable());  // at most once
    WT_CHECK(thread_.get_id() != std::this_thread::get_id());
    thread_.join();
  }

 private:
  std::thread thread_;
};

class PosixMutex : public MutexBody {
 public:
  ~PosixMutex() override { WT_CHECK(owner_.load(std::memory_order_relaxed) == std::thread::id()); }

  void Lock() override {
    CheckMaySuspend();
    WT_CHECK(!HeldByMe());  // not recursive: it would wait for itself
    mutex_.lock();
    TookIt();
  }
  void Unlock() override {
    AssertHeld();
    GivesItUp();
    mutex_.unlock();
  }
  void AssertHeld() override { WT_CHECK(HeldByMe()); }

 private:
  friend class PosixCondVar;

  // Only the holder stores its own id, so a thread that reads its own id reads the truth.
  bool HeldByMe() const {
    return owner_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }
  void TookIt() { owner_.store(std::this_thread::get_id(), std::memory_order_relaxed); }
  void GivesItUp() { owner_.store(std::thread::id(), std::memory_order_relaxed); }

  std::mutex mutex_;
  std::atomic<std::thread::id> owner_ = std::thread::id();
};

class PosixCondVar : public CondVarBody {
 public:
  void Wait(MutexBody& held) override {
    WaitWith(held, [&](std::unique_lock<std::mutex>& lock) { signal_.wait(lock); });
  }
  bool WaitFor(MutexBody& held, Duration timeout) override {
    const SteadyClock::time_point deadline = DeadlineAfter(timeout);
    std::cv_status status = std::cv_status::no_timeout;
    WaitWith(held, [&](std::unique_lock<std::mutex>& lock) {
      status = signal_.wait_until(lock, deadline);
    });
    return status == std::cv_status::no_timeout;
  }
  void SignalOne() override { signal_.notify_one(); }
  void SignalAll() override { signal_.notify_all(); }

 private:
  template <typename Body>
  void WaitWith(MutexBody& held, Body body) {
    CheckMaySuspend();
    auto& mutex = static_cast<PosixMutex&>(held);  // both come from one PosixTasks
    mutex.AssertHeld();
    mutex.GivesItUp();
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    body(lock);
    lock.release();
    mutex.TookIt();
  }

  std::condition_variable signal_;
};

}  // namespace

void PosixTasks::AwaitAll() {
  std::unique_lock<std::mutex> lock(mutex_);
  all_ended_.wait(lock, [this] { return running_ == 0; });
}

std::unique_ptr<Task> PosixTasks::Spawn(std::string_view name, std::function<void()> body) {
  CheckMaySuspend();
  WT_CHECK(body != nullptr);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ++running_;
  }
  constexpr size_t kMostNameBytes = 15;
  return std::make_unique<PosixTask>(
      std::thread([this, shown = std::string(name.substr(0, kMostNameBytes)),
                   body = std::move(body)]() mutable {
        (void)::pthread_setname_np(::pthread_self(), shown.c_str());
        body();
        body = nullptr;  // what it captured goes before the world may
        Ended();
      }));
}

void PosixTasks::Ended() {
  std::lock_guard<std::mutex> lock(mutex_);
  WT_CHECK(running_ > 0);
  // Under the lock: once it is released, the waiting destructor may free this object.
  if (--running_ == 0) all_ended_.notify_all();
}

void PosixTasks::SleepFor(Duration duration) {
  CheckMaySuspend();
  std::this_thread::sleep_until(DeadlineAfter(duration));
}

void PosixTasks::Yield() {
  CheckMaySuspend();
  std::this_thread::yield();
}

std::unique_ptr<MutexBody> PosixTasks::NewMutex() { return std::make_unique<PosixMutex>(); }
std::unique_ptr<CondVarBody> PosixTasks::NewCondVar() { return std::make_unique<PosixCondVar>(); }
void PosixTasks::EnterNoSuspend() { EnterNoSuspendScope(); }
void PosixTasks::LeaveNoSuspend() { LeaveNoSuspendScope(); }

}  // namespace wt
