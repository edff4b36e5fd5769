// Which snapshot newer ones do not push out, and for how long: TransferPin alone.
#include "replicas/transfer_pin.h"

#include <gtest/gtest.h>

namespace wt {
namespace {

using namespace std::chrono_literals;

constexpr NodeId kSlow(2);
constexpr NodeId kOther(3);

Snapshot Named(uint64_t index) {
  Snapshot snapshot;
  snapshot.index = LogIndex(index);
  snapshot.id = "snapshot_" + std::to_string(index);
  return snapshot;
}

Time At(Duration since) { return Time() + since; }

class TransferPinTest : public testing::Test {
 protected:
  TransferPin pin_{1s, 1min};
};

TEST_F(TransferPinTest, HoldsWhatIsBeingSentWhileThePeerIsHeardOf) {
  EXPECT_EQ(pin_.IndexAt(At(0s)), LogIndex(0));
  pin_.Heard(At(0s), kSlow, Named(10));
  EXPECT_EQ(pin_.IndexAt(At(900ms)), LogIndex(10));
  pin_.Heard(At(900ms), kSlow, Named(10));
  EXPECT_EQ(pin_.IndexAt(At(1800ms)), LogIndex(10));
  EXPECT_EQ(pin_.IdAt(At(1800ms)), "snapshot_10");
  EXPECT_EQ(pin_.IndexAt(At(1900ms)), LogIndex(0));
}

TEST_F(TransferPinTest, HoldsOneAtATime) {
  pin_.Heard(At(0s), kSlow, Named(10));
  pin_.Heard(At(500ms), kOther, Named(20));
  EXPECT_EQ(pin_.IndexAt(At(900ms)), LogIndex(10));
  EXPECT_EQ(pin_.IndexAt(At(1100ms)), LogIndex(0)) << "the other one's word is of another";
  pin_.Heard(At(1200ms), kOther, Named(20));
  EXPECT_EQ(pin_.IndexAt(At(1200ms)), LogIndex(20));
}

TEST_F(TransferPinTest, EndsWithTheLastOfItsPeers) {
  pin_.Heard(At(0s), kSlow, Named(10));
  pin_.Heard(At(0s), kOther, Named(10));
  pin_.Ended(kOther);
  EXPECT_EQ(pin_.IndexAt(At(1ms)), LogIndex(10));
  EXPECT_FALSE(pin_.TakeEnd(At(1ms)));
  pin_.Ended(kSlow);
  EXPECT_EQ(pin_.IndexAt(At(1ms)), LogIndex(0));
  EXPECT_TRUE(pin_.TakeEnd(At(1ms)));
  EXPECT_FALSE(pin_.TakeEnd(At(2ms))) << "told once";
  EXPECT_FALSE(pin_.Ends().has_value());
}

TEST_F(TransferPinTest, EndsForWhoseLogIsPastIt) {
  pin_.Heard(At(0s), kSlow, Named(10));
  EXPECT_FALSE(pin_.HasLog(kSlow, LogIndex(9)));
  EXPECT_FALSE(pin_.HasLog(kOther, LogIndex(11))) << "was sent nothing";
  EXPECT_EQ(pin_.IndexAt(At(1ms)), LogIndex(10));
  EXPECT_TRUE(pin_.HasLog(kSlow, LogIndex(10)));
  EXPECT_FALSE(pin_.HasLog(kSlow, LogIndex(10))) << "told once";
  EXPECT_EQ(pin_.IndexAt(At(1ms)), LogIndex(0));
  EXPECT_TRUE(pin_.TakeEnd(At(1ms)));
}

TEST_F(TransferPinTest, NobodyPinsASnapshotForEver) {
  for (Duration at = 0s; at < 2min; at += 500ms) pin_.Heard(At(at), kSlow, Named(10));
  EXPECT_EQ(pin_.IndexAt(At(59s)), LogIndex(10));
  EXPECT_EQ(pin_.IndexAt(At(60s)), LogIndex(0));
  EXPECT_EQ(pin_.IndexAt(At(119s)), LogIndex(0)) << "and not again";
  pin_.Heard(At(120s), kSlow, Named(30));
  EXPECT_EQ(pin_.IndexAt(At(120s)), LogIndex(30));
}

TEST_F(TransferPinTest, SaysWhenItEndsIfNobodyIsHeardOf) {
  EXPECT_FALSE(pin_.Ends().has_value());
  pin_.Heard(At(2s), kSlow, Named(10));
  EXPECT_EQ(pin_.Ends(), At(3s));
  pin_.Heard(At(2500ms), kOther, Named(10));
  EXPECT_EQ(pin_.Ends(), At(3500ms));
}

}  // namespace
}  // namespace wt
