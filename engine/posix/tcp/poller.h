// epoll with identifiers instead of pointers: an event of a descriptor that was closed in the same
// round finds nobody, instead of the wrong one.
#ifndef WAVETANK_ENGINE_POSIX_TCP_POLLER_H_
#define WAVETANK_ENGINE_POSIX_TCP_POLLER_H_

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "engine/base/units.h"
#include "engine/posix/file_descriptor.h"

namespace wt {

class Poller {
 public:
  Poller();

  // Errors: ResourceExhausted when there was no descriptor to be had.
  const absl::Status& status() const { return status_; }

  // Events of `fd` arrive under `id`, which is never used twice. False when the system says no.
  [[nodiscard]] bool Add(int fd, uint32_t events, uint64_t id);
  void Remove(int fd);
  uint64_t NewId() { return next_id_++; }

  // Waits at most `timeout`, rounded up to a millisecond. What is returned lives until the next
  // call; the identifier is in data.u64.
  std::span<const epoll_event> Wait(Duration timeout);

 private:
  FileDescriptor epoll_;
  absl::Status status_;
  uint64_t next_id_ = 1;
  std::array<epoll_event, 64> events_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_POLLER_H_
