#include "engine/lsm/table_verifier.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/lsm/data_block.h"

namespace wt {

TableVerifier::TableVerifier(const Table& table) : table_(table), info_(table.info_) {
  found_.identity = info_.identity;
}

absl::StatusOr<std::string> TableVerifier::Next() {
  if (at_ == 0) return Header();
  if (data_blocks_ < info_.data_blocks) return Data(data_blocks_++);
  const uint32_t filters = info_.filter.stored > 0 ? 1 : 0;
  const uint32_t inner = inner_frames_++;
  if (inner < filters) return Frame(BlockType::kFilter, info_.filter);
  const uint32_t partition = inner - filters;
  if (partition < info_.index_partitions) {
    return Frame(BlockType::kIndex, table_.root_.handle(partition));
  }
  if (partition == info_.index_partitions) return Frame(BlockType::kIndex, info_.root);
  if (!std::exchange(has_properties_, true)) return Properties();
  return at_ < info_.bytes ? Footer() : std::string();
}

absl::StatusOr<std::string> TableVerifier::Header() {
  WT_ASSIGN_OR_RETURN(std::string header, table_.ReadExactly(0, kTableHeaderBytes));
  WT_ASSIGN_OR_RETURN(const TableIdentity identity, ParseTableHeader(table_.place_.file, header));
  if (identity != info_.identity) return table_.Damage("header: of another file");
  at_ = kTableHeaderBytes;
  found_.content = HashBytes128(header);
  return header;
}

absl::StatusOr<std::string> TableVerifier::Frame(BlockType type, const BlockHandle& handle) {
  if (handle.offset != at_) {
    return table_.Damage(absl::StrFormat("block at %d: want it at %d", handle.offset, at_));
  }
  WT_ASSIGN_OR_RETURN(std::string bytes,
                      table_.ReadExactly(at_, handle.stored + kFrameTrailerBytes));
  WT_ASSIGN_OR_RETURN(frame_, OpenFrame(table_.place_, handle, type, bytes));
  found_.content = ChainHash(found_.content, frame_.hash);
  at_ = handle.end();
  return bytes;
}

absl::StatusOr<std::string> TableVerifier::Data(uint32_t block) {
  BlockHandle handle;
  WT_RETURN_IF_ERROR(table_.HandleOf(block, partition_, &handle));
  WT_ASSIGN_OR_RETURN(std::string bytes, Frame(BlockType::kData, handle));
  found_.data_bytes = at_ - kTableHeaderBytes;
  frame_.stored = std::string_view(bytes).substr(0, handle.stored);
  if (frame_.compression == Compression::kNone) {
    WT_RETURN_IF_ERROR(CheckEntries(block, handle, frame_.stored));
    return bytes;
  }
  WT_ASSIGN_OR_RETURN(const std::string contents, table_.Contents(handle, frame_));
  WT_RETURN_IF_ERROR(CheckEntries(block, handle, contents));
  return bytes;
}

absl::Status TableVerifier::CheckEntries(uint32_t block, const BlockHandle& handle,
                                         std::string_view contents) {
  DataBlockIterator entries;
  DataBlockIterator sought;
  entries.Reset(contents, {table_.place_.file, handle.offset});
  sought.Reset(contents, {table_.place_.file, handle.offset});
  for (entries.SeekToFirst(); entries.Valid(); entries.Next()) {
    WT_RETURN_IF_ERROR(Count(entries.entry(), handle.offset));
    uint32_t found = 0;
    WT_RETURN_IF_ERROR(table_.FindBlock(entries.entry().internal_key(), partition_, &found));
    if (found != block) {
      return table_.Damage(absl::StrFormat("block at %d: the index leads to block %d, want %d",
                                           handle.offset, found, block));
    }
    sought.Seek(entries.entry().internal_key());
    WT_RETURN_IF_ERROR(sought.status());
    if (!sought.Valid() || sought.entry() != entries.entry()) {
      return table_.Damage(absl::StrFormat("block at %d: leads past an entry", handle.offset));
    }
  }
  return entries.status();
}

absl::Status TableVerifier::Count(const InternalEntry& entry, uint64_t offset) {
  const bool first = found_.entries() == 0;
  if (!first && entry.internal_key() <= InternalKey{last_key_, last_version_}) {
    return table_.Damage(absl::StrFormat("block at %d: entries out of order", offset));
  }
  if (!table_.MayContain(entry.key)) {
    return table_.Damage(absl::StrFormat("block at %d: the filter denies a key", offset));
  }
  if (first) {
    found_.smallest_key = entry.key;
    found_.smallest_version = found_.min_version = entry.version;
  }
  if (first || last_key_ != entry.key) ++found_.filter_keys;
  last_key_ = entry.key;
  last_version_ = entry.version;
  found_.min_version = std::min(found_.min_version, entry.version);
  found_.max_version = std::max(found_.max_version, entry.version);
  found_.key_bytes += entry.key.size();
  found_.value_bytes += entry.value.size();
  ++(entry.kind == EntryKind::kPut ? found_.puts : found_.deletes);
  return absl::OkStatus();
}

absl::StatusOr<std::string> TableVerifier::Properties() {
  const uint64_t end = info_.bytes - kTableFooterBytes;
  WT_ASSIGN_OR_RETURN(footer_, table_.ReadExactly(end, kTableFooterBytes));
  WT_ASSIGN_OR_RETURN(const TableFooter footer,
                      ParseTableFooter(table_.place_, info_.bytes, footer_));
  WT_ASSIGN_OR_RETURN(std::string bytes, Frame(BlockType::kProperties, footer.properties));
  WT_CHECK_EQ(at_, end);
  if (found_.content != footer.content) {
    return table_.Damage(absl::StrFormat("content %s, want %s", found_.content.ToString(),
                                         footer.content.ToString()));
  }
  return bytes;
}

absl::StatusOr<std::string> TableVerifier::Footer() {
  WT_CHECK_EQ(at_ + footer_.size(), info_.bytes);
  if (info_.filter.stored == 0) found_.filter_keys = 0;
  found_.largest_key = last_key_;
  found_.largest_version = last_version_;
  found_.bytes = info_.bytes;
  found_.data_blocks = info_.data_blocks;
  found_.index_partitions = info_.index_partitions;
  found_.partition_blocks = info_.partition_blocks;
  found_.filter = info_.filter;
  found_.root = info_.root;
  if (found_ != info_) return table_.Damage("properties: not those of the entries");
  at_ = info_.bytes;
  return std::move(footer_);
}

absl::Status Table::VerifyAll() const {
  TableVerifier verifier(*this);
  for (;;) {
    WT_ASSIGN_OR_RETURN(const std::string bytes, verifier.Next());
    if (bytes.empty()) return absl::OkStatus();
  }
}

}  // namespace wt
