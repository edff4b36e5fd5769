// Table::VerifyAll: the file from its first byte to its last.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/lsm/data_block.h"
#include "engine/lsm/table.h"

namespace wt {

class TableVerifier {
 public:
  explicit TableVerifier(const Table& table) : table_(table), info_(table.info_) {
    found_.identity = info_.identity;
  }

  absl::Status Verify();

 private:
  absl::Status VerifyHeader();
  absl::Status VerifyData(uint32_t block);
  absl::Status VerifyEntries(uint32_t block, const BlockHandle& handle, std::string_view contents);
  absl::Status Count(const InternalEntry& entry, uint64_t offset);
  absl::Status VerifyIndex();
  absl::Status VerifyEnd();
  // Reads the frame that begins where the one before ended.
  absl::StatusOr<std::string> NextFrame(BlockType type, const BlockHandle& handle);

  const Table& table_;
  const TableInfo& info_;
  Table::Partition partition_;
  uint64_t at_ = 0;
  TableInfo found_;
  std::string last_key_;
  LogIndex last_version_;
};

absl::Status TableVerifier::Verify() {
  WT_RETURN_IF_ERROR(VerifyHeader());
  for (uint32_t block = 0; block < info_.data_blocks; ++block) {
    WT_RETURN_IF_ERROR(VerifyData(block));
  }
  found_.data_bytes = at_ - kTableHeaderBytes;
  WT_RETURN_IF_ERROR(VerifyIndex());
  return VerifyEnd();
}

absl::Status TableVerifier::VerifyHeader() {
  WT_ASSIGN_OR_RETURN(const std::string header, table_.ReadExactly(0, kTableHeaderBytes));
  WT_ASSIGN_OR_RETURN(const TableIdentity identity, ParseTableHeader(table_.place_.file, header));
  if (identity != info_.identity) return table_.Damage("header: of another file");
  at_ = kTableHeaderBytes;
  found_.content = HashBytes128(header);
  return absl::OkStatus();
}

absl::StatusOr<std::string> TableVerifier::NextFrame(BlockType type, const BlockHandle& handle) {
  if (handle.offset != at_) {
    return table_.Damage(absl::StrFormat("block at %d: want it at %d", handle.offset, at_));
  }
  WT_ASSIGN_OR_RETURN(std::string bytes,
                      table_.ReadExactly(at_, handle.stored + kFrameTrailerBytes));
  WT_ASSIGN_OR_RETURN(const OpenedFrame frame, OpenFrame(table_.place_, handle, type, bytes));
  found_.content = ChainHash(found_.content, frame.hash);
  at_ = handle.end();
  if (frame.compression != Compression::kNone) return table_.Contents(handle, frame);
  bytes.resize(handle.stored);
  return bytes;
}

absl::Status TableVerifier::VerifyData(uint32_t block) {
  BlockHandle handle;
  WT_RETURN_IF_ERROR(table_.HandleOf(block, partition_, &handle));
  WT_ASSIGN_OR_RETURN(const std::string contents, NextFrame(BlockType::kData, handle));
  return VerifyEntries(block, handle, contents);
}

absl::Status TableVerifier::VerifyEntries(uint32_t block, const BlockHandle& handle,
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

absl::Status TableVerifier::VerifyIndex() {
  if (info_.filter.stored > 0) {
    WT_RETURN_IF_ERROR(NextFrame(BlockType::kFilter, info_.filter).status());
  } else {
    found_.filter_keys = 0;
  }
  for (uint32_t i = 0; i < info_.index_partitions; ++i) {
    WT_RETURN_IF_ERROR(NextFrame(BlockType::kIndex, table_.root_.handle(i)).status());
  }
  return NextFrame(BlockType::kIndex, info_.root).status();
}

absl::Status TableVerifier::VerifyEnd() {
  const uint64_t end = info_.bytes - kTableFooterBytes;
  WT_ASSIGN_OR_RETURN(const std::string bytes, table_.ReadExactly(end, kTableFooterBytes));
  WT_ASSIGN_OR_RETURN(const TableFooter footer,
                      ParseTableFooter(table_.place_, info_.bytes, bytes));
  WT_RETURN_IF_ERROR(NextFrame(BlockType::kProperties, footer.properties).status());
  WT_CHECK_EQ(at_, end);
  if (found_.content != footer.content) {
    return table_.Damage(absl::StrFormat("content %s, want %s", found_.content.ToString(),
                                         footer.content.ToString()));
  }
  found_.largest_key = last_key_;
  found_.largest_version = last_version_;
  found_.bytes = info_.bytes;
  found_.data_blocks = info_.data_blocks;
  found_.index_partitions = info_.index_partitions;
  found_.partition_blocks = info_.partition_blocks;
  found_.filter = info_.filter;
  found_.root = info_.root;
  if (found_ != info_) return table_.Damage("properties: not those of the entries");
  return absl::OkStatus();
}

absl::Status Table::VerifyAll() const { return TableVerifier(*this).Verify(); }

}  // namespace wt
