#include "engine/posix/tcp/poller.h"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "engine/base/check.h"
#include "engine/posix/posix_error.h"

namespace wt {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_.valid()) status_ = ErrnoStatus(errno, "epoll_create1", "network");
}

bool Poller::Add(int fd, uint32_t events, uint64_t id) {
  WT_CHECK(id < next_id_);
  epoll_event event = {};
  event.events = events;
  event.data.u64 = id;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::Remove(int fd) {
  WT_CHECK_EQ(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr), 0);
}

std::span<const epoll_event> Poller::Wait(Duration timeout) {
  constexpr Duration kLongest = std::chrono::hours(1);
  const Duration wait = std::clamp(timeout, Duration::zero(), kLongest);
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  const int count = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()),
                                 static_cast<int>(ms));
  WT_CHECK(count >= 0 || errno == EINTR);
  return {events_.data(), static_cast<size_t>(std::max(count, 0))};
}

}  // namespace wt
