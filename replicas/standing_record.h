// What a replica must remember of trust beside its log: the epochs of others, and whether it still
// doubts itself. One small file, "STANDING", replaced whole:
//
//   u32 magic "wstd", u64 cluster, u8 doubtful, u32 count, count x (u64 node, u64 epoch),
//   u32 CRC-32C of all before
#ifndef WAVETANK_REPLICAS_STANDING_RECORD_H_
#define WAVETANK_REPLICAS_STANDING_RECORD_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/env/env.h"
#include "replicas/consensus/message.h"

namespace wt {

struct StandingRecord {
  bool doubtful = false;  // a life began in doubt, and none since has settled it
  Witness epochs;
  bool operator==(const StandingRecord&) const = default;
};

// Without a file: the default. One that is damaged, or another cluster's, says nothing but that
// there is reason to doubt. Suspends. Errors: the disk's own.
absl::StatusOr<StandingRecord> ReadStandingRecord(Env env, uint64_t cluster_id);

// Durable on return; after an error it is the old one or the new one. Suspends.
// Errors: the disk's own.
absl::Status WriteStandingRecord(Env env, uint64_t cluster_id, const StandingRecord& record);

// What a crash has left of a write that was under way. Requires: nobody else has the disk.
absl::Status RemoveStandingLeftover(Env env);

}  // namespace wt

#endif  // WAVETANK_REPLICAS_STANDING_RECORD_H_
