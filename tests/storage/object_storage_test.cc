// The example of WRITING-A-BACKEND.md passes the conformance suite, and the page shows what is
// tested.
#include "tests/storage/object_storage.h"

#include <fstream>
#include <sstream>

#include "engine/storage/encrypted_storage.h"
#include "tests/storage/conformance.h"
#include "tests/support/memory_env.h"

namespace wt::test {
namespace {

class ObjectsInMemory final : public ObjectStore {
 public:
  absl::Status Put(const std::string& name, const std::string& bytes) override {
    objects_[name] = bytes;
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> Get(const std::string& name) override {
    const auto it = objects_.find(name);
    if (it == objects_.end()) return NotFound("%s: no such object", name);
    return it->second;
  }
  absl::Status Delete(const std::string& name) override {
    return objects_.erase(name) == 1 ? absl::OkStatus() : NotFound("%s: no such object", name);
  }
  absl::StatusOr<std::vector<std::string>> ListNames() override {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : objects_) names.push_back(name);
    return names;
  }

 private:
  std::map<std::string, std::string> objects_;
};

// [world]
class ObjectWorld : public StorageWorld {
 public:
  absl::StatusOr<std::unique_ptr<Storage>> Open(StorageMode mode) override {
    return std::make_unique<ObjectStorage>(env_.tasks, store_, mode);
  }

 private:
  MemoryEnv env_;
  ObjectsInMemory store_;
};

INSTANTIATE_TEST_SUITE_P(Object, StorageConformanceTest,
                         testing::Values(StorageKind{
                             "Objects", [] { return std::make_unique<ObjectWorld>(); }}),
                         KindName);
// [end]

std::string ReadSource(const std::string& path) {
  std::ifstream file(std::string(WAVETANK_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// What the page shows of `file` between "// [name]" and "// [end]".
std::string Piece(const std::string& file, const std::string& name) {
  const std::string begin = "// [" + name + "]\n";
  const size_t from = file.find(begin);
  EXPECT_NE(from, file.npos) << name;
  if (from == file.npos) return "";
  const size_t start = from + begin.size();
  return file.substr(start, file.find("// [end]\n", start) - start);
}

TEST(WritingABackendTest, ThePageShowsWhatIsTested) {
  const std::string page = ReadSource("engine/storage/WRITING-A-BACKEND.md");
  const std::string header = ReadSource("tests/storage/object_storage.h");
  const std::string test = ReadSource("tests/storage/object_storage_test.cc");
  for (const std::string& piece : {Piece(header, "reader"), Piece(header, "writer"),
                                   Piece(header, "storage"), Piece(test, "world")}) {
    EXPECT_GT(piece.size(), 100u);
    EXPECT_NE(page.find("```cpp\n" + piece + "```"), page.npos) << piece.substr(0, 200);
  }
}

}  // namespace
}  // namespace wt::test
