#include "scenarios/invariants/no_leak.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/log/format.h"
#include "engine/snapshot/manifest.h"
#include "engine/snapshot/names.h"

namespace wt::scenarios {
namespace {

// Chunk files that no manifest refers to. A manifest that cannot be read may refer to any.
void FindUnreferencedChunks(const std::vector<sim::DurableFile>& files,
                            std::vector<std::string>& leaks) {
  constexpr std::string_view kFolder = "snapshot/";
  std::set<uint64_t> referenced;
  std::vector<std::pair<uint64_t, std::string>> chunks;
  for (const sim::DurableFile& file : files) {
    if (!file.path.starts_with(kFolder)) continue;
    const auto name = ParseSnapshotFileName(std::string_view(file.path).substr(kFolder.size()));
    if (!name.has_value()) continue;
    if (name->kind == SnapshotFileName::Kind::kChunks) chunks.emplace_back(name->number, file.path);
    if (name->kind != SnapshotFileName::Kind::kManifest) continue;
    absl::StatusOr<Manifest> manifest = ParseManifestFile(name->key, file.bytes);
    if (!manifest.ok()) return;
    for (const ChunkFile& chunk_file : manifest->files) referenced.insert(chunk_file.number);
  }
  for (const auto& [number, path] : chunks) {
    if (!referenced.contains(number)) leaks.push_back(path + " belongs to no snapshot");
  }
}

}  // namespace

// Every segment but the newest whose entries all lie at or before `covered` is obsolete.
std::vector<std::string> ObsoleteSegments(const std::vector<sim::DurableFile>& files,
                                          LogIndex covered, std::string_view by) {
  std::vector<std::pair<std::string, LogIndex>> segments;  // and the first entry of each
  for (const sim::DurableFile& file : files) {
    if (!file.path.starts_with("log/")) continue;
    absl::StatusOr<SegmentHeader> header = DecodeSegmentHeader(file.bytes);
    if (header.ok()) segments.emplace_back(file.path, header->first_index());
  }
  std::vector<std::string> leaks;
  for (size_t i = 0; i + 1 < segments.size(); ++i) {
    const LogIndex last = segments[i + 1].second - 1;
    if (last > covered) continue;
    leaks.push_back(
        absl::StrFormat("%s is still there, though its last entry %d is covered by %s entry %d",
                        segments[i].first, last.value(), by, covered.value()));
  }
  return leaks;
}

std::vector<std::string> LeaksIn(const std::vector<sim::DurableFile>& files,
                                 const std::vector<Snapshot>& kept, uint64_t may_keep) {
  std::vector<std::string> leaks;
  if (kept.size() > may_keep) {
    leaks.push_back(
        absl::StrFormat("%d snapshots are kept, want at most %d", kept.size(), may_keep));
  }
  for (const sim::DurableFile& file : files) {
    if (file.path.ends_with(".tmp")) leaks.push_back(file.path + " is a leftover");
  }
  FindUnreferencedChunks(files, leaks);
  if (kept.empty()) return leaks;
  for (std::string& segment :
       ObsoleteSegments(files, kept.back().index, "the oldest kept snapshot of")) {
    leaks.push_back(std::move(segment));
  }
  return leaks;
}

}  // namespace wt::scenarios
