#include "tests/house/style_rules.h"

#include <algorithm>
#include <cctype>

namespace wt::house {
namespace {

unsigned char Byte(char c) { return static_cast<unsigned char>(c); }

bool IsNameCharacter(char c) { return std::isalnum(Byte(c)) != 0 || c == '_'; }

// UTF-8: a character counts once.
size_t Columns(std::string_view line) {
  return std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

std::string GuardOf(std::string_view path) {
  std::string guard = "WAVETANK_";
  for (char c : path) guard += IsNameCharacter(c) ? static_cast<char>(std::toupper(Byte(c))) : '_';
  return guard + "_";
}

bool IsInAny(std::string_view path, const std::vector<std::string_view>& folders) {
  return std::any_of(folders.begin(), folders.end(),
                     [&](std::string_view folder) { return IsIn(path, folder); });
}

// Where the first draw at or behind `from` is; npos when there is none.
size_t FindDraw(std::string_view code, size_t from) {
  size_t found = code.npos;
  for (std::string_view draw : {".Below(", ".Between(", ".Chance(", ".Next(", ".OneIn("}) {
    found = std::min(found, code.find(draw, from));
  }
  return found;
}

}  // namespace

const std::vector<WordRule>& WordRules() {
  static const std::vector<std::string_view> everywhere = {
      "engine", "faults", "replicas", "reports", "scenarios", "sim", "tests"};
  static const std::vector<std::string_view> product = {"engine",  "faults",    "replicas",
                                                        "reports", "scenarios", "sim"};
  // What runs inside a simulation, and the simulator itself.
  static const std::vector<std::string_view> simulated = {"engine", "faults", "replicas", "sim"};
  static const std::vector<std::string_view> native = {"engine/posix", "engine/rocksdb",
                                                       "replicas/server"};
  static const std::vector<WordRule> rules = {
      {{"catch (...)", "catch(...)"},
       "let it pass: a killed task is unwound by an exception of the simulator's",
       simulated,
       {"sim/core/fiber.cc"}},  // where that exception ends
      {{"throw"},
       "absl::Status for the world's failures, WT_CHECK for ours",
       {"engine", "replicas", "faults"}},
      {{"assert", "DCHECK", "CHECK"}, "WT_CHECK, which is always on", product},
      {{"std::unordered_", "absl::flat_hash_", "absl::node_hash_", "std::hash", "absl::Hash"},
       "std::map, absl::btree_map or a sorted vector: the order of a hash table differs by run",
       simulated,
       native},
      {{"std::uniform_", "std::normal_distribution", "std::shuffle", "std::random_device",
        "std::mt19937", "std::mt19937_64", "std::rand", "std::bernoulli_distribution"},
       "Draw of engine/base/random.h: these differ from library to library",
       product,
       native},
      {{"#include <thread>", "#include <mutex>", "#include <condition_variable>",
        "#include <future>", "#include <shared_mutex>", "#include <semaphore>",
        "#include \"absl/synchronization/"},
       "Tasks, Mutex and CondVar of engine/env",
       simulated,
       native},
      {{"std::chrono::steady_clock", "std::chrono::system_clock",
        "std::chrono::high_resolution_clock", "absl::Now"},
       "Clock of engine/env",
       simulated,
       native},
      {{"#include <iostream>", "#include <fstream>", "#include <filesystem>", "#include <random>",
        "#include <regex>", "#include <unistd.h>", "#include <fcntl.h>"},
       "the seam of engine/env",
       {"engine"},
       native},
      {{"std::this_thread::sleep_for", "std::this_thread::sleep_until", "usleep", "absl::SleepFor"},
       "waiting for the event itself",
       {"tests"},
       {"tests/house"}},
      {{"__DATE__", "__TIME__", "__TIMESTAMP__"}, "nothing: builds are reproducible", everywhere},
      {{"#pragma once"}, "an include guard", everywhere},
      {{"using namespace std;", "using namespace wt", "using namespace absl",
        "using namespace testing"},
       "using declarations for the names",
       everywhere},
  };
  return rules;
}

bool HasWord(std::string_view code, std::string_view word) {
  const char last = word.back();
  for (size_t at = code.find(word); at != code.npos; at = code.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool starts = at == 0 || !IsNameCharacter(word.front()) || !IsNameCharacter(code[at - 1]);
    const bool ends = last == '_' || last == '/' || !IsNameCharacter(last) || end == code.size() ||
                      !IsNameCharacter(code[end]);
    if (starts && ends) return true;
  }
  return false;
}

std::vector<std::string> SizeFindings(const SourceFile& file) {
  std::vector<std::string> findings;
  if (file.lines.size() > kMostLines) {
    findings.push_back(Finding(file, file.lines.size(),
                               "more than " + std::to_string(kMostLines) +
                                   " lines: split the file where it has two subjects"));
  }
  for (size_t i = 0; i < file.lines.size(); ++i) {
    const size_t columns = Columns(file.lines[i]);
    if (columns <= kMostColumns) continue;
    findings.push_back(
        Finding(file, i + 1,
                std::to_string(columns) + " columns: wrap at " + std::to_string(kMostColumns)));
  }
  return findings;
}

std::vector<std::string> GuardFindings(const SourceFile& file) {
  if (!file.path.ends_with(".h")) return {};
  const std::string guard = GuardOf(file.path);
  const auto has = [&](const std::string& line) {
    return std::find(file.lines.begin(), file.lines.end(), line) != file.lines.end();
  };
  if (has("#ifndef " + guard) && has("#define " + guard) &&
      file.lines.back() == "#endif  // " + guard) {
    return {};
  }
  return {Finding(file, 1, "the include guard must be " + guard + ", to the end of the file")};
}

std::vector<std::string> WordFindings(const SourceFile& file) {
  std::vector<std::string> findings;
  for (const WordRule& rule : WordRules()) {
    if (!IsInAny(file.path, rule.folders) || IsInAny(file.path, rule.exempt)) continue;
    for (size_t i = 0; i < file.code.size(); ++i) {
      for (std::string_view word : rule.words) {
        if (!HasWord(file.code[i], word)) continue;
        findings.push_back(
            Finding(file, i + 1, std::string(word) + ": use " + std::string(rule.instead)));
      }
    }
  }
  return findings;
}

std::vector<std::string> CommentFindings(const SourceFile& file) {
  std::vector<std::string> findings;
  for (size_t i = 0; i < file.lines.size(); ++i) {
    for (std::string_view mark : {"TO"
                                  "DO",
                                  "FIX"
                                  "ME",
                                  "XX"
                                  "X"}) {
      if (!HasWord(file.lines[i], mark)) continue;
      findings.push_back(Finding(
          file, i + 1, std::string(mark) + ": do it, or say in an issue why it is not done"));
    }
  }
  return findings;
}

std::vector<std::string> DrawFindings(const SourceFile& file) {
  if (!IsInAny(file.path, {"engine", "faults", "replicas", "scenarios", "sim"})) return {};
  std::vector<std::string> findings;
  for (size_t i = 0; i < file.code.size(); ++i) {
    const bool goes_on = file.code[i].ends_with(',') && i + 1 < file.code.size();
    const size_t first = FindDraw(file.code[i], 0);
    if (first == std::string::npos) continue;
    const std::string code = file.code[i] + (goes_on ? file.code[i + 1] : "");
    const size_t comma = code.find(',', first);
    if (FindDraw(code, comma) == std::string::npos) continue;
    findings.push_back(Finding(file, i + 1,
                               "two draws in one list of arguments: draw into variables first, in "
                               "the order that is meant"));
  }
  return findings;
}

}  // namespace wt::house
