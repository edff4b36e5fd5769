// Every sector of a small log of four segments, damaged in every way that a medium has: the log
// opens with all that it had, or refuses naming a file; it may give up the very last batch, which
// nothing vouches for; it never shows anything else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/log/log_world.h"

namespace wt::test {
namespace {

struct Image {
  std::map<std::string, std::string> files;
  std::vector<LogEntry> content;
  uint64_t vouched = 0;  // last index that a later durable range vouches for
  uint64_t in_older_segments = 0;
};

Image MakeImage() {
  LogWorld world;
  Image image;
  uint64_t index = 0;
  for (int life = 0; life < 3; ++life) {
    auto log = world.Open();
    image.in_older_segments = index;
    for (int i = 0; i < 4; ++i) {
      image.vouched = index;
      const std::vector<LogEntry> entries = EntriesFrom(index + 1, 3, 1 + life, 30 + 300 * i);
      EXPECT_TRUE(log->AppendBatch(entries).ok());
      EXPECT_TRUE(log->Sync().ok());
      image.content.insert(image.content.end(), entries.begin(), entries.end());
      index += 3;
    }
    log.reset();
    world.base.disk.Crash(CrashKind::kLoseUnsynced);
  }
  for (const std::string& path : world.Segments()) {
    image.files[path] = *world.base.disk.Content(path);
  }
  return image;
}

using Change = std::function<void(std::string& bytes, uint64_t at)>;

struct Damage {
  std::string name;
  Change change;
  bool one_sector = true;  // wider damage may take the witnesses of several batches with it
};

const std::vector<Damage>& Damages() {
  static const auto* damages = new std::vector<Damage>{
      {"FirstBit", [](std::string& b, uint64_t at) { b[at] ^= 1; }},
      {"MiddleBit", [](std::string& b, uint64_t at) { b[at + 77] ^= 16; }},
      {"LastByte", [](std::string& b, uint64_t at) { b[at + 511] ^= 0x80; }},
      {"Zeros", [](std::string& b, uint64_t at) { b.replace(at, 512, 512, '\0'); }},
      {"Ones", [](std::string& b, uint64_t at) { b.replace(at, 512, 512, '\xff'); }},
      {"NeighbourBefore",
       [](std::string& b, uint64_t at) {
         if (at >= 512) b.replace(at, 512, b.substr(at - 512, 512));
       }},
      {"NeighbourAfter",
       [](std::string& b, uint64_t at) { b.replace(at, 512, b.substr(at + 512, 512)); }},
      {"BlockLost", [](std::string& b, uint64_t at) { b.replace(at, 4096, 4096, '\0'); }, false},
      {"CutHere", [](std::string& b, uint64_t at) { b.resize(at); }, false},
  };
  return *damages;
}

class SweepTest : public testing::Test {
 protected:
  static void Install(const Image& image, LogWorld& world) {
    ASSERT_TRUE(world.base.disk.CreateDirectory("log").ok());
    for (const auto& [path, bytes] : image.files) world.base.disk.Plant(path, bytes);
  }

  void ExpectRightOrRefused(const Image& image, LogWorld& world, bool may_cut, uint64_t at_least) {
    auto log = world.TryOpen();
    if (!log.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(log.status()) || absl::IsUnavailable(log.status()))
          << log.status();
      EXPECT_THAT(MessageOf(log.status()), testing::HasSubstr("log/0"));
      ++refused_;
      return;
    }
    const std::vector<LogEntry> found = ContentOf(**log);
    ASSERT_LE(found.size(), image.content.size());
    EXPECT_TRUE(std::equal(found.begin(), found.end(), image.content.begin()));
    if (found.size() == image.content.size()) return;
    ++cut_;
    EXPECT_TRUE(may_cut);
    EXPECT_GE(found.size(), at_least);
  }

  uint64_t refused_ = 0;
  uint64_t cut_ = 0;
};

class CorruptionSweepTest : public SweepTest, public testing::WithParamInterface<Damage> {};

TEST_P(CorruptionSweepTest, RightAnswerOrRefusal) {
  const Image image = MakeImage();
  const std::string last = image.files.rbegin()->first;
  for (const auto& [path, bytes] : image.files) {
    for (uint64_t at = 0; at + 4096 < 14 * kKiB; at += 512) {
      SCOPED_TRACE(absl::StrFormat("%s at %d", path, at));
      LogWorld world;
      Install(image, world);
      world.Damage(path, [&](std::string& b) { GetParam().change(b, at); });
      ExpectRightOrRefused(image, world, path == last,
                           GetParam().one_sector ? image.vouched : image.in_older_segments);
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(refused_, 0u);
  EXPECT_GT(cut_, 0u);
}

INSTANTIATE_TEST_SUITE_P(All, CorruptionSweepTest, testing::ValuesIn(Damages()),
                         [](const auto& info) { return info.param.name; });

class UnreadableSweepTest : public SweepTest {};

TEST_F(UnreadableSweepTest, RightAnswerOrRefusal) {
  const Image image = MakeImage();
  for (const auto& [path, bytes] : image.files) {
    for (uint64_t at = 0; at < 10 * kKiB; at += 512) {
      SCOPED_TRACE(absl::StrFormat("%s at %d", path, at));
      LogWorld world;
      Install(image, world);
      world.disk.DamageSector(path, at);
      ExpectRightOrRefused(image, world, false, 0);
    }
  }
  EXPECT_GT(refused_, 0u);
}

}  // namespace
}  // namespace wt::test
