#include "engine/lsm/filter.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/base/coding.h"

namespace wt {
namespace {

constexpr uint64_t kLineBytes = 64;
constexpr uint64_t kTailBytes = 8;  // u32 probes, u32 zero
constexpr uint32_t kMostProbes = 16;
constexpr uint64_t kHashSeed = 0x77742d66696c7465;  // part of the format

// Close to bits * ln 2, less a little because the bits of a key share a line.
constexpr uint32_t ProbesFor(uint32_t bits_per_key) {
  return std::clamp<uint32_t>(bits_per_key * 62 / 100, 1, kMostProbes);
}
static_assert(ProbesFor(10) == 6);

uint64_t LineOf(uint64_t hash, uint64_t lines) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(hash) * lines) >> 64);
}

// The upper bits chose the line; the bits within it come from the lower ones, spread by the golden
// ratio, nine (one of 512) a probe.
class Probes {
 public:
  explicit Probes(uint64_t hash) : state_(static_cast<uint32_t>(hash)) {}
  uint32_t Next() {
    state_ *= 0x9e3779b9;
    return state_ >> (32 - 9);
  }

 private:
  uint32_t state_;
};

uint64_t LinesFor(uint64_t keys, uint64_t bits_per_key) {
  return std::max<uint64_t>(1, (keys * bits_per_key + kLineBytes * 8 - 1) / (kLineBytes * 8));
}

}  // namespace

uint64_t FilterHash(std::string_view key) { return Hash64(key, kHashSeed); }

FilterBuilder::FilterBuilder(uint32_t bits_per_key) : bits_per_key_(bits_per_key) {
  WT_CHECK(bits_per_key > 0 && bits_per_key <= kMaxFilterBitsPerKey);
}

uint64_t FilterBuilder::bytes() const {
  return LinesFor(keys(), bits_per_key_) * kLineBytes + kTailBytes;
}

std::string FilterBuilder::Finish() const {
  const uint64_t lines = LinesFor(keys(), bits_per_key_);
  const uint32_t probes = ProbesFor(bits_per_key_);
  std::string out(lines * kLineBytes, '\0');
  for (const uint64_t hash : hashes_) {
    char* const line = out.data() + LineOf(hash, lines) * kLineBytes;
    Probes probe(hash);
    for (uint32_t i = 0; i < probes; ++i) {
      const uint32_t bit = probe.Next();
      line[bit / 8] = static_cast<char>(line[bit / 8] | 1 << bit % 8);
    }
  }
  PutU32(out, probes);
  PutU32(out, 0);
  return out;
}

std::optional<Filter> Filter::Parse(std::string_view bytes) {
  if (bytes.size() < kLineBytes + kTailBytes) return std::nullopt;
  const uint64_t body = bytes.size() - kTailBytes;
  const uint32_t probes = LoadLittle<uint32_t>(bytes.data() + body);
  if (body % kLineBytes != 0 || probes == 0 || probes > kMostProbes) return std::nullopt;
  return Filter(bytes.data(), body / kLineBytes, probes);
}

bool Filter::MayContain(uint64_t hash) const {
  const char* const line = lines_ + LineOf(hash, line_count_) * kLineBytes;
  Probes probe(hash);
  for (uint32_t i = 0; i < probes_; ++i) {
    const uint32_t bit = probe.Next();
    if ((line[bit / 8] >> bit % 8 & 1) == 0) return false;
  }
  return true;
}

}  // namespace wt
