// wal-append-only and disk-faults-contained: what the disk itself sees of the engine.
//
// The log's files are written only behind their durable end, never truncated, never renamed. The
// one exception, for logs that repair damaged entries in place: writing again the very bytes that
// were durable there, with zeros for those that share an unreadable sector with them. Zeros behind
// all that was written are no content: what is written over them is written first. After a sync
// of the log has failed, the same incarnation never again calls anything durable or committed
// beyond what it had before. A table or manifest whose sync has failed is never synced again.
#ifndef WAVETANK_SCENARIOS_INVARIANTS_APPEND_ONLY_H_
#define WAVETANK_SCENARIOS_INVARIANTS_APPEND_ONLY_H_

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "scenarios/judge.h"
#include "sim/simulator.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {

class AppendOnly final : public sim::DiskObserver {
 public:
  // With `disk`, which it observes, the log may repair.
  explicit AppendOnly(Judge& judge, const sim::VirtualDisk* disk = nullptr)
      : judge_(judge), disk_(disk) {}

  void OnCreate(std::string_view path) override;
  void OnContent(std::string_view path, uint64_t offset, std::string_view bytes) override;
  void OnWrite(std::string_view path, uint64_t offset, uint64_t size,
               uint64_t durable_end) override;
  void OnSync(std::string_view path, uint64_t durable_end) override;
  void OnTruncate(std::string_view path, uint64_t size, uint64_t durable_end) override;
  void OnRename(std::string_view from, std::string_view to) override;

  // Whether something durable begins at or behind `offset`.
  bool IsBelowDurableEnd(std::string_view path, uint64_t offset) const;

 private:
  // Of what was written, not of what was reserved: a segment is longer than its records.
  struct Ends {
    uint64_t written = 0;
    uint64_t durable = 0;
    std::string content;  // as first written; only with a disk
  };

  bool Restores(std::string_view path, const Ends& ends, uint64_t offset,
                std::string_view bytes) const;

  Judge& judge_;
  const sim::VirtualDisk* disk_;
  bool restores_ = false;                          // the write at hand puts back what was durable
  bool is_zeros_ = false;                          // the write at hand is zeros, behind everything
  std::map<std::string, Ends, std::less<>> ends_;  // by path
};

class FaultsContained final : public sim::EventObserver, public sim::DiskObserver {
 public:
  explicit FaultsContained(Judge& judge, Owed owed = Owed::kCommitted)
      : judge_(judge), owed_(owed) {}

  void OnCreate(std::string_view path) override;
  void OnSync(std::string_view path, uint64_t durable_end) override;
  void OnSyncFailed(std::string_view path) override;
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

 private:
  Judge& judge_;
  const Owed owed_;
  bool log_sync_failed_ = false;  // in this incarnation
  LogIndex synced_;               // the last index that a log.synced named
  std::set<std::string> failed_snapshot_files_;
  std::set<std::string, std::less<>> failed_tables_;  // and manifests
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_INVARIANTS_APPEND_ONLY_H_
