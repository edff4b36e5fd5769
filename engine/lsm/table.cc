#include "engine/lsm/table.h"

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/lsm/block_compression.h"
#include "engine/lsm/data_block.h"

namespace wt {

Table::Table(std::unique_ptr<StorageReader> reader, const TablePlace& place,
             const TableReadOptions& options)
    : reader_(std::move(reader)), place_(place), options_(options) {
  WT_CHECK(reader_ != nullptr);
  info_.identity = place.identity;
  if (options_.cache != nullptr) cache_id_ = options_.cache->NewTableId();
}

absl::StatusOr<std::unique_ptr<Table>> Table::Open(std::unique_ptr<StorageReader> reader,
                                                   const TablePlace& place,
                                                   const TableReadOptions& options) {
  std::unique_ptr<Table> table(new Table(std::move(reader), place, options));
  WT_RETURN_IF_ERROR(table->ReadEnds());
  return table;
}

absl::StatusOr<TableIdentity> ReadTableIdentity(StorageReader& reader, const FileDesc& file) {
  std::string header(kTableHeaderBytes, '\0');
  WT_ASSIGN_OR_RETURN(const uint64_t got, reader.ReadAt(0, header));
  if (got < header.size()) return CorruptedError(file, absl::StrFormat("ends at %d", got));
  return ParseTableHeader(file, header);
}

absl::Status Table::ReadEnds() {
  WT_ASSIGN_OR_RETURN(info_.bytes, reader_->Size());
  if (info_.bytes < kTableHeaderBytes + kTableFooterBytes) {
    return Damage(absl::StrFormat("%d bytes: no table", info_.bytes));
  }
  if (options_.use_mapping) {
    WT_ASSIGN_OR_RETURN(mapping_, reader_->Map());
    if (mapping_ != nullptr) mapped_ = mapping_->bytes();
    if (mapping_ != nullptr && mapped_.size() != info_.bytes) {
      return Damage(absl::StrFormat("maps to %d bytes, want %d", mapped_.size(), info_.bytes));
    }
  }
  WT_ASSIGN_OR_RETURN(const TableIdentity found, ReadTableIdentity(*reader_, place_.file));
  if (found != info_.identity) {
    return Damage(absl::StrFormat("header: of table %d, salt %x, want table %d, salt %x",
                                  found.number, found.salt, place_.identity.number,
                                  place_.identity.salt));
  }
  WT_ASSIGN_OR_RETURN(const std::string end,
                      ReadExactly(info_.bytes - kTableFooterBytes, kTableFooterBytes));
  WT_ASSIGN_OR_RETURN(const TableFooter footer, ParseTableFooter(place_, info_.bytes, end));
  info_.content = footer.content;
  return ReadInner(footer.properties);
}

absl::Status Table::ReadInner(const BlockHandle& properties) {
  Block block;
  WT_RETURN_IF_ERROR(Load(BlockType::kProperties, properties, /*checked=*/false, block));
  WT_RETURN_IF_ERROR(ParseTableProperties(place_.file, block.contents, info_));
  WT_RETURN_IF_ERROR(Load(BlockType::kIndex, info_.root, /*checked=*/false, root_block_));
  const absl::StatusOr<IndexBlock> root = IndexBlock::Parse(root_block_.contents);
  if (!root.ok()) return Damage(absl::StrFormat("index: %s", MessageOf(root.status())));
  root_ = *root;
  const uint32_t want = IsPartitioned() ? info_.index_partitions : info_.data_blocks;
  if (root_.size() != want) {
    return Damage(absl::StrFormat("index: of %d blocks, want %d", root_.size(), want));
  }
  if (info_.filter.stored > 0) {
    WT_RETURN_IF_ERROR(Load(BlockType::kFilter, info_.filter, /*checked=*/false, filter_block_));
    filter_ = Filter::Parse(filter_block_.contents);
    if (!filter_.has_value()) return Damage("filter: does not parse");
  }
  data_checked_ = Flags(info_.data_blocks);
  partition_checked_ = Flags(info_.index_partitions);
  return absl::OkStatus();
}

absl::StatusOr<std::string> Table::ReadExactly(uint64_t offset, uint64_t bytes) const {
  // Before memory is taken: lengths may come from damaged bytes.
  if (offset > info_.bytes || bytes > info_.bytes - offset) {
    return Damage(
        absl::StrFormat("block at %d: %d bytes in a file of %d", offset, bytes, info_.bytes));
  }
  std::string out(bytes, '\0');
  WT_ASSIGN_OR_RETURN(const uint64_t got, reader_->ReadAt(offset, out));
  if (got < bytes) {
    return Damage(absl::StrFormat("ends at %d, want %d bytes", offset + got, info_.bytes));
  }
  return out;
}

absl::StatusOr<std::string> Table::Contents(const BlockHandle& handle,
                                            const OpenedFrame& frame) const {
  std::string contents(frame.content_bytes, '\0');
  const absl::Status done = DecompressBlock(frame.compression, frame.stored, contents);
  if (!done.ok()) {
    return Damage(absl::StrFormat("block at %d: %s", handle.offset, MessageOf(done)));
  }
  return contents;
}

absl::Status Table::Load(BlockType type, const BlockHandle& handle, bool checked,
                         Block& out) const {
  out.pin = nullptr;
  if (mapped_.empty()) return LoadUnmapped(type, handle, out);
  if (handle.end() > mapped_.size() || handle.end() < handle.offset) {
    return Damage(absl::StrFormat("block at %d: ends at %d in a file of %d", handle.offset,
                                  handle.end(), info_.bytes));
  }
  const std::string_view bytes = mapped_.substr(handle.offset, handle.stored + kFrameTrailerBytes);
  const bool trust = checked && !options_.verify_always;
  WT_ASSIGN_OR_RETURN(const OpenedFrame frame, trust ? PeekFrame(place_, handle, type, bytes)
                                                     : OpenFrame(place_, handle, type, bytes));
  if (frame.compression == Compression::kNone) {
    out.contents = frame.stored;
    return absl::OkStatus();
  }
  const BlockCache::Key key{cache_id_, handle.offset};
  if (options_.cache != nullptr) out.pin = options_.cache->Find(key);
  if (out.pin == nullptr) {
    WT_ASSIGN_OR_RETURN(std::string contents, Contents(handle, frame));
    out.pin = options_.cache != nullptr ? options_.cache->Insert(key, std::move(contents))
                                        : std::make_shared<const std::string>(std::move(contents));
  }
  out.contents = *out.pin;
  return absl::OkStatus();
}

absl::Status Table::LoadUnmapped(BlockType type, const BlockHandle& handle, Block& out) const {
  const BlockCache::Key key{cache_id_, handle.offset};
  if (options_.cache != nullptr) out.pin = options_.cache->Find(key);
  if (out.pin == nullptr) {
    WT_ASSIGN_OR_RETURN(std::string bytes,
                        ReadExactly(handle.offset, handle.stored + kFrameTrailerBytes));
    WT_ASSIGN_OR_RETURN(const OpenedFrame frame, OpenFrame(place_, handle, type, bytes));
    if (frame.compression == Compression::kNone) {
      bytes.resize(handle.stored);
    } else {
      WT_ASSIGN_OR_RETURN(bytes, Contents(handle, frame));
    }
    out.pin = options_.cache != nullptr ? options_.cache->Insert(key, std::move(bytes))
                                        : std::make_shared<const std::string>(std::move(bytes));
  }
  out.contents = *out.pin;
  return absl::OkStatus();
}

absl::Status Table::LoadData(uint32_t block, const BlockHandle& handle, Block& out) const {
  WT_CHECK_LT(block, info_.data_blocks);
  std::atomic<uint8_t>& checked = data_checked_[block];
  const bool before = checked.load(std::memory_order_relaxed) != 0;
  WT_RETURN_IF_ERROR(Load(BlockType::kData, handle, before, out));
  if (!before) checked.store(1, std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::Status Table::LoadPartition(uint32_t number, Partition& partition) const {
  WT_CHECK_LT(number, info_.index_partitions);
  if (partition.number == number && partition.index.size() > 0) return absl::OkStatus();
  std::atomic<uint8_t>& checked = partition_checked_[number];
  const bool before = checked.load(std::memory_order_relaxed) != 0;
  const BlockHandle handle = root_.handle(number);
  Block block;
  WT_RETURN_IF_ERROR(Load(BlockType::kIndex, handle, before, block));
  const absl::StatusOr<IndexBlock> parsed =
      before ? IndexBlock::ParseAgain(block.contents) : IndexBlock::Parse(block.contents);
  if (!parsed.ok()) {
    return Damage(absl::StrFormat("index at %d: %s", handle.offset, MessageOf(parsed.status())));
  }
  const uint32_t first = number * info_.partition_blocks;
  const uint32_t want = std::min(info_.partition_blocks, info_.data_blocks - first);
  if (parsed->size() != want) {
    return Damage(
        absl::StrFormat("index at %d: of %d blocks, want %d", handle.offset, parsed->size(), want));
  }
  if (!before) checked.store(1, std::memory_order_relaxed);
  partition = {.number = number, .index = *parsed, .pin = std::move(block.pin)};
  return absl::OkStatus();
}

absl::Status Table::FindBlock(InternalKey target, Partition& partition, uint32_t* block) const {
  const uint32_t found = root_.Find(target);
  *block = info_.data_blocks;
  if (!IsPartitioned()) {
    *block = found;
    return absl::OkStatus();
  }
  if (found == root_.size()) return absl::OkStatus();
  WT_RETURN_IF_ERROR(LoadPartition(found, partition));
  const uint32_t within = partition.index.Find(target);
  if (within == partition.index.size()) {
    return Damage(
        absl::StrFormat("index at %d: ends before the root says", root_.handle(found).offset));
  }
  *block = found * info_.partition_blocks + within;
  return absl::OkStatus();
}

absl::Status Table::HandleOf(uint32_t block, Partition& partition, BlockHandle* handle) const {
  WT_CHECK_LT(block, info_.data_blocks);
  if (!IsPartitioned()) {
    *handle = root_.handle(block);
    return absl::OkStatus();
  }
  WT_RETURN_IF_ERROR(LoadPartition(block / info_.partition_blocks, partition));
  *handle = partition.index.handle(block % info_.partition_blocks);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<FoundEntry>> Table::Get(InternalKey key) const {
  if (!MayContain(key.key)) return std::nullopt;
  Partition partition;
  uint32_t number = 0;
  WT_RETURN_IF_ERROR(FindBlock(key, partition, &number));
  if (number == info_.data_blocks) return std::nullopt;
  BlockHandle handle;
  WT_RETURN_IF_ERROR(HandleOf(number, partition, &handle));
  Block block;
  WT_RETURN_IF_ERROR(LoadData(number, handle, block));
  DataBlockIterator at;
  at.Reset(block.contents, {place_.file, handle.offset});
  at.Seek(key);
  WT_RETURN_IF_ERROR(at.status());
  // A key's entries begin in the block that the index names, or the key is not here: a separator is
  // before the first entry of the next block.
  if (!at.Valid() || at.key() != key.key) return std::nullopt;
  return FoundEntry{at.version(), at.kind(), at.value(), std::move(block.pin)};
}

}  // namespace wt
