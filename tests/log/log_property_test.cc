// Any sequence of operations, orderly restarts and crashes in between, against the model.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/log/log_model.h"

namespace rc {

template <>
struct Arbitrary<wt::test::Op> {
  static Gen<wt::test::Op> arbitrary() {
    using wt::test::OpKind;
    const auto kind = gen::weightedElement<OpKind>({{8, OpKind::kAppend},
                                                    {5, OpKind::kSync},
                                                    {2, OpKind::kTruncate},
                                                    {1, OpKind::kHardState},
                                                    {1, OpKind::kCompact},
                                                    {1, OpKind::kReset},
                                                    {1, OpKind::kReopen},
                                                    {2, OpKind::kCrash}});
    return gen::build<wt::test::Op>(gen::set(&wt::test::Op::kind, kind),
                                    gen::set(&wt::test::Op::n, gen::inRange<uint64_t>(0, 5000)));
  }
};

}  // namespace rc

namespace wt::test {

void showValue(const Op& op, std::ostream& os) {
  static constexpr std::string_view kNames[] = {"append",  "sync",  "truncate", "hard state",
                                                "compact", "reset", "reopen",   "crash"};
  os << kNames[static_cast<int>(op.kind)] << " " << op.n;
}

namespace {

void Run(const std::vector<Op>& ops, LogWorld& world) {
  world.options.segment_bytes = 16 * kKiB;
  LogModel model;
  std::unique_ptr<LogStorage> log = world.Open();
  for (const Op& op : ops) {
    if (op.kind == OpKind::kReopen) {
      RC_ASSERT(log->Close().ok());
      log = world.Open();
      RC_ASSERT(model.now().Difference(*log) == "");
      RC_ASSERT(model.Settled(*log) == "");
    } else if (op.kind == OpKind::kCrash) {
      log.reset();
      world.base.disk.Crash(op.n % 3 == 0 ? CrashKind::kKill : CrashKind::kMixed, op.n);
      log = world.Open();
      RC_ASSERT(model.Settled(*log) == "");
    } else {
      RC_ASSERT(model.Do(*log, op));
      RC_ASSERT(model.now().Difference(*log) == "");
    }
  }
}

RC_GTEST_PROP(LogPropertyTest, FollowsTheModel, (const std::vector<Op>& ops)) {
  LogWorld world;
  Run(ops, world);
}

RC_GTEST_PROP(LogPropertyTest, FollowsTheModelWhenRareChoicesAreTaken,
              (const std::vector<Op>& ops, bool roll)) {
  LogWorld world;
  world.base.random.armed = {"log.write_early", "log.read_little"};
  if (roll) world.base.random.armed.insert("log.roll_now");
  world.base.disk.SetMaxTransfer(700);
  Run(ops, world);
}

}  // namespace
}  // namespace wt::test
