// Any log, any of its entries' bytes changed: a salvaging open lists exactly the entries that were
// hit, gives every other as it was, and repairs in any order bring back every byte.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "engine/log/segment_parser.h"
#include "tests/log/log_world.h"

namespace wt::test {
namespace {

struct Where {
  std::string path;
  uint64_t offset = 0;
  uint64_t length = 0;
};

// Where each live entry's bytes are, as the parser says.
std::map<uint64_t, Where> PlacesOf(LogWorld& world) {
  std::map<uint64_t, Where> places;
  for (const std::string& path : world.Segments()) {
    const std::string bytes = *world.base.disk.Content(path);
    const auto parsed = ParseSegment(bytes, [&](const BatchView& batch) {
      (void)batch.ForEach([&](const RecordView& record) {
        if (record.ident.type() == kTruncateType) {
          places.erase(places.lower_bound(record.ident.index), places.end());
        } else {
          places[record.ident.index] = {path, batch.header.offset + record.offset,
                                        record.payload.size()};
        }
        return absl::OkStatus();
      });
    });
    RC_ASSERT(parsed.ok());
  }
  return places;
}

RC_GTEST_PROP(SalvagePropertyTest, ExactlyWhatWasHitIsListedAndMended, ()) {
  LogWorld world;
  world.options.salvage = true;
  world.options.segment_bytes = 16 * kKiB;
  std::map<uint64_t, LogEntry> entries;
  {
    auto log = world.Open();
    uint64_t next = 1;
    uint64_t term = 1;
    for (uint64_t step : *rc::gen::container<std::vector<uint64_t>>(rc::gen::inRange(0, 4000))) {
      if (step % 9 == 0 && next > 4) {
        next -= step % 4;
        ++term;
        RC_ASSERT(log->Truncate(LogIndex(next)).ok());
        entries.erase(entries.lower_bound(next), entries.end());
      }
      const auto batch = EntriesFrom(next, 1 + step % 4, term, step % 1300);
      RC_ASSERT(log->AppendBatch(batch).ok());
      for (const LogEntry& entry : batch) entries[entry.index.value()] = entry;
      next += batch.size();
      if (step % 3 == 0) RC_ASSERT(log->Sync().ok());
    }
    RC_ASSERT(log->Close().ok());
  }
  const std::map<uint64_t, Where> places = PlacesOf(world);
  RC_ASSERT(places.size() == entries.size());
  std::map<std::string, std::string> intact;
  for (const std::string& path : world.Segments()) intact[path] = *world.base.disk.Content(path);

  std::set<LogIndex> hit;
  for (const auto& [index, where] : places) {
    if (where.length == 0 || *rc::gen::inRange(0, 4) != 0) continue;
    const uint64_t at = where.offset + *rc::gen::inRange<uint64_t>(0, where.length);
    world.Damage(where.path, [&](std::string& bytes) { bytes[at] ^= 1 << (index % 8); });
    hit.insert(LogIndex(index));
  }
  auto log = world.Open();
  std::vector<LogIndex> listed;
  for (const DamagedEntry& damaged : log->Damaged()) {
    listed.push_back(damaged.index);
    RC_ASSERT(damaged.checksum == EntryChecksum(entries.at(damaged.index.value())));
  }
  RC_ASSERT(std::set<LogIndex>(listed.begin(), listed.end()) == hit);
  for (const auto& [index, entry] : entries) {
    const auto got = log->Get(LogIndex(index));
    RC_ASSERT(got.ok() == !hit.contains(LogIndex(index)));
    if (got.ok()) RC_ASSERT(*got == entry);
  }
  while (!listed.empty()) {
    const auto one = listed.begin() + *rc::gen::inRange<ptrdiff_t>(0, std::ssize(listed));
    RC_ASSERT(log->Repair(entries.at(one->value())).ok());
    listed.erase(one);
  }
  RC_ASSERT(log->Damaged().empty());
  log.reset();
  world.base.disk.Crash(CrashKind::kLoseUnsynced);
  for (const auto& [path, bytes] : intact) {
    // A segment without entries may have been given up by the open.
    const auto now = world.base.disk.Content(path);
    RC_ASSERT(!now.has_value() || *now == bytes);
  }
  world.options.salvage = false;
  const std::vector<LogEntry> content = ContentOf(*world.Open());
  RC_ASSERT(content.size() == entries.size());
  for (const LogEntry& entry : content) RC_ASSERT(entry == entries.at(entry.index.value()));
}

}  // namespace
}  // namespace wt::test
