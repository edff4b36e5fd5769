#include "engine/posix/suspend.h"

#include "engine/base/check.h"

namespace wt {
namespace {

thread_local int no_suspend_depth = 0;

}  // namespace

void EnterNoSuspendScope() { ++no_suspend_depth; }

void LeaveNoSuspendScope() {
  WT_CHECK(no_suspend_depth > 0);
  --no_suspend_depth;
}

void CheckMaySuspend() { WT_CHECK_EQ(no_suspend_depth, 0); }

}  // namespace wt
