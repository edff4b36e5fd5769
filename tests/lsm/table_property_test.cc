// Proves that a table equals the map it was made of, whatever keys, sizes and options: walks in
// both directions with jumps, reads at any version, and its own verification.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/lsm/table_files.h"
#include "tests/support/memory_env.h"

namespace wt {
namespace {

using test::Access;
using test::DrawKey;
using test::OwnedEntry;

TableBuildOptions DrawOptions(Draw& draw) {
  TableBuildOptions options;
  options.block_bytes = 40 + draw.Below(draw.OneIn(3) ? 8000 : 400);
  options.restart_interval = static_cast<uint32_t>(1 + draw.Below(20));
  options.compression = static_cast<Compression>(draw.Below(3));
  options.filter_bits_per_key = static_cast<uint32_t>(draw.Below(14));
  options.index_partition_blocks = static_cast<uint32_t>(1 + draw.Below(12));
  options.append_bytes = draw.Below(4000);
  return options;
}

class TableProperty {
 public:
  TableProperty(Draw& draw, uint64_t count) : cache_(world_.tasks, draw.Below(3) * 50'000) {
    model_ = test::DrawEntries(draw, count).Sorted();
    const test::BuiltTable built = test::BuildTable(model_, DrawOptions(draw));
    TableReadOptions options;
    if (draw.OneIn(2)) options.cache = &cache_;
    options.verify_always = draw.OneIn(3);
    const Access access = draw.OneIn(2) ? Access::kMapped : Access::kRead;
    auto table = test::OpenTable(built.bytes, access, options);
    RC_ASSERT(table.ok());
    table_ = *std::move(table);
    RC_ASSERT(table_->info() == built.info);
  }

  const std::vector<OwnedEntry>& model() const { return model_; }
  const Table& table() const { return *table_; }

 private:
  test::MemoryEnv world_;
  BlockCache cache_;
  std::vector<OwnedEntry> model_;
  std::unique_ptr<Table> table_;
};

RC_GTEST_PROP(TablePropertyTest, WalksLikeAMap, (uint64_t seed)) {
  Draw draw(seed);
  const TableProperty property(draw, *rc::gen::inRange<uint64_t>(0, 400));
  auto it = property.table().NewIterator();
  RC_ASSERT(test::Walk(*it, property.model(), draw, 200) == "");
  const absl::Status verified = property.table().VerifyAll();
  RC_LOG() << verified << std::endl;
  RC_ASSERT(verified.ok());
}

RC_GTEST_PROP(TablePropertyTest, ReadsLikeAMap, (uint64_t seed)) {
  Draw draw(seed);
  const TableProperty property(draw, *rc::gen::inRange<uint64_t>(0, 400));
  for (int i = 0; i < 200; ++i) {
    const std::string key = DrawKey(draw);
    const uint64_t version = draw.Below(310);
    const auto found = property.table().Get({key, LogIndex(version)});
    RC_ASSERT(found.ok());
    const OwnedEntry* const want = test::Visible(property.model(), key, version);
    RC_ASSERT(found->has_value() == (want != nullptr));
    if (want == nullptr) continue;
    RC_ASSERT((*found)->version.value() == want->version);
    RC_ASSERT((*found)->kind == want->kind);
    RC_ASSERT((*found)->value == want->value);
  }
}

}  // namespace
}  // namespace wt
