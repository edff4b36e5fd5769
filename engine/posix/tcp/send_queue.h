// Frames on their way to one peer: senders append, the network's thread takes all of them at once.
//
// Frames are packed into chunks, so that a thousand small messages are one buffer for the kernel.
#ifndef WAVETANK_ENGINE_POSIX_TCP_SEND_QUEUE_H_
#define WAVETANK_ENGINE_POSIX_TCP_SEND_QUEUE_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/env/mutex.h"
#include "engine/posix/tcp/tcp_frame.h"

namespace wt {

class SendQueue {
 public:
  // At most `limit` bytes wait, headers included and those that were taken but are not done.
  SendQueue(Tasks& tasks, uint64_t limit) : limit_(limit), mu_(tasks) {}

  // kQueuedFirst: the network's thread believes that there is nothing here and must be told.
  enum class Offered { kFull, kQueued, kQueuedFirst };

  // Safe from any thread. Suspends.
  Offered Append(const FrameHeader& header, std::string_view payload);

  // The rest is for the network's thread.

  // Moves what was appended to the end of `chunks`; each holds whole frames. When there is nothing,
  // returns false and the next append is kQueuedFirst again.
  bool Take(std::deque<std::string>& chunks);

  // The chunks were taken before and are done with: frees their room, keeps some for reuse.
  void Done(std::vector<std::string> chunks);

 private:
  std::string& ChunkFor(size_t frame_bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const uint64_t limit_;
  Mutex mu_;
  std::deque<std::string> chunks_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> spare_ ABSL_GUARDED_BY(mu_);
  uint64_t waiting_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  bool announced_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_SEND_QUEUE_H_
