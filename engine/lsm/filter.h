// Which user keys a table may hold: a Bloom filter whose bits for one key lie in one cache line.
// ("Cache-, Hash- and Space-Efficient Bloom Filters", Putze, Sanders and Singler, WEA 2007; the
// choice of bits follows RocksDB's format version 5.)
//
// It never says no to a key that was added. At ten bits a key it says yes to one foreign key in
// a hundred.
#ifndef WAVETANK_ENGINE_LSM_FILTER_H_
#define WAVETANK_ENGINE_LSM_FILTER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wt {

inline constexpr uint32_t kMaxFilterBitsPerKey = 64;

// What a filter knows of a key: the same for every table.
uint64_t FilterHash(std::string_view key);

class FilterBuilder {
 public:
  explicit FilterBuilder(uint32_t bits_per_key);

  void Add(std::string_view key) { hashes_.push_back(FilterHash(key)); }
  uint64_t keys() const { return hashes_.size(); }
  // Bytes that Finish will return.
  uint64_t bytes() const;
  // The filter over all keys added.
  std::string Finish() const;

 private:
  uint32_t bits_per_key_;
  std::vector<uint64_t> hashes_;
};

// A filter as it lies in memory; a view.
class Filter {
 public:
  // Nothing when the bytes are no filter.
  static std::optional<Filter> Parse(std::string_view bytes);

  bool MayContain(uint64_t hash) const;

 private:
  Filter(const char* lines, uint64_t line_count, uint32_t probes)
      : lines_(lines), line_count_(line_count), probes_(probes) {}

  const char* lines_;
  uint64_t line_count_;
  uint32_t probes_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_FILTER_H_
