// What is left of suspension where a task is a thread: nothing is switched by us, but code that
// promises not to suspend is held to it here as well as in the simulator.
#ifndef WAVETANK_ENGINE_POSIX_SUSPEND_H_
#define WAVETANK_ENGINE_POSIX_SUSPEND_H_

namespace wt {

// Per thread; they nest.
void EnterNoSuspendScope();
void LeaveNoSuspendScope();

// Every call of the seam that is marked "Suspends." begins with this: a failed check inside a
// NoSuspendScope.
void CheckMaySuspend();

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_SUSPEND_H_
