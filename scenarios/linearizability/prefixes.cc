#include "scenarios/linearizability/prefixes.h"

namespace wt::lin {

const std::vector<uint64_t>& Prefixes::PrefixesOf(uint32_t value) {
  if (by_value_.size() <= value) by_value_.resize(values_.size());
  std::vector<uint64_t>& prefixes = by_value_[value];
  if (!prefixes.empty()) return prefixes;
  prefixes = values_.PrefixFingerprints(value);
  // One that is known already has all shorter ones known: they are its own.
  for (size_t length = prefixes.size(); length-- > 0;) {
    if (!length_of_.try_emplace(prefixes[length], static_cast<uint32_t>(length)).second) break;
  }
  return prefixes;
}

bool Prefixes::IsPrefix(uint64_t beginning, uint32_t value) {
  const std::vector<uint64_t>& prefixes = PrefixesOf(value);
  const auto length = length_of_.find(beginning);
  return length != length_of_.end() && length->second < prefixes.size() &&
         prefixes[length->second] == beginning;
}

}  // namespace wt::lin
