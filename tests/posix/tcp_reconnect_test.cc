// Proves that connections come back: after a restart of the peer, when the peer appears late or
// moves, and that what is sent over the next connection begins with a whole frame.
#include <string>
#include <vector>

#include "engine/base/coding.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/posix/tcp_endpoints.h"

namespace wt {
namespace {

using std::chrono_literals::operator""ms;

class TcpReconnectTest : public TcpTest {};

TEST_F(TcpReconnectTest, APeerThatRestartsIsFoundAgain) {
  const auto one = Make(1);
  auto two = Make(2);
  Introduce(*one, *two);
  EXPECT_EQ(SendUntilReceived(*one, *two, "first life"), "first life");
  TcpOptions again = Options(2);
  again.listen = two->address();
  for (int life = 0; life < 5; ++life) {
    two.reset();
    one->Send(PeerId(2), "perhaps lost");
    two = Make(again);
    ASSERT_TRUE(two->MovePeer(PeerId(1), one->address()).ok());
    EXPECT_NE(SendUntilReceived(*one, *two, "next life"), "nothing was received");
    EXPECT_NE(SendUntilReceived(*two, *one, "me too"), "nothing was received");
  }
  EXPECT_GE(one->counters().connects, 6u);
}

TEST_F(TcpReconnectTest, WhatWaitsForAPeerThatAppearsIsDeliveredInOrder) {
  std::string address;
  {
    const auto probe = Make(2);
    address = probe->address();
  }
  const auto one = Make(1);
  ASSERT_TRUE(one->MovePeer(PeerId(2), address).ok());
  for (int i = 0; i < 100; ++i) one->Send(PeerId(2), std::to_string(i));
  ASSERT_TRUE(Await([&] { return one->counters().connect_failures >= 3; }));
  TcpOptions options = Options(2);
  options.listen = address;
  const auto two = Make(options);
  for (int i = 0; i < 100; ++i) {
    const absl::StatusOr<Message> message = two->Receive(kPatience);
    ASSERT_TRUE(message.ok()) << one->counters().ToString();
    EXPECT_EQ(message->bytes, std::to_string(i));
  }
}

TEST_F(TcpReconnectTest, WhatWaitedForTooLongIsForgottenAndCounted) {
  const auto one = Make(Options(1, {.forget_after = 1ms}));
  one->Send(PeerId(2), "old");
  ASSERT_TRUE(Await([&] { return one->counters().bytes_forgotten > 0; }));
  EXPECT_EQ(one->counters().bytes_forgotten, kFrameHeaderBytes + 3);
  const auto two = Make(2);
  Introduce(*one, *two);
  EXPECT_EQ(SendUntilReceived(*one, *two, "new"), "new");
}

TEST_F(TcpReconnectTest, APeerThatMovesIsFollowed) {
  const auto one = Make(1);
  const auto here = Make(2);
  const auto there = Make(2);
  Introduce(*one, *here);
  EXPECT_EQ(SendUntilReceived(*one, *here, "here"), "here");
  Introduce(*one, *there);
  EXPECT_EQ(SendUntilReceived(*one, *there, "there"), "there");
  EXPECT_EQ(one->MovePeer(PeerId(9), "127.0.0.1:1").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(one->MovePeer(PeerId(2), "nonsense").code(), absl::StatusCode::kInvalidArgument);
}

// The first connection ends in the middle of a frame. The next must not begin there.
TEST_F(TcpReconnectTest, ABrokenFrameIsSentAgainFromItsStart) {
  const auto one = Make(1);
  RawListener peer;
  ASSERT_TRUE(one->MovePeer(PeerId(2), peer.address()).ok());
  constexpr int kMessages = 12;
  const auto payload = [](int i) { return std::string(3'000'000, static_cast<char>('a' + i)); };
  for (int i = 0; i < kMessages; ++i) one->Send(PeerId(2), payload(i));
  {
    RawConnection connection = peer.AcceptPeer(PeerId(2));
    EXPECT_EQ(connection.Read(100'000).size(), 100'000u);
  }
  RawConnection connection = peer.AcceptPeer(PeerId(2));
  FrameReader reader(PeerId(1), 64 * kMiB);
  std::vector<Message> messages;
  while (messages.empty() || messages.back().bytes != payload(kMessages - 1)) {
    const std::span<char> space = reader.Space();
    const std::string bytes = connection.Read(std::min<size_t>(space.size(), kFrameHeaderBytes));
    ASSERT_FALSE(bytes.empty());
    std::copy(bytes.begin(), bytes.end(), space.begin());
    ASSERT_EQ(reader.Consume(bytes.size(), messages), FrameCheck::kGood);
    if (!reader.InsideFrame()) continue;
    const std::span<char> more = reader.Space();
    const ssize_t got = ::recv(connection.fd(), more.data(), more.size(), 0);
    ASSERT_GT(got, 0);
    ASSERT_EQ(reader.Consume(static_cast<size_t>(got), messages), FrameCheck::kGood);
  }
  for (size_t i = 1; i < messages.size(); ++i) {
    EXPECT_EQ(messages[i].bytes[0], messages[i - 1].bytes[0] + 1);
  }
}

// Small frames share a chunk. Those that the kernel took with the first connection are gone with
// it; the next begins with the one that was cut, neither before nor behind it.
TEST_F(TcpReconnectTest, WhatWasWrittenIsNotSentAgain) {
  constexpr size_t kPayload = 1000;
  constexpr int kMessages = 20'000;  // more than the kernel holds
  const auto one = Make(1);
  RawListener peer;
  ASSERT_TRUE(one->MovePeer(PeerId(2), peer.address()).ok());
  for (uint64_t i = 0; i < kMessages; ++i) {
    std::string payload;
    PutU64(payload, i);
    one->Send(PeerId(2), payload.append(kPayload - payload.size(), 'x'));
  }
  {
    const RawConnection deaf = peer.AcceptPeer(PeerId(2));
    ASSERT_TRUE(Await([&] { return one->counters().bytes_written > 300'000; }));
  }
  ASSERT_TRUE(Await([&] { return one->counters().connections_broken == 1; }));
  const uint64_t written = one->counters().bytes_written;
  RawConnection next = peer.AcceptPeer(PeerId(2));
  const std::string frame = next.Read(kFrameHeaderBytes + kPayload);
  ASSERT_EQ(frame.size(), kFrameHeaderBytes + kPayload);
  EXPECT_EQ(LoadLittle<uint64_t>(&frame[kFrameHeaderBytes]),
            written / (kFrameHeaderBytes + kPayload));
}

TEST_F(TcpReconnectTest, ANewerConnectionOfAPeerReplacesTheOlder) {
  const auto one = Make(1);
  const Hello hello = {.cluster = kTestCluster, .sender = PeerId(2), .receiver = PeerId(1)};
  RawConnection older = RawConnection::To(one->port());
  ASSERT_TRUE(older.SayHello(hello));
  EXPECT_EQ(older.ReadHello().sender, PeerId(1));
  RawConnection newer = RawConnection::To(one->port());
  ASSERT_TRUE(newer.SayHello(hello));
  newer.ReadHello();
  EXPECT_TRUE(older.ClosedByPeer());
  ASSERT_TRUE(newer.Write(Frame(PeerId(2), "still here")));
  EXPECT_EQ(one->Receive(kPatience)->bytes, "still here");
  EXPECT_EQ(one->counters().superseded, 1u);
}

TEST_F(TcpReconnectTest, APeerThatNeverAnswersTheHandshakeIsGivenUp) {
  const auto one = Make(Options(1, {.connect_timeout = 20ms}));
  RawListener silent;
  ASSERT_TRUE(one->MovePeer(PeerId(2), silent.address()).ok());
  one->Send(PeerId(2), "hello?");
  EXPECT_TRUE(Await([&] { return one->counters().connect_failures >= 3; }));
  EXPECT_EQ(one->counters().connects, 0u);
}

TEST_F(TcpReconnectTest, APeerOfAnotherClusterOrNameIsNotSpokenTo) {
  const auto one = Make(1);
  RawListener peer;
  ASSERT_TRUE(one->MovePeer(PeerId(2), peer.address()).ok());
  one->Send(PeerId(2), "secret");
  const Hello wrong[] = {
      {.cluster = kTestCluster + 1, .sender = PeerId(2), .receiver = PeerId(1)},
      {.cluster = kTestCluster, .sender = PeerId(3), .receiver = PeerId(1)},
      {.cluster = kTestCluster, .sender = PeerId(2), .receiver = PeerId(3)},
  };
  for (const Hello& answer : wrong) {
    RawConnection connection = peer.Accept();
    connection.ReadHello();
    ASSERT_TRUE(connection.SayHello(answer));
    EXPECT_TRUE(connection.ClosedByPeer());
  }
  RawConnection connection = peer.Accept();
  connection.ReadHello();
  ASSERT_TRUE(connection.Write("HTTP/1.1 400 Bad Request\r\n\r\n"));
  EXPECT_TRUE(connection.ClosedByPeer());
  RawConnection right = peer.AcceptPeer(PeerId(2));
  EXPECT_EQ(right.Read(kFrameHeaderBytes + 6), Frame(PeerId(1), "secret"));
  EXPECT_GE(one->counters().connect_failures, 4u);
}

TEST_F(TcpReconnectTest, APeerThatSpeaksOutOfTurnIsCutOff) {
  const auto one = Make(1);
  RawListener peer;
  ASSERT_TRUE(one->MovePeer(PeerId(2), peer.address()).ok());
  one->Send(PeerId(2), "a");
  RawConnection connection = peer.AcceptPeer(PeerId(2));
  EXPECT_EQ(connection.Read(kFrameHeaderBytes + 1), Frame(PeerId(1), "a"));
  ASSERT_TRUE(connection.Write("?"));
  EXPECT_TRUE(connection.ClosedByPeer());
  EXPECT_TRUE(Await([&] { return one->counters().connections_broken == 1; }));
  one->Send(PeerId(2), "b");
  RawConnection next = peer.AcceptPeer(PeerId(2));
  EXPECT_EQ(next.Read(kFrameHeaderBytes + 1), Frame(PeerId(1), "b"));
}

TEST_F(TcpReconnectTest, ManyConnectsAndDisconnectsLeaveNoDescriptor) {
  const auto one = Make(1);
  const Hello hello = {.cluster = kTestCluster, .sender = PeerId(2), .receiver = PeerId(1)};
  const size_t before = OpenDescriptors();
  constexpr uint64_t kRounds = 1000;
  for (uint64_t i = 0; i < kRounds; ++i) {
    RawConnection silent = RawConnection::To(one->port());
    RawConnection garbage = RawConnection::To(one->port());
    (void)garbage.Write("garbage garbage garbage");
    RawConnection peer = RawConnection::To(one->port());
    ASSERT_TRUE(peer.SayHello(hello));
    peer.ReadHello();
    ASSERT_TRUE(peer.Write(Frame(PeerId(2), "x")));
    ASSERT_TRUE(one->Receive(kPatience).ok());
  }
  EXPECT_TRUE(Await([&] { return OpenDescriptors() == before; })) << OpenDescriptors() - before;
  EXPECT_EQ(one->counters().accepts, 3 * kRounds);
}

TEST_F(TcpReconnectTest, ManyLivesOfANetworkLeaveNoDescriptor) {
  const auto one = Make(1);
  {
    const auto two = Make(2);
    Introduce(*one, *two);
    EXPECT_EQ(SendUntilReceived(*one, *two, "x"), "x");
  }
  ASSERT_TRUE(Await([&] { return one->counters().connections_broken == 1; }));
  const size_t before = OpenDescriptors();
  for (int i = 0; i < 200; ++i) {
    const auto two = Make(2);
    Introduce(*one, *two);
    EXPECT_EQ(SendUntilReceived(*one, *two, "x"), "x");
    EXPECT_EQ(SendUntilReceived(*two, *one, "y"), "y");
    while (one->Receive(Duration::zero()).ok()) {
    }
  }
  ASSERT_TRUE(one->MovePeer(PeerId(2), "127.0.0.1:1").ok());
  EXPECT_TRUE(Await([&] { return OpenDescriptors() <= before; })) << OpenDescriptors() - before;
}

}  // namespace
}  // namespace wt
