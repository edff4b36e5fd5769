// A worker: another process that answers request lines, one at a time, over a socket. It may die or
// hang of what it runs; that is what it is for.
//
//   auto worker = WorkerProcess::Fork([&](std::string_view line) { return Serve(tank, line); });
//   (*worker)->Send(ToLine(request));
//   Answer answer = (*worker)->Await(60s, nullptr);
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_WORKER_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_WORKER_H_

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/run_record.h"

namespace wt::scenarios {

using WallDuration = std::chrono::milliseconds;

// One request line in, one answer line out, neither with its newline.
using Service = std::function<std::string(std::string_view line)>;

// Serves over the socket until the other side closes it. Whatever the service printed before a
// request is forgotten when the next one starts, if stderr is a worker's.
void ServeSocket(int socket, const Service& service);

// Where a started program finds its socket.
inline constexpr int kWorkerSocket = 3;

// How a worker ended.
struct Death {
  int signal = 0;      // 0: it exited
  int exit_code = 0;
  bool hung = false;   // it was killed because it did not answer
  std::string output;  // the end of what it wrote, tidied
};

struct Command {
  std::vector<std::string> arguments{};             // the program first, as a path
  std::vector<std::string> environment{};           // "NAME=value" on top of our own
  std::string directory{};                          // empty: ours
};

// Of Await; exactly one of the three.
struct Answer {
  std::optional<std::string> line;
  std::optional<Death> death;
  bool stopped = false;
};

class WorkerProcess {
 public:
  // The child shares nothing but a copy of this process's memory. Errors: Unavailable.
  static absl::StatusOr<std::unique_ptr<WorkerProcess>> Fork(const Service& service);
  // A fresh program, which calls ServeSocket(kWorkerSocket, ...). Errors: Unavailable.
  static absl::StatusOr<std::unique_ptr<WorkerProcess>> Start(const Command& command);

  // Kills and reaps it: no process outlives its owner.
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // Does nothing when the worker is dead; that shows when an answer is awaited.
  void Send(std::string_view line);

  // For poll(). Readable when an answer or the end has come.
  int socket() const { return socket_; }
  // Reads what is there without waiting: whole lines, in order. False: the worker is gone.
  bool Receive(std::vector<std::string>* lines);

  // Reaps a worker that is gone.
  Death Bury();
  // Ends one that does not answer: it is asked to show its stack, then killed.
  Death KillHung();

  // Waits for the next answer, for `timeout` at most, unless `*stop` becomes nonzero.
  Answer Await(WallDuration timeout, const std::atomic<int>* stop);

 private:
  WorkerProcess(pid_t pid, int socket, int output) : pid_(pid), socket_(socket), output_(output) {}

  bool WaitFor(WallDuration patience);  // until it ended by itself
  void Kill();
  Death Describe(bool hung);

  pid_t pid_;
  int socket_;
  int output_;  // an unnamed file: its stdout and stderr
  int status_ = 0;
  bool reaped_ = false;
  std::string unread_;  // the beginning of a line
  std::vector<std::string> ready_;
};

// A death as the record of a run: a finding of invariant "no-crash" or "no-hang".
reports::RunRecord RecordOfDeath(std::string_view scenario, uint64_t seed, const Death& death,
                                 WallDuration timeout);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_WORKER_H_
