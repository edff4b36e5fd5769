#include "engine/posix/tcp/tcp_frame.h"

#include <cstring>
#include <limits>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/base/coding.h"

namespace wt {
namespace {

constexpr size_t kBufferBytes = 256 * kKiB;
constexpr size_t kLongPayload = kBufferBytes / 2;
// With less room than this behind what is left, what is left moves to the front.
constexpr size_t kLeastSpace = kBufferBytes / 4;

constexpr size_t kVersionAt = 8;
constexpr size_t kHelloCrcAt = 12;
constexpr size_t kHelloBodyAt = 16;
constexpr size_t kFrameCrcAt = 4;
constexpr size_t kFromAt = 8;

uint32_t LengthOf(const char* header) { return LoadLittle<uint32_t>(header); }

// Of the length, then of what stands behind the checksum: from and, when it follows at once, the
// payload.
uint32_t FrameCrc(const char* header, size_t bytes_behind_crc) {
  const uint32_t of_length = Crc32c({header, kFrameCrcAt});
  return Crc32c(of_length, {header + kFromAt, bytes_behind_crc});
}

}  // namespace

std::array<char, kHelloBytes> EncodeHello(const Hello& hello) {
  std::array<char, kHelloBytes> bytes;
  StoreLittle(&bytes[0], kTcpMagic);
  StoreLittle(&bytes[kVersionAt], kTcpVersion);
  StoreLittle(&bytes[kHelloBodyAt], hello.cluster);
  StoreLittle(&bytes[kHelloBodyAt + 8], hello.sender.value());
  StoreLittle(&bytes[kHelloBodyAt + 16], hello.receiver.value());
  const std::string_view body(&bytes[kHelloBodyAt], kHelloBytes - kHelloBodyAt);
  StoreLittle(&bytes[kHelloCrcAt], Crc32c(body));
  return bytes;
}

HelloCheck DecodeHello(std::string_view bytes, Hello& hello) {
  WT_CHECK_LE(bytes.size(), kHelloBytes);
  char magic[sizeof(kTcpMagic)];
  StoreLittle(magic, kTcpMagic);
  const std::string_view begin = bytes.substr(0, sizeof(magic));
  if (begin != std::string_view(magic, begin.size())) return HelloCheck::kGarbage;
  if (bytes.size() < kHelloCrcAt) return HelloCheck::kIncomplete;
  if (LoadLittle<uint32_t>(bytes.data() + kVersionAt) != kTcpVersion) return HelloCheck::kVersion;
  if (bytes.size() < kHelloBytes) return HelloCheck::kIncomplete;
  const std::string_view body = bytes.substr(kHelloBodyAt);
  if (LoadLittle<uint32_t>(bytes.data() + kHelloCrcAt) != Crc32c(body)) {
    return HelloCheck::kChecksum;
  }
  hello.cluster = LoadLittle<uint64_t>(body.data());
  hello.sender = PeerId(LoadLittle<uint64_t>(body.data() + 8));
  hello.receiver = PeerId(LoadLittle<uint64_t>(body.data() + 16));
  return HelloCheck::kGood;
}

FrameHeader EncodeFrameHeader(PeerId from, std::string_view payload) {
  WT_CHECK_LE(payload.size(), size_t{std::numeric_limits<uint32_t>::max()});
  FrameHeader header;
  StoreLittle(&header[0], static_cast<uint32_t>(payload.size()));
  StoreLittle(&header[kFromAt], from.value());
  const uint32_t of_header = FrameCrc(header.data(), sizeof(uint64_t));
  StoreLittle(&header[kFrameCrcAt], Crc32c(of_header, payload));
  return header;
}

size_t FrameStart(std::string_view frames, size_t at) {
  WT_CHECK_LE(at, frames.size());
  size_t start = 0;
  while (start < at) {
    WT_CHECK_LE(start + kFrameHeaderBytes, frames.size());
    const size_t next = start + kFrameHeaderBytes + LengthOf(frames.data() + start);
    if (next > at) break;
    start = next;
  }
  return start;
}

FrameReader::FrameReader(PeerId from, uint64_t most_payload_bytes)
    : from_(from),
      most_payload_bytes_(most_payload_bytes),
      buffer_(std::make_unique_for_overwrite<char[]>(kBufferBytes)) {}

std::span<char> FrameReader::Space() {
  if (long_begun_) {
    WT_CHECK_LT(long_filled_, long_payload_.size());
    return {long_payload_.data() + long_filled_, long_payload_.size() - long_filled_};
  }
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (kBufferBytes - end_ < kLeastSpace) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, size());
    end_ -= std::exchange(begin_, 0);
  }
  WT_CHECK_LT(end_, kBufferBytes);  // a frame that does not fit is a long one
  return {buffer_.get() + end_, kBufferBytes - end_};
}

FrameCheck FrameReader::Consume(size_t size, std::vector<Message>& out) {
  if (!long_begun_) {
    WT_CHECK_LE(end_ + size, kBufferBytes);
    end_ += size;
    return Parse(out);
  }
  WT_CHECK_LE(long_filled_ + size, long_payload_.size());
  long_filled_ += size;
  return long_filled_ < long_payload_.size() ? FrameCheck::kGood : FinishLong(out);
}

FrameCheck FrameReader::Parse(std::vector<Message>& out) {
  while (size() >= kFrameHeaderBytes) {
    const char* header = buffer_.get() + begin_;
    if (const FrameCheck check = CheckHeader(header); check != FrameCheck::kGood) return check;
    const size_t payload_bytes = LengthOf(header);
    if (size() < kFrameHeaderBytes + payload_bytes) {
      return payload_bytes > kLongPayload ? BeginLong(header) : FrameCheck::kGood;
    }
    if (FrameCrc(header, sizeof(uint64_t) + payload_bytes) !=
        LoadLittle<uint32_t>(header + kFrameCrcAt)) {
      return FrameCheck::kChecksum;
    }
    out.push_back({from_, std::string(header + kFrameHeaderBytes, payload_bytes)});
    begin_ += kFrameHeaderBytes + payload_bytes;
  }
  return FrameCheck::kGood;
}

FrameCheck FrameReader::BeginLong(const char* header) {
  WT_CHECK(!long_begun_);
  long_begun_ = true;
  std::memcpy(long_header_.data(), header, kFrameHeaderBytes);
  long_payload_.resize(LengthOf(header));
  long_filled_ = size() - kFrameHeaderBytes;
  std::memcpy(long_payload_.data(), header + kFrameHeaderBytes, long_filled_);
  begin_ = end_ = 0;
  return FrameCheck::kGood;
}

FrameCheck FrameReader::FinishLong(std::vector<Message>& out) {
  const uint32_t of_header = FrameCrc(long_header_.data(), sizeof(uint64_t));
  if (Crc32c(of_header, long_payload_) != LoadLittle<uint32_t>(&long_header_[kFrameCrcAt])) {
    return FrameCheck::kChecksum;
  }
  out.push_back({from_, std::exchange(long_payload_, {})});
  long_begun_ = false;
  long_filled_ = 0;
  return FrameCheck::kGood;
}

FrameCheck FrameReader::CheckHeader(const char* header) const {
  if (LengthOf(header) > most_payload_bytes_) return FrameCheck::kOversize;
  if (PeerId(LoadLittle<uint64_t>(header + kFromAt)) != from_) return FrameCheck::kSender;
  return FrameCheck::kGood;
}

}  // namespace wt
