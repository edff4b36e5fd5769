// A fault: one thing that goes wrong, on one machine, at one time. Concrete, printable, replayable.
// A scenario says how often and how strongly (FaultSpec); a seed draws the list of them (Draw).
#ifndef WAVETANK_FAULTS_FAULT_H_
#define WAVETANK_FAULTS_FAULT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/units.h"
#include "sim/host.h"

namespace wt::faults {

// Who may be harmed beyond what one honest machine must survive (FAULTS, outcome classes).
enum class Severity : uint8_t {
  kBenign,   // legal behaviour or an honest crash: nothing acknowledged may be lost
  kHarmful,  // the disk lies or rots: recover exactly, or refuse
};

// X(Kind, name, severity, unit of amount, what it does)
#define WT_FAULTS(X)                                                                              \
  X(PowerLoss, "power-loss", kBenign, "", "power is cut; comes back after `lasts`")               \
  X(Kill, "kill", kBenign, "",                                                                    \
    "the process is killed, the page cache survives; restarts after "                             \
    "`lasts`")                                                                                    \
  X(KillThenPowerLoss, "kill-then-power-loss", kBenign, "us",                                     \
    "killed, restarted, and `amount` "                                                            \
    "later power is cut")                                                                         \
  X(Pause, "pause", kBenign, "", "no task runs for `lasts`; the wall clock goes on")              \
  X(ShortIo, "short-io", kBenign, "ppm", "reads and writes come back short")                      \
  X(EarlyWriteback, "early-writeback", kBenign, "ppm", "unsynced bytes reach the platter early")  \
  X(DropCache, "drop-cache", kBenign, "", "clean pages leave the cache: reads see the platter")   \
  X(ReadError, "read-error", kBenign, "ppm", "reads fail, and may succeed when tried again")      \
  X(WriteError, "write-error", kBenign, "ppm", "writes fail")                                     \
  X(FailedSync, "failed-sync", kBenign, "syncs", "the next syncs fail: pages dropped, then OK")   \
  X(MetadataError, "metadata-error", kBenign, "ppm", "open, rename, remove, directory sync fail") \
  X(FullDisk, "full-disk", kBenign, "bytes", "only `amount` bytes are free for `lasts`")          \
  X(SlowDisk, "slow-disk", kBenign, "factor", "every call takes `amount` times as long")          \
  X(HungDisk, "hung-disk", kBenign, "", "a call hangs until `lasts` is over")                     \
  X(WallClockJump, "wall-clock-jump", kBenign, "ms", "the wall clock jumps (odd salt: back)")     \
  X(ClockDrift, "clock-drift", kBenign, "ppm", "both clocks drift (odd salt: slow)")              \
  X(ClockFreeze, "clock-freeze", kBenign, "", "both clocks stand still for `lasts`")              \
  X(LostSync, "lost-fsync", kHarmful, "syncs", "the next syncs say OK and make nothing durable")  \
  X(PhantomWrite, "phantom-write", kHarmful, "ppm", "a write never reaches the platter")          \
  X(MisdirectedWrite, "misdirected-write", kHarmful, "ppm", "a sector lands in the wrong place")  \
  X(StaleRead, "stale-read", kHarmful, "ppm", "a read serves an older version")                   \
  X(CorruptWrite, "corrupt-write", kHarmful, "ppm", "a bit flips on the way to the platter")      \
  X(BitRot, "bit-rot", kHarmful, "bits", "bits flip at rest")                                     \
  X(LatentSector, "latent-sector-error", kHarmful, "sectors", "sectors become unreadable")        \
  X(DiskSwap, "disk-swap", kHarmful, "", "the disk is replaced by its own older backup")

enum class FaultKind : uint8_t {
#define WT_FAULT_KIND(kind, name, severity, unit, what) k##kind,
  WT_FAULTS(WT_FAULT_KIND)
#undef WT_FAULT_KIND
};

struct FaultInfo {
  std::string_view name;  // stable, kebab-case
  Severity severity;
  std::string_view unit;  // of Fault::amount, empty when not used
  std::string_view what;
};
std::span<const FaultInfo> AllFaults();  // in order of FaultKind
const FaultInfo& InfoOf(FaultKind kind);
std::optional<FaultKind> FaultNamed(std::string_view name);

struct Fault {
  FaultKind kind = FaultKind::kPowerLoss;
  sim::SimTime at{};
  Duration lasts{};
  uint64_t amount = 0;  // in the kind's unit
  uint64_t salt = 0;    // whatever else it must choose is drawn from this
  uint32_t machine = 1;
  bool operator==(const Fault&) const = default;
};

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

// How often and how strongly, for one kind.
struct FaultSpec {
  FaultKind kind = FaultKind::kPowerLoss;
  Range<Duration> every{};  // between the start of one and of the next
  Range<Duration> lasts{};
  Range<uint64_t> amount{};
  bool operator==(const FaultSpec&) const = default;
};

// The faults of one run, in order of time. A pure function of its arguments; each spec draws by its
// own key, so that removing one spec does not move another's faults.
std::vector<Fault> Draw(std::span<const FaultSpec> specs, uint32_t machines, Duration storm,
                        uint64_t seed);

}  // namespace wt::faults

#endif  // WAVETANK_FAULTS_FAULT_H_
