// Proves which failures count as one: particulars do not matter, kinds do. The signatures are in
// folder names and in CI's memory, so one is held to the byte.
#include "reports/signature.h"

#include <gtest/gtest.h>

namespace wt::reports {
namespace {

RunRecord Sample(std::string message, std::string what = "log.synced upto 413") {
  RunRecord record{.scenario = "s", .verdict = Verdict::kFail, .invariant = "index-order",
                   .message = std::move(message)};
  record.why.push_back({1, "n1", std::move(what), "lost-fsync #1"});
  return record;
}

TEST(NormalisedTest, DropsParticulars) {
  EXPECT_EQ(Normalised("SET k017=v412 (index 413) at 12.118s; n1 lost k017"),
            "SET # (index #) at #; # lost #");
  EXPECT_EQ(Normalised("no digits, at all"), "no digits, at all");
  EXPECT_EQ(Normalised(""), "");
}

TEST(SignatureOfTest, IgnoresParticulars) {
  EXPECT_EQ(SignatureOf(Sample("applied 4 beyond 3")), SignatureOf(Sample("applied 9 beyond 7")));
  EXPECT_EQ(SignatureOf(Sample("a", "log.synced upto 1")),
            SignatureOf(Sample("a", "log.synced upto 99")));
}

TEST(SignatureOfTest, TellsKindsApart) {
  EXPECT_NE(SignatureOf(Sample("applied 4 beyond 3")), SignatureOf(Sample("went back to 3")));
  EXPECT_NE(SignatureOf(Sample("a", "log.synced")), SignatureOf(Sample("a", "log.appended")));
}

TEST(SignatureOfTest, IsStable) {
  EXPECT_EQ(SignatureOf(Sample("applied 4 beyond 3")), "index-order-5b15");
}

TEST(FolderOfTest, IsFitForAFileSystem) {
  RunRecord record = Sample("a");
  EXPECT_EQ(FolderOf(record), SignatureOf(record));
  record.signature = "Index Order/../x";
  EXPECT_EQ(FolderOf(record), "index-order-..-x");
  record.signature = "..";
  EXPECT_EQ(FolderOf(record).substr(0, 8), "finding-");
  record.signature = std::string(300, 'x');
  EXPECT_LT(FolderOf(record).size(), 100u);
}

}  // namespace
}  // namespace wt::reports
