// Authenticated encryption, AES-256-GCM (NIST SP 800-38D) of libcrypto: the one place that knows
// the library.
//
//   WT_ASSIGN_OR_RETURN(SecretKey key, ParseKeyText(text));      // or ReadKeyFile(disk, path)
//   Cipher cipher(key.Derive("journal 7", salt));
//   cipher.Seal(nonce, /*bound=*/"page 3", plain, out);          // appends plain.size() + 16 bytes
//   if (!cipher.Open(nonce, "page 3", sealed, out)) ...          // not what was sealed, or where
//
// A nonce must never be used twice under one key with different bytes: whoever does gives away both
// texts and the power to forge. Callers derive a key per file and count.
#ifndef WAVETANK_ENGINE_STORAGE_CIPHER_H_
#define WAVETANK_ENGINE_STORAGE_CIPHER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/env/disk.h"

namespace wt {

// 256 bits that nobody may learn. Copies wipe themselves when they go.
class SecretKey {
 public:
  static constexpr uint64_t kBytes = 32;

  // Requires: 32 bytes, as random as a key must be.
  explicit SecretKey(std::string_view bytes);
  ~SecretKey();
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;

  // A key of its own for each purpose and salt: HMAC-SHA-256 under this key. Learning one tells
  // nothing of this one or of the others.
  SecretKey Derive(std::string_view purpose, std::string_view salt) const;

  // For the cipher, and for values that may be published only when derived for that.
  std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::array<char, kBytes> bytes_;
};

// 64 hexadecimal digits, as `openssl rand -hex 32` prints them, blanks and line feeds around them
// allowed. There is no way from a password to a key: a weak one would not get stronger here.
// A key from the environment is for the program to fetch: the engine has none.
// Errors: InvalidArgument, which does not repeat the text.
absl::StatusOr<SecretKey> ParseKeyText(std::string_view text);

// The same from a file of the seam. Suspends. Errors: as the disk's; InvalidArgument.
absl::StatusOr<SecretKey> ReadKeyFile(Disk& disk, std::string_view path);

// 96 bits. `space` keeps uses apart, `count` the uses.
struct Nonce {
  uint32_t space = 0;
  uint64_t count = 0;
};

// Thread-safe: holds nothing but the key.
class Cipher {
 public:
  static constexpr uint64_t kTagBytes = 16;

  explicit Cipher(const SecretKey& key) : key_(key) {}

  // Appends ciphertext and tag to `out`. `bound` is not stored, but without it the tag is wrong.
  void Seal(const Nonce& nonce, std::string_view bound, std::string_view plain,
            std::string& out) const;

  // False unless exactly these bytes were sealed with this nonce and `bound`; then `out` is zeroed.
  // Requires: sealed.size() == out.size() + kTagBytes.
  [[nodiscard]] bool Open(const Nonce& nonce, std::string_view bound, std::string_view sealed,
                          std::span<char> out) const;

 private:
  SecretKey key_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_CIPHER_H_
