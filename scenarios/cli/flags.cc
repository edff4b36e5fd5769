#include "scenarios/cli/flags.h"

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "scenarios/campaign/campaign_files.h"
#include "scenarios/campaign/nearest.h"

namespace wt::cli {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && absl::ascii_isspace(text.front())) text.remove_prefix(1);
  while (!text.empty() && absl::ascii_isspace(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view Unquoted(std::string_view value) {
  if (!value.starts_with('"') && !value.starts_with('\'')) {
    return Trimmed(value.substr(0, value.find(" #")));
  }
  const size_t end = value.find(value.front(), 1);
  return end == std::string_view::npos ? value : value.substr(1, end - 1);
}

std::string FlagNamed(std::string_view key) {
  std::string name(key);
  for (char& c : name) {
    if (c == '_') c = '-';
  }
  return name;
}

absl::Status LoadLine(std::string_view line, std::span<const std::string> known) {
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos) return InvalidArgument("want name = value");
  const std::string name = FlagNamed(Trimmed(line.substr(0, equals)));
  bool found = false;
  for (const std::string& flag : known) found = found || flag == name;
  if (!found) return InvalidArgument("%s", scenarios::UnknownName("flag", name, known));
  const std::string value(Unquoted(Trimmed(line.substr(equals + 1))));
  ::setenv(EnvironmentName(name).c_str(), value.c_str(), /*overwrite=*/0);
  return absl::OkStatus();
}

}  // namespace

std::string EnvironmentName(std::string_view flag) {
  std::string name = "WAVETANK_";
  for (char c : flag) name += c == '-' ? '_' : absl::ascii_toupper(c);
  return name;
}

CLI::Option* AddFlag(CLI::App& app, const std::string& name, std::string* to,
                     const std::string& help) {
  return app.add_option("--" + name, *to, help)->envname(EnvironmentName(name));
}

CLI::Option* AddFlag(CLI::App& app, const std::string& name, bool* to, const std::string& help) {
  return app.add_flag("--" + name, *to, help)->envname(EnvironmentName(name));
}

CLI::Option* AddFlag(CLI::App& app, const std::string& name, std::vector<std::string>* to,
                     const std::string& help) {
  return app.add_option("--" + name, *to, help)
      ->envname(EnvironmentName(name))
      ->allow_extra_args(false);
}

std::vector<std::string> FlagNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back(name);
  }
  return names;
}

std::string ConfigFile(int argc, char** argv) {
  constexpr std::string_view kFlag = "--config";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == kFlag && i + 1 < argc) return argv[i + 1];
    if (argument.starts_with("--config=")) return argv[i] + kFlag.size() + 1;
  }
  const char* named = std::getenv("WAVETANK_CONFIG");
  return named == nullptr ? "" : named;
}

absl::Status LoadConfig(const std::string& path, std::span<const std::string> known) {
  WT_ASSIGN_OR_RETURN(const std::string text, scenarios::ReadWholeFile(path));
  int number = 0;
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (const std::string& whole : lines) {
    ++number;
    const std::string_view line = Trimmed(whole);
    if (line.empty() || line.front() == '#') continue;
    WT_RETURN_IF_ERROR(Annotate(LoadLine(line, known), absl::StrFormat("%s:%d", path, number)));
  }
  return absl::OkStatus();
}

std::vector<std::string> Assignments(const std::vector<std::string>& set) {
  std::vector<std::string> assignments;
  for (const std::string& text : set) {
    const std::vector<std::string> parts = absl::StrSplit(text, ' ', absl::SkipEmpty());
    assignments.insert(assignments.end(), parts.begin(), parts.end());
  }
  return assignments;
}

std::string AsArguments(const std::vector<std::string>& assignments) {
  std::string text;
  for (const std::string& assignment : assignments) text += " --set " + assignment;
  return text;
}

}  // namespace wt::cli
