// The dials of one virtual disk: what may go wrong, and how often. faults/README.md is the
// catalogue.
#ifndef WAVETANK_SIM_DISK_FAULTS_H_
#define WAVETANK_SIM_DISK_FAULTS_H_

#include <cstdint>
#include <string_view>

#include "engine/base/units.h"

namespace wt::sim {

// What Sync also persists, and what a crash may do to atoms that were not synced.
enum class DiskProfile : uint8_t {
  kPosixMin,  // any subset; names one by one; sync persists that file (or that directory) alone
  kExt4,      // names in journal order; a size without data reads as zeros; sync flushes all names
  kXfs,       // names in log order; a size only after its data; sync flushes all names
  kBtrfs,     // the operations of one file in order, each whole; names in order per file
  kDsync,     // every write is durable when it returns; only writes in flight are in doubt
};

std::string_view NameOf(DiskProfile profile);

// All zero: an honest, fast disk. Chances are in a million per call, unless said otherwise. Every
// choice is drawn by key (seed, machine, kind of choice, ordinal of the call), so that turning one
// dial leaves the choices of all others as they were.
struct DiskFaults {
  // Legal behaviour that an engine must bear at any time.
  uint32_t short_read_ppm = 0;
  uint32_t short_write_ppm = 0;
  uint32_t early_writeback_ppm = 0;  // a prefix of pending work reaches the platter before any sync

  // Failures that are reported.
  uint32_t read_error_ppm = 0;        // transient: the same read may succeed next time
  uint32_t write_error_ppm = 0;       // a prefix may be in the cache
  uint32_t sync_error_ppm = 0;        // fsyncgate: data dropped, reported once, then "success"
  uint32_t background_error_ppm = 0;  // per write: writeback fails now; the next Sync tells
  uint32_t metadata_error_ppm = 0;    // names: the call fails, one time in four with its effect
  uint32_t journal_abort_ppm = 0;     // per sync: read-only from now on, until the power goes
  uint32_t no_room_ppm = 0;           // "no room" from a call that changes something, room or not

  // Lies. Each is in the ledger (Harms).
  uint32_t lost_sync_ppm = 0;          // Sync says OK and moves nothing
  uint32_t phantom_write_ppm = 0;      // per write: one sector keeps what it had on the platter
  uint32_t misdirected_write_ppm = 0;  // per write: one sector lands on another sector instead
  uint32_t corrupt_write_ppm = 0;      // per write: one bit flips on the way to the platter
  uint32_t stale_read_ppm = 0;         // one read serves an older version of a sector
  uint32_t misdirected_read_ppm = 0;   // one read serves another sector of the file
  uint32_t corrupt_read_ppm = 0;       // one read has one flipped bit

  // At a power loss, per atom that was not synced.
  uint32_t torn_sector_ppm = 100'000;   // survives, but torn inside
  uint32_t garbage_fill_ppm = 100'000;  // size survives without data: old bytes instead of zeros
  uint32_t garbled_sector_ppm = 0;      // torn so that synced bytes of the same sector go as well

  // Time.
  Duration latency_min{20'000};
  Duration latency_max{120'000};
  Duration sync_latency_min{80'000};
  Duration sync_latency_max{2'000'000};
  uint32_t slow_ppm = 0;  // a call takes slow_factor times as long
  uint32_t slow_factor = 100;
  uint32_t hang_ppm = 0;  // a call takes hang_for
  Duration hang_for = std::chrono::seconds(10);

  // Room, for the bytes of all files together.
  uint64_t capacity_bytes = ~uint64_t{0};
  bool full_refuses_names = false;  // a full disk has no room for a new name either

  // A latent sector error heals when the whole sector is written again.
  bool remap_on_write = true;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_DISK_FAULTS_H_
