// What the sanitizers must be told about fibers and about locks that are not pthread mutexes. Empty
// in a plain build.
#ifndef WAVETANK_SIM_CORE_SANITIZERS_H_
#define WAVETANK_SIM_CORE_SANITIZERS_H_

#include <cstddef>

#if defined(__has_feature)
#define WAVETANK_HAS_FEATURE(x) __has_feature(x)
#else
#define WAVETANK_HAS_FEATURE(x) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || WAVETANK_HAS_FEATURE(address_sanitizer)
#define WAVETANK_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#else
#define WAVETANK_ASAN 0
#endif

// Set by CMake, since sim/ itself is compiled without the instrumentation; see DETERMINISM.md.
#ifdef WAVETANK_TSAN
#include <sanitizer/tsan_interface.h>
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

namespace wt::sim {

#ifdef WAVETANK_TSAN

inline void TsanRelease(void* where) { __tsan_release(where); }
inline void TsanAcquire(void* where) { __tsan_acquire(where); }
inline void TsanMutexCreate(void* mutex) { __tsan_mutex_create(mutex, 0); }
inline void TsanMutexDestroy(void* mutex) { __tsan_mutex_destroy(mutex, __tsan_mutex_not_static); }
inline void TsanMutexPreLock(void* mutex) { __tsan_mutex_pre_lock(mutex, 0); }
inline void TsanMutexPostLock(void* mutex) { __tsan_mutex_post_lock(mutex, 0, 0); }
inline void TsanMutexPreUnlock(void* mutex) { __tsan_mutex_pre_unlock(mutex, 0); }
inline void TsanMutexPostUnlock(void* mutex) { __tsan_mutex_post_unlock(mutex, 0); }

// What the tank does on behalf of a task (observers, queues) races with nothing: one OS thread.
class TsanIgnoreScope {
 public:
  TsanIgnoreScope() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~TsanIgnoreScope() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  }
};

#else

inline void TsanRelease(void*) {}
inline void TsanAcquire(void*) {}
inline void TsanMutexCreate(void*) {}
inline void TsanMutexDestroy(void*) {}
inline void TsanMutexPreLock(void*) {}
inline void TsanMutexPostLock(void*) {}
inline void TsanMutexPreUnlock(void*) {}
inline void TsanMutexPostUnlock(void*) {}
class TsanIgnoreScope {
 public:
  TsanIgnoreScope() {}
  ~TsanIgnoreScope() {}
};

#endif

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_SANITIZERS_H_
