#include "engine/posix/tcp/doorbell.h"

#include <sys/eventfd.h>

#include "engine/base/check.h"
#include "engine/posix/posix_error.h"

namespace wt {

Doorbell::Doorbell(Tasks& tasks) : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), mu_(tasks) {
  if (!event_.valid()) status_ = ErrnoStatus(errno, "eventfd", "network");
}

Errands Doorbell::Take(bool may_sleep) {
  MutexLock lock(mu_);
  sleeping_ = may_sleep && errands_.empty();
  return std::exchange(errands_, {});
}

void Doorbell::Awake() {
  MutexLock lock(mu_);
  sleeping_ = false;
}

void Doorbell::WakeSleeper() {
  const uint64_t one = 1;
  const ssize_t wrote = RetryInterrupted([&] { return ::write(event_.get(), &one, sizeof(one)); });
  WT_CHECK_EQ(wrote, static_cast<ssize_t>(sizeof(one)));
}

}  // namespace wt
