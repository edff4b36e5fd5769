// The built program with the fake tank, run in a folder of its own.
#ifndef WAVETANK_TESTS_SCENARIOS_CLI_PROGRAM_H_
#define WAVETANK_TESTS_SCENARIOS_CLI_PROGRAM_H_

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/check.h"

namespace wt {

class FakeProgram : public ::testing::Test {
 protected:
  struct Result {
    int exit_code = -1;
    std::string out;
    std::string err;
  };

  FakeProgram() {
    std::string pattern = (std::filesystem::temp_directory_path() / "wavetank-XXXXXX").string();
    WT_CHECK(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
  }
  ~FakeProgram() override { std::filesystem::remove_all(folder_); }

  Result Run(const std::string& arguments, const std::string& environment = "") {
    const std::string command = "cd " + folder_.string() + " && " + environment + " '" +
                                WAVETANK_FAKE_PROGRAM + "' " + arguments + " >out 2>err </dev/null";
    const int status = std::system(command.c_str());
    return {WEXITSTATUS(status), Read("out"), Read("err")};
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(folder_ / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  static std::vector<nlohmann::json> LinesOf(const std::string& text) {
    std::vector<nlohmann::json> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      lines.push_back(nlohmann::json::parse(line));
    }
    return lines;
  }

  std::filesystem::path folder_;
};

}  // namespace wt

#endif  // WAVETANK_TESTS_SCENARIOS_CLI_PROGRAM_H_
