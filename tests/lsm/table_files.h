// Tables in strings, for tests that look at every byte.
#ifndef WAVETANK_TESTS_LSM_TABLE_FILES_H_
#define WAVETANK_TESTS_LSM_TABLE_FILES_H_

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/lsm/table.h"
#include "engine/lsm/table_builder.h"
#include "tests/lsm/lsm_model.h"

namespace wt::test {

class StringWriter : public StorageWriter {
 public:
  absl::Status Append(std::string_view data) override {
    ++appends;
    if (fail_at != 0 && appends >= fail_at) return Unavailable("told to fail");
    bytes.append(data);
    return absl::OkStatus();
  }
  absl::Status Sync() override { return absl::OkStatus(); }
  absl::Status Close() override { return absl::OkStatus(); }

  std::string bytes;
  uint64_t appends = 0;
  uint64_t fail_at = 0;  // this append and all later ones; 0 = none
};

enum class Access { kMapped, kRead };

// Shows `bytes` as they are at each moment.
class StringReader : public StorageReader {
 public:
  StringReader(std::shared_ptr<std::string> bytes, Access access)
      : bytes_(std::move(bytes)), access_(access) {}

  absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) override {
    ++reads;
    if (fail_reads) return Unavailable("told to fail");
    if (offset >= bytes_->size()) return 0;
    const uint64_t n = std::min<uint64_t>(out.size(), bytes_->size() - offset);
    std::memcpy(out.data(), bytes_->data() + offset, n);
    return n;
  }
  absl::StatusOr<uint64_t> Size() override { return bytes_->size(); }
  absl::StatusOr<std::unique_ptr<FileMapping>> Map() override {
    if (access_ == Access::kRead) return std::unique_ptr<FileMapping>();
    return std::make_unique<Mapping>(bytes_);
  }
  absl::Status Close() override { return absl::OkStatus(); }

  uint64_t reads = 0;
  bool fail_reads = false;

 private:
  struct Mapping : FileMapping {
    explicit Mapping(std::shared_ptr<std::string> of) : of(std::move(of)) {}
    std::string_view bytes() const override { return *of; }
    std::shared_ptr<std::string> of;
  };
  std::shared_ptr<std::string> bytes_;
  Access access_;
};

inline constexpr TableIdentity kTestIdentity{.number = 7, .salt = 0x5a17};

inline constexpr TablePlace kTestPlace{.file = {FileType::kTable, 7}, .identity = kTestIdentity};

struct BuiltTable {
  std::shared_ptr<std::string> bytes;
  TableInfo info;
};

inline BuiltTable BuildTable(const std::vector<OwnedEntry>& entries,
                             const TableBuildOptions& options = {},
                             const TableIdentity& identity = kTestIdentity) {
  StringWriter writer;
  TableBuilder builder(writer, identity, options);
  for (const OwnedEntry& entry : entries) WT_CHECK(builder.Add(entry.view()).ok());
  absl::StatusOr<TableInfo> info = builder.Finish();
  WT_CHECK(info.ok());
  return {std::make_shared<std::string>(std::move(writer.bytes)), *std::move(info)};
}

inline absl::StatusOr<std::unique_ptr<Table>> OpenTable(std::shared_ptr<std::string> bytes,
                                                        Access access,
                                                        TableReadOptions options = {},
                                                        TableIdentity identity = kTestIdentity) {
  return Table::Open(std::make_unique<StringReader>(std::move(bytes), access),
                     {{FileType::kTable, identity.number}, identity}, options);
}

// "key00000000", version 5, "value of key…": n of them, half-way compressible.
inline std::vector<OwnedEntry> PlainEntries(uint64_t n, size_t value_bytes = 40) {
  std::vector<OwnedEntry> entries;
  for (uint64_t i = 0; i < n; ++i) {
    OwnedEntry entry{.key = absl::StrFormat("key%08d", i * 2),
                     .version = 5,
                     .kind = EntryKind::kPut,
                     .value = {}};
    entry.value = "value of " + entry.key;
    entry.value.resize(value_bytes, '.');
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace wt::test

#endif  // WAVETANK_TESTS_LSM_TABLE_FILES_H_
