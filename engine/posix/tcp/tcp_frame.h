// What goes over a connection. Little endian.
//
//   hello    u64 magic | u32 version | u32 crc | u64 cluster | u64 sender | u64 receiver
//   frame    u32 length of the payload | u32 crc | u64 from | payload
//
// The one who connects says hello; the other, when it agrees, answers with its own hello and from
// then on only reads. A crc is CRC-32C: in a hello of what stands behind it, in a frame of length,
// from and payload. Magic and version keep their place in every version.
#ifndef WAVETANK_ENGINE_POSIX_TCP_TCP_FRAME_H_
#define WAVETANK_ENGINE_POSIX_TCP_TCP_FRAME_H_

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/env/network.h"

namespace wt {

inline constexpr uint64_t kTcpMagic = 0x3154454e4b4e5457;  // "WTNKNET1"
inline constexpr uint32_t kTcpVersion = 1;
inline constexpr size_t kHelloBytes = 40;
inline constexpr size_t kFrameHeaderBytes = 16;

struct Hello {
  uint64_t cluster = 0;
  PeerId sender;
  PeerId receiver;
  bool operator==(const Hello&) const = default;
};

std::array<char, kHelloBytes> EncodeHello(const Hello& hello);

enum class HelloCheck { kIncomplete, kGood, kGarbage, kVersion, kChecksum };

// Judges the first bytes of a connection as early as they allow; fills `hello` when they are good.
// Requires: at most kHelloBytes.
HelloCheck DecodeHello(std::string_view bytes, Hello& hello);

using FrameHeader = std::array<char, kFrameHeaderBytes>;

// Requires: the payload is shorter than 4 GiB.
FrameHeader EncodeFrameHeader(PeerId from, std::string_view payload);

// Where the frame begins that byte `at` of `frames` is in; `at` itself when it begins one.
// Requires: `frames` holds whole frames and `at` is not beyond their end.
size_t FrameStart(std::string_view frames, size_t at);

enum class FrameCheck { kGood, kOversize, kChecksum, kSender };

// Cuts the bytes of one connection into messages. Payloads are copied once out of a buffer, or not
// at all when they are long: those are read right into their message.
class FrameReader {
 public:
  // `from` is who the handshake said is sending.
  FrameReader(PeerId from, uint64_t most_payload_bytes);

  // Where the next bytes go. Never empty.
  std::span<char> Space();

  // Takes the first `size` bytes of Space(), appends the messages that they complete to `out`. What
  // is not kGood ends the connection: there is no way to find the next frame.
  FrameCheck Consume(size_t size, std::vector<Message>& out);

  // Whether the bytes so far end inside a frame.
  bool InsideFrame() const { return begin_ != end_ || long_begun_; }

 private:
  FrameCheck Parse(std::vector<Message>& out);
  FrameCheck BeginLong(const char* header);
  FrameCheck FinishLong(std::vector<Message>& out);
  FrameCheck CheckHeader(const char* header) const;
  size_t size() const { return end_ - begin_; }

  const PeerId from_;
  const uint64_t most_payload_bytes_;
  const std::unique_ptr<char[]> buffer_;
  size_t begin_ = 0;  // buffer_[begin_, end_) is not parsed yet
  size_t end_ = 0;
  // A long payload on its way, of which long_filled_ bytes are here.
  bool long_begun_ = false;
  std::string long_payload_;
  size_t long_filled_ = 0;
  FrameHeader long_header_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_TCP_FRAME_H_
