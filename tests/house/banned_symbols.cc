#include "tests/house/banned_symbols.h"

#include <fnmatch.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "engine/base/check.h"

namespace wt::house {
namespace {

// A failed check may speak before the process ends.
struct Exception {
  std::string_view object;
  std::string_view name;
};
constexpr Exception kExceptions[] = {
    {"check.cc.o", "fprintf"},
    {"check.cc.o", "stderr"},
};

bool Matches(std::string_view pattern, const std::string& name) {
  return ::fnmatch(std::string(pattern).c_str(), name.c_str(), 0) == 0;
}

// "lib.a:check.cc.o:                 U abort"; an object file has one part less.
Symbol ParseLine(std::string_view line) {
  const size_t blank = line.find(": ") == line.npos ? line.find(' ') : line.find(": ");
  const std::string_view place = line.substr(0, blank);
  std::string_view rest = line.substr(blank + 1);
  // Address or blanks, the type letter, the name.
  const size_t letter = rest.find_first_not_of(" 0123456789abcdef");
  rest = rest.substr(letter == rest.npos ? rest.size() : std::min(letter + 2, rest.size()));
  const size_t start = place.find_last_of(":/");
  return {std::string(place.substr(start == place.npos ? 0 : start + 1)), std::string(rest)};
}

}  // namespace

const std::vector<Ban>& Bans() {
  static const std::vector<Ban> bans = {
      {"clocks",
       "Clock of engine/env",
       {"std::chrono::*_clock::now()", "clock_gettime", "gettimeofday", "time", "clock", "ftime",
        "localtime*", "gmtime*", "mktime", "strftime", "timespec_get", "absl::*Now()",
        "absl::*GetCurrentTimeNanos()", "absl::*CycleClock*"}},
      {"sleeping",
       "Tasks of engine/env",
       {"nanosleep", "clock_nanosleep", "usleep", "sleep", "sched_yield", "AbslInternalSleepFor*",
        "std::this_thread::*"}},
      {"threads and locks",
       "Tasks, Mutex and CondVar of engine/env",
       {"pthread_*", "std::thread::*", "std::condition_variable*", "std::__once_*",
        "std::__future_base*", "std::__atomic_futex*", "absl::*Mutex*", "absl::*CondVar*",
        "absl::*SpinLock*", "absl::*CallOnce*", "sem_*", "thrd_*", "mtx_*"}},
      {"files",
       "Disk and File of engine/env",
       {"open",
        "open64",
        "openat",
        "openat64",
        "creat",
        "creat64",
        "close",
        "read",
        "write",
        "pread",
        "pread64",
        "pwrite",
        "pwrite64",
        "readv",
        "writev",
        "preadv*",
        "pwritev*",
        "lseek",
        "lseek64",
        "fsync",
        "fdatasync",
        "ftruncate*",
        "fallocate*",
        "posix_fallocate*",
        "stat",
        "stat64",
        "fstat*",
        "lstat*",
        "__xstat*",
        "__fxstat*",
        "rename",
        "renameat",
        "unlink",
        "unlinkat",
        "remove",
        "mkdir",
        "mkdirat",
        "rmdir",
        "opendir",
        "fdopendir",
        "readdir*",
        "flock",
        "fcntl",
        "fcntl64",
        "mmap",
        "mmap64",
        "fopen",
        "fopen64",
        "fdopen",
        "freopen*",
        "fread",
        "fclose",
        "tmpfile*",
        "mkstemp*",
        "std::filesystem::*",
        "std::basic_filebuf*",
        "std::basic_fstream*",
        "std::basic_ifstream*",
        "std::basic_ofstream*"}},
      {"printing",
       "EventSink of engine/env",
       {"printf", "fprintf", "vfprintf", "vprintf", "puts", "fputs", "putchar", "fputc", "fwrite",
        "perror", "stdout", "stderr", "std::cout", "std::cerr", "std::clog", "syslog",
        "spdlog::*"}},
      {"sockets",
       "Network of engine/env",
       {"socket", "bind", "connect", "listen", "accept", "accept4", "send", "sendto", "sendmsg",
        "recv", "recvfrom", "recvmsg", "poll", "ppoll", "select", "epoll_*", "getaddrinfo"}},
      {"chance",
       "Random of engine/env, or Draw of engine/base/random.h",
       {"std::random_device*", "rand", "rand_r", "srand", "random", "srandom", "*rand48*",
        "getrandom", "getentropy", "arc4random*", "absl::*random_internal*"}},
      {"the process and its environment",
       "options that the caller passes",
       {"getenv",    "secure_getenv", "environ",      "__environ", "setlocale", "gethostname",
        "getpid",    "gettid",        "uname",        "sysconf",   "isatty",    "fork",
        "vfork",     "exec*",         "posix_spawn*", "system",    "popen",     "signal",
        "sigaction", "kill",          "raise",        "exit",      "_exit",     "quick_exit",
        "dlopen",    "syscall",       "sched_getcpu"}},
      {"hashing with a salt, and hash tables",
       "absl::btree_map or std::map; Hash64 of engine/base/checksum.h",
       {"absl::*hash_internal::*", "absl::*container_internal::*HashtablezInfo*",
        "absl::*container_internal::kEmptyGroup", "std::_Hash_bytes*",
        "std::__detail::_Prime_rehash_policy::*"}},
      {"floating point functions",
       "integers: parts per million, fixed point",
       {"log",  "logf",  "log2",  "log10", "log1p", "exp",    "expf",
        "exp2", "expm1", "pow",   "powf",  "sqrt",  "sqrtf",  "sin",
        "cos",  "tan",   "floor", "ceil",  "round", "lround", "fmod"}},
  };
  return bans;
}

const Ban* BanOf(const Symbol& symbol) {
  for (const Exception& exception : kExceptions) {
    if (symbol.object == exception.object && symbol.name == exception.name) return nullptr;
  }
  for (const Ban& ban : Bans()) {
    for (std::string_view pattern : ban.patterns) {
      if (Matches(pattern, symbol.name)) return &ban;
    }
  }
  return nullptr;
}

std::vector<Symbol> SymbolsOf(const std::string& file, SymbolSet set) {
  const std::string flags = set == SymbolSet::kUndefined ? " -A -C -u '" : " -A -C '";
  const std::unique_ptr<FILE, int (*)(FILE*)> nm(
      ::popen((WAVETANK_NM + flags + file + "'").c_str(), "r"), &::pclose);
  WT_CHECK(nm != nullptr);
  std::string output;
  char buffer[4096];
  while (const size_t got = ::fread(buffer, 1, sizeof(buffer), nm.get())) {
    output.append(buffer, got);
  }
  std::vector<Symbol> symbols;
  for (size_t at = 0; at < output.size();) {
    const size_t end = std::min(output.find('\n', at), output.size());
    symbols.push_back(ParseLine(std::string_view(output).substr(at, end - at)));
    at = end + 1;
  }
  return symbols;
}

}  // namespace wt::house
