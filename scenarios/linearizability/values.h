// The values of a history as small numbers: equal texts have equal numbers, so that an engine never
// touches a text.
//
// A value also has a fingerprint, for the models whose state is a sequence: a polynomial modulo the
// prime 2^61 - 1 (Karp and Rabin, 1987). That of a + b is fingerprint(a) * scale(b) +
// fingerprint(b), so an append is two multiplications whatever the length. Two sequences of n
// elements share a fingerprint with a chance below n / 2^60; that could only make a wrong history
// look right, and the replay of its order with the texts themselves would find out.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_VALUES_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace wt::lin {

inline constexpr uint64_t kPrime61 = (uint64_t{1} << 61) - 1;

// a * b modulo 2^61 - 1. Requires: both are below it.
constexpr uint64_t MultiplyModulo(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  const uint64_t sum =
      (static_cast<uint64_t>(product) & kPrime61) + static_cast<uint64_t>(product >> 61);
  return sum >= kPrime61 ? sum - kPrime61 : sum;
}
constexpr uint64_t AddModulo(uint64_t a, uint64_t b) {
  return a + b >= kPrime61 ? a + b - kPrime61 : a + b;
}

class Values {
 public:
  static constexpr uint32_t kNil = 0;  // no value; as a sequence, the empty one

  Values();

  // A text, which is also the sequence of its bytes.
  uint32_t Intern(std::string_view text);
  // What a list has as an element, a sequence of one.
  uint32_t InternElement(std::string_view text);
  // A list of such elements. Its text is "[a b c]".
  uint32_t InternList(std::span<const uint32_t> elements);

  const std::string& text(uint32_t value) const { return texts_[value]; }
  uint64_t fingerprint(uint32_t value) const { return sequences_[value].fingerprint; }
  uint64_t scale(uint32_t value) const { return sequences_[value].scale; }
  size_t size() const { return texts_.size(); }
  // Of every beginning of the sequence, from the empty one to itself.
  std::vector<uint64_t> PrefixFingerprints(uint32_t value) const;

 private:
  enum class Kind : char { kText = 't', kElement = 'e', kList = 'l' };
  struct Sequence {
    uint64_t fingerprint = 0;
    uint64_t scale = 1;
    std::vector<uint32_t> elements{};  // of a list
  };

  // The second is whether it is new.
  std::pair<uint32_t, bool> Number(Kind kind, std::string_view text);

  std::vector<std::string> texts_;
  std::vector<Sequence> sequences_;
  absl::flat_hash_map<std::string, uint32_t> numbers_;  // the kind, then the text
};

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_VALUES_H_
