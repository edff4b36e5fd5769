#include "engine/snapshot/names.h"

#include "absl/strings/str_format.h"
#include "engine/base/check.h"

namespace wt {
namespace {

constexpr std::string_view kManifestPrefix = "snapshot_";
constexpr std::string_view kChunksPrefix = "chunks_";
constexpr std::string_view kTemporarySuffix = ".tmp";

// The number that `text` begins with, which is then taken off.
std::optional<uint64_t> TakeNumber(std::string_view& text) {
  uint64_t value = 0;
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    const uint64_t digit = static_cast<uint64_t>(text[digits] - '0');
    if (__builtin_mul_overflow(value, uint64_t{10}, &value)) return std::nullopt;
    if (__builtin_add_overflow(value, digit, &value)) return std::nullopt;
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

std::optional<SnapshotFileName> ParseManifest(std::string_view name) {
  std::string_view rest = name.substr(kManifestPrefix.size());
  const std::optional<uint64_t> index = TakeNumber(rest);
  if (!index.has_value() || !rest.starts_with('_')) return std::nullopt;
  rest.remove_prefix(1);
  const std::optional<uint64_t> term = TakeNumber(rest);
  if (!term.has_value() || !rest.empty()) return std::nullopt;
  const SnapshotKey key{LogIndex(*index), Term(*term)};
  if (SnapshotId(key) != name) return std::nullopt;
  return SnapshotFileName{.kind = SnapshotFileName::Kind::kManifest, .key = key};
}

std::optional<SnapshotFileName> ParseChunks(std::string_view name) {
  std::string_view rest = name.substr(kChunksPrefix.size());
  const std::optional<uint64_t> number = TakeNumber(rest);
  if (!number.has_value() || *number == 0 || ChunkFileName(*number) != name) return std::nullopt;
  return SnapshotFileName{.kind = SnapshotFileName::Kind::kChunks, .number = *number};
}

}  // namespace

std::string SnapshotId(SnapshotKey key) {
  return absl::StrFormat("%s%d_%d", kManifestPrefix, key.index.value(), key.term.value());
}

std::string ChunkFileName(uint64_t number) {
  return absl::StrFormat("%s%06d", kChunksPrefix, number);
}

std::string TemporaryName(std::string_view final_name) {
  WT_CHECK(!final_name.ends_with(kTemporarySuffix));
  return std::string(final_name) + std::string(kTemporarySuffix);
}

std::optional<SnapshotFileName> ParseSnapshotFileName(std::string_view name) {
  if (name.ends_with(kTemporarySuffix)) {
    auto parsed = ParseSnapshotFileName(name.substr(0, name.size() - kTemporarySuffix.size()));
    if (!parsed.has_value() || parsed->kind == SnapshotFileName::Kind::kTemporary) {
      return std::nullopt;
    }
    parsed->kind = SnapshotFileName::Kind::kTemporary;
    return parsed;
  }
  if (name.starts_with(kManifestPrefix)) return ParseManifest(name);
  if (name.starts_with(kChunksPrefix)) return ParseChunks(name);
  return std::nullopt;
}

}  // namespace wt
