// Tasks as threads, locks as the C++ library's: ThreadSanitizer sees through both, and an
// uncontended lock costs about what a hand-made one would.
#ifndef WAVETANK_ENGINE_POSIX_POSIX_TASKS_H_
#define WAVETANK_ENGINE_POSIX_POSIX_TASKS_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "engine/env/tasks.h"

namespace wt {

class PosixTasks : public Tasks {
 public:
  PosixTasks() = default;
  ~PosixTasks() override { AwaitAll(); }
  PosixTasks(const PosixTasks&) = delete;
  PosixTasks& operator=(const PosixTasks&) = delete;

  // The kernel shows the first 15 bytes of `name`. Ends the process when it may have no more
  // threads: the callers could do nothing about it.
  std::unique_ptr<Task> Spawn(std::string_view name, std::function<void()> body) override;
  void SleepFor(Duration duration) override;
  void Yield() override;
  std::unique_ptr<MutexBody> NewMutex() override;
  std::unique_ptr<CondVarBody> NewCondVar() override;
  void EnterNoSuspend() override;
  void LeaveNoSuspend() override;

  // Returns when no task runs any more, those without a handle included.
  void AwaitAll();

 private:
  void Ended();

  std::mutex mutex_;
  std::condition_variable all_ended_;
  uint64_t running_ = 0;  // under mutex_
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_POSIX_TASKS_H_
