#include "engine/lsm/manifest_edit.h"

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"

namespace wt {
namespace {

// An edit is a run of fields, each with its tag.
enum class Tag : uint8_t { kFlushed = 1, kNextFile = 2, kRemoved = 3, kAdded = 4, kAdopted = 5 };

void PutTag(std::string& out, Tag tag) { PutU8(out, static_cast<uint8_t>(tag)); }

void PutRecord(std::string& out, const TableRecord& table) {
  PutU64(out, table.identity.number);
  PutU64(out, table.identity.salt);
  PutU64(out, table.bytes);
  PutU64(out, table.content.low);
  PutU64(out, table.content.high);
  PutU64(out, table.entries);
  PutU64(out, table.deletes);
  PutU64(out, table.min_version.value());
  PutU64(out, table.max_version.value());
  PutString(out, table.smallest_key);
  PutString(out, table.largest_key);
}

bool TakeField(ByteReader& in, ManifestEdit& edit) {
  switch (static_cast<Tag>(in.U8())) {
    case Tag::kFlushed:
      edit.flushed = LogIndex(in.U64());
      return true;
    case Tag::kNextFile:
      edit.next_file = in.U64();
      return true;
    case Tag::kRemoved: {
      const uint32_t level = in.U32();
      edit.removed.push_back({level, in.U64()});
      return level < kLevels;
    }
    case Tag::kAdded: {
      const uint32_t level = in.U32();
      edit.added.push_back({level, TakeRecord(in)});
      return level < kLevels;
    }
    case Tag::kAdopted: {
      const uint32_t level = in.U32();
      const uint64_t file = in.U64();
      edit.added.push_back({level, TakeRecord(in)});
      edit.added.back().table.adopted_as = file;
      return level < kLevels && file != 0;
    }
  }
  return false;
}

}  // namespace

TableRecord RecordOf(const TableInfo& info) {
  return {.identity = info.identity,
          .bytes = info.bytes,
          .content = info.content,
          .entries = info.entries(),
          .deletes = info.deletes,
          .min_version = info.min_version,
          .max_version = info.max_version,
          .smallest_key = info.smallest_key,
          .largest_key = info.largest_key};
}

bool IsSameTable(const TableRecord& a, const TableRecord& b) {
  TableRecord renamed = a;
  renamed.adopted_as = b.adopted_as;
  return renamed == b;
}

std::string EncodeRecord(const TableRecord& table) {
  std::string out;
  PutRecord(out, table);
  return out;
}

TableRecord TakeRecord(ByteReader& in) {
  TableRecord table;
  table.identity.number = in.U64();
  table.identity.salt = in.U64();
  table.bytes = in.U64();
  table.content.low = in.U64();
  table.content.high = in.U64();
  table.entries = in.U64();
  table.deletes = in.U64();
  table.min_version = LogIndex(in.U64());
  table.max_version = LogIndex(in.U64());
  table.smallest_key = std::string(in.String());
  table.largest_key = std::string(in.String());
  return table;
}

std::string EncodeEdit(const ManifestEdit& edit) {
  std::string out;
  if (edit.flushed.has_value()) {
    PutTag(out, Tag::kFlushed);
    PutU64(out, edit.flushed->value());
  }
  if (edit.next_file.has_value()) {
    PutTag(out, Tag::kNextFile);
    PutU64(out, *edit.next_file);
  }
  for (const RemovedTable& removed : edit.removed) {
    PutTag(out, Tag::kRemoved);
    PutU32(out, removed.level);
    PutU64(out, removed.number);
  }
  for (const PlacedTable& added : edit.added) {
    WT_CHECK_LT(added.level, kLevels);
    const bool is_adopted = added.table.adopted_as != 0;
    PutTag(out, is_adopted ? Tag::kAdopted : Tag::kAdded);
    PutU32(out, added.level);
    if (is_adopted) PutU64(out, added.table.adopted_as);
    PutRecord(out, added.table);
  }
  return out;
}

absl::StatusOr<ManifestEdit> DecodeEdit(std::string_view bytes) {
  ManifestEdit edit;
  ByteReader in(bytes);
  while (in.ok() && !in.empty()) {
    const uint64_t at = in.offset();
    if (!TakeField(in, edit)) return DataLoss("edit: no field at byte %d", at);
  }
  if (!in.ok()) return DataLoss("edit of %d bytes ends in the middle of a field", bytes.size());
  return edit;
}

}  // namespace wt
