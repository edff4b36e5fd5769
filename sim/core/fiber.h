// A stack that can be left and entered again: boost::context::fiber, plus what it leaves out: a
// pooled guarded stack, the C++ runtime's per-thread exception state, and the sanitizers' view.
//
//   Fiber fiber([&] { Step1(); fiber.Suspend(); Step2(); });
//   fiber.Resume();   // Step1
//   fiber.Resume();   // Step2
//   fiber.done();     // true
//
// A suspended fiber ends early by Kill(): its Suspend() throws Killed, which unwinds its frames, so
// destructors run. Where a frame is noexcept, C++ would terminate the process; then the fiber is
// abandoned instead: frozen for ever, its stack never used again.
#ifndef WAVETANK_SIM_CORE_FIBER_H_
#define WAVETANK_SIM_CORE_FIBER_H_

#include <boost/context/fiber.hpp>
#include <exception>
#include <functional>

#include "sim/core/sanitizers.h"
#include "sim/core/stack_pool.h"

namespace wt::sim {

class Fiber {
 public:
  // Thrown through the frames of a fiber that ends early. Nothing but the fiber's entry catches it.
  struct Killed {};

  explicit Fiber(std::function<void()> body);
  // Requires: never started, done, or abandoned.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // From outside: runs until the fiber suspends or ends. Fibers may resume fibers.
  void Resume();
  // From outside: unwinds. Afterwards it is done or abandoned.
  void Kill();

  // From inside: back to whoever resumed it. Throws Killed when it was Kill that came back.
  void Suspend();
  // From inside: ends this fiber by unwinding it.
  [[noreturn]] void Unwind();

  bool done() const { return state_ == State::kDone; }
  bool abandoned() const { return state_ == State::kAbandoned; }
  bool unwinding() const { return unwinding_; }
  // An exception other than Killed that left the body.
  const std::exception_ptr& escaped() const { return escaped_; }

  static Fiber* Current();

 private:
  enum class State { kNew, kStarted, kDone, kAbandoned };

  // As __cxa_eh_globals of the Itanium C++ ABI (§2.2.2).
  struct ExceptionState {
    void* caught = nullptr;
    unsigned uncaught = 0;
  };

  // Destroying a suspended boost fiber would unwind it; an abandoned one must stay as it is.
  union Context {
    Context() : fiber() {}
    ~Context() {}
    boost::context::fiber fiber;
  };

  static void OnTerminate();
  void Start();
  void Enter();
  boost::context::fiber Main(boost::context::fiber&& outer);
  void Leave();
  [[noreturn]] void Abandon();
  void SwapExceptionState();
  void DropFakeStack();

  std::function<void()> body_;
  State state_ = State::kNew;
  bool kill_ = false;
  bool unwinding_ = false;
  std::exception_ptr escaped_;
  FiberStack stack_;
  Context inner_;
  Context outer_;
  ExceptionState exceptions_;
#if WAVETANK_ASAN
  void* fake_stack_ = nullptr;
  void* outer_fake_stack_ = nullptr;
  const void* outer_bottom_ = nullptr;
  size_t outer_size_ = 0;
#endif
#ifdef WAVETANK_TSAN
  void* tsan_fiber_ = nullptr;
#endif
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_FIBER_H_
