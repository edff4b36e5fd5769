#include "engine/lsm/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace wt {
namespace {

constexpr size_t kHugePageBytes = 2 * kMiB;
constexpr size_t kCacheLineBytes = 64;

std::align_val_t AlignmentOf(size_t chunk_bytes) {
  return std::align_val_t(chunk_bytes >= kHugePageBytes ? kHugePageBytes : kCacheLineBytes);
}

}  // namespace

Arena::~Arena() {
  for (const Chunk& chunk : chunks_) ::operator delete(chunk.memory, AlignmentOf(chunk.bytes));
}

void* Arena::AllocateInNewChunk(size_t bytes) {
  used_.store(used_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  // What would leave little of a chunk gets one of its own, and the current one goes on.
  if (bytes > chunk_bytes_ / 4) return reinterpret_cast<void*>(NewChunk(bytes));
  const uintptr_t start = NewChunk(chunk_bytes_);
  next_ = start + bytes;
  end_ = start + chunk_bytes_;
  chunk_bytes_ = std::min(chunk_bytes_ * 2, kLargestChunkBytes);
  WT_CHECK_LE(next_, end_);
  return reinterpret_cast<void*>(start);
}

uintptr_t Arena::NewChunk(size_t bytes) {
  void* const memory = ::operator new(bytes, AlignmentOf(bytes));
  // Advice: nothing depends on whether the system follows it.
  if (bytes >= kHugePageBytes) ::madvise(memory, bytes, MADV_HUGEPAGE);
  chunks_.push_back({memory, bytes});
  reserved_.store(reserved_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  return reinterpret_cast<uintptr_t>(memory);
}

}  // namespace wt
