// Proves that frames come out as they went in, however the stream is cut into reads; that no damage
// of a single byte passes; and that the start of a frame is found from any byte within it.
#include "engine/posix/tcp/tcp_frame.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "tests/posix/tcp_endpoints.h"

namespace wt {
namespace {

constexpr PeerId kFrom = PeerId(0x0102030405060708);
constexpr uint64_t kMost = kMiB;

// Sizes around everything that the reader treats differently.
rc::Gen<size_t> GenSize() {
  return rc::gen::oneOf(rc::gen::inRange<size_t>(0, 100),
                        rc::gen::inRange<size_t>(128 * kKiB - 20, 128 * kKiB + 20),
                        rc::gen::inRange<size_t>(256 * kKiB - 40, 256 * kKiB + 20),
                        rc::gen::inRange<size_t>(0, 300 * kKiB));
}

FrameCheck Feed(FrameReader& reader, std::string_view bytes, size_t most,
                std::vector<Message>& out) {
  while (!bytes.empty()) {
    const std::span<char> space = reader.Space();
    const size_t size = std::min({bytes.size(), space.size(), most});
    RC_ASSERT(size > 0u);
    std::copy_n(bytes.begin(), size, space.begin());
    const FrameCheck check = reader.Consume(size, out);
    if (check != FrameCheck::kGood) return check;
    bytes.remove_prefix(size);
  }
  return FrameCheck::kGood;
}

RC_GTEST_PROP(FrameReaderPropertyTest, FramesComeOutHoweverTheyAreCut, ()) {
  const auto sizes = *rc::gen::resize(12, rc::gen::container<std::vector<size_t>>(GenSize()));
  const size_t most = *rc::gen::element<size_t>(1000, 4096, 65'536, 100'001, kMiB);
  std::string stream;
  for (size_t i = 0; i < sizes.size(); ++i) {
    stream += Frame(kFrom, std::string(sizes[i], static_cast<char>('a' + i % 26)));
  }
  FrameReader reader(kFrom, kMost);
  std::vector<Message> messages;
  RC_ASSERT(Feed(reader, stream, most, messages) == FrameCheck::kGood);
  RC_ASSERT(messages.size() == sizes.size());
  RC_ASSERT(!reader.InsideFrame());
  for (size_t i = 0; i < sizes.size(); ++i) {
    RC_ASSERT(messages[i].from == kFrom);
    RC_ASSERT(messages[i].bytes == std::string(sizes[i], static_cast<char>('a' + i % 26)));
  }
}

RC_GTEST_PROP(FrameReaderPropertyTest, ADamagedByteNeverPasses, ()) {
  const size_t size =
      *rc::gen::oneOf(rc::gen::inRange<size_t>(0, 200), rc::gen::just<size_t>(200 * kKiB));
  std::string stream = Frame(kFrom, std::string(size, 'x'));
  const size_t at = *rc::gen::inRange<size_t>(0, stream.size());
  stream[at] = static_cast<char>(stream[at] ^ *rc::gen::inRange(1, 256));
  // More of the same, so that a length that has grown finds enough bytes.
  while (stream.size() < 2 * kMost) stream += Frame(kFrom, std::string(kMost / 2, 'y'));
  FrameReader reader(kFrom, kMost);
  std::vector<Message> messages;
  RC_ASSERT(Feed(reader, stream, kMiB, messages) != FrameCheck::kGood);
  RC_ASSERT(messages.empty());
}

RC_GTEST_PROP(FrameReaderPropertyTest, APrefixIsNeverMoreThanItsWholeFrames, ()) {
  const std::string first = Frame(kFrom, std::string(*GenSize(), 'x'));
  const std::string second = Frame(kFrom, std::string(*GenSize(), 'y'));
  const size_t cut = *rc::gen::inRange<size_t>(0, first.size() + second.size());
  FrameReader reader(kFrom, kMost);
  std::vector<Message> messages;
  RC_ASSERT(Feed(reader, (first + second).substr(0, cut), kMiB, messages) == FrameCheck::kGood);
  RC_ASSERT(messages.size() == (cut < first.size() ? 0u : 1u));
  RC_ASSERT(reader.InsideFrame() == (cut != 0 && cut != first.size()));
}

RC_GTEST_PROP(FrameStartPropertyTest, IsFoundFromAnyByte, ()) {
  const auto sizes = *rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, 50));
  std::string frames;
  std::vector<size_t> starts = {0};
  for (size_t size : sizes) {
    frames += Frame(kFrom, std::string(size, 'x'));
    starts.push_back(frames.size());
  }
  const size_t at = *rc::gen::inRange<size_t>(0, frames.size() + 1);
  const size_t want = *(std::upper_bound(starts.begin(), starts.end(), at) - 1);
  RC_ASSERT(FrameStart(frames, at) == want);
}

RC_GTEST_PROP(HelloPropertyTest, IsReadAsItWasWritten, ()) {
  const Hello hello = {.cluster = *rc::gen::arbitrary<uint64_t>(),
                       .sender = PeerId(*rc::gen::arbitrary<uint64_t>()),
                       .receiver = PeerId(*rc::gen::arbitrary<uint64_t>())};
  const auto bytes = EncodeHello(hello);
  Hello read;
  for (size_t size = 0; size < bytes.size(); ++size) {
    RC_ASSERT(DecodeHello({bytes.data(), size}, read) == HelloCheck::kIncomplete);
  }
  RC_ASSERT(DecodeHello({bytes.data(), bytes.size()}, read) == HelloCheck::kGood);
  RC_ASSERT(read == hello);
}

}  // namespace
}  // namespace wt
