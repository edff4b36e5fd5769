#include "engine/posix/tcp/send_queue.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/units.h"

namespace wt {
namespace {

constexpr size_t kChunkBytes = 256 * kKiB;
constexpr size_t kMostSpare = 8;  // a queue that was long once must not hold its memory for good

}  // namespace

SendQueue::Offered SendQueue::Append(const FrameHeader& header, std::string_view payload) {
  const size_t frame_bytes = header.size() + payload.size();
  MutexLock lock(mu_);
  WT_CHECK_LE(waiting_bytes_, limit_);
  if (frame_bytes > limit_ - waiting_bytes_) return Offered::kFull;
  waiting_bytes_ += frame_bytes;
  std::string& chunk = ChunkFor(frame_bytes);
  chunk.append(header.data(), header.size());
  chunk.append(payload);
  return std::exchange(announced_, true) ? Offered::kQueued : Offered::kQueuedFirst;
}

std::string& SendQueue::ChunkFor(size_t frame_bytes) {
  if (!chunks_.empty() && chunks_.back().size() + frame_bytes <= kChunkBytes) return chunks_.back();
  if (frame_bytes <= kChunkBytes && !spare_.empty()) {
    chunks_.push_back(std::move(spare_.back()));
    spare_.pop_back();
    WT_CHECK(chunks_.back().empty());
  } else {
    chunks_.emplace_back().reserve(std::max(frame_bytes, kChunkBytes));
  }
  return chunks_.back();
}

bool SendQueue::Take(std::deque<std::string>& chunks) {
  MutexLock lock(mu_);
  if (chunks_.empty()) {
    announced_ = false;
    return false;
  }
  WT_CHECK(announced_);
  if (chunks.empty()) {
    chunks.swap(chunks_);
  } else {
    std::move(chunks_.begin(), chunks_.end(), std::back_inserter(chunks));
    chunks_.clear();
  }
  return true;
}

void SendQueue::Done(std::vector<std::string> chunks) {
  MutexLock lock(mu_);
  for (std::string& chunk : chunks) {
    WT_CHECK_LE(chunk.size(), waiting_bytes_);
    waiting_bytes_ -= chunk.size();
    if (spare_.size() == kMostSpare || chunk.capacity() > 2 * kChunkBytes) continue;
    chunk.clear();
    spare_.push_back(std::move(chunk));
  }
}

}  // namespace wt
