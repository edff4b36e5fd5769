#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace wt {
namespace {

// Not a mutable static of the simulated world: it says what this thread does when the program is
// wrong, and no run can observe it.
thread_local CheckHandler check_handler = nullptr;

}  // namespace

CheckHandler SetCheckHandler(CheckHandler handler) {
  CheckHandler previous = check_handler;
  check_handler = handler;
  return previous;
}

void FailCheck(const char* file, int line, std::string what) {
  CheckFailure failure{file, line, std::move(what)};
  if (check_handler != nullptr) check_handler(failure);
  std::fprintf(stderr, "%s:%d: check failed: %s\n", failure.file, failure.line,
               failure.what.c_str());
  std::abort();
}

}  // namespace wt
