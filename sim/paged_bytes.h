// The bytes of a file in pages of 4 KiB that copies share until one of them writes: copying a file
// of n pages costs n pointers, and a page of zeros costs nothing.
#ifndef WAVETANK_SIM_PAGED_BYTES_H_
#define WAVETANK_SIM_PAGED_BYTES_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wt::sim {

class PagedBytes {
 public:
  static constexpr uint64_t kPageBytes = 4096;

  uint64_t size() const { return size_; }

  // Growing appends zeros; shrinking forgets what was there.
  void Resize(uint64_t size);

  // Grows as needed; a gap is zeros.
  void Write(uint64_t offset, std::string_view bytes);

  // Requires: offset + out.size() <= size().
  void Read(uint64_t offset, std::span<char> out) const;

  // What [offset, offset + length) holds, without the part past the end.
  std::string Copy(uint64_t offset, uint64_t length) const;
  // The same, with zeros for the part past the end.
  std::string CopyPadded(uint64_t offset, uint64_t length) const;
  std::string ToString() const { return Copy(0, size_); }

  // Computed once per content; copies share the result.
  uint64_t Hash() const;

 private:
  using Page = std::array<char, kPageBytes>;

  Page& Mutable(uint64_t page);

  // Bytes of a page past size_ are zeros. A null page is all zeros.
  uint64_t size_ = 0;
  std::vector<std::shared_ptr<Page>> pages_;
  mutable std::optional<uint64_t> hash_;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_PAGED_BYTES_H_
