// Stacks for fibers: mapped once, each above a guard page, and reused.
//
// One pool per OS thread, shared by all Simulators of that thread: a stack's address is no part of
// the simulated world, and mapping one costs as much as a hundred task switches.
#ifndef WAVETANK_SIM_CORE_STACK_POOL_H_
#define WAVETANK_SIM_CORE_STACK_POOL_H_

#include <cstddef>
#include <vector>

namespace wt::sim {

struct FiberStack {
  char* top = nullptr;
  size_t size = 0;
  char* bottom() const { return top - size; }
};

class StackPool {
 public:
  static constexpr size_t kStackBytes = 256 * 1024;

  static StackPool& ForThisThread();

  StackPool() = default;
  ~StackPool();
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  FiberStack Take();
  void Give(const FiberStack& stack);
  // The stack of a fiber that will never run again but could not be unwound. It stays mapped, and
  // what it refers to does not count as leaked.
  void Abandon(const FiberStack& stack);

 private:
  struct Mapping {
    char* base;
    unsigned valgrind_id;
  };
  FiberStack Map();

  std::vector<Mapping> mappings_;
  std::vector<FiberStack> free_;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_STACK_POOL_H_
