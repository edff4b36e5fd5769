// Assertions that are always on, also in production.
//
//   WT_CHECK(last_applied <= commit_index);
//   WT_CHECK_EQ(header.segment, expected);
//
// A failed check means that the program is wrong, never that the world misbehaved (that is a
// Status). It does not return. What happens then is the process's choice: by default it prints and
// aborts; the simulator installs a handler that ends the run and keeps the process.
#ifndef WAVETANK_ENGINE_BASE_CHECK_H_
#define WAVETANK_ENGINE_BASE_CHECK_H_

#include <string>

namespace wt {

struct CheckFailure {
  const char* file;
  int line;
  std::string what;  // the expression, with the values where they print
};

// Must not return. May unwind (throw) or leave the stack for good.
using CheckHandler = void (*)(const CheckFailure&);

// Installs `handler` for this thread; null restores the default. Returns the previous one.
CheckHandler SetCheckHandler(CheckHandler handler);

[[noreturn]] void FailCheck(const char* file, int line, std::string what);

template <typename A, typename B>
[[noreturn]] void FailCompare(const char* file, int line, const char* expression, const A& a,
                              const B& b) {
  std::string what = expression;
  if constexpr (requires { std::to_string(a), std::to_string(b); }) {
    what += " (" + std::to_string(a) + " vs. " + std::to_string(b) + ")";
  } else if constexpr (requires { a.ToString(), b.ToString(); }) {
    what += " (" + a.ToString() + " vs. " + b.ToString() + ")";
  }
  FailCheck(file, line, std::move(what));
}

}  // namespace wt

#define WT_CHECK(condition) \
  (__builtin_expect(!!(condition), 1) ? (void)0 : ::wt::FailCheck(__FILE__, __LINE__, #condition))

#define WT_CHECK_COMPARE(a, op, b)                                          \
  do {                                                                      \
    const auto& wt_a = (a);                                                 \
    const auto& wt_b = (b);                                                 \
    if (__builtin_expect(!(wt_a op wt_b), 0))                               \
      ::wt::FailCompare(__FILE__, __LINE__, #a " " #op " " #b, wt_a, wt_b); \
  } while (false)

#define WT_CHECK_EQ(a, b) WT_CHECK_COMPARE(a, ==, b)
#define WT_CHECK_NE(a, b) WT_CHECK_COMPARE(a, !=, b)
#define WT_CHECK_LE(a, b) WT_CHECK_COMPARE(a, <=, b)
#define WT_CHECK_LT(a, b) WT_CHECK_COMPARE(a, <, b)
#define WT_CHECK_GE(a, b) WT_CHECK_COMPARE(a, >=, b)
#define WT_CHECK_GT(a, b) WT_CHECK_COMPARE(a, >, b)

#endif  // WAVETANK_ENGINE_BASE_CHECK_H_
