// What makes a scenario one of several machines: how many there are, how they are linked, what the
// clients ask of them, and what its operators do to them meanwhile.
#ifndef WAVETANK_SCENARIOS_GROUP_H_
#define WAVETANK_SCENARIOS_GROUP_H_

#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/units.h"
#include "faults/fault.h"
#include "replicas/replica.h"
#include "sim/virtual_network.h"

namespace wt::scenarios {

// Relative weights of the ways in which a write is acknowledged, and a read answered.
struct AckMix {
  uint32_t async = 1;
  uint32_t quorum = 8;
  uint32_t all = 1;
};
struct ReadMix {
  uint32_t primary = 5;
  uint32_t replica = 2;
  uint32_t stale = 1;
  uint32_t lease = 0;
};

// Faults mask each other, and which kind of weather a seed has matters as much as how many seeds
// there are: some bugs show themselves ten times sooner on a slow disk. A seed draws one of these;
// it weighs the scenario's faults, and sets the dials of links and engine.
enum class Weather : uint8_t {
  kAsWritten,  // the scenario's faults as they stand
  kCalm,       // hardly any: long runs of ordinary work
  kLossy,      // every link loses, repeats and reorders
  kSlowDisks,  // syncs take long, and differ
  kPowerCuts,  // machines lose power all the time
  kTinyFiles,  // a segment and a snapshot every few entries: transfers all the time
  kOneWay,     // one-way cuts and pauses
};
inline constexpr std::string_view kWeatherNames[] = {
    "as-written", "calm", "lossy", "slow-disks", "power-cuts", "tiny-files", "one-way"};
inline std::string_view NameOf(Weather weather) {
  return kWeatherNames[static_cast<size_t>(weather)];
}
inline std::span<const std::string_view> WeatherNames() { return kWeatherNames; }
// What each is, in a few words.
inline constexpr std::string_view kWeatherMeanings[] = {
    "the faults as they are listed",
    "hardly any fault",
    "every link loses, repeats and reorders",
    "syncs take 3 to 20 times as long, disks hang",
    "machines lose power and are killed all the time",
    "a segment and a snapshot every few entries",
    "one-way cuts and pauses, hardly anything else"};
static_assert(std::size(kWeatherMeanings) == std::size(kWeatherNames));
inline std::string_view MeaningOf(Weather weather) {
  return kWeatherMeanings[static_cast<size_t>(weather)];
}

// Where a replica keeps its state.
enum class StateStore : uint8_t {
  kMemory,  // a table in memory; snapshots are cut by content
  kLsm,     // an LSM on the disk; snapshots are sets of its tables
};
inline constexpr std::string_view kStateStoreNames[] = {"memory", "lsm"};

// How far a clock may run from its pace, which is what leases reckon with.
inline constexpr uint32_t kMostDriftPpm = 250'000;

// What a seed may choose.
struct Group {
  std::vector<uint32_t> voters = {3};
  uint32_t learners = 0;
  std::vector<DiskTrust> trust = {DiskTrust::kVerified};
  Duration election_timeout = std::chrono::milliseconds(500);
  Duration heartbeat = std::chrono::milliseconds(50);
  std::vector<sim::Latency> latencies = {{}};  // of all links, between machines
  std::vector<Weather> weathers = {Weather::kAsWritten};
  AckMix acks{};
  ReadMix reads{};
  uint32_t once_ppm = 300'000;  // of writes: idempotent, and tried again until they are answered
  faults::Range<Duration> transfers{};       // a transfer of the primary's role every so often
  faults::Range<Duration> member_changes{};  // a change of the members; zero: never
  faults::Range<uint64_t> log_kept_bytes = {256 * kKiB, 4 * kMiB};  // for slow peers
  bool figures = false;  // detection, failover and lag are held to what is promised
  std::vector<StateStore> stores = {StateStore::kMemory};
  faults::Range<uint64_t> memtable_bytes = {1 * kKiB, 16 * kKiB};  // of an LSM
};

// What it has chosen.
struct PlannedGroup {
  uint32_t voters = 3;
  uint32_t learners = 0;
  DiskTrust trust = DiskTrust::kVerified;
  Duration election_timeout = std::chrono::milliseconds(500);
  Duration heartbeat = std::chrono::milliseconds(50);
  sim::Latency latency{};
  Weather weather = Weather::kAsWritten;
  uint32_t loss_ppm = 0;  // of every link, while the storm lasts; likewise the next two
  uint32_t duplicate_ppm = 0;
  uint32_t reorder_ppm = 0;
  uint32_t slow_sync = 1;  // every disk takes that many times as long
  uint64_t log_kept_bytes = 0;
  bool figures = false;
  StateStore store = StateStore::kMemory;
  uint64_t memtable_bytes = 0;  // kLsm
  bool operator==(const PlannedGroup&) const = default;
};

enum class ReadFrom : uint8_t { kPrimary, kReplica, kStale, kLease };

// What an operator does to a healthy group.
struct Chore {
  enum class Kind : uint8_t { kTransfer, kMembers };
  Kind kind = Kind::kTransfer;
  sim::SimTime at{};
  uint32_t to = 0;                 // kTransfer: the machine
  std::vector<uint32_t> voters;    // kMembers
  std::vector<uint32_t> learners;  // kMembers
  bool operator==(const Chore&) const = default;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_GROUP_H_
