#include "engine/lsm/sorted_batches.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/kv/write_batch.h"
#include "engine/lsm/memtable_node.h"

namespace wt {
namespace {

// What is moved while it is sorted; most keys differ in it.
struct Place {
  memtable::Prefix prefix;
  uint64_t at;  // in the order of the log
};

std::vector<InternalEntry> OperationsOf(const KeyValueStore::Batches& batches) {
  std::vector<InternalEntry> entries;
  entries.reserve(batches.size());
  for (const auto& [index, batch] : batches) {
    BatchReader it(batch);
    while (it.Next()) entries.push_back(EntryOf(it.operation(), index));
    WT_CHECK(it.ok());
  }
  return entries;
}

}  // namespace

SortedBatches::SortedBatches(const KeyValueStore::Batches& batches)
    : first_(batches.front().first), last_(batches.back().first) {
  const std::vector<InternalEntry> operations = OperationsOf(batches);
  std::vector<Place> places;
  places.reserve(operations.size());
  for (const InternalEntry& operation : operations) {
    places.push_back({.prefix = memtable::PrefixOf(operation.key), .at = places.size()});
  }
  std::sort(places.begin(), places.end(), [&operations](const Place& a, const Place& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    const auto order = operations[a.at].internal_key() <=> operations[b.at].internal_key();
    return order != 0 ? order < 0 : a.at < b.at;
  });
  entries_.reserve(operations.size());
  for (const Place& place : places) entries_.push_back(operations[place.at]);
}

}  // namespace wt
