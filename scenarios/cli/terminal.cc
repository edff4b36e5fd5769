#include "scenarios/cli/terminal.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "absl/strings/str_format.h"
#include "reports/json_lines.h"

namespace wt::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLiveEvery{100};
constexpr milliseconds kPlainEvery{10'000};

std::atomic<int> stop_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);

void OnStop(int signal) { stop_signal = signal; }

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && value[0] != '\0';
}

bool IsTerminal(int descriptor) {
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::strcmp(kind, "dumb") == 0;
  return ::isatty(descriptor) == 1 && !dumb && !IsSet("CI");
}

spdlog::logger& Log() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("wavetank",
                                                 std::make_shared<spdlog::sinks::stderr_sink_st>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

}  // namespace

Terminal DetectTerminal() {
  return {.out = {.colour = IsTerminal(STDOUT_FILENO) && !IsSet("NO_COLOR")},
          .live = IsTerminal(STDERR_FILENO)};
}

void Print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) ::_exit(141);  // as a shell reports SIGPIPE
    text.remove_prefix(static_cast<size_t>(written));
  }
}

void Complain(std::string_view line) { Log().error("{}", line); }
void Note(std::string_view line) { Log().info("{}", line); }

void ToStandardError(std::string_view text) {
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, text.data(), text.size());
}

bool OnGitHub() {
  const char* set = ::getenv("GITHUB_ACTIONS");
  return set != nullptr && std::string_view(set) == "true";
}

const std::atomic<int>& StopSignal() { return stop_signal; }

void InstallStopHandler() {
  struct sigaction action = {};
  action.sa_handler = OnStop;
  action.sa_flags = SA_RESETHAND;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

std::string ProgressText(const scenarios::Progress& progress) {
  using reports::WithThousands;
  std::string text = WithThousands(progress.done);
  if (progress.total) text += "/" + WithThousands(*progress.total);
  const uint64_t rate = reports::PerSecond(progress.done, progress.wall_us);
  text += absl::StrFormat(" runs  %s seeds/s", WithThousands(rate));
  if (progress.failed > 0) text += absl::StrFormat("  %s failed", WithThousands(progress.failed));
  if (progress.total && progress.done > 0) {
    const uint64_t left = *progress.total - std::min(progress.done, *progress.total);
    const auto left_us = static_cast<unsigned __int128>(progress.wall_us) * left / progress.done;
    text += "  " + reports::RoughTime(static_cast<uint64_t>(left_us)) + " left";
  }
  return text;
}

bool ProgressLine::Due() {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < (terminal_.live ? kLiveEvery : kPlainEvery)) return false;
  last_ = now;
  return true;
}

void ProgressLine::Show(const scenarios::Progress& progress) {
  ShowText([&] { return ProgressText(progress); });
}

void ProgressLine::ShowText(const std::function<std::string()>& text) {
  if (!Due()) return;
  if (!terminal_.live) return Note(text());
  const std::string line = "\r\x1b[K" + text();
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, line.data(), line.size());
  on_screen_ = true;
}

void ProgressLine::Clear() {
  if (!on_screen_) return;
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, "\r\x1b[K", 4);
  on_screen_ = false;
}

}  // namespace wt::cli
