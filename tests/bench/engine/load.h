// What is written: keys of 16 decimal digits, values that say which write they come from.
//
// Key number n is written as 2n, so that between any two keys there is one that nobody wrote.
#ifndef WAVETANK_TESTS_BENCH_ENGINE_LOAD_H_
#define WAVETANK_TESTS_BENCH_ENGINE_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"

namespace wt::bench {

inline constexpr size_t kKeyBytes = 16;
inline constexpr size_t kValueBytes = 100;
inline constexpr size_t kLargeValueBytes = 1024;

class Key {
 public:
  Key() = default;
  explicit Key(uint64_t number) { Set(number, false); }
  // `missing`: the one behind it, which nobody wrote.
  void Set(uint64_t number, bool missing);
  std::string_view view() const { return {digits_, kKeyBytes}; }

 private:
  char digits_[kKeyBytes];
};

// A bijection of [0, count): each key once, in an order that looks random.
class Permutation {
 public:
  explicit Permutation(uint64_t count);
  uint64_t operator[](uint64_t i) const;

 private:
  uint64_t Scramble(uint64_t x) const;
  uint64_t count_;
  int half_bits_ = 1;
};

// Values of one size. Each begins with the key's number and the number of the write.
class Values {
 public:
  explicit Values(size_t bytes);
  // Lives until the next call.
  std::string_view Make(uint64_t key, uint64_t write);
  // Whether it is one of this key's.
  static bool IsOf(std::string_view value, size_t bytes, uint64_t key);
  static uint64_t WriteOf(std::string_view value);

 private:
  const std::string pool_;
  std::string value_;
  Draw draw_;
};

// Remembers the last write of some keys: few, so that remembering costs the measured nothing.
class Sample {
 public:
  explicit Sample(uint64_t keys) : writes_(keys / kEvery + 1, 0) {}
  static bool Has(uint64_t key) { return key % kEvery == 0; }
  void Note(uint64_t key, uint64_t write) {
    if (Has(key)) writes_[key / kEvery] = write;
  }
  // Whether a value that was read is the key's newest, where that is known.
  bool IsNewest(std::string_view value, uint64_t key) const {
    return !Has(key) || Values::WriteOf(value) == writes_[key / kEvery];
  }

 private:
  static constexpr uint64_t kEvery = 64;
  std::vector<uint64_t> writes_;
};

}  // namespace wt::bench

#endif  // WAVETANK_TESTS_BENCH_ENGINE_LOAD_H_
