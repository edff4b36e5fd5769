// Metamorphic: how a database is tuned must not show in its answers. The same drawn operations on
// drawn options, on other drawn options, on the store in memory and on RocksDB give the same
// answers, and after a reopening the same contents.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/posix/posix_world.h"
#include "engine/rocksdb/rocksdb_store.h"
#include "tests/database/folders.h"
#include "tests/posix/temporary_folder.h"

namespace wt::test {
namespace {

constexpr uint64_t kOperations = 120;

DatabaseOptions DrawOptions(Draw& draw) {
  DatabaseOptions options = TinyOptions();
  LsmOptions& lsm = options.lsm;
  lsm.memtable_bytes = draw.Between(256, 16 * kKiB);
  lsm.max_sealed = static_cast<uint32_t>(draw.Between(1, 3));
  lsm.level0_trigger = static_cast<uint32_t>(draw.Between(1, 4));
  lsm.level1_bytes = draw.Between(kKiB, 32 * kKiB);
  lsm.level_ratio = static_cast<uint32_t>(draw.Between(2, 6));
  lsm.table_bytes = draw.Between(256, 8 * kKiB);
  lsm.compaction = !draw.OneIn(4);
  lsm.table.block_bytes = draw.Between(64, 2 * kKiB);
  lsm.table.restart_interval = static_cast<uint32_t>(draw.Between(1, 16));
  lsm.table.filter_bits_per_key = static_cast<uint32_t>(draw.OneIn(3) ? 0 : draw.Between(2, 14));
  const Compression compressions[] = {Compression::kNone, Compression::kZstd, Compression::kLz4};
  lsm.table.compression = compressions[draw.Below(3)];
  lsm.block_cache_bytes = draw.OneIn(3) ? 0 : draw.Between(kKiB, 32 * kKiB);
  lsm.verify_always = draw.OneIn(3);
  lsm.manifest_bytes = draw.Between(kKiB, 64 * kKiB);
  return options;
}

// What a database said, in order.
using Answers = std::vector<std::string>;

std::string ToText(const absl::StatusOr<KeyValues>& found) {
  if (!found.ok()) return std::string(found.status().ToString());
  std::string text;
  for (const auto& [key, value] : *found) text += key + "=" + value + ";";
  return text;
}

// The same for every database: depends on the seed alone.
void Operate(Database& db, uint64_t seed, Answers& answers) {
  Draw draw(seed, {KeyOf("operations")});
  std::shared_ptr<const ReadView> view;
  for (uint64_t i = 0; i < kOperations; ++i) {
    const uint64_t what = draw.Below(8);
    const std::string key = absl::StrFormat("key%02d", draw.Below(42));
    if (what < 4) {
      answers.push_back(db.BatchWrite(DrawBatch(draw, i)).ToString());
    } else if (what == 4) {
      const auto read = db.Read(key, draw.OneIn(2) ? view.get() : nullptr);
      answers.push_back(read.ok() ? read->value_or("(none)") : read.status().ToString());
    } else if (what == 5) {
      ScanOptions options{.backward = draw.OneIn(2)};
      if (draw.OneIn(2)) options.range.lower = key;
      if (draw.OneIn(2)) options.limit = draw.Below(9);
      if (draw.OneIn(2)) options.view = view;
      answers.push_back(ToText(db.RangeScan(options)));
    } else if (what == 6) {
      view = db.View();
    } else if (draw.OneIn(4)) {
      answers.push_back((draw.OneIn(2) ? db.Flush() : db.Compact()).ToString());
    }
  }
}

Answers AnswersOf(Env env, const DatabaseOptions& options, uint64_t seed) {
  Answers answers;
  for (int life = 0; life < 2; ++life) {
    auto db = Database::Open(options, env);
    if (!db.ok()) return {db.status().ToString()};
    Operate(**db, seed + static_cast<uint64_t>(life), answers);
    answers.push_back(ToText((*db)->RangeScan({})));
    answers.push_back((*db)->Close().ToString());
  }
  return answers;
}

Answers InTheTank(const DatabaseOptions& options, uint64_t seed) {
  Answers answers;
  RunOn({}, [&](Env env) { answers = AnswersOf(env, options, seed); });
  return answers;
}

RC_GTEST_PROP(OptionsPropertyTest, NoOptionShowsInTheAnswers, (uint64_t seed)) {
  Draw draw(seed, {KeyOf("options")});
  DatabaseOptions memory = TinyOptions();
  memory.backend = Backend::kMemory;
  const Answers expected = InTheTank(memory, seed);
  RC_ASSERT(expected.size() > kOperations);
  RC_ASSERT(InTheTank(DrawOptions(draw), seed) == expected);
  RC_ASSERT(InTheTank(DrawOptions(draw), seed) == expected);
}

// On real files; few, since each write is synced.
TEST(OptionsTest, RocksDbAnswersTheSame) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    DatabaseOptions memory = TinyOptions();
    memory.backend = Backend::kMemory;
    TemporaryFolder folder;
    PosixWorld world({.root = folder.path()});
    DatabaseOptions options = TinyOptions();
    options.store = RocksDbStoreIn(folder.path() + "/rocksdb", {.memtable_bytes = 64 * kKiB});
    EXPECT_EQ(AnswersOf(world.env(), options, seed), InTheTank(memory, seed));
  }
}

}  // namespace
}  // namespace wt::test
