#include "scenarios/campaign/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/signature.h"
#include "scenarios/campaign/crash_handler.h"
#include "scenarios/campaign/values.h"

namespace wt::scenarios {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kCannotStart = 127;
constexpr off_t kKeptOutput = 64 * 1024;
constexpr WallDuration kPoll{50};

struct Ends {
  int parent = -1;
  int child = -1;
  int output = -1;
};

absl::Status SystemError(std::string_view what) {
  return Unavailable("%s: %s", what, std::strerror(errno));
}

absl::StatusOr<Ends> MakeEnds() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    return SystemError("socketpair for a worker");
  }
  const int output = ::memfd_create("worker", MFD_CLOEXEC);
  if (output < 0) {
    ::close(pair[0]);
    ::close(pair[1]);
    return SystemError("memfd_create for a worker's output");
  }
  // Appending, so that a worker that empties it goes on at its beginning.
  WT_CHECK_EQ(::fcntl(output, F_SETFL, O_APPEND), 0);
  return Ends{pair[0], pair[1], output};
}

// In the child: its socket is descriptor 3, its output the given file, nothing else is open; it
// dies with its parent, and leaves Ctrl-C to it.
void BecomeWorker(const Ends& ends, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kCannotStart);
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGTERM, SIG_DFL);
  const int quiet = ::open("/dev/null", O_RDONLY);
  ::dup2(quiet, STDIN_FILENO);
  ::dup2(ends.output, STDOUT_FILENO);
  ::dup2(ends.output, STDERR_FILENO);
  if (ends.child == kWorkerSocket) ::fcntl(kWorkerSocket, F_SETFD, 0);
  else ::dup2(ends.child, kWorkerSocket);
  ::close_range(kWorkerSocket + 1, ~0u, 0);
}

void WriteAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;  // the other side is gone, which its reader notices
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

void ForgetOutput() {
  [[maybe_unused]] const int not_a_file = ::ftruncate(STDERR_FILENO, 0);
}

[[noreturn]] void RunProgram(const Command& command) {
  std::vector<char*> arguments;
  for (const std::string& argument : command.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  for (const std::string& variable : command.environment) {
    ::putenv(const_cast<char*>(variable.c_str()));
  }
  const bool moved = command.directory.empty() || ::chdir(command.directory.c_str()) == 0;
  if (moved) ::execv(arguments[0], arguments.data());
  ::_exit(kCannotStart);
}

// Whole lines of `unread` go to `lines`.
void SplitLines(std::string* unread, std::vector<std::string>* lines) {
  size_t begin = 0;
  for (size_t end = unread->find('\n'); end != std::string::npos; end = unread->find('\n', begin)) {
    lines->push_back(unread->substr(begin, end - begin));
    begin = end + 1;
  }
  unread->erase(0, begin);
}

std::string NameOfSignal(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? absl::StrFormat("signal %d", signal)
                         : absl::StrFormat("SIG%s", std::string(name));
}

std::string HowItDied(const Death& death) {
  if (death.signal != 0) return "the process died of " + NameOfSignal(death.signal);
  return absl::StrFormat("the process exited with %d in the middle of the run", death.exit_code);
}

}  // namespace

void ServeSocket(int socket, const Service& service) {
  std::string unread;
  std::vector<std::string> lines;
  char buffer[16 * 1024];
  while (true) {
    const ssize_t got = ::recv(socket, buffer, sizeof(buffer), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    unread.append(buffer, static_cast<size_t>(got));
    lines.clear();
    SplitLines(&unread, &lines);
    for (const std::string& line : lines) {
      ForgetOutput();
      WriteAll(socket, service(line) + "\n");
    }
  }
}

absl::StatusOr<std::unique_ptr<WorkerProcess>> WorkerProcess::Fork(const Service& service) {
  WT_ASSIGN_OR_RETURN(const Ends ends, MakeEnds());
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return SystemError("fork of a worker");
  if (pid == 0) {
    BecomeWorker(ends, parent);
    InstallCrashHandler();
    ServeSocket(kWorkerSocket, service);
    ::_exit(0);  // no destructors, no buffers: those are the parent's
  }
  ::close(ends.child);
  return std::unique_ptr<WorkerProcess>(new WorkerProcess(pid, ends.parent, ends.output));
}

absl::StatusOr<std::unique_ptr<WorkerProcess>> WorkerProcess::Start(const Command& command) {
  WT_CHECK(!command.arguments.empty());
  WT_ASSIGN_OR_RETURN(const Ends ends, MakeEnds());
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return SystemError("fork of a worker");
  if (pid == 0) {
    BecomeWorker(ends, parent);
    RunProgram(command);
  }
  ::close(ends.child);
  return std::unique_ptr<WorkerProcess>(new WorkerProcess(pid, ends.parent, ends.output));
}

void WorkerProcess::Kill() {
  WT_CHECK(!reaped_);
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
  }
  reaped_ = true;
}

WorkerProcess::~WorkerProcess() {
  if (!reaped_) Kill();
  ::close(socket_);
  ::close(output_);
}

void WorkerProcess::Send(std::string_view line) {
  WT_CHECK(line.find('\n') == std::string_view::npos);
  WriteAll(socket_, std::string(line) + "\n");
}

bool WorkerProcess::Receive(std::vector<std::string>* lines) {
  char buffer[64 * 1024];
  while (true) {
    const ssize_t got = ::recv(socket_, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (got > 0) {
      unread_.append(buffer, static_cast<size_t>(got));
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    SplitLines(&unread_, lines);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }
}

bool WorkerProcess::WaitFor(WallDuration patience) {
  if (reaped_) return true;
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  WT_CHECK(process >= 0);
  pollfd wait{process, POLLIN, 0};
  ::poll(&wait, 1, static_cast<int>(patience.count()));
  ::close(process);
  reaped_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
  return reaped_;
}

Death WorkerProcess::Describe(bool hung) {
  WT_CHECK(reaped_);
  Death death{.hung = hung};
  if (WIFSIGNALED(status_)) death.signal = WTERMSIG(status_);
  if (WIFEXITED(status_)) death.exit_code = WEXITSTATUS(status_);
  const off_t size = std::max<off_t>(::lseek(output_, 0, SEEK_END), 0);
  const off_t kept = std::min(size, kKeptOutput);
  std::string output(static_cast<size_t>(kept), '\0');
  const ssize_t got = ::pread(output_, output.data(), output.size(), size - kept);
  output.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  death.output = TidyOutput(output);
  return death;
}

Death WorkerProcess::Bury() {
  // Its socket is closed, but it may still be writing a core file.
  if (!WaitFor(std::chrono::seconds(10))) Kill();
  return Describe(/*hung=*/false);
}

Death WorkerProcess::KillHung() {
  ::kill(pid_, SIGABRT);
  if (!WaitFor(std::chrono::seconds(2))) Kill();
  return Describe(/*hung=*/true);
}

Answer WorkerProcess::Await(WallDuration timeout, const std::atomic<int>* stop) {
  const auto deadline = Clock::now() + timeout;
  bool alive = true;
  while (true) {
    if (!ready_.empty()) {
      std::string line = std::move(ready_.front());
      ready_.erase(ready_.begin());
      return {.line = std::move(line)};
    }
    if (stop != nullptr && *stop != 0) return {.stopped = true};
    if (!alive) return {.death = Bury()};
    if (Clock::now() >= deadline) return {.death = KillHung()};
    pollfd wait{socket_, POLLIN, 0};
    ::poll(&wait, 1, static_cast<int>(kPoll.count()));
    alive = Receive(&ready_);
  }
}

reports::RunRecord RecordOfDeath(std::string_view scenario, uint64_t seed, const Death& death,
                                 WallDuration timeout) {
  reports::RunRecord record;
  record.scenario = scenario;
  record.seed = seed;
  record.verdict = reports::Verdict::kFail;
  record.output = death.output;
  if (death.hung) {
    record.invariant = "no-hang";
    record.message =
        absl::StrFormat("the run was still going after %s of wall time", Spell(timeout));
  } else {
    record.invariant = "no-crash";
    record.message = HowItDied(death);
    const std::string telling = TellingLine(death.output);
    if (!telling.empty()) record.message += ": " + telling;
  }
  record.signature = reports::SignatureOf(record);
  return record;
}

}  // namespace wt::scenarios
