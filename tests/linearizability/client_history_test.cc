// Proves that the checker, used as a scenario uses it, accepts what one copy could answer and
// rejects each fault that a broken store shows: stale read, lost update, phantom value, reordered
// counter and more; and that it says so in the user's terms.
#include "scenarios/linearizability/client_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/random.h"

namespace wt::lin {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class ClientHistoryTest : public ::testing::Test {
 protected:
  sim::SimTime Now() { return now_ += milliseconds(10); }
  void Put(std::string_view key, std::string_view value) {
    const auto put = history_.Put(1, key, value, Now());
    history_.Ok(put, Now());
  }
  void Get(std::string_view key, ClientHistory::OptionalText value) {
    const auto get = history_.Get(2, key, Now());
    history_.OkGet(get, value, Now());
  }
  void ExpectLinearizable() {
    const CheckResult result = CheckHistory(history_, {});
    EXPECT_EQ(result.verdict, Verdict::kLinearizable) << result.message;
    EXPECT_EQ(result.message, "");
  }
  std::string ExpectNot() {
    const CheckResult result = CheckHistory(history_, {});
    EXPECT_EQ(result.verdict, Verdict::kNotLinearizable);
    EXPECT_NE(result.message, "");
    return result.message;
  }

  sim::SimTime now_{};
  ClientHistory history_;
};

TEST_F(ClientHistoryTest, NothingIsLinearizable) { ExpectLinearizable(); }

TEST_F(ClientHistoryTest, OneCopysAnswersAreAccepted) {
  Get("a", std::nullopt);
  Put("a", "1");
  Get("a", "1");
  Get("b", std::nullopt);
  history_.OkCompareAndSet(history_.CompareAndSet(3, "a", "1", "2", now_), now_);
  history_.CompareFailed(history_.CompareAndSet(3, "a", "1", "3", now_), "2", now_);
  history_.OkDelete(history_.Delete(3, "a", now_), true, now_);
  history_.OkDelete(history_.Delete(3, "a", now_), false, now_);
  history_.OkCompareAndSet(history_.CompareAndSet(3, "a", std::nullopt, "4", now_), now_);
  history_.OkCount(history_.Increment(3, "a", 5, now_), 5, now_);
  history_.Ok(history_.SetCount(3, "a", -2, now_), now_);
  history_.OkCount(history_.ReadCount(3, "a", now_), -2, now_);
  ExpectLinearizable();
}

TEST_F(ClientHistoryTest, StaleReadIsRejected) {
  Put("k017", "v411");
  Put("k017", "v412");
  Get("k017", "v411");
  const std::string message = ExpectNot();
  EXPECT_THAT(message, HasSubstr("key k017 (a register, at first nil)"));
  EXPECT_THAT(message, HasSubstr("client 1  write v412  ok"));
  EXPECT_THAT(message, HasSubstr("client 2  read        = v411  0.050000s .. 0.060000s"));
}

TEST_F(ClientHistoryTest, LostUpdateIsRejected) {
  Put("a", "0");
  const auto one = history_.CompareAndSet(1, "a", "0", "1", Now());
  const auto two = history_.CompareAndSet(2, "a", "0", "2", Now());
  history_.OkCompareAndSet(one, Now());
  history_.OkCompareAndSet(two, Now());
  EXPECT_THAT(ExpectNot(), HasSubstr("cas 0 -> 2"));
}

TEST_F(ClientHistoryTest, LostPutIsRejected) {
  Put("a", "0");
  Get("a", std::nullopt);
  EXPECT_THAT(ExpectNot(), HasSubstr("= nil"));
}

TEST_F(ClientHistoryTest, PhantomValueIsRejected) {
  Put("a", "0");
  Get("a", "7");
  const std::string message = ExpectNot();
  EXPECT_THAT(message, HasSubstr("= 7"));
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 2);  // the read alone proves it
}

TEST_F(ClientHistoryTest, AFailedPutMustNotBeSeen) {
  history_.Fail(history_.Put(1, "a", "0", Now()));
  Get("a", std::nullopt);
  ExpectLinearizable();
  Get("a", "0");
  ExpectNot();
}

TEST_F(ClientHistoryTest, AnUnknownPutMayBeSeenLateButNotUnseen) {
  history_.Unknown(history_.Put(1, "a", "0", Now()));
  Get("a", std::nullopt);
  Get("a", "0");
  ExpectLinearizable();
  Get("a", std::nullopt);
  ExpectNot();
}

TEST_F(ClientHistoryTest, ReorderedCounterIsRejected) {
  history_.OkCount(history_.Increment(1, "c", 1, now_), 1, now_);
  history_.OkCount(history_.Increment(2, "c", 1, now_), 2, now_);
  history_.OkCount(history_.ReadCount(3, "c", now_), 2, now_);
  ExpectLinearizable();
  history_.OkCount(history_.ReadCount(3, "c", now_), 1, now_);
  EXPECT_THAT(ExpectNot(), HasSubstr("key c (a counter, at first 0)"));
}

TEST_F(ClientHistoryTest, AnIncrementAppliedTwiceIsRejected) {
  history_.Ok(history_.Increment(1, "c", 1, now_), now_);
  history_.OkCount(history_.ReadCount(3, "c", now_), 2, now_);
  ExpectNot();
}

TEST_F(ClientHistoryTest, VersionsAgainstRealTimeAreRejected) {
  const auto first = history_.Put(1, "a", "1", Now());
  history_.Ok(first, Now());
  history_.TookEffectAt(first, LogIndex(9));
  const auto read = history_.Get(2, "b", Now());
  history_.OkGet(read, std::nullopt, Now());
  history_.SawState(read, LogIndex(9));
  ExpectLinearizable();
  const auto second = history_.Put(1, "b", "1", Now());
  history_.Ok(second, Now());
  history_.TookEffectAt(second, LogIndex(8));
  EXPECT_THAT(ExpectNot(), HasSubstr("older log index"));
}

TEST_F(ClientHistoryTest, ABudgetThatEndsIsNoPass) {
  // Appends of no help: many concurrent writes of few values, and reads that need a certain order.
  Draw draw(7);
  std::vector<ClientHistory::Ticket> puts;
  for (int i = 0; i < 40; ++i) {
    puts.push_back(history_.Put(1, "a", std::to_string(draw.Below(5)), Now()));
  }
  for (const auto put : puts) history_.Ok(put, Now());
  const CheckResult result = CheckHistory(history_, {.steps = 10});
  EXPECT_EQ(result.verdict, Verdict::kUnknown);
  EXPECT_THAT(result.message, HasSubstr("key a (a register, at first nil): not decided within 10"));
}

TEST_F(ClientHistoryTest, LongHistoriesOfUniqueValuesAreDecided) {
  std::string last;
  for (int i = 0; i < 20'000; ++i) {
    const auto open = history_.Put(3, "a", "open" + std::to_string(i), Now());
    last = std::to_string(i);
    Put("a", last);
    Get("a", last);
    if (i % 7 != 0) history_.Ok(open, Now());
    Put("a", "next" + last);
  }
  ExpectLinearizable();
  Get("a", last);
  const std::string message = ExpectNot();
  EXPECT_LE(std::count(message.begin(), message.end(), '\n'), 6) << message;
}

}  // namespace
}  // namespace wt::lin
