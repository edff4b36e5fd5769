#include "engine/storage/file_handles.h"

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"

namespace wt {

absl::StatusOr<uint64_t> FileReader::ReadAt(uint64_t offset, std::span<char> out) {
  WT_RETURN_IF_ERROR(CheckOpen());
  return ReadFully(*file_, offset, out);
}

absl::StatusOr<uint64_t> FileReader::Size() {
  WT_RETURN_IF_ERROR(CheckOpen());
  return file_->Size();
}

absl::StatusOr<std::unique_ptr<FileMapping>> FileReader::Map() {
  WT_RETURN_IF_ERROR(CheckOpen());
  return file_->Map();
}

absl::Status FileReader::Close() {
  WT_RETURN_IF_ERROR(CheckOpen());
  token_.reset();
  return file_->Close();
}

absl::Status FileWriter::Append(std::string_view data) {
  WT_RETURN_IF_ERROR(CheckUsable());
  WT_RETURN_IF_ERROR(DieUnlessOk(WriteFully(*file_, size_, data)));
  size_ += data.size();
  return absl::OkStatus();
}

// The name after the content: a name that survives then shows the content too.
absl::Status FileWriter::Sync() {
  WT_RETURN_IF_ERROR(CheckUsable());
  WT_RETURN_IF_ERROR(DieUnlessOk(file_->Sync()));
  if (name_is_durable_) return absl::OkStatus();
  WT_RETURN_IF_ERROR(DieUnlessOk(folder_.Sync()));
  name_is_durable_ = true;
  return absl::OkStatus();
}

absl::Status FileWriter::Close() {
  if (token_ == nullptr) return ClosedError(fd_.ToString());
  token_.reset();
  return file_->Close();
}

absl::Status FileWriter::CheckUsable() const {
  if (token_ == nullptr) return ClosedError(fd_.ToString());
  return failure_.ok() ? absl::OkStatus() : DeadError(fd_.ToString(), failure_);
}

absl::Status FileWriter::DieUnlessOk(const absl::Status& status) {
  WT_CHECK(failure_.ok());
  failure_ = status;
  return status;
}

}  // namespace wt
