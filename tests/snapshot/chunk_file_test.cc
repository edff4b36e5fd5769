// A chunk is read as it was written, from its own file and place only.
#include "engine/snapshot/chunk_file.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/status.h"
#include "engine/snapshot/compression.h"
#include "tests/snapshot/world.h"

namespace wt {
namespace {

using test::MemoryDisk;
using test::NoiseBytes;

struct Written {
  ChunkFile id;
  std::vector<ChunkRef> refs;
};

Written Write(MemoryDisk& disk, const std::string& path, ChunkFile id,
              const std::vector<std::string>& contents, ChunkFileOptions options = {}) {
  auto writer = ChunkFileWriter::Create(disk, path, id, options);
  WT_CHECK(writer.ok());
  Written written;
  for (const std::string& content : contents) {
    absl::StatusOr<ChunkRef> ref = (*writer)->Add(content, HashBytes128(content));
    WT_CHECK(ref.ok());
    written.refs.push_back(*ref);
  }
  absl::StatusOr<ChunkFile> finished = (*writer)->Finish();
  WT_CHECK(finished.ok());
  written.id = *finished;
  return written;
}

absl::StatusOr<std::string> Read(MemoryDisk& disk, const std::string& path, ChunkFile id,
                                 const ChunkRef& ref) {
  WT_ASSIGN_OR_RETURN(auto reader, ChunkFileReader::Open(disk, path, id));
  return reader->Read(ref);
}

TEST(ChunkFileTest, ChunksComeBackWhateverTheTransfers) {
  const std::vector<std::string> contents = {
      "a", std::string(100'000, 'z'), NoiseBytes(1, 3000), NoiseBytes(2, kMaxChunkBytes),
      std::string(kMaxChunkBytes, '\0')};
  for (uint64_t transfer : {uint64_t{1000}, uint64_t{4096}, ~uint64_t{0}}) {
    for (const ChunkFileOptions options :
         {ChunkFileOptions{true, false}, ChunkFileOptions{false, true}}) {
      MemoryDisk disk;
      disk.SetMaxTransfer(transfer);
      const Written written = Write(disk, "f", {1, 11}, contents, options);
      for (size_t i = 0; i < contents.size(); ++i) {
        absl::StatusOr<std::string> read = Read(disk, "f", written.id, written.refs[i]);
        ASSERT_TRUE(read.ok()) << read.status();
        EXPECT_EQ(*read, contents[i]);
      }
    }
  }
}

TEST(ChunkFileTest, CompressionIsKeptOnlyWhereItGains) {
  MemoryDisk disk;
  const std::string noise = NoiseBytes(1, 3000);
  const Written written = Write(disk, "f", {1, 11}, {std::string(3000, 'z'), noise});
  EXPECT_LT(written.refs[0].stored, 300u);
  EXPECT_EQ(written.refs[1].stored, written.refs[1].length);
}

TEST(ChunkFileTest, AFileInAnothersPlaceIsRefused) {
  MemoryDisk disk;
  const Written one = Write(disk, "one", {1, 11}, {"content"});
  Write(disk, "two", {1, 12}, {"content"});
  const absl::Status status = Read(disk, "two", one.id, one.refs[0]).status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_EQ(MessageOf(status).substr(0, 4), "two:");
}

TEST(ChunkFileTest, AChunkInAnothersPlaceIsRefused) {
  MemoryDisk disk;
  const std::string a = NoiseBytes(1, 1000);
  const std::string b = NoiseBytes(2, 1000);
  const Written written = Write(disk, "f", {1, 11}, {a, b});
  std::string file = *disk.Content("f");
  const uint64_t frame = kChunkFrameBytes + 1000;
  file.replace(written.refs[1].offset, frame, file, written.refs[0].offset, frame);
  disk.Plant("f", file);
  // The frame is whole and its content hashes right, but it does not belong there.
  ChunkRef moved = written.refs[1];
  moved.hash = written.refs[0].hash;
  EXPECT_TRUE(absl::IsDataLoss(Read(disk, "f", written.id, moved).status()));
}

TEST(ChunkFileTest, MissingAndShortFilesAreDataLoss) {
  MemoryDisk disk;
  const Written written = Write(disk, "f", {1, 11}, {"content"});
  EXPECT_EQ(MessageOf(Read(disk, "g", written.id, written.refs[0]).status()),
            "g: the file is missing");
  std::string file = *disk.Content("f");
  file.pop_back();
  disk.Plant("f", file);
  EXPECT_EQ(MessageOf(Read(disk, "f", written.id, written.refs[0]).status()),
            "f: 54 bytes, want 55");
}

TEST(ChunkFileTest, ATransientReadErrorHeals) {
  MemoryDisk disk;
  const Written written = Write(disk, "f", {1, 11}, {"content"});
  absl::StatusOr<std::unique_ptr<ChunkFileReader>> reader =
      ChunkFileReader::Open(disk, "f", written.id);
  disk.FailAt(1, Unavailable("hiccup"));
  EXPECT_EQ(*(*reader)->Read(written.refs[0]), "content");
}

RC_GTEST_PROP(CompressionPropertyTest, NoiseNeverCrashes, ()) {
  const auto bytes = *rc::gen::arbitrary<std::string>();
  const auto length = *rc::gen::inRange<uint64_t>(0, 5000);
  absl::StatusOr<std::string> out = DecompressChunk(bytes, length);
  if (out.ok()) RC_ASSERT(out->size() == length);
}

RC_GTEST_PROP(CompressionPropertyTest, DamageIsToldOrHarmless, ()) {
  const std::string content(*rc::gen::inRange<size_t>(100, 5000), 'q');
  std::string stored = CompressChunk(content);
  RC_ASSERT(!stored.empty());
  stored[*rc::gen::inRange<size_t>(0, stored.size())] = *rc::gen::arbitrary<char>();
  absl::StatusOr<std::string> out = DecompressChunk(stored, content.size());
  if (out.ok()) RC_ASSERT(out->size() == content.size());
}

}  // namespace
}  // namespace wt
