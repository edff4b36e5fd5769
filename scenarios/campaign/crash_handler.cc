#include "scenarios/campaign/crash_handler.h"

#include <cxxabi.h>
#include <execinfo.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "engine/base/check.h"

namespace wt::scenarios {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitizerReports = true;
#elif defined(__has_feature)
constexpr bool kSanitizerReports =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitizerReports = false;
#endif

constexpr int kFatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
constexpr size_t kHandlerStack = 128 * 1024;
constexpr int kDeepest = 64;

void Say(const char* text) {
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, text, std::strlen(text));
}

void OnFatalSignal(int signal) {
  Say("died of ");
  const char* name = ::sigabbrev_np(signal);
  Say(name == nullptr ? "signal" : "SIG");
  if (name != nullptr) Say(name);
  Say("; stack:\n");
  void* frames[kDeepest];
  const int count = ::backtrace(frames, kDeepest);
  ::backtrace_symbols_fd(frames, count, STDERR_FILENO);
  // SA_RESETHAND restored the default action: it strikes when this handler returns.
  ::raise(signal);
}

void Handle(int signal) {
  struct sigaction action = {};
  action.sa_handler = OnFatalSignal;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND;
  WT_CHECK_EQ(::sigaction(signal, &action, nullptr), 0);
}

bool IsHex(char c) { return absl::ascii_isxdigit(c); }

// Removes "[0x55d0c0ffee]" and " 0x7ffc0ffee123" style addresses: nine hex digits or more.
void DropAddresses(std::string* line) {
  constexpr size_t kShortest = 9;
  for (size_t at = line->find("0x"); at != std::string::npos; at = line->find("0x", at + 1)) {
    size_t end = at + 2;
    while (end < line->size() && IsHex((*line)[end])) ++end;
    if (end - at - 2 < kShortest) continue;
    const bool bracketed =
        at > 0 && (*line)[at - 1] == '[' && end < line->size() && (*line)[end] == ']';
    if (bracketed)
      line->erase(at - 1, end - at + 2);
    else
      line->replace(at, end - at, "0x...");
  }
}

// "==4711==ERROR" becomes "==ERROR".
void DropProcessId(std::string* line) {
  if (!line->starts_with("==")) return;
  const size_t end = line->find("==", 2);
  if (end == std::string::npos) return;
  for (size_t i = 2; i < end; ++i) {
    if (!absl::ascii_isdigit((*line)[i])) return;
  }
  line->erase(0, end);
}

// "program(_ZN2wt3FooEv+0x1a)" becomes "program(wt::Foo()+0x1a)"; the program without its folder.
void Demangle(std::string* line) {
  const size_t open = line->find("(_Z");
  if (open == std::string::npos) return;
  const size_t plus = line->find('+', open);
  if (plus == std::string::npos) return;
  const std::string mangled = line->substr(open + 1, plus - open - 1);
  int status = 0;
  char* name = abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status);
  if (name != nullptr && status == 0) line->replace(open + 1, mangled.size(), name);
  std::free(name);
}

void DropFolder(std::string* line) {
  const size_t open = line->find('(');
  if (open == std::string::npos || !line->starts_with("/")) return;
  const size_t slash = line->rfind('/', open);
  if (slash != std::string::npos) line->erase(0, slash + 1);
}

std::vector<std::string> Lines(std::string_view text) {
  return absl::StrSplit(absl::string_view(text.data(), text.size()), '\n');
}

}  // namespace

void InstallCrashHandler() {
  void* warm_up[1];
  ::backtrace(warm_up, 1);  // loads the unwinder now, where allocation is allowed
  static char stack[kHandlerStack];
  stack_t alternate = {};
  alternate.ss_sp = stack;
  alternate.ss_size = sizeof(stack);
  if (!kSanitizerReports) {
    WT_CHECK_EQ(::sigaltstack(&alternate, nullptr), 0);
    for (int signal : kFatal) Handle(signal);
  }
  Handle(SIGABRT);
}

std::string TidyOutput(std::string_view output) {
  std::string tidy;
  for (std::string& line : Lines(output)) {
    DropAddresses(&line);
    DropProcessId(&line);
    DropFolder(&line);
    Demangle(&line);
    tidy += line + "\n";
  }
  while (tidy.ends_with("\n\n")) tidy.pop_back();
  return tidy == "\n" ? "" : tidy;
}

std::string TellingLine(std::string_view tidied) {
  static constexpr std::string_view kMarks[] = {
      "check failed:",    "tripwire:", "ERROR: ", "runtime error:", "WARNING: ThreadSanitizer",
      "terminate called", "Assertion "};
  for (std::string_view mark : kMarks) {
    for (const std::string& line : Lines(tidied)) {
      if (line.find(mark) != std::string::npos) {
        return line.substr(line.find_first_not_of("= "));
      }
    }
  }
  return "";
}

}  // namespace wt::scenarios
