// Proves that a queue keeps order and its limit, and says exactly once that it is no longer empty.
#include "engine/posix/tcp/send_queue.h"

#include <iterator>
#include <string>

#include "engine/posix/posix_tasks.h"
#include "gtest/gtest.h"
#include "tests/posix/tcp_endpoints.h"

namespace wt {
namespace {

using Offered = SendQueue::Offered;

constexpr PeerId kFrom = PeerId(1);

Offered Append(SendQueue& queue, std::string_view payload) {
  return queue.Append(EncodeFrameHeader(kFrom, payload), payload);
}

std::string Joined(const std::deque<std::string>& chunks) {
  std::string all;
  for (const std::string& chunk : chunks) all += chunk;
  return all;
}

void Finish(SendQueue& queue, std::deque<std::string>& chunks) {
  queue.Done({std::make_move_iterator(chunks.begin()), std::make_move_iterator(chunks.end())});
  chunks.clear();
}

TEST(SendQueueTest, FramesComeOutInOrderAndPacked) {
  PosixTasks tasks;
  SendQueue queue(tasks, 64 * kMiB);
  std::string want;
  for (int i = 0; i < 1000; ++i) {
    Append(queue, std::to_string(i));
    want += Frame(kFrom, std::to_string(i));
  }
  Append(queue, std::string(kMiB, 'x'));
  Append(queue, "last");
  want += Frame(kFrom, std::string(kMiB, 'x')) + Frame(kFrom, "last");
  std::deque<std::string> chunks;
  ASSERT_TRUE(queue.Take(chunks));
  EXPECT_EQ(Joined(chunks), want);
  EXPECT_EQ(chunks.size(), 3u);
}

TEST(SendQueueTest, TheFirstAfterAnEmptyTakeIsAnnounced) {
  PosixTasks tasks;
  SendQueue queue(tasks, kMiB);
  std::deque<std::string> chunks;
  EXPECT_EQ(Append(queue, "a"), Offered::kQueuedFirst);
  EXPECT_EQ(Append(queue, "b"), Offered::kQueued);
  EXPECT_TRUE(queue.Take(chunks));
  EXPECT_EQ(Append(queue, "c"), Offered::kQueued);  // the thread will look again by itself
  EXPECT_TRUE(queue.Take(chunks));
  EXPECT_EQ(Joined(chunks), Frame(kFrom, "a") + Frame(kFrom, "b") + Frame(kFrom, "c"));
  EXPECT_FALSE(queue.Take(chunks));
  EXPECT_EQ(Append(queue, "d"), Offered::kQueuedFirst);
}

TEST(SendQueueTest, RoomIsFreeWhenChunksAreDoneNotWhenTheyAreTaken) {
  PosixTasks tasks;
  SendQueue queue(tasks, 3 * (kFrameHeaderBytes + 10));
  const std::string ten(10, 'x');
  for (int i = 0; i < 3; ++i) EXPECT_NE(Append(queue, ten), Offered::kFull);
  EXPECT_EQ(Append(queue, ""), Offered::kFull);
  std::deque<std::string> chunks;
  ASSERT_TRUE(queue.Take(chunks));
  EXPECT_EQ(Append(queue, ""), Offered::kFull);
  Finish(queue, chunks);
  for (int i = 0; i < 3; ++i) EXPECT_NE(Append(queue, ten), Offered::kFull);
  EXPECT_EQ(Append(queue, ten), Offered::kFull);
}

TEST(SendQueueTest, AChunkThatIsUsedAgainHoldsNothingOld) {
  PosixTasks tasks;
  SendQueue queue(tasks, 64 * kMiB);
  std::deque<std::string> chunks;
  for (int round = 0; round < 100; ++round) {
    const std::string payload = std::to_string(round) + std::string(200 * kKiB, 'x');
    Append(queue, payload);
    Append(queue, payload);
    ASSERT_TRUE(queue.Take(chunks));
    ASSERT_EQ(Joined(chunks), Frame(kFrom, payload) + Frame(kFrom, payload));
    Finish(queue, chunks);
  }
}

}  // namespace
}  // namespace wt
