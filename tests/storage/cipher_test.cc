// The cipher against the published vectors of AES-256-GCM, and what a key may look like.
#include "engine/storage/cipher.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/base/status.h"
#include "tests/support/memory_disk.h"

namespace wt {
namespace {

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

const SecretKey kZeroKey(std::string(32, '\0'));

// Test cases 13 and 14 of McGrew and Viega, "The Galois/Counter Mode of Operation".
TEST(CipherTest, AgreesWithThePublishedVectors) {
  const Cipher cipher(kZeroKey);
  std::string sealed;
  cipher.Seal({}, "", "", sealed);
  EXPECT_EQ(sealed, FromHex("530f8afbc74536b9a963b4f1c4cb738b"));
  sealed.clear();
  cipher.Seal({}, "", std::string(16, '\0'), sealed);
  EXPECT_EQ(sealed, FromHex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"));
}

TEST(CipherTest, OpensOnlyWhatWasSealedThere) {
  const Cipher cipher(kZeroKey.Derive("test", "salt"));
  std::string sealed = "before";
  cipher.Seal({1, 2}, "bound", "plain text", sealed);
  ASSERT_EQ(sealed.size(), 6 + 10 + Cipher::kTagBytes);
  EXPECT_TRUE(sealed.starts_with("before"));
  sealed.erase(0, 6);
  std::string out(10, '?');
  EXPECT_TRUE(cipher.Open({1, 2}, "bound", sealed, out));
  EXPECT_EQ(out, "plain text");
  EXPECT_FALSE(cipher.Open({1, 3}, "bound", sealed, out));
  EXPECT_EQ(out, std::string(10, '\0'));  // nothing that is not authentic is shown
  EXPECT_FALSE(cipher.Open({2, 2}, "bound", sealed, out));
  EXPECT_FALSE(cipher.Open({1, 2}, "bounc", sealed, out));
  EXPECT_FALSE(Cipher(kZeroKey.Derive("test", "sale")).Open({1, 2}, "bound", sealed, out));
  for (size_t i = 0; i < sealed.size() * 8; ++i) {
    std::string changed = sealed;
    changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << i % 8));
    EXPECT_FALSE(cipher.Open({1, 2}, "bound", changed, out)) << i;
  }
}

TEST(SecretKeyTest, DerivedKeysDifferByPurposeAndSalt) {
  const std::string keys[] = {std::string(kZeroKey.bytes()),
                              std::string(kZeroKey.Derive("ab", "c").bytes()),
                              std::string(kZeroKey.Derive("a", "bc").bytes()),
                              std::string(kZeroKey.Derive("abc", "").bytes())};
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]);
  }
  EXPECT_EQ(kZeroKey.Derive("ab", "c").bytes(), keys[1]);
}

TEST(KeyTextTest, IsSixtyFourDigits) {
  const std::string digits = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
  for (const std::string& text : {digits, digits + "\n", "  " + digits + "\r\n"}) {
    const absl::StatusOr<SecretKey> key = ParseKeyText(text);
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(key->bytes(), FromHex(digits));
  }
}

TEST(KeyTextTest, RefusesAnythingElseWithoutRepeatingIt) {
  const std::string digits(64, 'a');
  for (const std::string& text :
       {std::string(), std::string("\n"), digits.substr(1), digits + "a", digits.substr(1) + "g",
        digits.substr(2) + "0x", "aa " + digits.substr(3), std::string("my secret password")}) {
    const absl::StatusOr<SecretKey> key = ParseKeyText(text);
    ASSERT_TRUE(absl::IsInvalidArgument(key.status())) << text;
    EXPECT_EQ(MessageOf(key.status()).find("secret"), std::string::npos);
  }
}

TEST(KeyFileTest, IsReadThroughTheSeam) {
  test::MemoryDisk disk;
  disk.Plant("key", std::string(64, '7') + "\n");
  EXPECT_EQ(ReadKeyFile(disk, "key").value().bytes(), std::string(32, '\x77'));
  EXPECT_TRUE(absl::IsNotFound(ReadKeyFile(disk, "none").status()));
  disk.Plant("key", "short");
  const absl::Status refused = ReadKeyFile(disk, "key").status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_TRUE(MessageOf(refused).starts_with("key: "));
}

}  // namespace
}  // namespace wt
