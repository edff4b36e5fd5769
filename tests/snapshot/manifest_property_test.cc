// A manifest comes back as it was written; any other bytes are refused, also when their footer is
// right, and no bytes crash the parser.
#include "engine/snapshot/manifest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/coding.h"
#include "engine/base/status.h"

namespace wt {
namespace {

const SnapshotKey kKey{LogIndex(100), Term(5)};

Manifest Example() {
  Manifest manifest{.key = kKey, .timestamp = WallTime(Duration(123456789))};
  manifest.state_digest = {1, 2};
  manifest.files = {{.number = 1, .identity = 11, .bytes = 5000},
                    {.number = 7, .identity = 77, .bytes = 900}};
  manifest.chunks = {{{3, 4}, 1000, 400, 0, 32}, {{5, 6}, 800, 800, 1, 32}};
  manifest.bytes = 1800;
  manifest.reused_bytes = 1000;
  manifest.checksum = ChecksumOf(manifest.chunks);
  return manifest;
}

// Bytes with the footer that they need.
std::string Sealed(std::string body) {
  const Hash128 footer = HashBytes128(body, Hash64(SnapshotId(kKey)));
  PutU64(body, footer.low);
  PutU64(body, footer.high);
  return body;
}

TEST(ManifestTest, ComesBack) {
  absl::StatusOr<Manifest> parsed = ParseManifestFile(kKey, EncodeManifest(Example()));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, Example());
}

// When this fails, manifests of released versions have changed their meaning.
TEST(ManifestTest, BytesAreThoseOfTheFormat) {
  const std::string bytes = EncodeManifest(Example());
  EXPECT_EQ(bytes.size(), 224u);
  EXPECT_EQ(bytes.substr(0, 9), std::string("WTSM\x01\0\0\0\x64", 9));
  EXPECT_EQ(HashBytes128(bytes).ToString(), "fe5847b777256bac97cd3d56c292222f");
}

TEST(ManifestTest, EveryFlippedBitAndEveryPrefixIsRefused) {
  const std::string bytes = EncodeManifest(Example());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    ASSERT_TRUE(absl::IsDataLoss(ParseManifestFile(kKey, damaged).status())) << bit;
  }
  for (size_t n = 0; n < bytes.size(); ++n) {
    ASSERT_TRUE(absl::IsDataLoss(ParseManifestFile(kKey, bytes.substr(0, n)).status())) << n;
  }
  EXPECT_FALSE(ParseManifestFile(kKey, bytes + "x").ok());
}

TEST(ManifestTest, UnderAnotherNameItIsRefused) {
  const absl::Status status =
      ParseManifestFile({LogIndex(101), Term(5)}, EncodeManifest(Example())).status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_EQ(MessageOf(status).substr(0, 14), "snapshot_101_5");
}

TEST(ManifestTest, AnUnknownVersionIsNamed) {
  std::string body = EncodeManifest(Example());
  body.resize(body.size() - 16);
  body[4] = 9;
  EXPECT_EQ(MessageOf(ParseManifestFile(kKey, Sealed(body)).status()),
            "snapshot_100_5: version 9 at 4; this program reads 1");
}

RC_GTEST_PROP(ManifestPropertyTest, NoiseIsRefused, ()) {
  const auto bytes = *rc::gen::arbitrary<std::string>();
  RC_ASSERT(absl::IsDataLoss(ParseManifestFile(kKey, bytes).status()));
  RC_ASSERT(absl::IsDataLoss(ParseManifestFile(kKey, Sealed(bytes)).status()));
}

// Forged bodies: what is accepted agrees with itself, so that no later code meets nonsense.
RC_GTEST_PROP(ManifestPropertyTest, ForgedBodiesAreRefusedOrConsistent, ()) {
  std::string body = EncodeManifest(Example());
  body.resize(body.size() - 16);
  const int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes; ++i) {
    body[*rc::gen::inRange<size_t>(0, body.size())] = *rc::gen::arbitrary<char>();
  }
  absl::StatusOr<Manifest> parsed = ParseManifestFile(kKey, Sealed(body));
  if (!parsed.ok()) {
    RC_ASSERT(absl::IsDataLoss(parsed.status()));
    return;
  }
  for (const ChunkRef& chunk : parsed->chunks) {
    RC_ASSERT(chunk.file < parsed->files.size());
    RC_ASSERT(chunk.stored > 0u && chunk.stored <= chunk.length);
    RC_ASSERT(chunk.offset + chunk.stored <= parsed->files[chunk.file].bytes);
  }
}

}  // namespace
}  // namespace wt
