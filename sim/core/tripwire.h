// Inside a run nothing may ask the real world: no clock, chance, thread, file or socket of the
// operating system. While a run is on, these calls of libc, whoever makes them, say their name on
// stderr and abort (a campaign shows the stack); outside they are what they always were.
//
// The calls are interposed by this program's own definitions (symbols that its shared libraries
// find first), so that also what the standard library or a codec does is seen. Not seen: what libc
// does inside itself, instructions (rdtsc, rdrand) and raw system calls. Not in sanitizer builds,
// which interpose the same names.
#ifndef WAVETANK_SIM_CORE_TRIPWIRE_H_
#define WAVETANK_SIM_CORE_TRIPWIRE_H_

namespace wt::sim {

// Armed for as long as it lives, on this OS thread. May be nested.
class Tripwire {
 public:
  Tripwire();
  ~Tripwire();
  Tripwire(const Tripwire&) = delete;
  Tripwire& operator=(const Tripwire&) = delete;

  // For who is outside the run though it is on: a test, a debugger's hook.
  class Lifted {
   public:
    Lifted();
    ~Lifted();

   private:
    int depth_;
  };

  // False in builds without it.
  static bool IsThere();
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_TRIPWIRE_H_
