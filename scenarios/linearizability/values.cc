#include "scenarios/linearizability/values.h"

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace wt::lin {
namespace {

// Any number that nobody would pick to break it.
constexpr uint64_t kBase = 0x0b5ad4eceda1ce2a % kPrime61;

// No element is 0: "" and "\0" must differ.
uint64_t ElementOf(char c) { return uint64_t{static_cast<uint8_t>(c)} + 1; }

uint64_t Appended(uint64_t fingerprint, uint64_t element) {
  return AddModulo(MultiplyModulo(fingerprint, kBase), element);
}

}  // namespace

Values::Values() : texts_{"nil"}, sequences_(1) {}

std::pair<uint32_t, bool> Values::Number(Kind kind, std::string_view text) {
  std::string name(1, static_cast<char>(kind));
  name.append(text);
  const auto number = static_cast<uint32_t>(texts_.size());
  const auto [found, is_new] = numbers_.try_emplace(std::move(name), number);
  if (is_new) {
    texts_.emplace_back(text);
    sequences_.emplace_back();
  }
  return {found->second, is_new};
}

uint32_t Values::Intern(std::string_view text) {
  const auto [value, is_new] = Number(Kind::kText, text);
  if (!is_new) return value;
  Sequence& sequence = sequences_[value];
  for (char c : text) {
    sequence.fingerprint = Appended(sequence.fingerprint, ElementOf(c));
    sequence.scale = MultiplyModulo(sequence.scale, kBase);
  }
  return value;
}

uint32_t Values::InternElement(std::string_view text) {
  const auto [value, is_new] = Number(Kind::kElement, text);
  if (is_new) sequences_[value] = {1 + Mix64(value) % (kPrime61 - 1), kBase, {}};
  return value;
}

uint32_t Values::InternList(std::span<const uint32_t> elements) {
  std::string text = "[";
  Sequence sequence{0, 1, {elements.begin(), elements.end()}};
  for (uint32_t element : elements) {
    WT_CHECK_EQ(scale(element), kBase);
    if (text.size() > 1) text += ' ';
    text += texts_[element];
    sequence.fingerprint = Appended(sequence.fingerprint, fingerprint(element));
    sequence.scale = MultiplyModulo(sequence.scale, kBase);
  }
  text += ']';
  const uint32_t value = Number(Kind::kList, text).first;
  sequences_[value] = std::move(sequence);
  return value;
}

std::vector<uint64_t> Values::PrefixFingerprints(uint32_t value) const {
  std::vector<uint64_t> prefixes = {0};
  const Sequence& sequence = sequences_[value];
  if (value == kNil) return prefixes;
  if (sequence.elements.empty()) {
    for (const char c : texts_[value]) {
      if (sequence.fingerprint == prefixes.back()) break;  // "[]", the list without elements
      prefixes.push_back(Appended(prefixes.back(), ElementOf(c)));
    }
  }
  for (const uint32_t element : sequence.elements) {
    prefixes.push_back(Appended(prefixes.back(), fingerprint(element)));
  }
  WT_CHECK_EQ(prefixes.back(), sequence.fingerprint);
  return prefixes;
}

}  // namespace wt::lin
