#include "sim/core/fiber.h"

#include <cxxabi.h>

#include <cstdlib>
#include <utility>

#include "engine/base/check.h"

namespace wt::sim {
namespace {

namespace context = boost::context;

// Which fiber this thread is on; no run can observe it.
thread_local Fiber* current_fiber = nullptr;

std::terminate_handler previous_terminate = nullptr;

// The stack allocator that boost::context asks to take the stack back when a fiber has ended.
struct StackReturn {
  StackPool* pool;
  context::stack_context allocate() { std::abort(); }
  void deallocate(context::stack_context& stack) {
    pool->Give({static_cast<char*>(stack.sp), stack.size});
  }
};

#ifdef WAVETANK_TSAN
constexpr unsigned kNoSync = __tsan_switch_to_fiber_no_sync;
#endif

}  // namespace

Fiber* Fiber::Current() { return current_fiber; }

// A noexcept frame has stopped the unwinding of a fiber. The frame cannot go on and the process
// should; so the fiber freezes here.
void Fiber::OnTerminate() {
  if (current_fiber != nullptr && current_fiber->unwinding_) current_fiber->Abandon();
  previous_terminate();
  std::abort();
}

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)) {
  static const bool installed = [] {
    previous_terminate = std::set_terminate(&Fiber::OnTerminate);
    return true;
  }();
  WT_CHECK(installed);
}

Fiber::~Fiber() {
  WT_CHECK(state_ != State::kStarted);
#if WAVETANK_ASAN
  if (state_ == State::kDone) DropFakeStack();
#endif
#ifdef WAVETANK_TSAN
  if (tsan_fiber_ != nullptr && state_ == State::kDone) __tsan_destroy_fiber(tsan_fiber_);
#endif
}

void Fiber::Start() {
  StackPool& pool = StackPool::ForThisThread();
  stack_ = pool.Take();
  context::stack_context stack;
  stack.sp = stack_.top;
  stack.size = stack_.size;
#ifdef WAVETANK_TSAN
  // Boost enters the new context once inside the constructor.
  tsan_fiber_ = __tsan_create_fiber(0);
  void* outer = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(tsan_fiber_, kNoSync);
#endif
  inner_.fiber = context::fiber(
      std::allocator_arg, context::preallocated(stack.sp, stack.size, stack), StackReturn{&pool},
      [this](context::fiber&& outer_context) { return Main(std::move(outer_context)); });
#ifdef WAVETANK_TSAN
  __tsan_switch_to_fiber(outer, kNoSync);
#endif
  state_ = State::kStarted;
}

void Fiber::Resume() {
  WT_CHECK(state_ == State::kNew || state_ == State::kStarted);
  if (state_ == State::kNew) Start();
  Enter();
}

void Fiber::Kill() {
  if (state_ == State::kNew) {
    body_ = nullptr;
    state_ = State::kDone;
    return;
  }
  WT_CHECK(state_ == State::kStarted && !unwinding_);
  kill_ = true;
  Enter();
  WT_CHECK(state_ == State::kDone || state_ == State::kAbandoned);
}

// The fiber's exception state is in use while it runs; outside, its slot holds that of the outside.
void Fiber::SwapExceptionState() {
  auto* globals = reinterpret_cast<ExceptionState*>(__cxxabiv1::__cxa_get_globals());
  std::swap(globals->caught, exceptions_.caught);
  std::swap(globals->uncaught, exceptions_.uncaught);
}

void Fiber::Enter() {
  Fiber* const outer = std::exchange(current_fiber, this);
  SwapExceptionState();
#ifdef WAVETANK_TSAN
  void* const outer_tsan = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(tsan_fiber_, kNoSync);
#endif
#if WAVETANK_ASAN
  __sanitizer_start_switch_fiber(&outer_fake_stack_, stack_.bottom(), stack_.size);
#endif
  inner_.fiber = std::move(inner_.fiber).resume();
#if WAVETANK_ASAN
  __sanitizer_finish_switch_fiber(outer_fake_stack_, nullptr, nullptr);
#endif
#ifdef WAVETANK_TSAN
  // Both switches happen on this side: TSan's shadow call stacks stay balanced.
  __tsan_switch_to_fiber(outer_tsan, kNoSync);
#endif
  SwapExceptionState();
  current_fiber = outer;
}

context::fiber Fiber::Main(context::fiber&& outer) {
#if WAVETANK_ASAN
  __sanitizer_finish_switch_fiber(nullptr, &outer_bottom_, &outer_size_);
#endif
  outer_.fiber = std::move(outer);
  TsanAcquire(this);
  try {
    body_();
  } catch (const Killed&) {
  } catch (...) {
    escaped_ = std::current_exception();
  }
  body_ = nullptr;
  TsanRelease(this);
  state_ = State::kDone;
#if WAVETANK_ASAN
  // Its frames still stand on the fake stack, so that is dropped later, from outside.
  __sanitizer_start_switch_fiber(&fake_stack_, outer_bottom_, outer_size_);
#endif
  return std::move(outer_.fiber);
}

void Fiber::Leave() {
#if WAVETANK_ASAN
  __sanitizer_start_switch_fiber(&fake_stack_, outer_bottom_, outer_size_);
#endif
  outer_.fiber = std::move(outer_.fiber).resume();
#if WAVETANK_ASAN
  __sanitizer_finish_switch_fiber(fake_stack_, &outer_bottom_, &outer_size_);
#endif
}

void Fiber::Suspend() {
  WT_CHECK(current_fiber == this && !unwinding_);
  Leave();
  if (kill_) Unwind();
}

void Fiber::Unwind() {
  WT_CHECK(current_fiber == this);
  unwinding_ = true;
  throw Killed{};
}

void Fiber::Abandon() {
  state_ = State::kAbandoned;
  StackPool::ForThisThread().Abandon(stack_);
  Leave();
  std::abort();
}

#if WAVETANK_ASAN
// ASan frees a fake stack only when its fiber leaves for good; so be that fiber for an instant.
__attribute__((no_sanitize("address"))) void Fiber::DropFakeStack() {
  if (fake_stack_ == nullptr) return;
  void* mine = nullptr;
  const void* bottom = nullptr;
  size_t size = 0;
  __sanitizer_start_switch_fiber(&mine, stack_.bottom(), stack_.size);
  __sanitizer_finish_switch_fiber(fake_stack_, &bottom, &size);
  __sanitizer_start_switch_fiber(nullptr, bottom, size);
  __sanitizer_finish_switch_fiber(mine, nullptr, nullptr);
}
#endif

}  // namespace wt::sim
