// Proves that no byte of a header or a table of the log is trusted unseen, and that no whole batch
// passes for another: every byte of them is changed, and every batch put in the place of every
// other one, and each time the log has all that it had, or refuses, or has lost the last batch of
// its last segment. `tests/mutants/pairs` runs this with layers of the format taken away.
#include <gtest/gtest.h>

#include "tests/log/log_world.h"

namespace wt::test {
namespace {

struct Place {
  std::string path;
  uint64_t at = 0;
  uint64_t bytes = 0;
  uint64_t payload_bytes = 0;

  uint64_t table() const { return at + kBatchHeaderBytes + payload_bytes; }
};

struct Image {
  std::map<std::string, std::string> files;
  std::vector<LogEntry> content;
  std::vector<HardState> states;  // that it had, each durable
  uint64_t in_older_segments = 0;
  std::vector<Place> batches;

  const std::string& last() const { return files.rbegin()->first; }
};

void FindBatches(const std::string& path, const std::string& bytes, Image& image) {
  uint64_t at = kSegmentHeaderBytes;
  while (at < bytes.size() && LoadLittle<uint32_t>(bytes.data() + at) == kBatchMagic) {
    image.batches.push_back({path, at, LoadLittle<uint32_t>(bytes.data() + at + 64),
                             LoadLittle<uint32_t>(bytes.data() + at + 68)});
    at += image.batches.back().bytes;
  }
}

// Three lives of three batches, of one size and of several: equal places in all segments.
Image MakeImage() {
  LogWorld world;
  Image image;
  image.states.emplace_back();
  for (uint64_t life = 0; life < 3; ++life) {
    auto log = world.Open();
    image.in_older_segments = image.content.size();
    for (uint64_t i = 0; i < 3; ++i) {
      const uint64_t before = image.content.size();
      image.states.push_back({Term(5 + before), 1 + before % 3, LogIndex(before)});
      EXPECT_TRUE(log->SetHardState(image.states.back()).ok());
      const auto entries = EntriesFrom(before + 1, 2, 1, i == 2 ? 400 : 40);
      EXPECT_TRUE(log->AppendBatch(entries).ok());
      EXPECT_TRUE(log->Sync().ok());
      image.content.insert(image.content.end(), entries.begin(), entries.end());
    }
    log.reset();
    world.base.disk.Crash(CrashKind::kLoseUnsynced);
  }
  for (const std::string& path : world.Segments()) {
    image.files[path] = *world.base.disk.Content(path);
    FindBatches(path, image.files[path], image);
  }
  EXPECT_GE(image.batches.size(), 9u);
  return image;
}

class LayersSweepTest : public testing::Test {
 protected:
  // With `bytes` in the place of what `path` had.
  void ExpectRightOrRefused(const std::string& path, std::string bytes) {
    LogWorld world;
    ASSERT_TRUE(world.base.disk.CreateDirectory("log").ok());
    for (const auto& [other, content] : image_.files) world.base.disk.Plant(other, content);
    world.base.disk.Plant(path, std::move(bytes));
    auto log = world.TryOpen();
    if (!log.ok()) {
      ++refused_;
      return;
    }
    ++opened_;
    const std::vector<LogEntry> found = ContentOf(**log);
    ASSERT_LE(found.size(), image_.content.size());
    EXPECT_TRUE(std::equal(found.begin(), found.end(), image_.content.begin()));
    EXPECT_GE(found.size(),
              path == image_.last() ? image_.in_older_segments : image_.content.size());
    const HardState state = (*log)->hard_state();
    EXPECT_TRUE(std::ranges::count(image_.states, state) > 0)
        << state.term.value() << " " << state.voted_for << " " << state.commit_index.value();
    if (found.size() == image_.content.size()) {
      EXPECT_EQ(state, image_.states.back());
    }
  }

  void ExpectChangeIsSeen(const std::string& path, std::initializer_list<uint64_t> places) {
    for (const char mask : {'\x01', '\x80', '\xff'}) {
      std::string bytes = image_.files.at(path);
      for (uint64_t at : places) bytes[at] = static_cast<char>(bytes[at] ^ mask);
      ExpectRightOrRefused(path, std::move(bytes));
    }
  }

  const Image image_ = MakeImage();
  uint64_t refused_ = 0;
  uint64_t opened_ = 0;
};

TEST_F(LayersSweepTest, BatchHeaders) {
  for (const Place& batch : image_.batches) {
    for (uint64_t i = 0; i < kBatchHeaderBytes && !HasFailure(); ++i) {
      SCOPED_TRACE(absl::StrFormat("%s at %d, byte %d", batch.path, batch.at, i));
      ExpectChangeIsSeen(batch.path, {batch.at + i});
    }
  }
  EXPECT_GT(refused_, 0u);
}

TEST_F(LayersSweepTest, Tables) {
  for (const Place& batch : image_.batches) {
    for (uint64_t i = 0; i < 2 * kIdentBytes && !HasFailure(); ++i) {
      if (batch.payload_bytes == 0) continue;  // a mark: it has no records
      SCOPED_TRACE(absl::StrFormat("%s at %d, byte %d of the table", batch.path, batch.at, i));
      ExpectChangeIsSeen(batch.path, {batch.table() + i});
    }
  }
  EXPECT_GT(refused_, 0u);
}

TEST_F(LayersSweepTest, SegmentHeadersInOneCopy) {
  for (const auto& [path, bytes] : image_.files) {
    for (uint64_t at = 0; at < kHeaderCopyBytes && !HasFailure(); ++at) {
      SCOPED_TRACE(absl::StrFormat("%s byte %d", path, at));
      ExpectChangeIsSeen(path, {at});
    }
  }
  EXPECT_EQ(refused_, 0u) << "the other copy is enough";
}

TEST_F(LayersSweepTest, SegmentHeadersInBothCopies) {
  for (const auto& [path, bytes] : image_.files) {
    for (uint64_t at = 0; at < kHeaderCopyBytes && !HasFailure(); ++at) {
      SCOPED_TRACE(absl::StrFormat("%s byte %d", path, at));
      ExpectChangeIsSeen(path, {at, kHeaderCopyOffsets[1] + at});
    }
  }
  EXPECT_GT(refused_, 0u);
}

TEST_F(LayersSweepTest, BatchesInThePlaceOfOthers) {
  for (const Place& to : image_.batches) {
    for (const Place& from : image_.batches) {
      if (HasFailure() || (from.path == to.path && from.at == to.at)) continue;
      SCOPED_TRACE(
          absl::StrFormat("%s at %d holds what %s has at %d", to.path, to.at, from.path, from.at));
      std::string bytes = image_.files.at(to.path);
      bytes.replace(to.at, std::min(to.bytes, from.bytes),
                    image_.files.at(from.path).substr(from.at, std::min(to.bytes, from.bytes)));
      ExpectRightOrRefused(to.path, std::move(bytes));
    }
  }
  EXPECT_GT(refused_, 0u);
}

TEST_F(LayersSweepTest, SegmentsInThePlaceOfOthers) {
  for (const auto& [to, bytes] : image_.files) {
    for (const auto& [from, other] : image_.files) {
      if (HasFailure() || from == to) continue;
      SCOPED_TRACE(absl::StrFormat("%s holds what %s has", to, from));
      ExpectRightOrRefused(to, other);
    }
  }
  EXPECT_GT(refused_, 0u);
}

// Each sector of a batch as it was before the batch was written: a write that never took place.
TEST_F(LayersSweepTest, SectorsThatWereNeverWritten) {
  for (const Place& batch : image_.batches) {
    for (uint64_t i = 0; i < batch.bytes && !HasFailure(); i += kSectorBytes) {
      SCOPED_TRACE(absl::StrFormat("%s at %d", batch.path, batch.at + i));
      std::string bytes = image_.files.at(batch.path);
      bytes.replace(batch.at + i, kSectorBytes, kSectorBytes, '\0');
      ExpectRightOrRefused(batch.path, std::move(bytes));
    }
  }
  EXPECT_GT(opened_, 0u) << "the last one is a torn tail";
}

}  // namespace
}  // namespace wt::test
