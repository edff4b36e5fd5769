#include "engine/lsm/table_builder.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/lsm/block_compression.h"

namespace wt {

TableBuilder::TableBuilder(StorageWriter& writer, const TableIdentity& identity,
                           const TableBuildOptions& options)
    : writer_(writer), identity_(identity), options_(options), block_(options.restart_interval) {
  WT_CHECK(options.index_partition_blocks > 0 && options.block_bytes <= kMaxTableValueBytes);
  if (options.filter_bits_per_key > 0) filter_.emplace(options.filter_bits_per_key);
  info_.identity = identity;
  info_.partition_blocks = options.index_partition_blocks;
  buffer_ = EncodeTableHeader(identity);
  info_.content = HashBytes128(buffer_);
}

absl::Status TableBuilder::Add(const InternalEntry& entry) {
  WT_CHECK(!finished_);
  WT_CHECK(entry.kind == EntryKind::kPut || entry.value.empty());
  const bool first = entries() == 0;
  WT_CHECK(first || InternalKey(last_key_, last_version_) < entry.internal_key());
  if (!block_.empty() &&
      block_.bytes() + DataBlockBuilder::MostBytesOf(entry) > options_.block_bytes) {
    WT_RETURN_IF_ERROR(FinishDataBlock());
  }
  IndexPending(entry.internal_key());
  if (filter_.has_value() && (first || last_key_ != entry.key)) filter_->Add(entry.key);
  block_.Add(entry);
  Count(entry);
  last_key_ = entry.key;
  last_version_ = entry.version;
  return absl::OkStatus();
}

void TableBuilder::Count(const InternalEntry& entry) {
  if (entries() == 0) {
    info_.smallest_key = entry.key;
    info_.smallest_version = entry.version;
    info_.min_version = entry.version;
  }
  info_.min_version = std::min(info_.min_version, entry.version);
  info_.max_version = std::max(info_.max_version, entry.version);
  info_.key_bytes += entry.key.size();
  info_.value_bytes += entry.value.size();
  ++(entry.kind == EntryKind::kPut ? info_.puts : info_.deletes);
}

absl::Status TableBuilder::FinishDataBlock() {
  WT_CHECK(!pending_.has_value());
  WT_ASSIGN_OR_RETURN(pending_,
                      AppendFrame(BlockType::kData, block_.Finish(), options_.compression));
  block_.Clear();
  ++info_.data_blocks;
  return Flush(options_.append_bytes);
}

void TableBuilder::IndexPending(std::optional<InternalKey> next) {
  if (!pending_.has_value()) return;
  const InternalKey last{last_key_, last_version_};
  std::string separator = last_key_;
  LogIndex version = last_version_;
  if (next.has_value()) version = ShortSeparator(last, *next, &separator);
  index_.Add({separator, version}, *pending_);
  pending_.reset();
  // A full partition is closed when it is known whether another follows.
  if (index_.size() < options_.index_partition_blocks || !next.has_value()) return;
  partitions_.push_back({std::move(separator), version, {}});
  partitions_.back().contents = index_.Finish();
  partition_bytes_ += partitions_.back().contents.size() + kFrameTrailerBytes;
}

absl::StatusOr<BlockHandle> TableBuilder::AppendFrame(BlockType type, std::string_view contents,
                                                      Compression compression) {
  const bool smaller = CompressBlock(compression, contents, compressed_);
  const std::string_view stored = smaller ? std::string_view(compressed_) : contents;
  const size_t begin = buffer_.size();
  const BlockHandle handle{appended_ + begin, static_cast<uint32_t>(stored.size())};
  buffer_.append(stored);
  const Hash128 hash = SealFrame(identity_, handle.offset,
                                 {.type = type,
                                  .compression = smaller ? compression : Compression::kNone,
                                  .content_bytes = contents.size()},
                                 buffer_, begin);
  info_.content = ChainHash(info_.content, hash);
  return handle;
}

absl::Status TableBuilder::Flush(uint64_t at_least) {
  if (buffer_.size() < at_least || buffer_.empty()) return absl::OkStatus();
  WT_RETURN_IF_ERROR(writer_.Append(buffer_));
  appended_ += buffer_.size();
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status TableBuilder::FinishFilter() {
  if (!filter_.has_value() || filter_->keys() == 0) return absl::OkStatus();
  info_.filter_keys = filter_->keys();
  WT_ASSIGN_OR_RETURN(info_.filter, AppendFrame(BlockType::kFilter, filter_->Finish()));
  return Flush(options_.append_bytes);
}

absl::Status TableBuilder::FinishIndex() {
  if (!partitions_.empty() && index_.size() > 0) {
    const InternalKey last = index_.last();
    partitions_.push_back({std::string(last.key), last.version, {}});
    partitions_.back().contents = index_.Finish();
  }
  info_.index_partitions = static_cast<uint32_t>(partitions_.size());
  for (const Partition& partition : partitions_) {
    WT_ASSIGN_OR_RETURN(const BlockHandle handle,
                        AppendFrame(BlockType::kIndex, partition.contents));
    index_.Add({partition.separator, partition.version}, handle);
    WT_RETURN_IF_ERROR(Flush(options_.append_bytes));
  }
  WT_ASSIGN_OR_RETURN(info_.root, AppendFrame(BlockType::kIndex, index_.Finish()));
  return absl::OkStatus();
}

absl::StatusOr<TableInfo> TableBuilder::Finish() {
  WT_CHECK(!finished_);
  finished_ = true;
  if (!block_.empty()) WT_RETURN_IF_ERROR(FinishDataBlock());
  IndexPending(std::nullopt);
  info_.data_bytes = appended_ + buffer_.size() - kTableHeaderBytes;
  info_.largest_key = last_key_;
  info_.largest_version = last_version_;
  WT_RETURN_IF_ERROR(FinishFilter());
  WT_RETURN_IF_ERROR(FinishIndex());
  WT_ASSIGN_OR_RETURN(const BlockHandle properties,
                      AppendFrame(BlockType::kProperties, EncodeTableProperties(info_)));
  info_.bytes = appended_ + buffer_.size() + kTableFooterBytes;
  buffer_.append(EncodeTableFooter(
      identity_, {.bytes = info_.bytes, .properties = properties, .content = info_.content}));
  WT_RETURN_IF_ERROR(Flush(1));
  WT_CHECK_EQ(appended_, info_.bytes);
  return info_;
}

uint64_t TableBuilder::EstimatedBytes() const {
  return appended_ + buffer_.size() + (block_.empty() ? 0 : block_.bytes()) + partition_bytes_ +
         index_.bytes() + (filter_.has_value() ? filter_->bytes() : 0) + kTableFooterBytes;
}

}  // namespace wt
