#include "engine/state/once.h"

#include <limits>
#include <optional>

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"
#include "engine/state/operations.h"
#include "engine/state/result.h"

namespace wt {
namespace {

// Two entries a record, under the family's byte:
//   'r' name            -> expires i64, hash of the command 2 x u64, result
//   'x' expires, name   -> nothing; `expires` big endian and biased, so that the soonest is first
// name := length of space u32, space, key.
constexpr char kRecord = 'r';
constexpr char kExpiry = 'x';
constexpr size_t kRecordHeadBytes = 24;
constexpr size_t kExpiryHeadBytes = 10;
// More than the one record that a command adds, so that a backlog shrinks.
constexpr int kSweptPerCommand = 4;

struct Record {
  int64_t expires = 0;
  Hash128 command;
  std::string_view result;
};

std::string NameOf(const Once& command) {
  std::string out;
  PutString(out, command.space);
  out.append(command.key);
  return out;
}

std::string RecordKey(std::string_view name) {
  return TableKey(CommandFamily::kOnce, kRecord + std::string(name));
}

std::string ExpiryKey(int64_t expires, std::string_view name) {
  const uint64_t biased = static_cast<uint64_t>(expires) ^ (uint64_t{1} << 63);
  std::string out(1, kExpiry);
  for (int shift = 56; shift >= 0; shift -= 8) PutU8(out, static_cast<uint8_t>(biased >> shift));
  out.append(name);
  return TableKey(CommandFamily::kOnce, out);
}

int64_t ExpiryOf(std::string_view expiry_key) {
  uint64_t biased = 0;
  for (char c : expiry_key.substr(2, 8)) biased = biased << 8 | static_cast<uint8_t>(c);
  return static_cast<int64_t>(biased ^ (uint64_t{1} << 63));
}

std::string EncodeRecord(const Record& record) {
  std::string out;
  PutI64(out, record.expires);
  PutU64(out, record.command.low);
  PutU64(out, record.command.high);
  out.append(record.result);
  return out;
}

std::optional<Record> DecodeRecord(std::string_view bytes) {
  ByteReader in(bytes);
  Record record;
  record.expires = in.I64();
  record.command.low = in.U64();
  record.command.high = in.U64();
  record.result = in.rest();
  return in.ok() ? std::optional<Record>(record) : std::nullopt;
}

void Forget(EntryTable& table, int64_t expires, std::string_view name) {
  const bool had_record = table.Erase(RecordKey(name));
  const bool had_expiry = table.Erase(ExpiryKey(expires, name));
  WT_CHECK_EQ(had_record, had_expiry);
}

void Sweep(EntryTable& table, int64_t log_time) {
  const std::string first = TableKey(CommandFamily::kOnce, std::string(1, kExpiry));
  for (int i = 0; i < kSweptPerCommand; ++i) {
    const TableEntry* entry = table.LowerBound(first);
    if (entry == nullptr || !entry->key.starts_with(first)) return;
    const int64_t expires = ExpiryOf(entry->key);
    if (expires > log_time) return;
    Forget(table, expires, entry->key.substr(kExpiryHeadBytes));
  }
}

int64_t ExpiryFrom(int64_t log_time, Duration ttl) {
  int64_t expires = 0;
  const bool beyond = __builtin_add_overflow(log_time, ttl.count(), &expires);
  return beyond ? std::numeric_limits<int64_t>::max() : expires;
}

bool IsRefusalBeforeEffect(std::string_view result) {
  absl::StatusOr<Result> decoded = DecodeResult(result);
  WT_CHECK(decoded.ok());
  const auto* refused = std::get_if<Refused>(&*decoded);
  return refused != nullptr && refused->reason != RefusalReason::kOverflow;
}

}  // namespace

std::string ExecuteOnce(EntryTable& table, int64_t log_time, const Once& command,
                        const std::function<std::string(std::string_view)>& run) {
  const std::string name = NameOf(command);
  const Hash128 fingerprint = HashBytes128(command.command);
  Sweep(table, log_time);
  if (const std::string* found = table.Find(RecordKey(name)); found != nullptr) {
    const std::optional<Record> record = DecodeRecord(*found);
    WT_CHECK(record.has_value());
    if (record->expires > log_time) {
      if (record->command == fingerprint) return std::string(record->result);
      return EncodeResult(
          Refused{RefusalReason::kKeyReused, "this idempotency key belongs to another command"});
    }
    Forget(table, record->expires, name);
  }
  std::string result = run(command.command);
  // What this machine never runs is refused anew each time: a record would protect nothing.
  if (IsRefusalBeforeEffect(result)) return result;
  const int64_t expires = ExpiryFrom(log_time, command.ttl);
  table.Set(RecordKey(name), EncodeRecord({expires, fingerprint, result}));
  table.Set(ExpiryKey(expires, name), "");
  return result;
}

absl::Status LoadForOnce(EntryReader& from, const Once& command, EntryTable& table) {
  const auto load = [&](const std::string& key) -> absl::StatusOr<std::optional<std::string>> {
    WT_ASSIGN_OR_RETURN(std::optional<std::string> value, from.Find(key));
    if (value.has_value()) table.Set(key, *value);
    return value;
  };
  const std::string name = NameOf(command);
  WT_ASSIGN_OR_RETURN(const std::optional<std::string> found, load(RecordKey(name)));
  if (found.has_value()) {
    const std::optional<Record> record = DecodeRecord(*found);
    if (!record.has_value()) return DataLoss("state: a malformed idempotency record");
    WT_RETURN_IF_ERROR(load(ExpiryKey(record->expires, name)).status());
  }
  const std::string soonest = TableKey(CommandFamily::kOnce, std::string(1, kExpiry));
  WT_ASSIGN_OR_RETURN(const std::vector<TableEntry> due, from.First(soonest, kSweptPerCommand));
  for (const TableEntry& expiry : due) {
    table.Set(expiry.key, expiry.value);
    WT_RETURN_IF_ERROR(load(RecordKey(expiry.key.substr(kExpiryHeadBytes))).status());
  }
  return absl::OkStatus();
}

absl::Status CheckOnceEntry(std::string_view key, std::string_view value) {
  const bool record = key.size() > 1 && key[1] == kRecord;
  const bool expiry = key.size() > 1 && key[1] == kExpiry;
  if (!record && !expiry) return DataLoss("state: idempotency entry of an unknown kind");
  const size_t head = record ? 2 : kExpiryHeadBytes;
  if (key.size() < head + 4 || key.size() > head + 4 + 2 * kMaxOnceNameBytes) {
    return DataLoss("state: idempotency entry with a key of %d bytes", key.size());
  }
  if (expiry && value.empty()) return absl::OkStatus();
  if (record && value.size() > kRecordHeadBytes &&
      DecodeResult(value.substr(kRecordHeadBytes)).ok()) {
    return absl::OkStatus();
  }
  return DataLoss("state: idempotency entry with a malformed value of %d bytes", value.size());
}

void OncePairs::Add(std::string_view key, std::string_view value) {
  WT_CHECK(!key.empty());
  if (key.front() != static_cast<char>(CommandFamily::kOnce)) return;
  if (key[1] == kExpiry) {
    ++expiries_;
    found_ = AddSums(found_, HashBytes128(key));
    return;
  }
  ++records_;
  const std::optional<Record> record = DecodeRecord(value);
  WT_CHECK(record.has_value());
  wanted_ = AddSums(wanted_, HashBytes128(ExpiryKey(record->expires, key.substr(2))));
}

absl::Status OncePairs::Check() const {
  if (records_ == expiries_ && wanted_ == found_) return absl::OkStatus();
  return DataLoss("state: %d idempotency records and %d expiries that do not belong together",
                  records_, expiries_);
}

absl::Status CheckOnceRecords(const EntryTable& table) {
  OncePairs pairs;
  for (const auto& block : table.Freeze()) {
    for (const TableEntry& entry : block->entries) pairs.Add(entry.key, entry.value);
  }
  return pairs.Check();
}

}  // namespace wt
