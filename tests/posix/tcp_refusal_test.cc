// Proves what is refused at the listening port, that each kind is counted, that the connection ends
// every time, and that none of it disturbs a peer.
#include <sys/resource.h>
#include <sys/syscall.h>

#include <string>
#include <vector>

#include "engine/base/coding.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/posix/failing_syscall.h"
#include "tests/posix/tcp_endpoints.h"

namespace wt {
namespace {

using std::chrono_literals::operator""ms;

class TcpRefusalTest : public TcpTest {
 protected:
  static constexpr Hello kGood = {
      .cluster = kTestCluster, .sender = PeerId(2), .receiver = PeerId(1)};

  // A connection of peer 2 that has been greeted.
  RawConnection Greeted(const TcpNetwork& network) {
    RawConnection connection = RawConnection::To(network.port());
    EXPECT_TRUE(connection.SayHello(kGood));
    EXPECT_EQ(connection.ReadHello(),
              (Hello{.cluster = kTestCluster, .sender = PeerId(1), .receiver = PeerId(2)}));
    return connection;
  }

  // Writes `bytes` on a new connection, which must be closed for it, without an answer.
  void ExpectRefused(const TcpNetwork& network, std::string_view bytes) {
    RawConnection connection = RawConnection::To(network.port());
    (void)connection.Write(bytes);
    EXPECT_TRUE(connection.ClosedByPeer());
  }

  void ExpectStillServing(TcpNetwork& network) {
    RawConnection connection = Greeted(network);
    ASSERT_TRUE(connection.Write(Frame(PeerId(2), "still serving")));
    EXPECT_EQ(network.Receive(kPatience)->bytes, "still serving");
  }
};

std::string Encoded(const Hello& hello) {
  const auto bytes = EncodeHello(hello);
  return {bytes.data(), bytes.size()};
}

TEST_F(TcpRefusalTest, GarbageIsRefusedAtItsFirstByte) {
  const auto one = Make(1);
  ExpectRefused(*one, "G");
  ExpectRefused(*one, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n");
  ExpectRefused(*one, std::string(100'000, '\0'));
  ExpectRefused(*one, std::string(100'000, '\xff'));
  EXPECT_EQ(one->counters().refused_garbage, 4u);
  ExpectStillServing(*one);
}

TEST_F(TcpRefusalTest, RandomBytesNeverGetThrough) {
  const auto one = Make(1);
  for (int i = 0; i < 300; ++i) {
    std::string bytes;
    const uint64_t length = random_.Next("test") % 400;
    while (bytes.size() < length) PutU64(bytes, random_.Next("test"));
    RawConnection connection = RawConnection::To(one->port());
    (void)connection.Write(bytes);
  }
  ExpectStillServing(*one);
  EXPECT_EQ(one->counters().messages_received, 1u);
}

TEST_F(TcpRefusalTest, ADamagedHelloIsRefusedWhereverItIsDamaged) {
  const auto one = Make(1);
  const std::string good = Encoded(kGood);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string damaged = good;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    ExpectRefused(*one, damaged);
  }
  const TcpCounters counters = one->counters();
  EXPECT_EQ(counters.refused_garbage, 8u);
  EXPECT_EQ(counters.refused_version, 4u);
  EXPECT_EQ(counters.refused_checksum, 28u);
  EXPECT_EQ(counters.refused(), good.size());
  ExpectStillServing(*one);
}

TEST_F(TcpRefusalTest, AnotherVersionIsRefused) {
  const auto one = Make(1);
  std::string hello = Encoded(kGood);
  StoreLittle(&hello[8], kTcpVersion + 1);
  ExpectRefused(*one, hello.substr(0, 12));  // what follows may look different in that version
  EXPECT_EQ(one->counters().refused_version, 1u);
}

TEST_F(TcpRefusalTest, AnotherClusterIsRefused) {
  const auto one = Make(1);
  ExpectRefused(*one, Encoded({.cluster = 78, .sender = PeerId(2), .receiver = PeerId(1)}));
  EXPECT_EQ(one->counters().refused_cluster, 1u);
}

TEST_F(TcpRefusalTest, TwoClustersDoNotMix) {
  const auto one = Make(1);
  TcpOptions options = Options(2);
  options.cluster = kTestCluster + 1;
  const auto two = Make(options);
  Introduce(*one, *two);
  one->Send(PeerId(2), "lost");
  EXPECT_TRUE(Await([&] { return two->counters().refused_cluster >= 2; }));
  EXPECT_GE(one->counters().connect_failures, 1u);
  EXPECT_FALSE(two->Receive(Duration::zero()).ok());
}

TEST_F(TcpRefusalTest, SendersThatAreNoPeersAreRefused) {
  const auto one = Make(1);
  for (uint64_t sender : {0, 1, 4}) {
    ExpectRefused(*one, Encoded({.cluster = 77, .sender = PeerId(sender), .receiver = PeerId(1)}));
  }
  EXPECT_EQ(one->counters().refused_sender, 3u);
}

TEST_F(TcpRefusalTest, AHelloToSomebodyElseIsRefused) {
  const auto one = Make(1);
  ExpectRefused(*one, Encoded({.cluster = 77, .sender = PeerId(2), .receiver = PeerId(3)}));
  EXPECT_EQ(one->counters().refused_receiver, 1u);
}

TEST_F(TcpRefusalTest, ASilentStrangerIsSentAwayInTheEnd) {
  const auto one = Make(Options(1, {.handshake_timeout = 20ms}));
  RawConnection silent = RawConnection::To(one->port());
  RawConnection slow = RawConnection::To(one->port());
  ASSERT_TRUE(slow.Write(Encoded(kGood).substr(0, 39)));
  EXPECT_TRUE(silent.ClosedByPeer());
  EXPECT_TRUE(slow.ClosedByPeer());
  EXPECT_EQ(one->counters().refused_late, 2u);
}

TEST_F(TcpRefusalTest, NewStrangersPushOutOldOnesButNoPeer) {
  const auto one = Make(Options(1, {.most_strangers = 4}));
  RawConnection peer = Greeted(*one);
  std::vector<RawConnection> strangers;
  for (int i = 0; i < 10; ++i) strangers.push_back(RawConnection::To(one->port()));
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(strangers[i].ClosedByPeer());
  EXPECT_EQ(one->counters().refused_late, 6u);
  ASSERT_TRUE(peer.Write(Frame(PeerId(2), "undisturbed")));
  EXPECT_EQ(one->Receive(kPatience)->bytes, "undisturbed");
}

TEST_F(TcpRefusalTest, AHelloMayComeInPiecesAndWithFrames) {
  const auto one = Make(1);
  RawConnection connection = RawConnection::To(one->port());
  const std::string all = Encoded(kGood) + Frame(PeerId(2), "at once");
  for (char c : all.substr(0, 45)) ASSERT_TRUE(connection.Write({&c, 1}));
  ASSERT_TRUE(connection.Write(all.substr(45)));
  EXPECT_EQ(one->Receive(kPatience)->bytes, "at once");
}

TEST_F(TcpRefusalTest, ADamagedFrameEndsTheConnectionAndWhatCameBeforeCounts) {
  const auto one = Make(1);
  RawConnection connection = Greeted(*one);
  std::string damaged = Frame(PeerId(2), "payload");
  damaged.back() ^= 1;
  ASSERT_TRUE(connection.Write(Frame(PeerId(2), "before") + damaged + Frame(PeerId(2), "after")));
  EXPECT_TRUE(connection.ClosedByPeer());
  EXPECT_EQ(one->Receive(kPatience)->bytes, "before");
  EXPECT_FALSE(one->Receive(Duration::zero()).ok());
  EXPECT_EQ(one->counters().frames_checksum, 1u);
  ExpectStillServing(*one);
}

TEST_F(TcpRefusalTest, ADamagedLongFrameEndsTheConnection) {
  const auto one = Make(1);
  RawConnection connection = Greeted(*one);
  std::string damaged = Frame(PeerId(2), std::string(kMiB, 'x'));
  damaged[500'000] ^= 1;
  (void)connection.Write(damaged);
  EXPECT_TRUE(connection.ClosedByPeer());
  EXPECT_EQ(one->counters().frames_checksum, 1u);
  EXPECT_FALSE(one->Receive(Duration::zero()).ok());
}

TEST_F(TcpRefusalTest, AFrameLongerThanAllowedEndsTheConnectionAtItsHeader) {
  const auto one = Make(Options(1, {.message_bytes = 1000}));
  RawConnection connection = Greeted(*one);
  ASSERT_TRUE(connection.Write(Frame(PeerId(2), std::string(1001, 'x')).substr(0, 16)));
  EXPECT_TRUE(connection.ClosedByPeer());
  EXPECT_EQ(one->counters().frames_oversize, 1u);
  RawConnection again = Greeted(*one);
  ASSERT_TRUE(again.Write(std::string(16, '\xff')));
  EXPECT_TRUE(again.ClosedByPeer());
  EXPECT_EQ(one->counters().frames_oversize, 2u);
}

TEST_F(TcpRefusalTest, AFrameInTheNameOfSomebodyElseEndsTheConnection) {
  const auto one = Make(1);
  RawConnection connection = Greeted(*one);
  ASSERT_TRUE(connection.Write(Frame(PeerId(3), "it was not me")));
  EXPECT_TRUE(connection.ClosedByPeer());
  EXPECT_EQ(one->counters().frames_sender, 1u);
  EXPECT_FALSE(one->Receive(Duration::zero()).ok());
}

TEST_F(TcpRefusalTest, AFrameCutShortIsNoMessage) {
  const auto one = Make(1);
  const std::string small = Frame(PeerId(2), "payload");
  const std::string large = Frame(PeerId(2), std::string(kMiB, 'x'));
  for (const std::string& cut : {small.substr(0, 3), small.substr(0, 16),
                                 small.substr(0, small.size() - 1), large.substr(0, 900'000)}) {
    RawConnection connection = Greeted(*one);
    ASSERT_TRUE(connection.Write(cut));
    connection.FinishWriting();
    EXPECT_TRUE(connection.ClosedByPeer());
  }
  EXPECT_EQ(one->counters().truncated, 4u);
  EXPECT_EQ(one->counters().messages_received, 0u);
  ExpectStillServing(*one);
}

TEST_F(TcpRefusalTest, AHelloCutShortIsCounted) {
  const auto one = Make(1);
  RawConnection connection = RawConnection::To(one->port());
  ASSERT_TRUE(connection.Write(Encoded(kGood).substr(0, 20)));
  connection.FinishWriting();
  EXPECT_TRUE(connection.ClosedByPeer());
  EXPECT_EQ(one->counters().truncated, 1u);
}

// The thread of the network inherits the filter of the thread that makes it.
TEST_F(TcpRefusalTest, WithoutADescriptorToSpareTheNetworkLivesOn) {
  WT_WITH_FAILING_SYSCALL(SYS_accept4, EMFILE, [&] {
    const auto one = Make(1);
    const auto two = Make(2);
    ASSERT_TRUE(one->MovePeer(PeerId(2), two->address()).ok());
    one->Send(PeerId(2), "nobody accepts");
    EXPECT_TRUE(Await([&] { return two->counters().accept_failures >= 3; }));
    two->Send(PeerId(2), "to self");
    EXPECT_EQ(two->Receive(kPatience)->bytes, "to self");
  });
}

TEST_F(TcpRefusalTest, WhenThereAreDescriptorsAgainStrangersAreAccepted) {
  const auto one = Make(1);
  RawConnection connection(FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  // UndefinedBehaviorSanitizer opens a pipe at the first call of a polymorphic type, so the calls
  // that are made without a descriptor to spare are made once before.
  int rounds = 0;
  ASSERT_TRUE(Await([&] { return one->counters().accept_failures == 0 && ++rounds > 1; }));
  rlimit old;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  rlimit low = old;
  low.rlim_cur = 200;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  std::vector<FileDescriptor> all;
  while (true) {
    FileDescriptor copy(::dup(connection.fd()));
    if (!copy.valid()) break;
    all.push_back(std::move(copy));
  }
  connection.Connect(one->port());
  const bool failed = Await([&] { return one->counters().accept_failures > 0; });
  all.clear();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &old), 0);
  EXPECT_TRUE(failed);
  ASSERT_TRUE(connection.SayHello(kGood));
  EXPECT_EQ(connection.ReadHello().sender, PeerId(1));
}

}  // namespace
}  // namespace wt
