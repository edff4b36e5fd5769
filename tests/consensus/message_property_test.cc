// Messages come back as they went, and nothing else is taken for one: not with a byte changed, cut
// or added, not of another cluster, not of another version.
#include "replicas/consensus/message.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace wt {
namespace {

template <typename T>
T AnyNumber() {
  return T(*rc::gen::arbitrary<uint64_t>());
}
std::string AnyBytes() { return *rc::gen::arbitrary<std::string>(); }
bool AnyBool() { return *rc::gen::arbitrary<bool>(); }
template <typename Make>
auto AnyList(Make make) {
  std::vector<decltype(make())> list;
  const int size = *rc::gen::inRange(0, 5);
  for (int i = 0; i < size; ++i) list.push_back(make());
  return list;
}
LogEnd AnyEnd() { return {AnyNumber<Term>(), AnyNumber<LogIndex>()}; }
Hash128 AnyHash() { return {AnyNumber<uint64_t>(), AnyNumber<uint64_t>()}; }
Witness AnyWitness() {
  return AnyList([] { return KnownEpoch{AnyNumber<NodeId>(), AnyNumber<uint64_t>()}; });
}
LogEntry AnyEntry() {
  LogEntry entry{.term = AnyNumber<Term>(), .index = AnyNumber<LogIndex>()};
  entry.timestamp = WallTime(Duration(*rc::gen::arbitrary<int64_t>()));
  entry.type = static_cast<EntryType>(*rc::gen::inRange(1, 4));
  entry.command = AnyBytes();
  return entry;
}

Body AnyBody() {
  const auto nodes = [] { return AnyList(AnyNumber<NodeId>); };
  switch (*rc::gen::inRange<size_t>(0, std::variant_size_v<Body>)) {
    case 0:
      return VoteRequest{AnyBool(), AnyBool(), AnyEnd()};
    case 1:
      return VoteResponse{AnyBool(), AnyBool(), AnyWitness()};
    case 2:
      return TakeOver{};
    case 3:
      return AppendRequest{AnyEnd(), AnyNumber<LogIndex>(), AnyList(AnyEntry)};
    case 4:
      return AppendResponse{AnyNumber<LogIndex>(), AnyBool(), AnyNumber<LogIndex>(), AnyEnd(),
                            AnyWitness()};
    case 5:
      return Heartbeat{AnyNumber<LogIndex>(), AnyNumber<uint64_t>(), AnyNumber<LogIndex>()};
    case 6:
      return HeartbeatResponse{AnyNumber<uint64_t>()};
    case 7:
      return Recall{AnyBool(), AnyNumber<uint64_t>()};
    case 8:
      return RecallResponse{AnyNumber<uint64_t>(),
                            AnyBool(),
                            AnyNumber<Term>(),
                            AnyEnd(),
                            AnyEnd(),
                            AnyEnd(),
                            Configuration{nodes(), nodes(), nodes()},
                            AnyWitness()};
    case 9:
      return ReadRequest{AnyNumber<uint64_t>()};
    case 10:
      return ReadResponse{AnyNumber<uint64_t>(), AnyBool(), AnyNumber<LogIndex>()};
    case 11:
      return FetchEntries{AnyList([] {
        return EntryWanted{AnyNumber<LogIndex>(), AnyNumber<Term>()};
      })};
    case 12:
      return FetchedEntries{AnyList(AnyEntry)};
    case 13:
      return SnapshotOffer{AnyBytes(), AnyEnd(), AnyHash(), AnyHash(), AnyList([] {
                             return ChunkInfo{AnyHash(), AnyNumber<uint64_t>()};
                           })};
    case 14:
      return FetchChunk{AnyBytes(), AnyHash(), AnyNumber<uint64_t>()};
    case 15:
      return FetchedChunk{AnyHash(), AnyNumber<uint64_t>(), AnyBool(), AnyBytes()};
    default:
      return SnapshotProgress{AnyEnd(),
                              static_cast<SnapshotProgress::State>(*rc::gen::inRange(0, 3))};
  }
}

ReplicaMessage AnyMessage() {
  return {.from = AnyNumber<NodeId>(),
          .to = AnyNumber<NodeId>(),
          .term = AnyNumber<Term>(),
          .session = AnyNumber<uint64_t>(),
          .to_session = AnyNumber<uint64_t>(),
          .epoch = AnyNumber<uint64_t>(),
          .trusted = AnyBool(),
          .body = AnyBody()};
}

RC_GTEST_PROP(MessagePropertyTest, ComesBackAsItWent, ()) {
  const ReplicaMessage message = AnyMessage();
  std::string bytes = "before";
  EncodeMessage(7, message, bytes);
  const auto decoded = DecodeMessage(7, std::string_view(bytes).substr(6));
  RC_ASSERT(decoded.ok());
  RC_ASSERT(*decoded == message);
}

RC_GTEST_PROP(MessagePropertyTest, DamageIsRefused, ()) {
  std::string bytes;
  EncodeMessage(7, AnyMessage(), bytes);
  const std::string whole = bytes;
  const auto at = *rc::gen::inRange<size_t>(0, bytes.size());
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ *rc::gen::inRange(1, 256));
      break;
    case 1:
      bytes.resize(at);
      break;
    case 2:
      bytes.insert(at, 1, *rc::gen::arbitrary<char>());
      break;
    case 3:
      bytes.erase(at, 1);
      break;
  }
  RC_PRE(bytes != whole);
  RC_ASSERT(!DecodeMessage(7, bytes).ok());
}

// With the checksum made right again: what a malicious or mad peer may send must not crash us.
RC_GTEST_PROP(MessagePropertyTest, NonsenseUnderAGoodChecksumIsRefusedOrWhole, ()) {
  std::string bytes;
  EncodeMessage(7, AnyMessage(), bytes);
  std::string covered = bytes.substr(0, bytes.size() - 16);
  const auto flips = *rc::gen::inRange(1, 4);
  for (int i = 0; i < flips; ++i) {
    covered[*rc::gen::inRange<size_t>(8, covered.size())] = *rc::gen::arbitrary<char>();
  }
  const Hash128 checksum = HashBytes128(covered, 0x474d5457);
  std::string sealed = covered;
  for (uint64_t half : {checksum.low, checksum.high}) {
    sealed.append(reinterpret_cast<const char*>(&half), sizeof(half));
  }
  const auto decoded = DecodeMessage(7, sealed);
  if (!decoded.ok()) return;
  std::string again;
  EncodeMessage(7, *decoded, again);
  RC_ASSERT(again == sealed);
}

TEST(MessageTest, OtherClustersAndVersionsAreNamed) {
  std::string bytes;
  EncodeMessage(7, {.body = TakeOver{}}, bytes);
  const auto other = DecodeMessage(8, bytes);
  EXPECT_EQ(other.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(other.status().message()).find("of cluster 7, want 8"), std::string::npos);
  EXPECT_EQ(DecodeMessage(7, "").status().code(), absl::StatusCode::kDataLoss);
}

TEST(MessageTest, EveryKindHasAName) {
  EXPECT_EQ(NameOf(VoteRequest{}), "vote request");
  EXPECT_EQ(NameOf(RecallResponse{}), "recall response");
  EXPECT_EQ(NameOf(SnapshotProgress{}), "snapshot progress");
}

}  // namespace
}  // namespace wt
