// Who is looking: a person at a terminal, a log file, or another program.
#ifndef WAVETANK_SCENARIOS_CLI_TERMINAL_H_
#define WAVETANK_SCENARIOS_CLI_TERMINAL_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "reports/text.h"
#include "scenarios/campaign/runner.h"

namespace wt::cli {

struct Terminal {
  reports::Look out{};  // of stdout
  bool live = false;    // stderr can take a line that is rewritten
};

// By what the descriptors are, NO_COLOR, CI and TERM.
Terminal DetectTerminal();

// stdout: the result. A reader that went away (a pipe into `head`) ends the program quietly.
void Print(std::string_view text);
// stderr: "wavetank run: ..." and the like, one line.
void Complain(std::string_view line);
void Note(std::string_view line);

// stderr as it is: workflow commands, which must begin their line.
void ToStandardError(std::string_view text);
// Whether a workflow of GitHub's runs us, which reads annotations.
bool OnGitHub();

// Nonzero once SIGINT or SIGTERM came; a second one kills.
const std::atomic<int>& StopSignal();
void InstallStopHandler();

// Progress on stderr: a line rewritten ten times a second on a terminal, else a plain line every
// ten seconds.
class ProgressLine {
 public:
  explicit ProgressLine(const Terminal& terminal) : terminal_(terminal) {}

  void Show(const scenarios::Progress& progress);
  // Any text; `Show` makes it of the usual figures.
  void ShowText(const std::function<std::string()>& text);
  // Removes what is on the terminal, before something else is printed.
  void Clear();

 private:
  bool Due();

  const Terminal& terminal_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  bool on_screen_ = false;
};

// "1,234/4,000 runs  187/s  2 failed  15s left".
std::string ProgressText(const scenarios::Progress& progress);

}  // namespace wt::cli

#endif  // WAVETANK_SCENARIOS_CLI_TERMINAL_H_
