// Proves what a TcpNetwork delivers: to self without any socket, to peers whole and in order, large
// and small; that a sender never waits, and that the end waits for nobody.
#include "engine/posix/tcp/tcp_network.h"

#include <atomic>
#include <string>
#include <vector>

#include "engine/base/coding.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/base/failed_check.h"
#include "tests/posix/tcp_endpoints.h"

namespace wt {
namespace {

using absl::StatusCode;
using std::chrono_literals::operator""ms;
using testing::HasSubstr;

class TcpNetworkTest : public TcpTest {};

TEST_F(TcpNetworkTest, MessagesToSelfNeedNoSocket) {
  const size_t descriptors = OpenDescriptors();
  TcpNetwork network(clock_, tasks_, random_, {.self = PeerId(3)});
  EXPECT_TRUE(network.status().ok());
  EXPECT_EQ(OpenDescriptors(), descriptors);
  EXPECT_EQ(network.Self(), PeerId(3));
  EXPECT_EQ(network.port(), 0);
  network.Send(PeerId(3), "one");
  network.Send(PeerId(3), "two");
  const absl::StatusOr<Message> first = network.Receive(Duration::zero());
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->from, PeerId(3));
  EXPECT_EQ(first->bytes, "one");
  EXPECT_EQ(network.Receive(Duration::zero())->bytes, "two");
}

TEST_F(TcpNetworkTest, MessagesToStrangersAreDroppedAndCounted) {
  TcpNetwork network(clock_, tasks_, random_, {.self = PeerId(3)});
  network.Send(PeerId(4), "lost");
  EXPECT_EQ(network.Receive(Duration::zero()).status().code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(network.counters().dropped_no_peer, 1u);
}

TEST_F(TcpNetworkTest, MessagesToSelfThatFindNoRoomAreDropped) {
  TcpNetwork network(clock_, tasks_, random_,
                     {.self = PeerId(3), .limits = {.queue_bytes = 10 * (64 + 36)}});
  for (int i = 0; i < 13; ++i) network.Send(PeerId(3), std::string(36, 'a'));
  size_t received = 0;
  while (network.Receive(Duration::zero()).ok()) ++received;
  EXPECT_EQ(received, 10u);
  EXPECT_EQ(network.counters().dropped_self_full, 3u);
  network.Send(PeerId(3), "again");
  EXPECT_EQ(network.Receive(Duration::zero())->bytes, "again");
}

TEST_F(TcpNetworkTest, AReceiverIsWokenByAMessage) {
  TcpNetwork network(clock_, tasks_, random_, {.self = PeerId(3)});
  std::string got;
  std::unique_ptr<Task> receiver =
      tasks_.Spawn("receiver", [&] { got = network.Receive(kPatience)->bytes; });
  network.Send(PeerId(3), "here");
  receiver->Join();
  EXPECT_EQ(got, "here");
}

TEST_F(TcpNetworkTest, CloseWakesReceiversForGood) {
  const auto network = Make(1);
  std::atomic<int> failed = 0;
  std::vector<std::unique_ptr<Task>> receivers;
  for (int i = 0; i < 3; ++i) {
    receivers.push_back(tasks_.Spawn("receiver", [&] {
      if (network->Receive(Duration::max()).status().code() == StatusCode::kFailedPrecondition) {
        ++failed;
      }
    }));
  }
  network->Close();
  for (const auto& receiver : receivers) receiver->Join();
  EXPECT_EQ(failed, 3);
  network->Send(PeerId(1), "late");
  network->Send(PeerId(2), "late");
  network->Close();
  EXPECT_EQ(network->Receive(Duration::max()).status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(TcpNetworkTest, CallsSuspend) {
  TcpNetwork network(clock_, tasks_, random_, {.self = PeerId(3)});
  NoSuspendScope scope(tasks_);
  EXPECT_THAT(FailedCheck([&] { network.Send(PeerId(3), ""); }), HasSubstr("no_suspend_depth"));
  EXPECT_THAT(FailedCheck([&] { (void)network.Receive(1ms); }), HasSubstr("no_suspend_depth"));
}

TEST_F(TcpNetworkTest, TwoMachinesTalkBothWays) {
  const auto one = Make(1);
  const auto two = Make(2);
  Introduce(*one, *two);
  one->Send(PeerId(2), "question");
  const absl::StatusOr<Message> question = two->Receive(kPatience);
  ASSERT_TRUE(question.ok()) << question.status();
  EXPECT_EQ(question->from, PeerId(1));
  EXPECT_EQ(question->bytes, "question");
  two->Send(question->from, "answer");
  EXPECT_EQ(one->Receive(kPatience)->bytes, "answer");
  EXPECT_EQ(one->counters().connects, 1u);
  EXPECT_EQ(one->counters().greetings, 1u);
}

TEST_F(TcpNetworkTest, ThreeMachinesKnowWhoSpeaks) {
  const auto one = Make(1);
  const auto two = Make(2);
  const auto three = Make(3);
  Introduce(*one, *two);
  Introduce(*two, *three);
  Introduce(*one, *three);
  for (TcpNetwork* from : {one.get(), two.get(), three.get()}) {
    for (uint64_t to = 1; to <= 3; ++to) {
      from->Send(PeerId(to), std::to_string(from->Self().value()) + std::to_string(to));
    }
  }
  for (TcpNetwork* at : {one.get(), two.get(), three.get()}) {
    for (int i = 0; i < 3; ++i) {
      const absl::StatusOr<Message> message = at->Receive(kPatience);
      ASSERT_TRUE(message.ok());
      EXPECT_EQ(message->bytes,
                std::to_string(message->from.value()) + std::to_string(at->Self().value()));
    }
    EXPECT_EQ(at->Receive(Duration::zero()).status().code(), StatusCode::kDeadlineExceeded);
  }
}

TEST_F(TcpNetworkTest, MachinesTalkOverIPv6AndByName) {
  TcpOptions options = Options(1);
  options.listen = "[::1]:0";
  TcpNetwork one(clock_, tasks_, random_, options);
  if (!one.status().ok()) GTEST_SKIP() << one.status();
  const auto two = Make(2);
  EXPECT_THAT(one.address(), HasSubstr("[::1]:"));
  ASSERT_TRUE(two->MovePeer(PeerId(1), one.address()).ok());
  EXPECT_EQ(SendUntilReceived(*two, one, "six"), "six");
  ASSERT_TRUE(one.MovePeer(PeerId(2), "localhost:" + std::to_string(two->port())).ok());
  EXPECT_EQ(SendUntilReceived(one, *two, "name"), "name");
}

TEST_F(TcpNetworkTest, ANameThatNobodyKnowsIsAnotherFailedAttempt) {
  const auto one = Make(1);
  ASSERT_TRUE(one->MovePeer(PeerId(2), "no-such-host.invalid:7001").ok());
  one->Send(PeerId(2), "lost");
  EXPECT_TRUE(Await([&] { return one->counters().connect_failures >= 2; }));
}

TEST_F(TcpNetworkTest, MessagesOfEverySizeArriveWhole) {
  const auto one = Make(1);
  const auto two = Make(2);
  Introduce(*one, *two);
  std::vector<size_t> sizes = {0, 1, 15, 16, 17, 65519, 65520, 65521, 16 * kMiB};
  for (size_t around : {128 * kKiB, 256 * kKiB}) {
    for (size_t size = around - 33; size <= around + 33; size += 11) sizes.push_back(size);
  }
  for (size_t i = 0; i < sizes.size(); ++i) {
    one->Send(PeerId(2), std::string(sizes[i], static_cast<char>('a' + i)));
  }
  for (size_t i = 0; i < sizes.size(); ++i) {
    const absl::StatusOr<Message> message = two->Receive(kPatience);
    ASSERT_TRUE(message.ok()) << i << ": " << two->counters().ToString();
    EXPECT_TRUE(message->bytes == std::string(sizes[i], static_cast<char>('a' + i))) << i;
  }
}

TEST_F(TcpNetworkTest, ManyMessagesOfManySendersArriveInTheOrderOfEach) {
  constexpr uint64_t kSenders = 4;
  constexpr uint64_t kEach = 20'000;
  const auto one = Make(1);
  const auto two = Make(2);
  Introduce(*one, *two);
  std::vector<std::unique_ptr<Task>> senders;
  for (uint64_t sender = 0; sender < kSenders; ++sender) {
    senders.push_back(tasks_.Spawn("sender", [&, sender] {
      for (uint64_t i = 0; i < kEach; ++i) {
        std::string bytes;
        PutU64(bytes, sender);
        PutU64(bytes, i);
        bytes.append(i % 200, 'x');
        one->Send(PeerId(2), bytes);
      }
    }));
  }
  std::vector<uint64_t> next(kSenders);
  for (uint64_t i = 0; i < kSenders * kEach; ++i) {
    const absl::StatusOr<Message> message = two->Receive(kPatience);
    ASSERT_TRUE(message.ok()) << one->counters().ToString();
    ByteReader in(message->bytes);
    const uint64_t sender = in.U64();
    ASSERT_LT(sender, kSenders);
    ASSERT_EQ(in.U64(), next[sender]++);
  }
  for (const auto& sender : senders) sender->Join();
  EXPECT_EQ(two->counters().messages_received, kSenders * kEach);
  EXPECT_EQ(one->counters().messages_queued, kSenders * kEach);
}

TEST_F(TcpNetworkTest, SeveralReceiversShareTheMessages) {
  constexpr uint64_t kMessages = 5000;
  const auto one = Make(1);
  const auto two = Make(2);
  Introduce(*one, *two);
  std::atomic<uint64_t> received = 0;
  std::vector<std::unique_ptr<Task>> receivers;
  for (int i = 0; i < 3; ++i) {
    receivers.push_back(tasks_.Spawn("receiver", [&] {
      while (two->Receive(Duration::max()).ok()) ++received;
    }));
  }
  for (uint64_t i = 0; i < kMessages; ++i) one->Send(PeerId(2), "x");
  EXPECT_TRUE(Await([&] { return received == kMessages; }));
  two->Close();
  for (const auto& receiver : receivers) receiver->Join();
}

// The peer accepts and never reads: what the kernel and the queue do not hold is dropped.
TEST_F(TcpNetworkTest, WhatFindsTheQueueFullIsDroppedAndCounted) {
  const auto one = Make(Options(1, {.queue_bytes = kMiB}));
  RawListener deaf;
  ASSERT_TRUE(one->MovePeer(PeerId(2), deaf.address()).ok());
  one->Send(PeerId(2), "hello");
  const RawConnection connection = deaf.AcceptPeer(PeerId(2));
  const std::string large(100'000, 'x');
  uint64_t sent = 1;
  EXPECT_TRUE(Await([&] {
    for (int i = 0; i < 100; ++i) one->Send(PeerId(2), large);
    sent += 100;
    return one->counters().dropped_full >= 1000;
  }));
  const TcpCounters counters = one->counters();
  EXPECT_EQ(counters.messages_queued + counters.dropped_full, sent);
}

TEST_F(TcpNetworkTest, AMessageLongerThanAllowedIsNotSent) {
  const auto one = Make(Options(1, {.message_bytes = 1000}));
  const auto two = Make(Options(2, {.message_bytes = 1000}));
  Introduce(*one, *two);
  one->Send(PeerId(2), std::string(1001, 'x'));
  one->Send(PeerId(2), std::string(1000, 'y'));
  EXPECT_EQ(two->Receive(kPatience)->bytes, std::string(1000, 'y'));
  EXPECT_EQ(one->counters().dropped_oversize, 1u);
}

// A receiver that is behind holds the senders back; when it goes on, nothing has been lost.
TEST_F(TcpNetworkTest, AFullInboxStopsTheReadingAndNothingIsLost) {
  constexpr uint64_t kMessages = 3000;
  const auto one = Make(1);
  const auto two = Make(Options(2, {.inbox_bytes = 64 * kKiB}));
  Introduce(*one, *two);
  const std::string padding(10'000, 'x');
  for (uint64_t i = 0; i < kMessages; ++i) one->Send(PeerId(2), std::to_string(i) + padding);
  ASSERT_TRUE(Await([&] { return two->counters().reading_paused > 0; }));
  two->Send(PeerId(2), "to self, which has room of its own");
  uint64_t next = 0;
  bool own = false;
  while (next < kMessages || !own) {
    const absl::StatusOr<Message> message = two->Receive(kPatience);
    ASSERT_TRUE(message.ok()) << next << " " << two->counters().ToString();
    if (message->from == PeerId(2)) {
      own = true;
    } else {
      ASSERT_EQ(message->bytes, std::to_string(next++) + padding);
    }
  }
  EXPECT_GT(two->counters().reading_paused, 1u);
}

// Also while a peer does not read, another does not answer, and a third cannot be reached.
TEST_F(TcpNetworkTest, TheEndWaitsForNobody) {
  RawListener deaf;
  RawListener silent;
  auto one = Make(1);
  ASSERT_TRUE(one->MovePeer(PeerId(2), deaf.address()).ok());
  ASSERT_TRUE(one->MovePeer(PeerId(3), silent.address()).ok());
  one->Send(PeerId(2), "hello");
  RawConnection connection = deaf.AcceptPeer(PeerId(2));
  for (int i = 0; i < 100; ++i) {
    one->Send(PeerId(2), std::string(500'000, 'x'));
    one->Send(PeerId(3), "x");
  }
  one.reset();
  EXPECT_EQ(Frame(PeerId(1), "hello"), connection.Read(kFrameHeaderBytes + 5));
}

TEST_F(TcpNetworkTest, CloseEndsConnectionsBeforeTheDestructor) {
  const auto one = Make(1);
  RawConnection connection = RawConnection::To(one->port());
  ASSERT_TRUE(
      connection.SayHello({.cluster = kTestCluster, .sender = PeerId(2), .receiver = PeerId(1)}));
  connection.ReadHello();
  one->Close();
  EXPECT_TRUE(connection.ClosedByPeer());
}

}  // namespace
}  // namespace wt
