#include "engine/lsm/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <utility>

#include "absl/base/config.h"
#if defined(ABSL_HAVE_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#endif

namespace wt {
namespace {

constexpr size_t kHugePageBytes = 2 * kMiB;
constexpr size_t kCacheLineBytes = 64;

std::align_val_t AlignmentOf(size_t chunk_bytes) {
  return std::align_val_t(chunk_bytes >= kHugePageBytes ? kHugePageBytes : kCacheLineBytes);
}

void Free(void* memory, size_t bytes) { ::operator delete(memory, AlignmentOf(bytes)); }

}  // namespace

ChunkPool::~ChunkPool() {
  while (void* const chunk = Take()) Free(chunk, kChunkBytes);
}

void* ChunkPool::Take() {
  for (std::atomic<void*>& place : chunks_) {
    void* const chunk = place.exchange(nullptr, std::memory_order_acquire);
    if (chunk == nullptr) continue;
    ASAN_UNPOISON_MEMORY_REGION(chunk, kChunkBytes);
    return chunk;
  }
  return nullptr;
}

bool ChunkPool::Give(void* chunk) {
  // Nobody has a right to look into it here; whoever does is caught, as in memory that is freed.
  ASAN_POISON_MEMORY_REGION(chunk, kChunkBytes);
  for (std::atomic<void*>& place : chunks_) {
    void* none = nullptr;
    if (place.compare_exchange_strong(none, chunk, std::memory_order_release)) return true;
  }
  ASAN_UNPOISON_MEMORY_REGION(chunk, kChunkBytes);
  return false;
}

Arena::~Arena() {
  for (const Chunk& chunk : chunks_) {
    const bool given = pool_ != nullptr && chunk.bytes == ChunkPool::kChunkBytes &&
                       pool_->Give(chunk.memory);
    if (!given) Free(chunk.memory, chunk.bytes);
  }
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
  const bool may_be_pooled = pool_ != nullptr && bytes == ChunkPool::kChunkBytes;
  void* memory = may_be_pooled ? pool_->Take() : nullptr;
  if (memory == nullptr) {
    memory = ::operator new(bytes, AlignmentOf(bytes));
    // Advice: nothing depends on whether the system follows it.
    if (bytes >= kHugePageBytes) ::madvise(memory, bytes, MADV_HUGEPAGE);
  }
  chunks_.push_back({memory, bytes});
  reserved_.store(reserved_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  return reinterpret_cast<uintptr_t>(memory);
}

}  // namespace wt
