// Bytes that nobody wrote: recovery and the offline parser must take any of them, without a crash,
// without reading past the end, and without believing them.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/log/segment_parser.h"
#include "tests/log/log_world.h"

namespace wt::test {
namespace {

std::string SmallSegment() {
  LogWorld world;
  auto log = world.Open();
  for (uint64_t i = 0; i < 6; ++i) {
    RC_ASSERT(log->AppendBatch(EntriesFrom(1 + 3 * i, 3, 1, 20 + 90 * i)).ok());
    RC_ASSERT(log->Sync().ok());
  }
  std::string bytes = *world.base.disk.Content(world.Segments().front());
  bytes.resize(10 * kKiB);
  return bytes;
}

// Opens a log whose only segment holds `bytes`; gives the number of entries when it opens.
int64_t EntriesIn(const std::string& bytes) {
  LogWorld world;
  RC_ASSERT(world.base.disk.CreateDirectory("log").ok());
  world.base.disk.Plant("log/0000000000000001.wal", bytes);
  auto log = world.TryOpen();
  if (!log.ok()) return -1;
  const std::vector<LogEntry> content = ContentOf(**log);
  for (size_t i = 0; i < content.size(); ++i) {
    RC_ASSERT(content[i] == EntryAt(i + 1, 1, 20 + 90 * (i / 3)));
  }
  return static_cast<int64_t>(content.size());
}

RC_GTEST_PROP(ParserPropertyTest, RandomBytesAreNoLog, (const std::string& bytes)) {
  RC_ASSERT(!ParseSegment(bytes, nullptr).ok());
  RC_ASSERT(EntriesIn(bytes) == 0);  // a first segment whose creation was cut off
}

RC_GTEST_PROP(ParserPropertyTest, DamagedSegmentsAreTakenPartlyOrRefused, ()) {
  std::string bytes = SmallSegment();
  const auto edits = *rc::gen::inRange(1, 6);
  for (int i = 0; i < edits; ++i) {
    const auto at = *rc::gen::inRange<size_t>(0, bytes.size());
    const auto length = *rc::gen::inRange<size_t>(1, 700);
    const auto from = *rc::gen::inRange<size_t>(0, bytes.size());
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        bytes[at] = *rc::gen::arbitrary<char>();
        break;
      case 1:
        bytes.replace(at, length, bytes.substr(from, length));
        break;
      case 2:
        bytes.resize(std::max<size_t>(at, 1));
        break;
      default:
        bytes.insert(at, length, '\0');
        break;
    }
  }
  auto parsed = ParseSegment(bytes, nullptr);
  if (parsed.ok()) RC_ASSERT(parsed->valid_bytes <= bytes.size());
  EntriesIn(bytes);
}

// Fields that are right by their checksums and absurd by their values.
RC_GTEST_PROP(ParserPropertyTest, AbsurdHeadersWithRightChecksumsAreRefused, ()) {
  const std::string good = SmallSegment();
  SegmentHeader segment = DecodeSegmentHeader(good).value();
  BatchHeader header = {.segment = segment.segment,
                        .offset = kSegmentHeaderBytes,
                        .salt = segment.salt,
                        .incarnation = segment.incarnation,
                        .sequence = segment.batch_seq + 1,
                        .first_index = LogIndex(*rc::gen::arbitrary<uint64_t>()),
                        .records = *rc::gen::arbitrary<uint32_t>(),
                        .flags = *rc::gen::arbitrary<uint32_t>(),
                        .bytes = *rc::gen::arbitrary<uint32_t>(),
                        .payload_bytes = *rc::gen::arbitrary<uint32_t>(),
                        .durable_bytes = *rc::gen::arbitrary<uint32_t>()};
  std::string bytes = good;
  EncodeBatchHeader(header, segment.hash, HashBytes128(good.substr(5000, 64)),
                    bytes.data() + kSegmentHeaderBytes);
  auto parsed = ParseSegment(bytes, nullptr);
  RC_ASSERT(parsed.ok());
  RC_ASSERT(parsed->batches == 0u);
  EntriesIn(bytes);
}

}  // namespace
}  // namespace wt::test
