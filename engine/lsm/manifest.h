// The manifest: a file of edits, one behind the other. Replaying them gives the tables. The
// storage's pointer names the manifest that counts. Bytes: FORMAT.md, "The manifest".
//
//   WT_ASSIGN_OR_RETURN(ManifestContent read, ReadManifest(storage, *storage.GetMeta()));
//   WT_ASSIGN_OR_RETURN(auto manifest, ManifestWriter::Create(storage, number, salt, whole));
//   WT_RETURN_IF_ERROR(manifest->Append(edit));    // durable
#ifndef WAVETANK_ENGINE_LSM_MANIFEST_H_
#define WAVETANK_ENGINE_LSM_MANIFEST_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/lsm/manifest_edit.h"
#include "engine/storage/storage.h"

namespace wt {

// What is read at an opening, and so the most that is written.
inline constexpr uint64_t kMaxManifestBytes = 256 * kMiB;

// Whether one of so many bytes, `begun` of which it began with, is to be begun anew: it is longer
// than `wanted`, and than twice what it has to say, or than halfway from there to the most.
inline bool IsManifestLong(uint64_t bytes, uint64_t begun, uint64_t wanted) {
  const uint64_t halfway = begun + (kMaxManifestBytes - begun) / 2;
  return bytes > wanted && bytes > std::min(2 * begun, halfway);
}

struct ManifestContent {
  std::vector<ManifestEdit> edits;
  // What follows the last whole edit was cut off: an append that no crash let end. Whoever appended
  // it was never told that it was durable.
  bool tail_cut = false;
};

// Errors: DataLoss, naming file and offset: an edit is damaged though a later one is there, or the
// beginning is; FailedPrecondition: a newer format. Suspends.
absl::StatusOr<ManifestContent> ReadManifest(Storage& storage, const FileDesc& fd);

class ManifestWriter {
 public:
  // A new manifest that begins with `whole`; durable, and the storage points to it, when it
  // returns OK. Errors: the storage's; after kInDoubt both it and the one before must stay, after
  // any other the one before counts, and what there is of this one is the caller's to remove;
  // OutOfRange: `whole` has more than `max_bytes`.
  // Suspends.
  static absl::StatusOr<std::unique_ptr<ManifestWriter>> Create(
      Storage& storage, uint64_t number, uint64_t salt, const ManifestEdit& whole,
      uint64_t max_bytes = kMaxManifestBytes);

  // Durable on return. Errors: OutOfRange: there would be more than `max_bytes`, nothing was
  // written; others: unknown whether it is durable, and nothing can be appended any more. Suspends.
  absl::Status Append(const ManifestEdit& edit);

  uint64_t number() const { return number_; }
  uint64_t bytes() const { return bytes_; }

 private:
  ManifestWriter(std::unique_ptr<StorageWriter> writer, uint64_t number, uint64_t salt,
                 uint64_t max_bytes)
      : writer_(std::move(writer)), number_(number), salt_(salt), max_bytes_(max_bytes) {}
  absl::Status Write(std::string_view bytes);

  const std::unique_ptr<StorageWriter> writer_;
  const uint64_t number_;
  const uint64_t salt_;
  const uint64_t max_bytes_;
  uint64_t bytes_ = 0;
  uint64_t edits_ = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_MANIFEST_H_
