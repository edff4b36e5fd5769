// The names of files and of the pointer to the manifest, where a storage keeps files by name.
//
//   MANIFEST-000005 · 000006.log · 000007.ldb (of old: 000007.sst) · 000008.tmp
//
// Six digits at least, zero-filled; more when the number is larger. Parsing takes exactly what
// NameOf and OldNameOf write, and nothing else: LevelDB's scanf-like leniency ("7.log", "+5.log",
// "100.log foo", "-1.log") lists files that can then not be opened.
#ifndef WAVETANK_ENGINE_STORAGE_NAMES_H_
#define WAVETANK_ENGINE_STORAGE_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/storage/file_desc.h"

namespace wt {

// Requires: IsValid(fd).
std::string NameOf(const FileDesc& fd);

// The name that older programs gave such a file; empty when it never had another one.
// Requires: IsValid(fd).
std::string OldNameOf(const FileDesc& fd);

// The file of either name; nothing for other names.
std::optional<FileDesc> ParseName(std::string_view name);

// ---- The pointer (file_storage.h): CURRENT, CURRENT.bak, and CURRENT.<n> on its way to CURRENT.

inline constexpr std::string_view kCurrentName = "CURRENT";
inline constexpr std::string_view kCurrentBackupName = "CURRENT.bak";

// "CURRENT.7".
std::string PendingNameOf(uint64_t number);
// The number of such a name, written without leading zeros; nothing for other names.
std::optional<uint64_t> ParsePendingName(std::string_view name);

// What a pointer file holds: the name and a line feed. Requires: a valid manifest.
std::string PointerTo(const FileDesc& fd);
// Nothing unless `content` is PointerTo of a manifest.
std::optional<FileDesc> ParsePointer(std::string_view content);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_NAMES_H_
