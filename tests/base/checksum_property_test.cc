// Proves, for any bytes: the processor's CRC and the table's are one function, a CRC can be
// continued, and any change of up to four bytes in a row is seen.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "engine/base/checksum.h"

namespace wt {
namespace {

RC_GTEST_PROP(Crc32cPropertyTest, PortableAndHardwareAgree, (uint32_t seed)) {
  // Unaligned starts and every tail length: the hardware path goes by eights.
  const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const auto skip = *rc::gen::inRange<size_t>(0, bytes.size() + 1);
  const std::string_view view = std::string_view(bytes).substr(skip);
  RC_ASSERT(Crc32c(seed, view) == Crc32cPortable(seed, view));
}

RC_GTEST_PROP(Crc32cPropertyTest, ContinuesWhereItStopped, (const std::string& bytes)) {
  const auto cut = *rc::gen::inRange<size_t>(0, bytes.size() + 1);
  const std::string_view view = bytes;
  RC_ASSERT(Crc32c(Crc32c(view.substr(0, cut)), view.substr(cut)) == Crc32c(view));
}

RC_GTEST_PROP(Crc32cPropertyTest, AChangeOfUpToFourBytesInARowIsSeen, ()) {
  const auto bytes = *rc::gen::nonEmpty<std::string>();
  const auto at = *rc::gen::inRange<size_t>(0, bytes.size());
  const auto flips = *rc::gen::nonZero<uint32_t>();
  std::string damaged = bytes;
  for (size_t i = 0; i < 4 && at + i < damaged.size(); ++i) {
    damaged[at + i] = static_cast<char>(damaged[at + i] ^ (flips >> (8 * i)));
  }
  RC_PRE(damaged != bytes);  // all flips may lie beyond the end
  RC_ASSERT(Crc32c(damaged) != Crc32c(bytes));
}

}  // namespace
}  // namespace wt
