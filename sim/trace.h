// The run's fingerprint: everything that happens, in order, folded into 64 bits.
//
// Two runs are the same run when their digests are equal. Where they are not, the checkpoints (one
// per 4096 records) of both bracket the first difference, and a rerun that captures that window
// shows it in words.
#ifndef WAVETANK_SIM_TRACE_H_
#define WAVETANK_SIM_TRACE_H_

#include <bit>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/checksum.h"
#include "sim/host.h"

namespace wt::sim {

// Who did it. Machine 0 is the harness; task 0 is nobody (a timer, a delivery, the set-up).
struct TraceActor {
  uint32_t machine = 0;
  uint64_t task = 0;
  std::string_view machine_name = {};
  std::string_view task_name = {};
};

struct TraceRecord {
  uint64_t number = 0;  // 0, 1, ... in the run
  SimTime at{};
  TraceKind kind{};
  uint64_t what = 0;
  uint32_t machine = 0;
  uint64_t task = 0;
  std::string who;  // "n1/flusher"; "harness/main"; "n1" when no task
  std::vector<uint64_t> words;
  std::string text;

  // One line: number, time, who, and what happened in words.
  std::string ToString() const;
};

class Trace {
 public:
  static constexpr uint64_t kCheckpointEvery = 4096;

  struct Checkpoint {
    uint64_t number;  // records before it
    uint64_t digest;  // of those
    SimTime at;
    bool operator==(const Checkpoint&) const = default;
  };

  explicit Trace(uint64_t seed) : digest_(seed) {}

  void Record(const TraceActor& actor, SimTime at, TraceKind kind, uint64_t what,
              std::span<const uint64_t> words, std::string_view text = {}) {
    const uint64_t head =
        uint64_t{actor.machine} << 32 | uint64_t{words.size()} << 16 | static_cast<uint64_t>(kind);
    Fold(head);
    Fold(actor.task);
    Fold(static_cast<uint64_t>(at.count()));
    Fold(what);
    for (uint64_t word : words) Fold(word);
    if (!text.empty()) Fold(Hash64(text));
    if (count_ >= capture_from_ && count_ < capture_to_) {
      Capture(actor, at, kind, what, words, text);
    }
    if (++count_ == look_at_) Look();
    if (at >= look_at_time_) LookInTime();
    if (count_ % kCheckpointEvery == 0) checkpoints_.push_back({count_, digest_, at});
  }

  uint64_t digest() const { return digest_; }
  uint64_t count() const { return count_; }
  const std::vector<Checkpoint>& checkpoints() const { return checkpoints_; }

  // Keeps the records [from, to) in full. Changes no digest. Before Run.
  void CaptureWindow(uint64_t from, uint64_t to);
  const std::vector<TraceRecord>& captured() const { return captured_; }

  // Calls `look` when there are `count` records, out of whatever made the last of them. Changes no
  // digest. Before Run; several may be asked for. Requires: count > 0.
  void LookAt(uint64_t count, std::function<void()> look);
  // The same, at the first record that is made at `time` or later. Once.
  void LookAtTime(SimTime time, std::function<void()> look);

 private:
  // A bijection of the digest for each word, and of the word for each digest: nothing is absorbed.
  void Fold(uint64_t word) {
    digest_ = (std::rotl(digest_, 23) ^ word) * 0x9e3779b97f4a7c15;
    digest_ ^= digest_ >> 32;
  }
  void Look();
  void LookInTime();
  void Capture(const TraceActor& actor, SimTime at, TraceKind kind, uint64_t what,
               std::span<const uint64_t> words, std::string_view text);

  uint64_t digest_;
  uint64_t count_ = 0;
  uint64_t capture_from_ = 0;
  uint64_t capture_to_ = 0;
  uint64_t look_at_ = 0;  // the first of looks_; 0: never
  std::multimap<uint64_t, std::function<void()>> looks_;
  SimTime look_at_time_ = SimTime::max();
  std::function<void()> look_in_time_;
  std::vector<Checkpoint> checkpoints_;
  std::vector<TraceRecord> captured_;
};

// How `what` of the simulator's own kinds is named ("switch", "network.sent"); empty when unknown.
std::string_view TraceWhatName(TraceKind kind, uint64_t what);

// The simulator's own records. Stable numbers: they are in every digest.
enum class ScheduleWhat : uint64_t { kSwitch = 1, kTimeJump = 2, kEnd = 3 };
enum class TaskWhat : uint64_t { kSpawned = 1, kReturned = 2, kUnwound = 3 };
enum class MachineWhat : uint64_t {
  kAdded = 1,
  kBooted = 2,
  kPowerLost = 3,
  kKilled = 4,
  kPaused = 5,
  kResumed = 6,
  kExited = 7,
  kStepCost = 8,
};
enum class ClockWhat : uint64_t { kJumped = 1, kDrift = 2, kFrozen = 3, kWallFrozen = 4 };
enum class NetworkWhat : uint64_t {
  kSent = 1,
  kDelivered = 2,
  kLost = 3,  // the loss dial
  kCut = 4,   // the link is cut
  kReceiverOff = 5,
  kQueueFull = 6,
  kDuplicated = 7,
  kReplayed = 8,
  kCorrupted = 9,
  kReordered = 10,
  kClogged = 11,
  kDial = 12,
};
enum class HarnessWhat : uint64_t { kReached = 1, kFailed = 2 };

}  // namespace wt::sim

#endif  // WAVETANK_SIM_TRACE_H_
