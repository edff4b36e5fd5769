// Proves that a lone machine hears itself, in order, and nobody else; that no sender ever waits.
#include "engine/posix/loopback_network.h"

#include <chrono>
#include <memory>
#include <string>

#include "engine/posix/posix_sources.h"
#include "engine/posix/posix_tasks.h"
#include "gtest/gtest.h"

namespace wt {
namespace {

using absl::StatusCode;
using std::chrono_literals::operator""ms;

class LoopbackNetworkTest : public testing::Test {
 protected:
  static constexpr PeerId kSelf = PeerId(3);
  PosixClock clock_;
  PosixTasks tasks_;
  LoopbackNetwork network_{clock_, tasks_, kSelf};
};

TEST_F(LoopbackNetworkTest, MessagesToSelfArriveInOrder) {
  EXPECT_EQ(network_.Self(), kSelf);
  network_.Send(kSelf, "one");
  network_.Send(kSelf, "two");
  absl::StatusOr<Message> first = network_.Receive(Duration::zero());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->from, kSelf);
  EXPECT_EQ(first->bytes, "one");
  EXPECT_EQ(network_.Receive(Duration::zero())->bytes, "two");
}

TEST_F(LoopbackNetworkTest, MessagesToOthersAreDropped) {
  network_.Send(PeerId(4), "lost");
  EXPECT_EQ(network_.Receive(1ms).status().code(), StatusCode::kDeadlineExceeded);
}

TEST_F(LoopbackNetworkTest, WhatHasNoRoomIsDropped) {
  for (size_t i = 0; i < LoopbackNetwork::kMostWaiting + 5; ++i) {
    network_.Send(kSelf, std::to_string(i));
  }
  size_t received = 0;
  while (network_.Receive(Duration::zero()).ok()) ++received;
  EXPECT_EQ(received, LoopbackNetwork::kMostWaiting);
}

TEST_F(LoopbackNetworkTest, AReceiverIsWokenByAMessage) {
  std::string got;
  auto receiver = tasks_.Spawn("receiver", [&] { got = network_.Receive(Duration::max())->bytes; });
  network_.Send(kSelf, "wake");
  receiver->Join();
  EXPECT_EQ(got, "wake");
}

TEST_F(LoopbackNetworkTest, CloseWakesReceiversForGood) {
  StatusCode code = StatusCode::kOk;
  auto receiver =
      tasks_.Spawn("receiver", [&] { code = network_.Receive(Duration::max()).status().code(); });
  network_.Close();
  receiver->Join();
  EXPECT_EQ(code, StatusCode::kFailedPrecondition);
  network_.Send(kSelf, "too late");
  EXPECT_EQ(network_.Receive(Duration::zero()).status().code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace wt
