#include "sim/core/tripwire.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "sim/core/sanitizers.h"

#if !WAVETANK_ASAN && !defined(WAVETANK_TSAN)
#define WAVETANK_TRIPWIRE 1
#else
#define WAVETANK_TRIPWIRE 0
#endif

namespace wt::sim {
namespace {

thread_local int armed = 0;  // no run can observe it

}  // namespace

Tripwire::Tripwire() { ++armed; }
Tripwire::~Tripwire() { --armed; }
Tripwire::Lifted::Lifted() : depth_(std::exchange(armed, 0)) {}
Tripwire::Lifted::~Lifted() { armed = depth_; }
bool Tripwire::IsThere() { return WAVETANK_TRIPWIRE != 0; }

#if WAVETANK_TRIPWIRE

namespace {

void Say(const char* text) {
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
}

// Here an exception must not leave: most of the calls are noexcept in C++.
void Touch(const char* call) noexcept {
  if (armed == 0) return;
  armed = 0;  // the way out may call anything
  Say("tripwire: ");
  Say(call);
  Say(" was called inside a run, which may ask nothing of the real world\n");
  std::abort();
}

// What this program's own definition hides.
template <typename Function>
Function* Real(const char* name) noexcept {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

mode_t ModeOf(int flags, va_list arguments) {
  const bool creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return creates ? static_cast<mode_t>(va_arg(arguments, int)) : 0;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t id, timespec* to) noexcept {
  Touch("clock_gettime");
  static auto* const real = Real<int(clockid_t, timespec*)>("clock_gettime");
  return real(id, to);
}

int gettimeofday(timeval* to, void* zone) noexcept {
  Touch("gettimeofday");
  static auto* const real = Real<int(timeval*, void*)>("gettimeofday");
  return real(to, zone);
}

time_t time(time_t* to) noexcept {
  Touch("time");
  static auto* const real = Real<time_t(time_t*)>("time");
  return real(to);
}

int nanosleep(const timespec* how_long, timespec* left) {
  Touch("nanosleep");
  static auto* const real = Real<int(const timespec*, timespec*)>("nanosleep");
  return real(how_long, left);
}

int clock_nanosleep(clockid_t id, int flags, const timespec* how_long, timespec* left) {
  Touch("clock_nanosleep");
  static auto* const real =
      Real<int(clockid_t, int, const timespec*, timespec*)>("clock_nanosleep");
  return real(id, flags, how_long, left);
}

ssize_t getrandom(void* to, size_t size, unsigned flags) {
  Touch("getrandom");
  static auto* const real = Real<ssize_t(void*, size_t, unsigned)>("getrandom");
  return real(to, size, flags);
}

int getentropy(void* to, size_t size) {
  Touch("getentropy");
  static auto* const real = Real<int(void*, size_t)>("getentropy");
  return real(to, size);
}

int rand() noexcept {
  Touch("rand");
  static auto* const real = Real<int()>("rand");
  return real();
}

long random() noexcept {
  Touch("random");
  static auto* const real = Real<long()>("random");
  return real();
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
                   void* argument) noexcept {
  Touch("pthread_create");
  static auto* const real =
      Real<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  return real(thread, attributes, body, argument);
}

int open(const char* path, int flags, ...) {
  Touch("open");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  static auto* const real = Real<int(const char*, int, ...)>("open");
  return real(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  Touch("open64");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  static auto* const real = Real<int(const char*, int, ...)>("open64");
  return real(path, flags, mode);
}

int openat(int directory, const char* path, int flags, ...) {
  Touch("openat");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  static auto* const real = Real<int(int, const char*, int, ...)>("openat");
  return real(directory, path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) {
  Touch("fopen");
  static auto* const real = Real<FILE*(const char*, const char*)>("fopen");
  return real(path, mode);
}

FILE* fopen64(const char* path, const char* mode) {
  Touch("fopen64");
  static auto* const real = Real<FILE*(const char*, const char*)>("fopen64");
  return real(path, mode);
}

int socket(int domain, int type, int protocol) noexcept {
  Touch("socket");
  static auto* const real = Real<int(int, int, int)>("socket");
  return real(domain, type, protocol);
}

}  // extern "C"

#endif  // WAVETANK_TRIPWIRE

}  // namespace wt::sim
