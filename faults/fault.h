// A fault: one thing that goes wrong, on one machine or between them, at one time. Concrete,
// printable, replayable. A scenario says how often and how strongly (FaultSpec); a seed draws the
// list of them (Draw).
#ifndef WAVETANK_FAULTS_FAULT_H_
#define WAVETANK_FAULTS_FAULT_H_

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/units.h"
#include "sim/host.h"

namespace wt::faults {

// Who may be harmed beyond what one honest machine must survive (FAULTS, outcome classes).
enum class Severity : uint8_t {
  kBenign,   // legal behaviour or an honest crash: nothing acknowledged may be lost
  kHarmful,  // the disk lies, rots or is another one: recover exactly, or refuse
};

// What a fault is done to.
enum class Area : uint8_t {
  kProcess,    // a machine and its program
  kDisk,       // a machine's disk
  kClock,      // a machine's clocks
  kPartition,  // who can hear whom; may also cut clients
  kLink,       // how messages travel on every link to and from a machine
};

// X(Kind, name, area, severity, unit of amount, what it does)
//
// Append only: the position of a kind is a part of the key of its draws, and of every digest.
#define WT_FAULTS(X)                                                                              \
  X(PowerLoss, "power-loss", kProcess, kBenign, "", "power is cut; comes back after `lasts`")     \
  X(Kill, "kill", kProcess, kBenign, "",                                                          \
    "the process is killed, the page cache survives; restarts after "                             \
    "`lasts`")                                                                                    \
  X(KillThenPowerLoss, "kill-then-power-loss", kProcess, kBenign, "us",                           \
    "killed, restarted, and `amount` "                                                            \
    "later power is cut")                                                                         \
  X(Pause, "pause", kProcess, kBenign, "", "no task runs for `lasts`; the wall clock goes on")    \
  X(ShortIo, "short-io", kDisk, kBenign, "ppm", "reads and writes come back short")               \
  X(EarlyWriteback, "early-writeback", kDisk, kBenign, "ppm",                                     \
    "unsynced bytes reach the platter early")                                                     \
  X(DropCache, "drop-cache", kDisk, kBenign, "",                                                  \
    "clean pages leave the cache: reads see the platter")                                         \
  X(ReadError, "read-error", kDisk, kBenign, "ppm",                                               \
    "reads fail, and may succeed when tried again")                                               \
  X(WriteError, "write-error", kDisk, kBenign, "ppm", "writes fail")                              \
  X(FailedSync, "failed-sync", kDisk, kBenign, "syncs",                                           \
    "the next syncs fail: pages dropped, then OK")                                                \
  X(MetadataError, "metadata-error", kDisk, kBenign, "ppm",                                       \
    "open, rename, remove, directory sync fail")                                                  \
  X(FullDisk, "full-disk", kDisk, kBenign, "bytes", "only `amount` bytes are free for `lasts`")   \
  X(SlowDisk, "slow-disk", kDisk, kBenign, "factor", "every call takes `amount` times as long")   \
  X(HungDisk, "hung-disk", kDisk, kBenign, "", "a call hangs until `lasts` is over")              \
  X(WallClockJump, "wall-clock-jump", kClock, kBenign, "ms",                                      \
    "the wall clock jumps (odd salt: back)")                                                      \
  X(ClockDrift, "clock-drift", kClock, kBenign, "ppm", "both clocks drift (odd salt: slow)")      \
  X(ClockFreeze, "clock-freeze", kClock, kBenign, "", "both clocks stand still for `lasts`")      \
  X(LostSync, "lost-fsync", kDisk, kHarmful, "syncs",                                             \
    "the next syncs say OK and make nothing durable")                                             \
  X(PhantomWrite, "phantom-write", kDisk, kHarmful, "ppm", "a write never reaches the platter")   \
  X(MisdirectedWrite, "misdirected-write", kDisk, kHarmful, "ppm",                                \
    "a sector lands in the wrong place")                                                          \
  X(StaleRead, "stale-read", kDisk, kHarmful, "ppm", "a read serves an older version")            \
  X(CorruptWrite, "corrupt-write", kDisk, kHarmful, "ppm",                                        \
    "a bit flips on the way to the platter")                                                      \
  X(BitRot, "bit-rot", kDisk, kHarmful, "bits", "bits flip at rest")                              \
  X(LatentSector, "latent-sector-error", kDisk, kHarmful, "sectors", "sectors become unreadable") \
  X(DiskSwap, "disk-swap", kDisk, kHarmful, "", "the disk is replaced by its own older backup")   \
  X(RestartStorm, "restart-storm", kProcess, kBenign, "kills",                                    \
    "killed `amount` times within `lasts`, and at once restarted")                                \
  X(RollingRestart, "rolling-restart", kProcess, kBenign, "ms",                                   \
    "each machine in turn is closed in an orderly way, `lasts` apart, and down for `amount`")     \
  X(RollingKill, "rolling-kill", kProcess, kBenign, "ms",                                         \
    "each machine in turn is killed, `lasts` apart, and down for `amount`")                       \
  X(SlowProcessor, "slow-processor", kProcess, kBenign, "us",                                     \
    "every step of the program takes `amount`")                                                   \
  X(WallClockFreeze, "wall-clock-freeze", kClock, kBenign, "",                                    \
    "the wall clock stands still for `lasts`")                                                    \
  X(Wipe, "wipe", kDisk, kHarmful, "",                                                            \
    "power is cut and the disk is empty; comes back after `lasts`")                               \
  X(DiskExchange, "disk-exchange", kDisk, kHarmful, "",                                           \
    "power of two machines is cut; they come back after `lasts` with each other's disk")          \
  X(ForeignDisk, "foreign-disk", kDisk, kHarmful, "",                                             \
    "power is cut; comes back after `lasts` with a copy of another machine's disk")               \
  X(Partition, "partition", kPartition, kBenign, "",                                              \
    "two groups of any size do not hear each other")                                              \
  X(MinorityPartition, "minority-partition", kPartition, kBenign, "",                             \
    "a minority, the machine among it, is cut off from the others")                               \
  X(Isolation, "isolation", kPartition, kBenign, "", "the machine is cut off from all others")    \
  X(OneWayCut, "one-way-cut", kPartition, kBenign, "",                                            \
    "the machine hears nobody (odd salt: nobody hears it)")                                       \
  X(Bridge, "bridge", kPartition, kBenign, "",                                                    \
    "two groups do not hear each other; the machine hears both")                                  \
  X(Ring, "ring", kPartition, kBenign, "",                                                        \
    "each machine hears its two neighbours alone (of three: in a row)")                           \
  X(FlappingPartition, "flapping-partition", kPartition, kBenign, "ms",                           \
    "a partition that comes and goes, with a period of `amount`")                                 \
  X(MessageLoss, "message-loss", kLink, kBenign, "ppm", "messages are lost")                      \
  X(MessageDuplication, "message-duplication", kLink, kBenign, "ppm", "messages arrive twice")    \
  X(MessageReordering, "message-reordering", kLink, kBenign, "ppm",                               \
    "messages are late, and overtaken by later ones")                                             \
  X(MessageReplay, "message-replay", kLink, kBenign, "ppm",                                       \
    "old messages arrive once more, seconds later")                                               \
  X(MessageCorruption, "message-corruption", kLink, kBenign, "ppm", "bits of messages flip")      \
  X(SlowLink, "slow-link", kLink, kBenign, "factor", "messages take `amount` times as long")      \
  X(LatencySpikes, "latency-spikes", kLink, kBenign, "factor",                                    \
    "one message in five to a hundred takes `amount` times as long")                              \
  X(LatencyTail, "latency-tail", kLink, kBenign, "factor",                                        \
    "latencies are exponential, with `amount` times the usual mean")                              \
  X(NarrowLink, "narrow-link", kLink, kBenign, "B/s", "at most `amount` bytes a second")          \
  X(ShortQueue, "short-queue", kLink, kBenign, "messages",                                        \
    "what is sent while `amount` are on their way is lost")                                       \
  X(Clog, "clog", kLink, kBenign, "", "nothing arrives for `lasts`; then all of it does")

enum class FaultKind : uint8_t {
#define WT_FAULT_KIND(kind, name, area, severity, unit, what) k##kind,
  WT_FAULTS(WT_FAULT_KIND)
#undef WT_FAULT_KIND
};

struct FaultInfo {
  std::string_view name;  // stable, kebab-case
  Severity severity;
  std::string_view unit;  // of Fault::amount, empty when not used
  std::string_view what;
  Area area;
};
std::span<const FaultInfo> AllFaults();  // in order of FaultKind
const FaultInfo& InfoOf(FaultKind kind);
std::optional<FaultKind> FaultNamed(std::string_view name);

// Concerns all machines of itself: whose turn it is makes no difference.
bool IsOfAllMachines(FaultKind kind);
// Takes a second machine (Fault::other).
bool TakesTwo(FaultKind kind);

// Ends a program, or its machine, from one moment to the next: what was under way then matters.
bool IsSudden(FaultKind kind);

// On whom a fault falls when it begins.
enum class Target : uint8_t {
  kMachine,  // Fault::machine
  kPrimary,  // whoever is primary then; when nobody is, Fault::machine
  kEvery,    // all machines at once, each with choices of its own
};
inline constexpr std::string_view kTargetNames[] = {"machine", "primary", "every"};

struct Fault {
  FaultKind kind = FaultKind::kPowerLoss;
  sim::SimTime at{};
  Duration lasts{};
  uint64_t amount = 0;  // in the kind's unit
  uint64_t salt = 0;    // whatever else it must choose is drawn from this
  uint32_t machine = 1;
  uint32_t other = 0;  // the second machine of a kind that takes two, else 0
  Target target = Target::kMachine;
  bool cuts_clients = false;  // of a partition: clients do not reach one side of it
  // Of a sudden one: how long it waits from `at` on for a moment at which its machine (of several,
  // one of them) has written something and not synced it. Zero: it does not wait.
  Duration aim{};
  bool operator==(const Fault&) const = default;
};

// Empty when the fault can be brought to pass with that many machines; else what is wrong with it,
// with the name of the field: "machine: 4, want 1 to 3".
std::string ProblemOf(const Fault& fault, uint32_t machines);

template <typename T>
struct Range {
  T low{};
  T high{};
};
template <typename T>
constexpr bool operator==(const Range<T>& a, const Range<T>& b) {
  return a.low == b.low && a.high == b.high;
}
constexpr Range<Duration> Between(Duration low, Duration high) { return {low, high}; }
constexpr Range<uint64_t> Between(uint64_t low, uint64_t high) { return {low, high}; }
constexpr Range<uint64_t> Exactly(uint64_t value) { return {value, value}; }

// Among whom the machine of each fault is drawn.
enum class Scope : uint8_t {
  kAny,       // all machines
  kMinority,  // the victims of the run (VictimsOf): at most a minority is ever hit
  kPrimary,   // Target::kPrimary
  kEvery,     // Target::kEvery
};
inline constexpr std::string_view kScopeNames[] = {"any", "minority", "primary", "every"};

// How often and how strongly, for one kind. A group whose harmful faults are all kMinority owes
// everything that it ever acknowledged. A harmful kind with another scope is allowed: then more
// than a minority may be harmed, and only refuse-not-lie holds (HarmedBy tells them apart).
struct FaultSpec {
  FaultKind kind = FaultKind::kPowerLoss;
  Range<Duration> every{};  // between the start of one and of the next
  Range<Duration> lasts{};
  Range<uint64_t> amount{};
  Scope on = Scope::kAny;
  uint32_t cut_clients_ppm = 0;  // of partitions: how many of a million also cut clients
  uint32_t aimed_ppm = 750'000;  // of sudden ones: how many of a million are aimed (kAim)
  bool operator==(const FaultSpec&) const = default;
};

// How long a drawn fault that is aimed waits for its moment.
inline constexpr Duration kAim = std::chrono::milliseconds(60);

// The machines of a run, numbered from 1.
struct Fleet {
  uint32_t machines = 1;
  uint32_t voters = 0;  // the fewest that vote at any time; 0: all machines
};

// The machines that harmful faults may hit: (voters - 1) / 2 of all, the same for all specs of a
// run. The one machine of a fleet of one.
std::set<uint32_t> VictimsOf(const Fleet& fleet, uint64_t seed);

// The faults of one run, in order of time. A pure function of its arguments. Each spec draws by a
// key of its own (kind, ordinal among the specs of that kind), so that removing a spec moves no
// fault of another kind. A spec that finds no machine in its scope draws nothing, nor does one
// that wipes the only machine.
// Requires: `every` above zero; cut_clients_ppm for partitions alone; kEvery not for TakesTwo.
std::vector<Fault> Draw(std::span<const FaultSpec> specs, const Fleet& fleet, Duration storm,
                        uint64_t seed);
std::vector<Fault> Draw(std::span<const FaultSpec> specs, uint32_t machines, Duration storm,
                        uint64_t seed);

// One more fault of a spec, beside those that Draw draws: at that time, and on that machine (0: on
// one of its scope), without an aim. `ordinal` tells several of a seed apart. Nothing when the spec
// does not reach the machine, or finds none. Requires: as Draw; at < storm.
std::optional<Fault> DrawAt(const FaultSpec& spec, const Fleet& fleet, Duration storm, Duration at,
                            uint32_t machine, uint64_t seed, uint64_t ordinal);

// The machines that the harmful faults of a list may hit. When they are no more than the victims
// of their fleet, nothing acknowledged may be lost.
std::set<uint32_t> HarmedBy(std::span<const Fault> faults, uint32_t machines);

}  // namespace wt::faults

#endif  // WAVETANK_FAULTS_FAULT_H_
