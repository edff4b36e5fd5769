#include "replicas/group_state.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/random.h"
#include "engine/base/status.h"

namespace wt {
namespace {

constexpr uint32_t kMagic = 0x70726777;  // "wgrp"

std::string EncodeHead(const GroupState::Head& head) {
  std::string out;
  PutU32(out, kMagic);
  PutI64(out, head.log_time.time_since_epoch().count());
  PutString(out, head.configuration.has_value() ? EncodeConfiguration(*head.configuration) : "");
  PutU32(out, Crc32c(out));
  return out;
}

// As the machine will see it: a membership entry is nothing to it.
LogEntry AsNoop(const LogEntry& entry) {
  return {.term = entry.term,
          .index = entry.index,
          .timestamp = entry.timestamp,
          .type = EntryType::kNoop};
}

// The head's chunk, then the machine's own.
class HeadedSource : public ChunkSource {
 public:
  HeadedSource(std::string head, std::unique_ptr<ChunkSource> rest)
      : head_(std::move(head)), rest_(std::move(rest)) {}

  absl::StatusOr<std::string> Next() override {
    if (!head_.empty()) return std::exchange(head_, {});
    return rest_->Next();
  }

 private:
  std::string head_;
  std::unique_ptr<ChunkSource> rest_;
};

}  // namespace

absl::StatusOr<GroupState::Head> GroupState::DecodeHead(std::string_view chunk) {
  ByteReader in(chunk);
  const uint32_t magic = in.U32();
  Head head;
  head.log_time = WallTime(Duration(in.I64()));
  const std::string_view encoded = in.String();
  const uint32_t want = Crc32c(chunk.substr(0, in.offset()));
  const uint32_t checksum = in.U32();
  if (!in.ok() || !in.empty() || magic != kMagic || checksum != want) {
    return DataLoss("snapshot: the first chunk (%d bytes) is not the head of a group",
                    chunk.size());
  }
  if (encoded.empty()) return head;
  absl::StatusOr<Configuration> configuration = DecodeConfiguration(encoded);
  if (!configuration.ok()) return DataLoss("snapshot: %s", MessageOf(configuration.status()));
  head.configuration = *std::move(configuration);
  return head;
}

void GroupState::SetHead(Head head) {
  const std::string encoded =
      head.configuration.has_value() ? EncodeConfiguration(*head.configuration) : "";
  configuration_hash_ = HashBytes128(encoded);
  head_ = std::move(head);
}

absl::Status GroupState::Prepare(const LogEntry& entry) {
  if (entry.type == EntryType::kConfig) return machine_.Prepare(AsNoop(entry));
  return machine_.Prepare(entry);
}

std::string GroupState::Apply(const LogEntry& entry) {
  WT_CHECK_EQ(entry.index, last_applied() + 1);
  head_.log_time = std::max(head_.log_time, entry.timestamp);
  if (entry.type != EntryType::kConfig) return machine_.Apply(entry);
  absl::StatusOr<Configuration> configuration = DecodeConfiguration(entry.command);
  // One that does not decode was never in force anywhere.
  if (configuration.ok()) SetHead({*std::move(configuration), head_.log_time});
  return machine_.Apply(AsNoop(entry));
}

std::unique_ptr<ChunkSource> GroupState::Freeze() const {
  return std::make_unique<HeadedSource>(EncodeHead(head_), machine_.Freeze());
}

absl::Status GroupState::Restore(ChunkSource& source) {
  WT_ASSIGN_OR_RETURN(const std::string first, source.Next());
  WT_ASSIGN_OR_RETURN(Head head, DecodeHead(first));
  WT_RETURN_IF_ERROR(machine_.Restore(source));
  restored_ = head;
  restored_index_ = machine_.last_applied();
  SetHead(std::move(head));
  return absl::OkStatus();
}

std::string GroupState::GetState() const {
  std::string out;
  PutString(out, EncodeHead(head_));
  out += machine_.GetState();
  return out;
}

absl::Status GroupState::SetState(std::string_view state) {
  ByteReader in(state);
  const std::string_view first = in.String();
  if (!in.ok())
    return DataLoss("state: %d bytes are too few for the head of a group", state.size());
  WT_ASSIGN_OR_RETURN(Head head, DecodeHead(first));
  WT_RETURN_IF_ERROR(machine_.SetState(in.rest()));
  restored_ = head;
  restored_index_ = machine_.last_applied();
  SetHead(std::move(head));
  return absl::OkStatus();
}

Hash128 GroupState::Digest() const {
  const Hash128 inner = machine_.Digest();
  const uint64_t time = static_cast<uint64_t>(head_.log_time.time_since_epoch().count());
  return {.low = Mix64(inner.low ^ Mix64(configuration_hash_.low ^ Mix64(time))),
          .high = Mix64(inner.high ^ Mix64(configuration_hash_.high + Mix64(time)))};
}

}  // namespace wt
