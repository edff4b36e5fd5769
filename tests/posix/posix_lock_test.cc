// Proves that a lock keeps others out, within this process and from another one, that it goes with
// its holder however that ends, and that the refused one learns who holds it.
#include "engine/posix/posix_lock.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "engine/base/status.h"
#include "engine/posix/posix_disk.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/posix/failing_syscall.h"
#include "tests/posix/temporary_folder.h"

namespace wt {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

class PosixLockTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  PosixDisk disk_{folder_.path()};
};

TEST_F(PosixLockTest, ASecondHolderIsRefusedAndToldWho) {
  auto lock = disk_.Lock("LOCK");
  ASSERT_TRUE(lock.ok()) << lock.status();
  const absl::Status refused = disk_.Lock("LOCK").status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(refused),
              HasSubstr("LOCK: locked by process " + std::to_string(::getpid()) + " on "));
  EXPECT_TRUE(disk_.Lock("OTHER").ok());
}

TEST_F(PosixLockTest, DestructionReleases) {
  { ASSERT_TRUE(disk_.Lock("LOCK").ok()); }
  EXPECT_TRUE(disk_.Lock("LOCK").ok());
}

TEST_F(PosixLockTest, AFullDiskDoesNotKeepTheDatabaseShut) {
  WT_WITH_FAILING_SYSCALL(SYS_pwrite64, ENOSPC, [&] { EXPECT_TRUE(disk_.Lock("LOCK").ok()); });
}

// The child says when it has tried, holds what it got, and waits to be killed.
pid_t StartHolder(const std::string& root, int tell) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  PosixDisk disk(root);
  auto lock = disk.Lock("LOCK");
  const char result = lock.ok() ? 'y' : 'n';
  if (::write(tell, &result, 1) != 1) ::_exit(1);
  while (true) ::pause();
}

TEST_F(PosixLockTest, AnotherProcessIsKeptOutUntilTheHolderDies) {
  int channel[2];
  ASSERT_EQ(::pipe(channel), 0);
  const pid_t child = StartHolder(folder_.path(), channel[1]);
  ASSERT_GT(child, 0);
  char result = 0;
  ASSERT_EQ(::read(channel[0], &result, 1), 1);
  EXPECT_EQ(result, 'y');
  const absl::Status refused = disk_.Lock("LOCK").status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(refused), HasSubstr("process " + std::to_string(child)));

  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(disk_.Lock("LOCK").ok());
  ::close(channel[0]);
  ::close(channel[1]);
}

}  // namespace
}  // namespace wt
