// Pins the checksums for ever: bytes written today must verify in every later build. CRC-32C
// against RFC 3720, XXH3 against values of xxHash 0.8 (the empty input's are in its own sanity
// check), taken across the lengths where its algorithm changes path.
#include "engine/base/checksum.h"

#include <string>

#include "gtest/gtest.h"

namespace wt {
namespace {

std::string Ascending(size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

// RFC 3720 (iSCSI), appendix B.4.
struct CrcVector {
  std::string bytes;
  uint32_t crc;
};

std::vector<CrcVector> Rfc3720Vectors() {
  const std::string ascending = Ascending(32);
  const unsigned char read_pdu[48] = {0x01, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00,
                                      0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00,
                                      0x00, 0x18, 0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                      0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
  return {{std::string(32, '\0'), 0x8a9136aa},
          {std::string(32, '\xff'), 0x62a8ab43},
          {ascending, 0x46dd794e},
          {std::string(ascending.rbegin(), ascending.rend()), 0x113fdb5c},
          {std::string(reinterpret_cast<const char*>(read_pdu), sizeof(read_pdu)), 0xd9963a56},
          {"123456789", 0xe3069283},
          {"", 0}};
}

TEST(Crc32cTest, MatchesRfc3720) {
  for (const CrcVector& vector : Rfc3720Vectors()) {
    EXPECT_EQ(Crc32c(vector.bytes), vector.crc);
    EXPECT_EQ(Crc32cPortable(0, vector.bytes), vector.crc);
  }
}

TEST(Crc32cTest, ASeedTellsZerosFromNothing) {
  EXPECT_NE(Crc32c(0x5a17, std::string(16, '\0')), 0u);
  EXPECT_NE(Crc32c(0x5a17, std::string(16, '\0')), Crc32c(0x5a17, std::string(17, '\0')));
  EXPECT_NE(Crc32c(1, "x"), Crc32c(2, "x"));
}

struct HashVector {
  size_t size;
  uint64_t hash;
  uint64_t seeded;  // with seed 42
  const char* hash128;
};

constexpr HashVector kHashVectors[] = {
    {0, 0x2d06800538d394c2, 0xb029411ff43d84d2, "99aa06d3014798d86001c324468d497f"},
    {1, 0xc44bdff4074eecdb, 0x5cf10f10bf2dd245, "a6cd5e9392000f6ac44bdff4074eecdb"},
    {16, 0x8355e3a6f61770db, 0x74891a34d3fff0a9, "72950631827607e2842812cc870dcae2"},
    {17, 0x9ef341a99de37328, 0x2668e3977d451c23, "685bc458b37d057fc06e233df7729217"},
    {128, 0x85c6174c7ff4c46b, 0xa7f863935f4a4028, "14792fc3af88dc6c05321a0b64d67b41"},
    {129, 0xec7642b431ba3e5a, 0x82b80bdd4ac29db5, "dd5e74ac6b45f54ebc30b63382b09a3b"},
    {240, 0x375a384d957fe865, 0x4c023d24e6a84d31, "65b5be86da5540e7c92b68e16f83bbb6"},
    {241, 0x02e8cd95421c6d02, 0x26e3d358d4e0a1d6, "1da1cb61bcb8a2a102e8cd95421c6d02"},
    {300, 0xd44052f5a3485425, 0x1562adaee96cf4d1, "a699035354fc0bebd44052f5a3485425"},
};

TEST(Hash64Test, IsPinned) {
  for (const HashVector& vector : kHashVectors) {
    EXPECT_EQ(Hash64(Ascending(vector.size)), vector.hash) << vector.size;
    EXPECT_EQ(Hash64(Ascending(vector.size), 42), vector.seeded) << vector.size;
  }
}

TEST(Hash128Test, IsPinned) {
  for (const HashVector& vector : kHashVectors) {
    EXPECT_EQ(HashBytes128(Ascending(vector.size)).ToString(), vector.hash128) << vector.size;
  }
}

TEST(Hash128Test, ToStringPadsToThirtyTwoDigits) {
  EXPECT_EQ((Hash128{.low = 0xb, .high = 0xa}).ToString(), "000000000000000a000000000000000b");
}

TEST(Hash128Test, OrdersByLowThenHigh) {
  EXPECT_LT((Hash128{1, 9}), (Hash128{2, 0}));
  EXPECT_LT((Hash128{1, 1}), (Hash128{1, 2}));
}

}  // namespace
}  // namespace wt
