#include "engine/storage/cipher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <limits>

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"

namespace wt {
namespace {

constexpr uint64_t kNonceBytes = 12;
constexpr uint64_t kLongestKeyFile = 1024;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

int Length(std::string_view text) {
  WT_CHECK_LE(text.size(), static_cast<uint64_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(text.size());
}

std::string BytesOf(const Nonce& nonce) {
  std::string bytes;
  PutU32(bytes, nonce.space);
  PutU64(bytes, nonce.count);
  WT_CHECK_EQ(bytes.size(), kNonceBytes);
  return bytes;
}

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

// The library's own configuration file must not have a say in what the engine does.
Context NewContext() {
  WT_CHECK(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1);
  Context context(EVP_CIPHER_CTX_new());
  WT_CHECK(context != nullptr);
  return context;
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t from = text.find_first_not_of(kBlanks);
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(kBlanks) + 1 - from);
}

}  // namespace

SecretKey::SecretKey(std::string_view bytes) {
  WT_CHECK_EQ(bytes.size(), kBytes);
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

SecretKey::~SecretKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

SecretKey SecretKey::Derive(std::string_view purpose, std::string_view salt) const {
  WT_CHECK(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1);
  std::string message;
  PutString(message, purpose);
  PutString(message, salt);
  std::array<unsigned char, kBytes> derived;
  unsigned length = 0;
  const unsigned char* const done = HMAC(EVP_sha256(), bytes_.data(), static_cast<int>(kBytes),
                                         Bytes(message), message.size(), derived.data(), &length);
  WT_CHECK(done != nullptr && length == kBytes);
  const SecretKey key(std::string_view(reinterpret_cast<const char*>(derived.data()), kBytes));
  OPENSSL_cleanse(derived.data(), derived.size());
  return key;
}

absl::StatusOr<SecretKey> ParseKeyText(std::string_view text) {
  const std::string_view digits = Trimmed(text);
  if (digits.size() != 2 * SecretKey::kBytes) {
    return InvalidArgument("a key is %d hexadecimal digits; here are %d characters",
                           2 * SecretKey::kBytes, digits.size());
  }
  std::array<char, SecretKey::kBytes> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = DigitOf(digits[2 * i]);
    const int low = DigitOf(digits[2 * i + 1]);
    if (high < 0 || low < 0) {
      return InvalidArgument("a key is hexadecimal digits; the pair at %d is not", 2 * i);
    }
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  const SecretKey key(std::string_view(bytes.data(), bytes.size()));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return key;
}

absl::StatusOr<SecretKey> ReadKeyFile(Disk& disk, std::string_view path) {
  WT_ASSIGN_OR_RETURN(std::string text, ReadWholeFile(disk, path, kLongestKeyFile));
  const absl::StatusOr<SecretKey> key = ParseKeyText(text);
  OPENSSL_cleanse(text.data(), text.size());
  if (!key.ok()) return Annotate(key.status(), path);
  return key;
}

void Cipher::Seal(const Nonce& nonce, std::string_view bound, std::string_view plain,
                  std::string& out) const {
  const Context context = NewContext();
  const std::string nonce_bytes = BytesOf(nonce);
  WT_CHECK(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key_.bytes()),
                              Bytes(nonce_bytes)) == 1);
  int written = 0;
  WT_CHECK(EVP_EncryptUpdate(context.get(), nullptr, &written, Bytes(bound), Length(bound)) == 1);
  const size_t start = out.size();
  out.resize(start + plain.size() + kTagBytes);
  unsigned char* const to = reinterpret_cast<unsigned char*>(out.data() + start);
  WT_CHECK(EVP_EncryptUpdate(context.get(), to, &written, Bytes(plain), Length(plain)) == 1);
  WT_CHECK_EQ(static_cast<uint64_t>(written), plain.size());
  unsigned char* const tag = to + plain.size();
  WT_CHECK(EVP_EncryptFinal_ex(context.get(), tag, &written) == 1 && written == 0);
  WT_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1);
}

bool Cipher::Open(const Nonce& nonce, std::string_view bound, std::string_view sealed,
                  std::span<char> out) const {
  WT_CHECK_EQ(sealed.size(), out.size() + kTagBytes);
  const Context context = NewContext();
  const std::string nonce_bytes = BytesOf(nonce);
  WT_CHECK(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key_.bytes()),
                              Bytes(nonce_bytes)) == 1);
  int written = 0;
  WT_CHECK(EVP_DecryptUpdate(context.get(), nullptr, &written, Bytes(bound), Length(bound)) == 1);
  const std::string_view text = sealed.substr(0, out.size());
  unsigned char* const to = reinterpret_cast<unsigned char*>(out.data());
  WT_CHECK(EVP_DecryptUpdate(context.get(), to, &written, Bytes(text), Length(text)) == 1);
  std::string tag(sealed.substr(out.size()));
  WT_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1);
  unsigned char rest[kTagBytes];
  if (EVP_DecryptFinal_ex(context.get(), rest, &written) == 1) return true;
  std::fill(out.begin(), out.end(), '\0');  // nobody may see what is not authentic
  return false;
}

}  // namespace wt
