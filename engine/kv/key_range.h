// A run of keys.
#ifndef WAVETANK_ENGINE_KV_KEY_RANGE_H_
#define WAVETANK_ENGINE_KV_KEY_RANGE_H_

#include <optional>
#include <string>

namespace wt {

struct KeyRange {
  std::optional<std::string> lower;  // the first key in it
  std::optional<std::string> upper;  // the first key behind it
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_KV_KEY_RANGE_H_
