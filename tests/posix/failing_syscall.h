// Runs a piece of a test on a thread for which one system call fails, by a seccomp filter that dies
// with the thread: the only way to see a real fdatasync fail without a broken disk.
#ifndef WAVETANK_TESTS_POSIX_FAILING_SYSCALL_H_
#define WAVETANK_TESTS_POSIX_FAILING_SYSCALL_H_

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cstddef>
#include <thread>

namespace wt {

// Makes `number` (SYS_...) fail with `error` for the calling thread, for good. False when the
// machine does not allow filters.
inline bool FailSyscall(long number, int error) {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{.len = 4, .filter = program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

// Runs `body` where `number` fails with `error`; false when that cannot be arranged here.
template <typename Body>
bool WithFailingSyscall(long number, int error, Body body) {
  bool arranged = false;
  std::thread([&] {
    arranged = FailSyscall(number, error);
    if (arranged) body();
  }).join();
  return arranged;
}

}  // namespace wt

// The body is the last argument; commas in it are fine.
#define WT_WITH_FAILING_SYSCALL(number, error, ...)                    \
  if (!::wt::WithFailingSyscall(number, error, __VA_ARGS__)) {         \
    GTEST_SKIP() << "seccomp filters are not allowed on this machine"; \
  }

#endif  // WAVETANK_TESTS_POSIX_FAILING_SYSCALL_H_
