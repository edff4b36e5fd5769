// The bytes themselves: a segment as it was written when version 1 was fixed, and what each field
// protects against. If the first test fails, the format has changed and needs a new version.
#include <gtest/gtest.h>

#include "engine/log/batch_buffer.h"
#include "engine/log/segment_parser.h"
#include "tests/log/log_world.h"

namespace wt::test {
namespace {

SegmentHeader HeaderOf(uint64_t segment) {
  return {.cluster_id = 10,
          .node_id = 11,
          .segment = segment,
          .salt = 0x1122334455667788,
          .incarnation = 3,
          .batch_seq = 40,
          .alignment = 512,
          .reserved_bytes = 65536,
          .previous = {.segment = segment - 1,
                       .valid_bytes = 8192,
                       .last_index = LogIndex(6),
                       .last_term = Term(2),
                       .chain = {.low = 1, .high = 2}},
          .hard_state = {.term = Term(2), .voted_for = 1, .commit_index = LogIndex(5)}};
}

Ident IdentFor(const LogEntry& entry) {
  return {.index = entry.index.value(),
          .type_term = Ident::Pack(static_cast<uint8_t>(entry.type), entry.term),
          .timestamp = entry.timestamp.time_since_epoch().count(),
          .length = static_cast<uint32_t>(entry.command.size()),
          .checksum = EntryChecksum(entry)};
}

// A segment with two batches: entries 7 and 8, then entry 9.
std::string MakeSegment(uint64_t number, uint64_t command_bytes = 40) {
  SegmentHeader segment = HeaderOf(number);
  std::string bytes = EncodeSegmentHeader(segment);
  BatchBuffer buffer(4096, 512);
  Hash128 chain = segment.hash;
  uint64_t sequence = segment.batch_seq;
  for (uint64_t first : {7, 9}) {
    buffer.Clear();
    for (const LogEntry& entry : EntriesFrom(first, first == 7 ? 2 : 1, 2, command_bytes)) {
      buffer.Add(IdentFor(entry), entry.command);
    }
    BatchHeader header = {.segment = number,
                          .offset = bytes.size(),
                          .salt = segment.salt,
                          .incarnation = segment.incarnation,
                          .sequence = ++sequence,
                          .first_index = LogIndex(first),
                          .durable_bytes = static_cast<uint32_t>(bytes.size()),
                          .durable_index = LogIndex(first - 1),
                          .hard_state = segment.hard_state};
    bytes += buffer.Seal(header, chain);
    chain = header.chain;
  }
  return bytes;
}

TEST(FormatTest, VersionOneStaysAsItWas) {
  const std::string bytes = MakeSegment(5);
  EXPECT_EQ(bytes.size(), 4096u + 512 + 512);
  EXPECT_EQ(HashBytes128(bytes).ToString(), "489d6372de74c134b4926f7b4fc12978");
}

TEST(FormatTest, ASegmentIsReadBackAsItWasWritten) {
  const std::string bytes = MakeSegment(5) + std::string(2048, '\0');
  std::vector<std::string> commands;
  auto parsed = ParseSegment(bytes, [&](const BatchView& batch) {
    batch
        .ForEach([&](const RecordView& record) {
          commands.emplace_back(record.payload);
          return absl::OkStatus();
        })
        .IgnoreError();
  });
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->batches, 2u);
  EXPECT_EQ(parsed->valid_bytes, 4096u + 1024);
  EXPECT_TRUE(absl::IsDataLoss(parsed->end));
  SegmentHeader want = HeaderOf(5);
  EncodeSegmentHeader(want);
  EXPECT_EQ(parsed->header, want);
  ASSERT_EQ(commands.size(), 3u);
  EXPECT_EQ(commands[2], EntryAt(9, 2).command);
}

TEST(FormatTest, NoBitOfWhatCountsCanChange) {
  const std::string good = MakeSegment(5);
  for (size_t bit = 4096 * 8; bit < good.size() * 8; ++bit) {
    std::string bytes = good;
    bytes[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    uint64_t batches = 0;
    std::string all;
    auto parsed = ParseSegment(bytes, [&](const BatchView& batch) {
      ++batches;
      batch
          .ForEach([&](const RecordView& record) {
            all += record.payload;
            return absl::OkStatus();
          })
          .IgnoreError();
    });
    ASSERT_TRUE(parsed.ok());
    const std::string whole = EntryAt(7, 2).command + EntryAt(8, 2).command + EntryAt(9, 2).command;
    // Padding is not looked at; anything else ends the log before the batch that it is in.
    ASSERT_TRUE(batches == 2 ? all == whole : whole.starts_with(all)) << "bit " << bit;
  }
}

TEST(FormatTest, ABatchOfAnotherSegmentIsNotAccepted) {
  std::string bytes = MakeSegment(5);
  bytes.replace(4096, 512, MakeSegment(6), 4096, 512);
  auto parsed = ParseSegment(bytes, nullptr);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->batches, 0u);
}

// Everything about the second batch is right but what it follows.
TEST(FormatTest, ABatchOfAnotherHistoryIsNotAccepted) {
  std::string bytes = MakeSegment(5);
  const std::string other = MakeSegment(5, 41);
  ASSERT_EQ(other.size(), bytes.size());
  bytes.replace(4096, 512, other, 4096, 512);
  EXPECT_EQ(ParseSegment(bytes, nullptr).value().batches, 1u);
}

TEST(FormatTest, ABatchHeaderKnowsWhereItBelongs) {
  const std::string batch = MakeSegment(5).substr(4096, 512);
  SegmentHeader segment = HeaderOf(5);
  EXPECT_TRUE(DecodeBatchHeader(batch, segment, 4096).ok());
  EXPECT_TRUE(absl::IsDataLoss(DecodeBatchHeader(batch, segment, 4608).status()));
  segment.incarnation += 1;
  EXPECT_TRUE(absl::IsDataLoss(DecodeBatchHeader(batch, segment, 4096).status()));
  segment = HeaderOf(5);
  segment.salt ^= 1;  // which the seed of the checksum does not show
  EXPECT_TRUE(absl::IsDataLoss(DecodeBatchHeader(batch, segment, 4096).status()));
  EXPECT_TRUE(absl::IsDataLoss(DecodeBatchHeader(batch, HeaderOf(6), 4096).status()));
}

TEST(FormatTest, SwappedBatchesAreNotAccepted) {
  std::string bytes = MakeSegment(5);
  const std::string first = bytes.substr(4096, 512);
  bytes.replace(4096, 512, bytes.substr(4608, 512));
  bytes.replace(4608, 512, first);
  EXPECT_EQ(ParseSegment(bytes, nullptr).value().batches, 0u);
}

TEST(FormatTest, NamesOfSegmentsAreExact) {
  EXPECT_EQ(SegmentName(0x2a), "000000000000002a.wal");
  EXPECT_EQ(SegmentNumber("000000000000002a.wal"), 42u);
  for (std::string_view other : {"000000000000002A.wal", "2a.wal", "000000000000002a.wal~",
                                 "000000000000002a.tmp", "0000000000000000.wal", ""}) {
    EXPECT_EQ(SegmentNumber(other), std::nullopt) << other;
  }
}

TEST(FormatTest, AChecksumKnowsWhereItsEntryBelongs) {
  const LogEntry entry = EntryAt(5, 2);
  const uint32_t checksum = EntryChecksum(entry);
  LogEntry other = entry;
  other.index = LogIndex(6);
  EXPECT_NE(EntryChecksum(other), checksum);
  other = entry;
  other.term = Term(3);
  EXPECT_NE(EntryChecksum(other), checksum);
  other = entry;
  other.timestamp += std::chrono::nanoseconds(1);
  EXPECT_NE(EntryChecksum(other), checksum);
  other = entry;
  other.type = EntryType::kNoop;
  EXPECT_NE(EntryChecksum(other), checksum);
}

}  // namespace
}  // namespace wt::test
