// What an LSM orders: (user key, version) pairs, by user key ascending (bytewise, unsigned) and
// then by version DESCENDING, so that the first entry at or after (key, v) is what a read of `key`
// at version v sees.
//
// A version is the index of the log entry that wrote. All operations of one log entry share it; of
// two on the same key the later replaces the earlier, so a pair is unique.
#ifndef WAVETANK_ENGINE_LSM_INTERNAL_KEY_H_
#define WAVETANK_ENGINE_LSM_INTERNAL_KEY_H_

#include <compare>
#include <cstdint>
#include <string_view>

#include "engine/base/check.h"
#include "engine/base/units.h"
#include "engine/kv/write_batch.h"

namespace wt {

inline constexpr uint64_t kMaxTableKeyBytes = 64 * kKiB;
inline constexpr uint64_t kMaxTableValueBytes = 64 * kMiB;

// The largest version: seven bytes, so that it shares a word with the kind.
inline constexpr LogIndex kMaxVersion{(uint64_t{1} << 56) - 1};

enum class EntryKind : uint8_t {
  kDelete = 1,  // the key has no value from this version on; the entry's value is empty
  kPut = 2,
};

constexpr bool IsEntryKind(uint8_t kind) { return kind == 1 || kind == 2; }

// Version and kind in one word: version << 8 | kind.
constexpr uint64_t PackTag(LogIndex version, EntryKind kind) {
  WT_CHECK(version <= kMaxVersion);
  return version.value() << 8 | static_cast<uint64_t>(kind);
}
constexpr LogIndex VersionOf(uint64_t tag) { return LogIndex(tag >> 8); }
// Requires: the tag was packed, or its low byte passed IsEntryKind.
constexpr EntryKind KindOf(uint64_t tag) { return static_cast<EntryKind>(tag & 0xff); }

struct InternalKey {
  std::string_view key;
  LogIndex version;
};

constexpr std::strong_ordering operator<=>(const InternalKey& a, const InternalKey& b) {
  const int keys = a.key.compare(b.key);
  if (keys != 0) return keys <=> 0;
  return b.version <=> a.version;  // the newer version first
}
constexpr bool operator==(const InternalKey& a, const InternalKey& b) {
  return a.version == b.version && a.key == b.key;
}

struct InternalEntry {
  std::string_view key;
  LogIndex version;
  EntryKind kind = EntryKind::kDelete;
  std::string_view value;

  InternalKey internal_key() const { return {key, version}; }
  bool operator==(const InternalEntry&) const = default;
};

// With the views of `operation`.
inline InternalEntry EntryOf(const BatchOperation& operation, LogIndex version) {
  return {.key = operation.key,
          .version = version,
          .kind = operation.is_put ? EntryKind::kPut : EntryKind::kDelete,
          .value = operation.value};
}

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_INTERNAL_KEY_H_
