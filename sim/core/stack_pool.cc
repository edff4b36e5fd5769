#include "sim/core/stack_pool.h"

#include <sys/mman.h>

#include "engine/base/check.h"
#include "sim/core/sanitizers.h"

#ifdef WAVETANK_VALGRIND
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(from, to) 0
#define VALGRIND_STACK_DEREGISTER(id) (void)(id)
#endif

namespace wt::sim {
namespace {

constexpr size_t kGuardBytes = 4096;
constexpr size_t kMappingBytes = kGuardBytes + StackPool::kStackBytes;

}  // namespace

StackPool& StackPool::ForThisThread() {
  static thread_local StackPool pool;
  return pool;
}

StackPool::~StackPool() {
  for (const Mapping& mapping : mappings_) {
    VALGRIND_STACK_DEREGISTER(mapping.valgrind_id);
    ::munmap(mapping.base, kMappingBytes);
  }
}

FiberStack StackPool::Take() {
  if (free_.empty()) return Map();
  FiberStack stack = free_.back();
  free_.pop_back();
  return stack;
}

FiberStack StackPool::Map() {
  void* base = ::mmap(nullptr, kMappingBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  WT_CHECK(base != MAP_FAILED);
  WT_CHECK(::mprotect(base, kGuardBytes, PROT_NONE) == 0);
  char* bottom = static_cast<char*>(base) + kGuardBytes;
  const unsigned id = VALGRIND_STACK_REGISTER(bottom, bottom + kStackBytes);
  mappings_.push_back({static_cast<char*>(base), id});
  free_.reserve(mappings_.size());
  return {bottom + kStackBytes, kStackBytes};
}

void StackPool::Give(const FiberStack& stack) {
  WT_CHECK_EQ(stack.size, kStackBytes);
#if WAVETANK_ASAN
  __asan_unpoison_memory_region(stack.bottom(), stack.size);
#endif
  free_.push_back(stack);
}

void StackPool::Abandon(const FiberStack& stack) {
  char* base = stack.bottom() - kGuardBytes;
  std::erase_if(mappings_, [base](const Mapping& mapping) { return mapping.base == base; });
#if WAVETANK_ASAN
  __lsan_register_root_region(stack.bottom(), stack.size);
#endif
}

}  // namespace wt::sim
