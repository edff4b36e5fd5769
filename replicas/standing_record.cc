#include "replicas/standing_record.h"

#include <memory>
#include <optional>
#include <string>

#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"

namespace wt {
namespace {

constexpr std::string_view kFile = "STANDING";
constexpr std::string_view kTemporary = "STANDING.tmp";
constexpr uint32_t kMagic = 0x64747377;  // "wstd"
constexpr uint64_t kMostBytes = kMiB;

std::string Encode(uint64_t cluster_id, const StandingRecord& record) {
  std::string out;
  PutU32(out, kMagic);
  PutU64(out, cluster_id);
  PutU8(out, record.doubtful ? 1 : 0);
  PutU32(out, static_cast<uint32_t>(record.epochs.size()));
  for (const KnownEpoch& one : record.epochs) {
    PutU64(out, one.node.value());
    PutU64(out, one.epoch);
  }
  PutU32(out, Crc32c(out));
  return out;
}

std::optional<StandingRecord> Decode(uint64_t cluster_id, std::string_view bytes) {
  ByteReader in(bytes);
  StandingRecord record;
  const bool is_ours = in.U32() == kMagic && in.U64() == cluster_id;
  record.doubtful = in.U8() != 0;
  const uint32_t count = in.U32();
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    const NodeId node(in.U64());
    record.epochs.push_back({node, in.U64()});
  }
  const uint32_t want = Crc32c(bytes.substr(0, in.offset()));
  const uint32_t checksum = in.U32();
  if (!is_ours || !in.ok() || !in.empty() || checksum != want) return std::nullopt;
  return record;
}

}  // namespace

absl::StatusOr<StandingRecord> ReadStandingRecord(Env env, uint64_t cluster_id) {
  absl::StatusOr<std::string> bytes = ReadWholeFile(env.disk, kFile, kMostBytes);
  if (absl::IsNotFound(bytes.status())) return StandingRecord{};
  if (!bytes.ok() && !absl::IsResourceExhausted(bytes.status())) return bytes.status();
  std::optional<StandingRecord> record;
  if (bytes.ok()) record = Decode(cluster_id, *bytes);
  WT_SOMETIMES(env.events, "replica.standing_record_damaged", !record.has_value());
  return record.value_or(StandingRecord{.doubtful = true});
}

absl::Status RemoveStandingLeftover(Env env) {
  const absl::Status removed = env.disk.Remove(kTemporary);
  return absl::IsNotFound(removed) ? absl::OkStatus() : removed;
}

absl::Status WriteStandingRecord(Env env, uint64_t cluster_id, const StandingRecord& record) {
  WT_RETURN_IF_ERROR(RemoveStandingLeftover(env));
  WT_ASSIGN_OR_RETURN(std::unique_ptr<File> file, env.disk.Open(kTemporary, OpenMode::kCreate));
  WT_RETURN_IF_ERROR(WriteFully(*file, 0, Encode(cluster_id, record)));
  WT_RETURN_IF_ERROR(file->Sync());
  WT_RETURN_IF_ERROR(file->Close());
  WT_RETURN_IF_ERROR(env.disk.Rename(kTemporary, kFile));
  return env.disk.SyncDirectory("");
}

}  // namespace wt
