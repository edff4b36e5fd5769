#include <algorithm>

#include "engine/base/check.h"
#include "tests/consensus/group.h"

namespace wt::testing {

void Contents::Apply(const Record& record) {
  const Write& write = record.write;
  if (write.vote.has_value()) std::tie(term, vote) = *write.vote;
  if (write.epochs.has_value()) epochs = *write.epochs;
  if (record.image.has_value()) {
    if (write.reset) entries.clear();
    while (!entries.empty() && entries.front().index <= record.image->end.index) {
      entries.erase(entries.begin());
    }
    if (record.image->end.index > base.end.index) base = *record.image;
  }
  if (write.truncate_from.has_value()) {
    while (!entries.empty() && entries.back().index >= *write.truncate_from) entries.pop_back();
  }
  for (const LogEntry& entry : write.entries) {
    WT_CHECK_EQ(entry.index, last() + 1);
    entries.push_back(entry);
  }
}

LogEnd Contents::end() const {
  return entries.empty() ? base.end : LogEnd{entries.back().term, entries.back().index};
}

LogShape Contents::Shape() const {
  LogShape shape(base.end);
  for (const LogEntry& entry : entries) shape.Append(entry.index, entry.term);
  return shape;
}

const LogEntry* Contents::Find(LogIndex index) const {
  if (index <= base.end.index || index > last()) return nullptr;
  return &entries[index - base.end.index - 1];
}

std::vector<LogEntry> Contents::Read(LogIndex from, LogIndex to, uint64_t max_bytes) const {
  std::vector<LogEntry> read;
  uint64_t bytes = 0;
  for (LogIndex index = from; index < to; ++index) {
    const LogEntry* entry = Find(index);
    if (entry == nullptr) break;
    bytes += entry->command.size();
    if (!read.empty() && bytes > max_bytes) break;
    read.push_back(*entry);
  }
  return read;
}

}  // namespace wt::testing
