// A folder of its own for one test, removed with it.
#ifndef WAVETANK_TESTS_POSIX_TEMPORARY_FOLDER_H_
#define WAVETANK_TESTS_POSIX_TEMPORARY_FOLDER_H_

#include <cstdlib>
#include <filesystem>
#include <string>

#include "engine/base/check.h"

namespace wt {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    path_ = (std::filesystem::temp_directory_path() / "wavetank-test-XXXXXX").string();
    WT_CHECK(::mkdtemp(path_.data()) != nullptr);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace wt

#endif  // WAVETANK_TESTS_POSIX_TEMPORARY_FOLDER_H_
