// `wavetank doctor`: is this machine fit to build and run the tank?
#include <sched.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/units.h"
#include "reports/exit_code.h"
#include "reports/table.h"
#include "scenarios/campaign/campaign_files.h"
#include "scenarios/cli/build_info.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {
namespace {

using reports::Ink;
using reports::RoughBytes;
using reports::WithThousands;

enum class Health { kOk, kWarn, kFail };

struct Finding {
  std::string what;
  Health health = Health::kOk;
  std::string detail;
};

std::string_view NameOf(Health health) {
  static constexpr std::string_view kNames[] = {"ok", "warn", "fail"};
  return kNames[static_cast<size_t>(health)];
}

std::optional<uint64_t> NumberIn(const char* path) {
  const absl::StatusOr<std::string> text = scenarios::ReadWholeFile(path);
  uint64_t number = 0;
  if (!text.ok()) return std::nullopt;
  const char* end = text->data() + text->size();
  if (std::from_chars(text->data(), end, number).ec != std::errc()) return std::nullopt;
  return number;
}

std::string LimitText(rlim_t limit) {
  return limit == RLIM_INFINITY ? "unlimited" : WithThousands(limit);
}

Finding Build() {
  std::string detail = absl::StrFormat("%s, %s", kCompiler, kBuildType);
  if (!kSanitizers.empty()) detail += absl::StrFormat(", sanitizers: %s", kSanitizers);
  return {"build", Health::kOk, detail};
}

Finding Cores() {
  cpu_set_t set;
  const bool known = ::sched_getaffinity(0, sizeof(set), &set) == 0;
  const auto usable = static_cast<uint64_t>(known ? CPU_COUNT(&set) : 1);
  const std::string detail = reports::Plural(usable, "usable core");
  if (usable == 1) return {"cores", Health::kWarn, detail + ": campaigns run one seed at a time"};
  return {"cores", Health::kOk, detail};
}

Finding Memory() {
  struct sysinfo info = {};
  WT_CHECK_EQ(::sysinfo(&info), 0);
  const uint64_t total = static_cast<uint64_t>(info.totalram) * info.mem_unit;
  const std::string detail = RoughBytes(total) + " in all";
  if (total < kGiB) return {"memory", Health::kFail, detail + ": a worker needs up to 1 GiB"};
  if (total < 4 * kGiB) return {"memory", Health::kWarn, detail + ": build with few jobs"};
  return {"memory", Health::kOk, detail};
}

Finding Space(const char* what, const char* path, uint64_t wanted) {
  struct statvfs info = {};
  if (::statvfs(path, &info) != 0) return {what, Health::kWarn, std::string(path) + ": not there"};
  const uint64_t free = static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
  const std::string detail = RoughBytes(free) + " free";
  if (free < wanted) {
    return {what, Health::kWarn, detail + ", want " + RoughBytes(wanted)};
  }
  return {what, Health::kOk, detail};
}

Finding Writable() {
  if (::access(".", W_OK) == 0) return {"here", Health::kOk, "this folder takes tank-out/"};
  return {"here", Health::kFail, "this folder cannot be written: use --out DIR"};
}

Finding Ptrace() {
  const std::optional<uint64_t> scope = NumberIn("/proc/sys/kernel/yama/ptrace_scope");
  if (!scope || *scope == 0) return {"ptrace", Health::kOk, "debuggers may attach"};
  if (*scope == 1) return {"ptrace", Health::kOk, "debuggers may start programs (scope 1)"};
  return {"ptrace", Health::kWarn,
          absl::StrFormat("scope %d: LeakSanitizer and debuggers do not work", *scope)};
}

Finding Perf() {
  const std::optional<uint64_t> paranoid = NumberIn("/proc/sys/kernel/perf_event_paranoid");
  if (!paranoid) return {"perf", Health::kWarn, "no perf events: no profiles"};
  if (*paranoid > 2 && ::geteuid() != 0) {
    return {"perf", Health::kWarn,
            absl::StrFormat("perf_event_paranoid %d: no profiles", *paranoid)};
  }
  return {"perf", Health::kOk, absl::StrFormat("perf_event_paranoid %d", *paranoid)};
}

Finding CoreFiles() {
  struct rlimit limit = {};
  WT_CHECK_EQ(::getrlimit(RLIMIT_CORE, &limit), 0);
  // Workers print their stacks themselves; a core per finding would only fill the disk.
  return {"core files", Health::kOk, absl::StrFormat("limit %s", LimitText(limit.rlim_cur))};
}

Finding OpenFiles() {
  struct rlimit limit = {};
  WT_CHECK_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const std::string detail = absl::StrFormat("limit %s", LimitText(limit.rlim_cur));
  return {"open files", limit.rlim_cur < 256 ? Health::kFail : Health::kOk, detail};
}

// A fiber's stack and its guard are two mappings.
Finding Mappings() {
  const std::optional<uint64_t> most = NumberIn("/proc/sys/vm/max_map_count");
  if (!most) return {"mappings", Health::kWarn, "vm.max_map_count cannot be read"};
  const std::string detail = absl::StrFormat("vm.max_map_count %s", WithThousands(*most));
  if (*most < 65'530) return {"mappings", Health::kWarn, detail + ": want 65,530"};
  return {"mappings", Health::kOk, detail};
}

bool OnPath(std::string_view program) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const size_t colon = std::min(rest.find(':'), rest.size());
    const std::string file = absl::StrFormat("%s/%s", rest.substr(0, colon), program);
    if (::access(file.c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return false;
}

Finding Tool(const char* program, const char* package, Health if_missing) {
  if (OnPath(program)) return {program, Health::kOk, "found"};
  return {program, if_missing, absl::StrFormat("not found: apt-get install %s", package)};
}

// Headers stand for the development packages; this program runs without them.
Finding Library(const char* header, const char* package) {
  std::error_code ignored;
  for (const char* root : {"/usr/include/", "/usr/local/include/"}) {
    if (std::filesystem::exists(std::string(root) + header, ignored)) {
      return {package, Health::kOk, "found"};
    }
  }
  return {package, Health::kWarn, absl::StrFormat("not found: apt-get install %s", package)};
}

std::vector<Finding> Examine() {
  return {Build(),
          Cores(),
          Memory(),
          Writable(),
          Space("disk space", ".", 2 * kGiB),
          Space("/dev/shm", "/dev/shm", 64 * kMiB),
          Ptrace(),
          Perf(),
          CoreFiles(),
          OpenFiles(),
          Mappings(),
          Tool("cmake", "cmake", Health::kWarn),
          Tool("ninja", "ninja-build", Health::kWarn),
          Tool("g++", "g++", Health::kWarn),
          Tool("git", "git", Health::kWarn),
          Library("absl/status/status.h", "libabsl-dev"),
          Library("boost/context/fiber.hpp", "libboost-context-dev"),
          Library("CLI/CLI.hpp", "libcli11-dev"),
          Library("spdlog/spdlog.h", "libspdlog-dev"),
          Library("nlohmann/json.hpp", "nlohmann-json3-dev"),
          Library("xxhash.h", "libxxhash-dev"),
          Library("zstd.h", "libzstd-dev"),
          Library("gtest/gtest.h", "libgtest-dev"),
          Library("rapidcheck.h", "librapidcheck-dev")};
}

std::string Text(const std::vector<Finding>& findings, reports::Look look) {
  static constexpr Ink kInks[] = {Ink::kGreen, Ink::kYellow, Ink::kRed};
  std::string text;
  for (const Finding& finding : findings) {
    const std::string_view name = NameOf(finding.health);
    text += reports::Paint(look, kInks[static_cast<size_t>(finding.health)], name) +
            std::string(6 - name.size(), ' ') + reports::PadRight(finding.what, 22) +
            finding.detail + "\n";
  }
  return text;
}

absl::StatusOr<int> Doctor(const Shell& shell, const Common& common) {
  const std::vector<Finding> findings = Examine();
  int code = reports::kExitPassed;
  for (const Finding& finding : findings) {
    if (finding.health == Health::kFail) code = reports::kExitBroken;
    if (!common.json) continue;
    Print(nlohmann::ordered_json{{"what", finding.what},
                                 {"health", std::string(NameOf(finding.health))},
                                 {"detail", finding.detail}}
              .dump() +
          "\n");
  }
  if (!common.json) Print(Text(findings, shell.terminal.out));
  return code;
}

}  // namespace

Verb AddDoctor(CLI::App& program, const Shell& shell) {
  auto common = std::make_shared<Common>();
  CLI::App* verb = program.add_subcommand("doctor", "is this machine fit?");
  AddCommonFlags(*verb, common.get());
  return {verb, [&shell, common] { return Doctor(shell, *common); }};
}

}  // namespace wt::cli
