// What the codecs of commands and results share: the head, and reading with a cause for failure.
#ifndef WAVETANK_ENGINE_STATE_WIRE_H_
#define WAVETANK_ENGINE_STATE_WIRE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"

namespace wt {

inline constexpr uint8_t kWireVersion = 1;

inline void PutHead(std::string& out, uint16_t tag) {
  PutU8(out, kWireVersion);
  PutU16(out, tag);
}

// A tag is the family in its high byte and the operation in its low one.
constexpr uint16_t WireTag(uint8_t family, uint8_t operation) {
  return static_cast<uint16_t>(family << 8 | operation);
}

inline void PutOptional(std::string& out, const std::optional<std::string>& value) {
  PutU8(out, value.has_value() ? 1 : 0);
  if (value.has_value()) PutString(out, *value);
}

// Reads fields one after another; the first that is wrong is remembered with its offset, and every
// read after it gives nothing.
class WireReader {
 public:
  WireReader(std::string_view what, std::string_view bytes) : what_(what), in_(bytes) {}

  uint8_t U8(std::string_view field) { return Checked(field, in_.U8()); }
  uint16_t U16(std::string_view field) { return Checked(field, in_.U16()); }
  uint32_t U32(std::string_view field) { return Checked(field, in_.U32()); }
  uint64_t U64(std::string_view field) { return Checked(field, in_.U64()); }
  int64_t I64(std::string_view field) { return Checked(field, in_.I64()); }

  std::string String(std::string_view field, uint64_t limit) {
    const uint64_t at = in_.offset();
    const std::string_view bytes = in_.String();
    if (!in_.ok()) {
      Fail(InvalidArgument("%s: %s at %d is cut short", what_, field, at));
    } else if (bytes.size() > limit) {
      Fail(InvalidArgument("%s: %s at %d has %d bytes, more than %d", what_, field, at,
                           bytes.size(), limit));
    }
    return std::string(ok() ? bytes : std::string_view());
  }

  bool Bool(std::string_view field) {
    const uint64_t at = in_.offset();
    const uint8_t value = U8(field);
    if (value > 1) {
      Fail(InvalidArgument("%s: %s at %d is %d, want 0 or 1", what_, field, at, value));
    }
    return value == 1;
  }

  std::optional<std::string> Optional(std::string_view field, uint64_t limit) {
    if (!Bool(field) || !ok()) return std::nullopt;
    return String(field, limit);
  }

  // Remembers the first failure only.
  void Fail(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
  }

  bool ok() const { return status_.ok(); }
  uint64_t offset() const { return in_.offset(); }

  // Also refuses what is left over.
  absl::Status Finish() {
    if (ok() && !in_.empty()) {
      Fail(InvalidArgument("%s: %d bytes too many at %d", what_, in_.rest().size(), in_.offset()));
    }
    return status_;
  }

 private:
  template <typename T>
  T Checked(std::string_view field, T value) {
    if (!in_.ok()) Fail(InvalidArgument("%s: %s is cut short", what_, field));
    return ok() ? value : T{};
  }

  std::string_view what_;
  ByteReader in_;
  absl::Status status_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_WIRE_H_
