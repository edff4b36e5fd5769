#include "engine/storage/storage.h"

#include <string>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {

absl::StatusOr<std::string> ReadWholeFile(Storage& storage, const FileDesc& fd, uint64_t limit) {
  WT_ASSIGN_OR_RETURN(const std::unique_ptr<StorageReader> reader, storage.Open(fd));
  WT_ASSIGN_OR_RETURN(const uint64_t size, reader->Size());
  if (size > limit) {
    return ResourceExhausted("%s: %d bytes, more than the limit of %d", fd.ToString(), size, limit);
  }
  std::string content(size, '\0');
  WT_ASSIGN_OR_RETURN(const uint64_t read, reader->ReadAt(0, content));
  WT_CHECK_LE(read, size);
  content.resize(read);
  WT_RETURN_IF_ERROR(reader->Close());
  return content;
}

absl::Status WriteWholeFile(Storage& storage, const FileDesc& fd, std::string_view content) {
  WT_ASSIGN_OR_RETURN(const std::unique_ptr<StorageWriter> writer, storage.Create(fd));
  WT_RETURN_IF_ERROR(writer->Append(content));
  WT_RETURN_IF_ERROR(writer->Sync());
  return writer->Close();
}

}  // namespace wt
