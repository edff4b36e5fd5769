// Locks of whichever world they are made in.
//
//   Mutex mu_;                                  // mu_(env.tasks)
//   CondVar work_ready_;
//   std::deque<Work> queue_ ABSL_GUARDED_BY(mu_);
//
//   MutexLock lock(mu_);
//   while (queue_.empty()) work_ready_.Wait(mu_);
//
// Not recursive. Clang's -Wthread-safety checks the annotations.
#ifndef WAVETANK_ENGINE_ENV_MUTEX_H_
#define WAVETANK_ENGINE_ENV_MUTEX_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "engine/env/tasks.h"

namespace wt {

class ABSL_LOCKABLE Mutex {
 public:
  explicit Mutex(Tasks& tasks) : body_(tasks.NewMutex()) {}
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  // Suspends.
  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { body_->Lock(); }
  // Requires: the caller holds it. Does not suspend: a destructor may call it.
  void Unlock() ABSL_UNLOCK_FUNCTION() { body_->Unlock(); }
  void AssertHeld() ABSL_ASSERT_EXCLUSIVE_LOCK() { body_->AssertHeld(); }

 private:
  friend class CondVar;
  std::unique_ptr<MutexBody> body_;
};

class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

class CondVar {
 public:
  explicit CondVar(Tasks& tasks) : body_(tasks.NewCondVar()) {}
  CondVar(const CondVar&) = delete;
  CondVar& operator=(const CondVar&) = delete;

  // Wakes spuriously: wait in a loop. Suspends.
  void Wait(Mutex& held) ABSL_EXCLUSIVE_LOCKS_REQUIRED(held) { body_->Wait(*held.body_); }
  // Returns false when the time ran out. Suspends.
  bool WaitFor(Mutex& held, Duration timeout) ABSL_EXCLUSIVE_LOCKS_REQUIRED(held) {
    return body_->WaitFor(*held.body_, timeout);
  }
  void SignalOne() { body_->SignalOne(); }
  void SignalAll() { body_->SignalAll(); }

 private:
  std::unique_ptr<CondVarBody> body_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_ENV_MUTEX_H_
