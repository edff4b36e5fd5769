// The bytes of messages, all little endian:
//
//   u32 magic  u16 version  u16 kind  u64 cluster  u64 from  u64 to  u64 term  u64 session
//   u64 to_session  u64 epoch  u8 trusted  body  u64 u64 XXH3-128 of everything before
//
// A field is described once, by a Describe(archive, body) that both directions walk.
#include <type_traits>

#include "engine/base/coding.h"
#include "engine/base/status.h"
#include "replicas/consensus/message.h"

namespace wt {

namespace {

constexpr uint32_t kMagic = 0x474d5457;  // "WTMG"
constexpr uint16_t kVersion = 2;
constexpr size_t kChecksumBytes = 16;

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  void operator()(const bool& v) { PutU8(out_, v); }
  void operator()(const uint64_t& v) { PutU64(out_, v); }
  void operator()(const std::string& v) { PutString(out_, v); }
  template <typename Tag>
  void operator()(const Ordinal<Tag>& v) {
    PutU64(out_, v.value());
  }
  void operator()(const WallTime& v) { PutI64(out_, v.time_since_epoch().count()); }
  template <typename E>
  requires std::is_enum_v<E>
  void operator()(const E& v) { PutU8(out_, static_cast<uint8_t>(v)); }
  template <typename T>
  void operator()(const std::vector<T>& items) {
    PutU32(out_, static_cast<uint32_t>(items.size()));
    for (const T& item : items) (*this)(item);
  }
  template <typename T>
  void operator()(const T& v) {
    Describe(*this, const_cast<T&>(v));
  }

 private:
  std::string& out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : in_(bytes) {}
  void operator()(bool& v) {
    const uint8_t byte = in_.U8();
    if (byte > 1) Fail();
    v = byte == 1;
  }
  void operator()(uint64_t& v) { v = in_.U64(); }
  void operator()(std::string& v) { v = std::string(in_.String()); }
  template <typename Tag>
  void operator()(Ordinal<Tag>& v) {
    v = Ordinal<Tag>(in_.U64());
  }
  void operator()(WallTime& v) { v = WallTime(Duration(in_.I64())); }
  template <typename E>
  requires std::is_enum_v<E>
  void operator()(E& v) {
    const uint8_t byte = in_.U8();
    if (!IsOne(E{}, byte)) return Fail();
    v = static_cast<E>(byte);
  }
  template <typename T>
  void operator()(std::vector<T>& items) {
    const uint32_t count = in_.U32();
    // Every element takes a byte at least: a damaged count cannot make us reserve the world.
    if (count > in_.rest().size()) return Fail();
    for (uint32_t i = 0; i < count && in_.ok(); ++i) (*this)(items.emplace_back());
  }
  template <typename T>
  void operator()(T& v) {
    Describe(*this, v);
  }
  void Fail() { in_.Raw(~uint64_t{0}); }
  bool whole() const { return in_.ok() && in_.empty(); }

 private:
  static bool IsOne(EntryType, uint8_t byte) { return byte >= 1 && byte <= 3; }
  static bool IsOne(SnapshotProgress::State, uint8_t byte) { return byte <= 2; }
  ByteReader in_;
};

void Describe(auto& io, LogEnd& v) { io(v.term), io(v.index); }
void Describe(auto& io, KnownEpoch& v) { io(v.node), io(v.epoch); }
void Describe(auto& io, Hash128& v) { io(v.low), io(v.high); }
void Describe(auto& io, ChunkInfo& v) { io(v.hash), io(v.bytes); }
void Describe(auto& io, EntryWanted& v) { io(v.index), io(v.term); }
void Describe(auto& io, Configuration& v) { io(v.voters), io(v.old_voters), io(v.learners); }
void Describe(auto& io, LogEntry& v) {
  io(v.term), io(v.index), io(v.timestamp), io(v.type), io(v.command);
}
void Describe(auto& io, VoteRequest& v) { io(v.pre), io(v.forced), io(v.end); }
void Describe(auto& io, VoteResponse& v) { io(v.pre), io(v.granted), io(v.witness); }
void Describe(auto&, TakeOver&) {}
void Describe(auto& io, AppendRequest& v) { io(v.prev), io(v.commit), io(v.entries); }
void Describe(auto& io, AppendResponse& v) {
  io(v.match), io(v.rejected), io(v.prev), io(v.hint), io(v.witness);
}
void Describe(auto& io, Heartbeat& v) { io(v.commit), io(v.round), io(v.horizon); }
void Describe(auto& io, HeartbeatResponse& v) { io(v.round); }
void Describe(auto& io, Recall& v) { io(v.doubtful), io(v.epoch); }
void Describe(auto& io, RecallResponse& v) {
  io(v.epoch), io(v.amnesiac), io(v.term), io(v.end), io(v.floor_end);
  io(v.configured), io(v.configuration), io(v.witness);
}
void Describe(auto& io, ReadRequest& v) { io(v.id); }
void Describe(auto& io, ReadResponse& v) { io(v.id), io(v.refused), io(v.index); }
void Describe(auto& io, FetchEntries& v) { io(v.wanted), io(v.or_snapshot); }
void Describe(auto& io, FetchedEntries& v) { io(v.entries), io(v.never_had); }
void Describe(auto& io, SnapshotOffer& v) {
  io(v.id), io(v.end), io(v.checksum), io(v.state_digest), io(v.chunks);
}
void Describe(auto& io, FetchChunk& v) { io(v.id), io(v.checksum), io(v.number); }
void Describe(auto& io, FetchedChunk& v) { io(v.checksum), io(v.number), io(v.gone), io(v.bytes); }
void Describe(auto& io, SnapshotProgress& v) { io(v.end), io(v.state); }

void DescribeEnvelope(auto& io, ReplicaMessage& m) {
  io(m.from), io(m.to), io(m.term), io(m.session), io(m.to_session), io(m.epoch), io(m.trusted);
}

// The body of kind number `kind`, empty. Requires: kind is one.
template <size_t kKind = 0>
Body BodyOfKind(size_t kind) {
  if constexpr (kKind + 1 < std::variant_size_v<Body>) {
    if (kind != kKind) return BodyOfKind<kKind + 1>(kind);
  }
  return Body(std::in_place_index<kKind>);
}

Hash128 ChecksumOf(std::string_view bytes) { return HashBytes128(bytes, kMagic); }

}  // namespace

void EncodeMessage(uint64_t cluster_id, const ReplicaMessage& message, std::string& out) {
  const size_t begin = out.size();
  PutU32(out, kMagic);
  PutU16(out, kVersion);
  PutU16(out, static_cast<uint16_t>(message.body.index()));
  PutU64(out, cluster_id);
  Writer writer(out);
  DescribeEnvelope(writer, const_cast<ReplicaMessage&>(message));
  std::visit([&](const auto& body) { writer(body); }, message.body);
  const Hash128 checksum = ChecksumOf(std::string_view(out).substr(begin));
  PutU64(out, checksum.low);
  PutU64(out, checksum.high);
}

absl::StatusOr<ReplicaMessage> DecodeMessage(uint64_t cluster_id, std::string_view bytes) {
  if (bytes.size() < 16 + kChecksumBytes) return DataLoss("message: only %d bytes", bytes.size());
  ByteReader head(bytes);
  if (const uint32_t magic = head.U32(); magic != kMagic) {
    return DataLoss("message: magic %#x, want %#x", magic, kMagic);
  }
  const std::string_view covered = bytes.substr(0, bytes.size() - kChecksumBytes);
  ByteReader tail(bytes.substr(covered.size()));
  Hash128 found;
  found.low = tail.U64();
  found.high = tail.U64();
  if (const Hash128 want = ChecksumOf(covered); found != want) {
    return DataLoss("message: checksum %s, want %s", found.ToString(), want.ToString());
  }
  if (const uint16_t version = head.U16(); version != kVersion) {
    return FailedPrecondition("message: version %d, want %d", version, kVersion);
  }
  const uint16_t kind = head.U16();
  if (const uint64_t cluster = head.U64(); cluster != cluster_id) {
    return FailedPrecondition("message: of cluster %d, want %d", cluster, cluster_id);
  }
  if (kind >= std::variant_size_v<Body>) return DataLoss("message: unknown kind %d", kind);
  Reader reader(covered.substr(head.offset()));
  ReplicaMessage message;
  DescribeEnvelope(reader, message);
  message.body = BodyOfKind(kind);
  std::visit([&](auto& body) { reader(body); }, message.body);
  if (!reader.whole()) return DataLoss("message: malformed %s", NameOf(message.body));
  return message;
}

}  // namespace wt
