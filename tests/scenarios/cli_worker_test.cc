// Proves that a worker answers in order, and that each way of dying is told apart, with the last
// words of the process that died; that a worker that hangs is ended and shows where it hung.
#include "scenarios/campaign/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "scenarios/campaign/crash_handler.h"

namespace wt::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Obey(std::string_view line) {
  if (line == "die") {
    std::fprintf(stderr, "last words\n");
    ::raise(SIGSEGV);
  }
  if (line == "exit") ::_exit(9);
  if (line == "hang") ::pause();
  if (line == "chat") std::fprintf(stderr, "%s", std::string(200'000, 'x').c_str());
  return "did " + std::string(line);
}

std::unique_ptr<WorkerProcess> Start() {
  absl::StatusOr<std::unique_ptr<WorkerProcess>> worker = WorkerProcess::Fork(Obey);
  EXPECT_TRUE(worker.ok()) << worker.status();
  return *std::move(worker);
}

TEST(WorkerProcessTest, AnswersInOrder) {
  const auto worker = Start();
  for (int i = 0; i < 100; ++i) worker->Send(std::to_string(i));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(worker->Await(seconds(30), nullptr).line, "did " + std::to_string(i));
  }
}

TEST(WorkerProcessTest, CarriesLongLines) {
  const auto worker = Start();
  const std::string large(3'000'000, 'y');
  worker->Send(large);
  EXPECT_EQ(worker->Await(seconds(30), nullptr).line, "did " + large);
}

TEST(WorkerProcessTest, TellsTheSignalAndTheLastWords) {
  const auto worker = Start();
  worker->Send("one");
  worker->Send("die");
  EXPECT_EQ(worker->Await(seconds(30), nullptr).line, "did one");
  const Answer answer = worker->Await(seconds(30), nullptr);
  ASSERT_TRUE(answer.death);
  EXPECT_FALSE(answer.death->hung);
  EXPECT_THAT(answer.death->output, HasSubstr("last words"));
#if !defined(__SANITIZE_ADDRESS__)
  EXPECT_EQ(answer.death->signal, SIGSEGV);
  EXPECT_THAT(answer.death->output, HasSubstr("died of SIGSEGV; stack:"));
#endif
}

TEST(WorkerProcessTest, TellsTheExitCode) {
  const auto worker = Start();
  worker->Send("exit");
  const Answer answer = worker->Await(seconds(30), nullptr);
  ASSERT_TRUE(answer.death);
  EXPECT_EQ(answer.death->signal, 0);
  EXPECT_EQ(answer.death->exit_code, 9);
}

TEST(WorkerProcessTest, EndsOneThatHangs) {
  const auto worker = Start();
  worker->Send("hang");
  const Answer answer = worker->Await(milliseconds(100), nullptr);
  ASSERT_TRUE(answer.death);
  EXPECT_TRUE(answer.death->hung);
  EXPECT_EQ(answer.death->signal, SIGABRT);
  EXPECT_THAT(answer.death->output, HasSubstr("pause"));
}

TEST(WorkerProcessTest, ForgetsWhatEarlierRequestsPrinted) {
  const auto worker = Start();
  worker->Send("chat");
  worker->Send("die");
  EXPECT_TRUE(worker->Await(seconds(30), nullptr).line);
  const Answer answer = worker->Await(seconds(30), nullptr);
  ASSERT_TRUE(answer.death);
  EXPECT_THAT(answer.death->output, Not(HasSubstr("xxx")));
}

TEST(WorkerProcessTest, IsStoppedByASignal) {
  const auto worker = Start();
  const std::atomic<int> stop{SIGINT};
  worker->Send("hang");
  EXPECT_TRUE(worker->Await(seconds(30), &stop).stopped);
}

TEST(WorkerProcessTest, AProgramThatIsNotThereExitsWith127) {
  const auto worker = WorkerProcess::Start({.arguments = {"/nonexistent/program"}});
  ASSERT_TRUE(worker.ok());
  const Answer answer = (*worker)->Await(seconds(30), nullptr);
  ASSERT_TRUE(answer.death);
  EXPECT_EQ(answer.death->exit_code, 127);
}

TEST(RecordOfDeathTest, IsTheSameForTheSameDeath) {
  const Death death{.signal = SIGSEGV, .output = "a.cc:7: check failed: a == b\n"};
  const reports::RunRecord record = RecordOfDeath("s", 7, death, seconds(60));
  EXPECT_EQ(record.verdict, reports::Verdict::kFail);
  EXPECT_EQ(record.invariant, "no-crash");
  EXPECT_EQ(record.message, "the process died of SIGSEGV: a.cc:7: check failed: a == b");
  EXPECT_EQ(record.output, death.output);
  const reports::RunRecord hung = RecordOfDeath("s", 7, {.hung = true}, seconds(60));
  EXPECT_EQ(hung.invariant, "no-hang");
  EXPECT_EQ(hung.message, "the run was still going after 1m of wall time");
}

TEST(TidyOutputTest, RemovesWhatDiffersBetweenRuns) {
  EXPECT_EQ(TidyOutput("/usr/lib/libc.so.6(gsignal+0x12)[0x7f0011223344]\n"),
            "libc.so.6(gsignal+0x12)\n");
  EXPECT_EQ(TidyOutput("==4711==ERROR: AddressSanitizer: SEGV on 0x7f0011223344 pc\n"),
            "==ERROR: AddressSanitizer: SEGV on 0x... pc\n");
  EXPECT_EQ(TidyOutput("/bin/p(_ZN2wt3FooEv+0x1a)[0x55aabbccddee]"), "p(wt::Foo()+0x1a)\n");
  EXPECT_EQ(TidyOutput("checksum 0x1b2c, want 0x99aa"), "checksum 0x1b2c, want 0x99aa\n");
  EXPECT_EQ(TidyOutput(""), "");
}

TEST(TellingLineTest, IsTheVerdictOfWhoeverGaveOne) {
  EXPECT_EQ(TellingLine("noise\n==ERROR: AddressSanitizer: heap-use-after-free\nmore"),
            "ERROR: AddressSanitizer: heap-use-after-free");
  EXPECT_EQ(TellingLine("x.cc:1:2: runtime error: signed integer overflow\n"),
            "x.cc:1:2: runtime error: signed integer overflow");
  EXPECT_EQ(TellingLine("nothing special\n"), "");
}

}  // namespace
}  // namespace wt::scenarios
