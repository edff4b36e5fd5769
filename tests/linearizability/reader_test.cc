// Proves what recorded events mean under each model, in every notation, and that a file that is no
// history is refused with its line.
#include "scenarios/linearizability/recorded/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "scenarios/linearizability/check.h"

namespace wt::lin {
namespace {

using ::testing::HasSubstr;

History Read(std::string_view model, std::string_view text, std::string_view file = "a.edn") {
  const RecordedModel* known = FindRecordedModel(model);
  WT_CHECK(known != nullptr);
  absl::StatusOr<History> history = ReadHistory(file, text, *known);
  EXPECT_TRUE(history.ok()) << history.status();
  return history.ok() ? *std::move(history) : History{};
}

bool IsLinearizable(std::string_view model, std::string_view text,
                    std::string_view file = "a.edn") {
  return Check(Read(model, text, file), {}).verdict == Verdict::kLinearizable;
}

std::string ErrorOf(std::string_view model, std::string_view text,
                    std::string_view file = "a.edn") {
  const absl::StatusOr<History> history = ReadHistory(file, text, *FindRecordedModel(model));
  return history.ok() ? "" : MessageOf(history.status());
}

std::string Op(std::string_view f, std::string_view argument, std::string_view result,
               std::string_view type = "ok") {
  return absl::StrFormat(
      "{:process 1 :type :invoke :f :%s :value %s}"
      "{:process 1 :type :%s :f :%s :value %s}\n",
      f, argument, type, f, result);
}

TEST(ReaderTest, RegistersDifferInTheirBeginningAndInNil) {
  const std::string reads_nil = Op("write", "3", "3") + Op("read", "nil", "nil");
  EXPECT_TRUE(IsLinearizable("cas-register", reads_nil));
  EXPECT_FALSE(IsLinearizable("etcd", reads_nil));
  EXPECT_FALSE(IsLinearizable("register", reads_nil));
  EXPECT_TRUE(IsLinearizable("cas-register", Op("read", "nil", "0")));
  EXPECT_FALSE(IsLinearizable("etcd", Op("read", "nil", "0")));
  EXPECT_TRUE(IsLinearizable("etcd", Op("read", "nil", "nil")));
}

TEST(ReaderTest, AFailedCasIsAnAnswerForEtcdAlone) {
  const std::string text = Op("write", "3", "3") + Op("cas", "[3 4]", "[3 4]", "fail");
  EXPECT_FALSE(IsLinearizable("etcd", text));
  EXPECT_TRUE(IsLinearizable("cas-register", text));
  const std::string timed_out = Op("write", "3", "3") + Op("cas", "[3 4]", ":timed-out", "fail");
  EXPECT_TRUE(IsLinearizable("etcd", timed_out + Op("read", "nil", "3")));
  EXPECT_TRUE(IsLinearizable("etcd", timed_out + Op("read", "nil", "4")));
}

TEST(ReaderTest, FailedOperationsDidNotHappen) {
  for (std::string_view model : {"etcd", "register", "cas-register"}) {
    const std::string text = Op("write", "1", "1") + Op("write", "2", "2", "fail");
    EXPECT_TRUE(IsLinearizable(model, text + Op("read", "nil", "1"))) << model;
    EXPECT_FALSE(IsLinearizable(model, text + Op("read", "nil", "2"))) << model;
  }
  EXPECT_TRUE(IsLinearizable("etcd", Op("read", "nil", ":timed-out", "fail")));
}

TEST(ReaderTest, CrashedOperationsMayHappenAtAnyTime) {
  const std::string text = Op("write", "1", "1") + Op("write", "2", ":timed-out", "info");
  EXPECT_TRUE(IsLinearizable("etcd", text + Op("read", "nil", "1") + Op("read", "nil", "2")));
  EXPECT_FALSE(IsLinearizable("etcd", text + Op("read", "nil", "2") + Op("read", "nil", "1")));
}

TEST(ReaderTest, AProcessThatInvokesAgainHasCrashedBefore) {
  const std::string text = "{:process 1 :type :invoke :f :write :value 5}" +
                           Op("read", "nil", "nil") + Op("read", "nil", "5");
  const History history = Read("etcd", text);
  EXPECT_EQ(history.operations.size(), 3u);
  EXPECT_TRUE(history.operations[0].open());
  EXPECT_EQ(Check(history, {}).verdict, Verdict::kLinearizable);
}

TEST(ReaderTest, OthersThanClientsAreLeftOut) {
  const std::string text =
      "{:process :nemesis :type :info :f :kill}\n"
      "{:process 7 :type :info :f :weird}\n" +
      Op("read", "nil", "0");
  EXPECT_EQ(Read("cas-register", text).operations.size(), 1u);
}

TEST(ReaderTest, ValuesAreOfAnyKind) {
  EXPECT_TRUE(IsLinearizable(
      "register", Op("write", "-3", "-3") + Op("read", "nil", "-3") +
                      Op("cas", "[-3 :a]", "[-3 :a]") + Op("cas", "(:a \"b c\")", "(:a \"b c\")") +
                      Op("read", "nil", "\"b c\"") + Op("cas", "[\"b c\" nil]", "nil") +
                      Op("read", "nil", "nil")));
  EXPECT_FALSE(IsLinearizable("register", Op("write", "\"1\"", "nil") + Op("read", "nil", "1")));
}

TEST(ReaderTest, KeysAreRegistersOfTheirOwn) {
  const std::string text =
      "{:process 1 :type :invoke :f :write :key \"x\" :value 1}"
      "{:process 1 :type :ok :f :write :key \"x\" :value 1}"
      "{:process 1 :type :invoke :f :read :key \"y\" :value nil}"
      "{:process 1 :type :ok :f :read :key \"y\" :value nil}";
  EXPECT_TRUE(IsLinearizable("register", text));
  EXPECT_EQ(Read("register", text).keys, (std::vector<std::string>{"x", "y"}));
}

TEST(ReaderTest, Kv) {
  const auto op = [](std::string_view f, std::string_view argument, std::string_view result) {
    return absl::StrFormat(
        "{:process 0, :type :invoke, :f :%s, :key \"0\", :value %s}\n"
        "{:process 0, :type :ok, :f :%s, :key \"0\", :value %s}\n",
        f, argument, f, result);
  };
  const std::string text = op("get", "nil", "\"\"") + op("append", "\"x 1\"", "\"x 1\"") +
                           op("append", "\"y\"", "\"y\"");
  EXPECT_TRUE(IsLinearizable("kv", text + op("get", "nil", "\"x 1y\"")));
  EXPECT_FALSE(IsLinearizable("kv", text + op("get", "nil", "\"yx 1\"")));
  EXPECT_TRUE(IsLinearizable("kv", text + op("put", "\"z\"", "nil") + op("get", "nil", "\"z\"") +
                                       op("delete", "nil", "nil") + op("get", "nil", "nil")));
  EXPECT_TRUE(IsLinearizable("kv", Op("put", "[3 \"a\"]", "[3 \"a\"]") +
                                       Op("get", "[4 nil]", "[4 \"\"]") +
                                       Op("get", "[3 nil]", "[3 \"a\"]")));
}

TEST(ReaderTest, Counter) {
  const std::string text = Op("add", "5", "5") + Op("dec", "2", "2") + Op("inc", "nil", "nil");
  EXPECT_TRUE(IsLinearizable("counter", text + Op("read", "nil", "4")));
  EXPECT_FALSE(IsLinearizable("counter", text + Op("read", "nil", "5")));
  EXPECT_TRUE(IsLinearizable("counter", Op("write", "-9", "-9") + Op("read", "nil", "-9")));
}

TEST(ReaderTest, ListAppend) {
  const std::string text = Op("txn", "[[:append 5 1]]", "[[:append 5 1]]") +
                           Op("append", "[5 2]", "[5 2]") + Op("append", "[6 1]", "[6 1]");
  EXPECT_TRUE(IsLinearizable("list-append", text + Op("txn", "[[:r 5 nil]]", "[[:r 5 [1 2]]]")));
  EXPECT_FALSE(IsLinearizable("list-append", text + Op("read", "[5 nil]", "[5 [2 1]]")));
  EXPECT_FALSE(IsLinearizable("list-append", text + Op("read", "[5 nil]", "[5 [1 2 3]]")));
  EXPECT_FALSE(IsLinearizable("list-append", text + Op("read", "[5 nil]", "[5 [12]]")));
  EXPECT_TRUE(IsLinearizable(
      "list-append", text + Op("read", "[7 nil]", "[7 nil]") + Op("read", "[7 nil]", "[7 []]")));
}

TEST(ReaderTest, TextLogs) {
  constexpr std::string_view kLog =
      "INFO  jepsen.core - Running\r\n\n"
      "INFO  jepsen.util - 0\t:invoke\t:write\t3\r\n"
      "2020-01-01 12:00:00 INFO jepsen worker 1 - jepsen.util 1 :invoke :read nil\n"
      "INFO  jepsen.util - :nemesis\t:info\t:start\tnil\n"
      "INFO  jepsen.util - 0\t:ok\t:write\t3\n"
      "INFO  jepsen.util - 1\t:ok\t:read\t3\n"
      "INFO  jepsen.util - 0\t:invoke\t:cas\t[3 -4]\n"
      "INFO  jepsen.util - 0\t:info\t:cas\t:timed-out [oops\n"
      "INFO  jepsen.util - 5\t:invoke\t:read\tnil\n"
      "INFO  jepsen.util - 5\t:ok\t:read\t-4\n";
  for (const auto* file : {"a.log", "a.txt"}) {
    const History history = Read("etcd", kLog, file);
    EXPECT_EQ(history.operations.size(), 4u);
    EXPECT_EQ(history.stamps[0].call, 3);
    EXPECT_EQ(Check(history, {}).verdict, Verdict::kLinearizable);
  }
}

TEST(ReaderTest, NothingIsAHistory) {
  for (const auto* file : {"a.edn", "a.log", "a.txt"}) {
    for (const auto* text : {"", "\n \n"}) {
      EXPECT_TRUE(Read("etcd", text, file).operations.empty()) << file;
    }
  }
}

TEST(ReaderTest, WhatIsNoHistoryIsRefusedWithItsLine) {
  EXPECT_EQ(ErrorOf("etcd", "{:process 1 :type :ok :f :read :value 3}"),
            "a.edn:1: process 1 has :ok without :invoke");
  EXPECT_EQ(ErrorOf("etcd", "\n{:type :invoke :f :read}"), "a.edn:2: an event without :process");
  EXPECT_EQ(ErrorOf("etcd", "{:process 1 :f :read}"), "a.edn:1: an event without :type");
  EXPECT_EQ(ErrorOf("etcd", "{:process 1 :type :invoke}"), "a.edn:1: an event without :f");
  EXPECT_THAT(ErrorOf("etcd", "{:process 1 :type :begin :f :read}"),
              HasSubstr("type :begin, want"));
  EXPECT_THAT(ErrorOf("etcd", Op("append", "1", "1")),
              HasSubstr("a.edn:1: unknown function :append; a etcd has :read, :get"));
  EXPECT_THAT(ErrorOf("etcd", Op("cas", "3", "3")), HasSubstr("want [expected new] for a cas"));
  EXPECT_THAT(ErrorOf("counter", Op("add", ":a", "1")), HasSubstr("want an integer, found :a"));
  EXPECT_THAT(ErrorOf("etcd", "[1 2]"), HasSubstr("want an event, {:process ...}, found 1"));
  EXPECT_THAT(ErrorOf("list-append", Op("txn", "[[:r 1 nil] [:r 2 nil]]", "nil")),
              HasSubstr("other than one operation"));
  EXPECT_EQ(ErrorOf("etcd", "hello\nworld\n", "a.log"),
            "a.log:1: no line here is an event (PROCESS :type :f VALUE)");
  EXPECT_THAT(ErrorOf("etcd", "1\t:invoke\t:cas\t[1 2\n", "a.log"), HasSubstr("a.log:1: "));
}

TEST(ReaderTest, ModelsAreFoundInDescriptions) {
  EXPECT_EQ(FindDescribedModel("etcd register read/write/cas (fail=x)")->name, "etcd");
  EXPECT_EQ(FindDescribedModel("whole-map kv, no partition")->name, "kv");
  EXPECT_EQ(FindDescribedModel("cas-register")->name, "cas-register");
  EXPECT_EQ(FindDescribedModel("queue"), nullptr);
  EXPECT_EQ(FindRecordedModel("etcd register"), nullptr);
}

}  // namespace
}  // namespace wt::lin
