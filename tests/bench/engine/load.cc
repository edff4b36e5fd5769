#include "tests/bench/engine/load.h"

#include <cstring>

#include "engine/base/check.h"
#include "engine/base/coding.h"

namespace wt::bench {
namespace {

constexpr size_t kPoolBytes = 1 << 20;
constexpr size_t kHeadBytes = 2 * sizeof(uint64_t);
constexpr int kRounds = 4;

std::string Printable(size_t bytes) {
  Draw draw(301);
  std::string made(bytes, ' ');
  for (char& c : made) c = static_cast<char>(' ' + draw.Below(95));
  return made;
}

}  // namespace

void Key::Set(uint64_t number, bool missing) {
  uint64_t rest = 2 * number + (missing ? 1 : 0);
  for (size_t i = kKeyBytes; i-- > 0; rest /= 10) digits_[i] = static_cast<char>('0' + rest % 10);
}

Permutation::Permutation(uint64_t count) : count_(count) {
  WT_CHECK(count > 0);
  while ((uint64_t{1} << (2 * half_bits_)) < count) ++half_bits_;
}

// A Feistel network over a power of four that is less than four times the count; what falls
// outside is scrambled again.
uint64_t Permutation::operator[](uint64_t i) const {
  WT_CHECK(i < count_);
  do {
    i = Scramble(i);
  } while (i >= count_);
  return i;
}

uint64_t Permutation::Scramble(uint64_t x) const {
  const uint64_t mask = (uint64_t{1} << half_bits_) - 1;
  uint64_t left = x >> half_bits_;
  uint64_t right = x & mask;
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t next = left ^ (Mix64(right * kRounds + static_cast<uint64_t>(round)) & mask);
    left = right;
    right = next;
  }
  return (left << half_bits_) | right;
}

Values::Values(size_t bytes) : pool_(Printable(kPoolBytes)), value_(bytes, ' '), draw_(7) {
  WT_CHECK(bytes > kHeadBytes && bytes < kPoolBytes);
}

std::string_view Values::Make(uint64_t key, uint64_t write) {
  StoreLittle<uint64_t>(value_.data(), key);
  StoreLittle<uint64_t>(value_.data() + sizeof(uint64_t), write);
  const size_t rest = value_.size() - kHeadBytes;
  std::memcpy(value_.data() + kHeadBytes, pool_.data() + draw_.Below(kPoolBytes - rest), rest);
  return value_;
}

bool Values::IsOf(std::string_view value, size_t bytes, uint64_t key) {
  return value.size() == bytes && LoadLittle<uint64_t>(value.data()) == key;
}

uint64_t Values::WriteOf(std::string_view value) {
  WT_CHECK(value.size() >= kHeadBytes);
  return LoadLittle<uint64_t>(value.data() + sizeof(uint64_t));
}

}  // namespace wt::bench
