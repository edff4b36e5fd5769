#include "engine/snapshot/snapshot_reader.h"

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/snapshot/snapshot_folder.h"

namespace wt {

absl::StatusOr<std::unique_ptr<SnapshotReader>> SnapshotReader::Open(
    Disk& disk, std::string_view directory, std::shared_ptr<const Manifest> manifest) {
  std::unique_ptr<SnapshotReader> reader(new SnapshotReader(std::move(manifest)));
  for (const ChunkFile& file : reader->manifest_->files) {
    const std::string path = PathIn(directory, ChunkFileName(file.number));
    WT_ASSIGN_OR_RETURN(std::unique_ptr<ChunkFileReader> opened,
                        ChunkFileReader::Open(disk, path, file));
    reader->files_.push_back(std::move(opened));
  }
  return reader;
}

absl::StatusOr<std::string> SnapshotReader::ReadChunk(size_t number) const {
  WT_CHECK_LT(number, manifest_->chunks.size());
  const ChunkRef& ref = manifest_->chunks[number];
  WT_CHECK_LT(ref.file, files_.size());
  return files_[ref.file]->Read(ref);
}

absl::Status SnapshotReader::Verify() {
  for (size_t i = 0; i < manifest_->chunks.size(); ++i) {
    WT_RETURN_IF_ERROR(ReadChunk(i).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> SnapshotReader::Next() {
  if (next_ == manifest_->chunks.size()) return std::string();
  WT_ASSIGN_OR_RETURN(std::string chunk, ReadChunk(next_));
  ++next_;
  WT_CHECK(!chunk.empty());
  return chunk;
}

}  // namespace wt
