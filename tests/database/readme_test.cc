// The example of README, word for word: it must compile and do what it says.
#include <gtest/gtest.h>

#include "engine/database.h"
#include "engine/posix/posix_world.h"
#include "tests/posix/temporary_folder.h"

namespace wt {
namespace {

TEST(ReadmeTest, TheEmbeddedDatabase) {
  TemporaryFolder folder;
  PosixWorld world({.root = folder.path()});
  auto opened = Database::Open({}, world.env());
  ASSERT_TRUE(opened.ok()) << opened.status();
  Database& db = **opened;
  absl::Status written = db.Write("color", "red");
  absl::StatusOr<std::optional<std::string>> color = db.Read("color");
  ASSERT_TRUE(color.ok());
  EXPECT_EQ(*color, "red");
  WriteBatch batch;
  batch.Put("shape", "round");
  batch.Delete("color");
  written.Update(db.BatchWrite(batch));
  std::shared_ptr<const ReadView> view = db.View();
  absl::StatusOr<KeyValues> last = db.RangeScan({.limit = 10, .backward = true, .view = view});
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(*last, (KeyValues{{"shape", "round"}}));
  written.Update(db.Close());
  EXPECT_TRUE(written.ok()) << written;
}

}  // namespace
}  // namespace wt
