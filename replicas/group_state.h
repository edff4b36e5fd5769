// The user's state machine, and beside it what the group itself replicates: who belongs to it, and
// the latest log time. Both are part of the digest and of every snapshot, whose first chunk they
// are:
//
//   u32 magic "wgrp", i64 log time, string configuration (may be empty), u32 CRC-32C of all before
//
// The user's machine sees every index: a membership entry reaches it as a no-op.
#ifndef WAVETANK_REPLICAS_GROUP_STATE_H_
#define WAVETANK_REPLICAS_GROUP_STATE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/state/state_machine.h"
#include "replicas/consensus/configuration.h"

namespace wt {

class GroupState : public StateMachine {
 public:
  // What a snapshot says of the group.
  struct Head {
    // Nothing when no entry of the log has said so yet: then the members that the group began with.
    std::optional<Configuration> configuration;
    WallTime log_time;  // the latest timestamp of any entry applied
    bool operator==(const Head&) const = default;
  };

  // `machine` is fresh and lives longer.
  explicit GroupState(StateMachine& machine) : machine_(machine) { SetHead({}); }

  absl::Status Prepare(const LogEntry& entry) override;
  std::string Apply(const LogEntry& entry) override;
  absl::Status Settle() override { return machine_.Settle(); }
  absl::StatusOr<std::string> Query(std::string_view command) const override {
    return machine_.Query(command);
  }
  std::unique_ptr<ChunkSource> Freeze() const override;
  absl::Status Restore(ChunkSource& source) override;
  std::string GetState() const override;
  absl::Status SetState(std::string_view state) override;
  LogIndex last_applied() const override { return machine_.last_applied(); }
  Hash128 Digest() const override;

  // As the applied entries have left it.
  const Head& head() const { return head_; }
  // As the last Restore or SetState found it: unlike head(), not changed by a replay meanwhile.
  const Head& restored() const { return restored_; }
  LogIndex restored_index() const { return restored_index_; }

  // Reads the first chunk of a snapshot. Errors: DataLoss.
  static absl::StatusOr<Head> DecodeHead(std::string_view chunk);

 private:
  void SetHead(Head head);

  StateMachine& machine_;
  Head head_;
  Head restored_;
  LogIndex restored_index_;
  Hash128 configuration_hash_;
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_GROUP_STATE_H_
