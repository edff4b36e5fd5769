// no-leak: after a snapshot in calm, every file is referenced.
#ifndef WAVETANK_SCENARIOS_INVARIANTS_NO_LEAK_H_
#define WAVETANK_SCENARIOS_INVARIANTS_NO_LEAK_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/snapshot/snapshot_manager.h"
#include "sim/disk_image.h"

namespace wt::scenarios {

// Sentences, one for each file that should be gone. `kept`: the engine's snapshots, newest first.
std::vector<std::string> LeaksIn(const std::vector<sim::DurableFile>& files,
                                 const std::vector<Snapshot>& kept, uint64_t may_keep);

// Of these, the segments of the log (but the newest) whose entries all lie at or before `covered`.
// `by`: what covers them, in words that an entry follows.
std::vector<std::string> ObsoleteSegments(const std::vector<sim::DurableFile>& files,
                                          LogIndex covered, std::string_view by);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_INVARIANTS_NO_LEAK_H_
