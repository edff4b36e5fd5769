#include "engine/lsm/table_run.h"

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {

absl::Status TableRun::Add(const InternalEntry& entry) {
  const bool is_full = builder_.has_value() && builder_->EstimatedBytes() >= table_bytes_;
  if (is_full && entry.key != last_key_) WT_RETURN_IF_ERROR(End());
  if (!builder_.has_value()) WT_RETURN_IF_ERROR(Begin());
  last_key_.assign(entry.key);
  return builder_->Add(entry);
}

absl::Status TableRun::Begin() {
  WT_CHECK(!builder_.has_value());
  const TableIdentity identity = identify_();
  numbers_.push_back(identity.number);
  WT_ASSIGN_OR_RETURN(writer_, storage_.Create({FileType::kTable, identity.number}));
  builder_.emplace(*writer_, identity, options_);
  return absl::OkStatus();
}

absl::Status TableRun::End() {
  WT_ASSIGN_OR_RETURN(TableInfo info, builder_->Finish());
  builder_.reset();
  WT_RETURN_IF_ERROR(writer_->Sync());
  WT_RETURN_IF_ERROR(writer_->Close());
  writer_ = nullptr;
  finished_bytes_ += info.bytes;
  finished_.push_back(std::move(info));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<TableInfo>> TableRun::Finish() {
  if (builder_.has_value()) WT_RETURN_IF_ERROR(End());
  WT_CHECK_EQ(finished_.size(), numbers_.size());
  return std::move(finished_);
}

void TableRun::Abandon() {
  builder_.reset();
  writer_ = nullptr;
  for (uint64_t number : numbers_) obsolete_.Add({FileType::kTable, number});
  numbers_.clear();
  obsolete_.RemoveAll();
}

uint64_t TableRun::bytes() const {
  return finished_bytes_ + (builder_.has_value() ? builder_->EstimatedBytes() : 0);
}

}  // namespace wt
