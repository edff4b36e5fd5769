// What every storage must do, as tests that run on any backend; STORAGE.md and storage.h in code.
// For your own backend: derive a StorageWorld that makes it, name it, and link conformance.cc.
//
//   class CloudWorld : public StorageWorld { ... };
//   INSTANTIATE_TEST_SUITE_P(Cloud, StorageConformanceTest,
//                            testing::Values(StorageKind{"Cloud", [] {
//                              return std::make_unique<CloudWorld>(); }}), KindName);
//
// engine/storage/WRITING-A-BACKEND.md goes through it.
#ifndef WAVETANK_TESTS_STORAGE_CONFORMANCE_H_
#define WAVETANK_TESTS_STORAGE_CONFORMANCE_H_

#include <functional>
#include <memory>
#include <string>

#include "engine/storage/storage.h"
#include "gtest/gtest.h"

namespace wt::test {

// A medium, empty at first, that storages are opened on one after the other.
class StorageWorld {
 public:
  virtual ~StorageWorld() = default;

  // Opens the storage on what is there. Requires: called in Run; no other is open for writing.
  virtual absl::StatusOr<std::unique_ptr<Storage>> Open(StorageMode mode) = 0;

  // Runs `body` where the storage may be used. Once per world. Override it where that is not just
  // here: in a task of the tank, say.
  virtual void Run(const std::function<void()>& body) { body(); }
};

struct StorageKind {
  std::string name;
  std::function<std::unique_ptr<StorageWorld>()> make;
};
inline std::string KindName(const testing::TestParamInfo<StorageKind>& info) {
  return info.param.name;
}

class StorageConformanceTest : public testing::TestWithParam<StorageKind> {
 protected:
  // Runs `body` in a fresh world, with storage_ open for writing.
  void InWorld(const std::function<void()>& body);
  // Closes storage_ and opens it anew.
  void Reopen(StorageMode mode = StorageMode::kReadWrite);

  // Shorthands over storage_, which fail the test instead of returning an error.
  void Write(const FileDesc& fd, std::string_view content);
  std::string Read(const FileDesc& fd);
  std::vector<FileDesc> List(FileTypes types = kAllFileTypes);

  std::unique_ptr<StorageWorld> world_;
  std::unique_ptr<Storage> storage_;
};

// Bytes that do not compress, a function of `seed`.
std::string Noise(uint64_t seed, uint64_t size);

}  // namespace wt::test

#endif  // WAVETANK_TESTS_STORAGE_CONFORMANCE_H_
