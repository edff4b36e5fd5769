// How the log of another machine or cluster is told from one that is open elsewhere, or of another
// version: both are FailedPrecondition, and a replica sets only the first aside.
#ifndef WAVETANK_ENGINE_LOG_FOREIGN_LOG_H_
#define WAVETANK_ENGINE_LOG_FOREIGN_LOG_H_

#include "absl/status/status.h"

namespace wt {

// The same status, marked. Annotate keeps the mark. Requires: !status.ok().
absl::Status AsForeignLog(absl::Status status);
bool IsForeignLog(const absl::Status& status);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LOG_FOREIGN_LOG_H_
