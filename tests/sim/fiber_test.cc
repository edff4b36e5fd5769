// Fibers: that they switch, that killing one runs its destructors, that the C++ exception state is
// its own, and that what cannot be unwound is abandoned without harm. Each test counts what ran.
#include "sim/core/fiber.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/core/stack_pool.h"

namespace wt::sim {
namespace {

struct CountsItsEnd {
  explicit CountsItsEnd(int& ends) : ends(ends) {}
  ~CountsItsEnd() { ++ends; }
  int& ends;
};

TEST(FiberTest, SwitchesBackAndForth) {
  std::string story;
  Fiber* inside = nullptr;
  Fiber fiber([&] {
    story += "a";
    inside->Suspend();
    story += "b";
  });
  inside = &fiber;
  fiber.Resume();
  story += "1";
  EXPECT_FALSE(fiber.done());
  fiber.Resume();
  story += "2";
  EXPECT_TRUE(fiber.done());
  EXPECT_EQ(story, "a1b2");
  EXPECT_EQ(Fiber::Current(), nullptr);
}

TEST(FiberTest, KillRunsDestructors) {
  int ends = 0;
  bool went_on = false;
  Fiber fiber([&] {
    const CountsItsEnd outer(ends);
    [&] {
      const CountsItsEnd inner(ends);
      Fiber::Current()->Suspend();
      went_on = true;
    }();
    went_on = true;
  });
  fiber.Resume();
  EXPECT_EQ(ends, 0);
  fiber.Kill();
  EXPECT_TRUE(fiber.done());
  EXPECT_EQ(ends, 2);
  EXPECT_FALSE(went_on);
}

TEST(FiberTest, KillBeforeTheFirstStepDropsTheBodyUnrun) {
  auto owned = std::make_shared<int>(1);
  bool ran = false;
  Fiber fiber([owned, &ran] { ran = true; });
  fiber.Kill();
  EXPECT_TRUE(fiber.done());
  EXPECT_FALSE(ran);
  EXPECT_EQ(owned.use_count(), 1);
}

TEST(FiberTest, AnotherFiberMayKill) {
  int ends = 0;
  Fiber victim([&] {
    const CountsItsEnd guard(ends);
    Fiber::Current()->Suspend();
  });
  victim.Resume();
  Fiber killer([&] {
    Fiber* self = Fiber::Current();
    victim.Kill();
    EXPECT_EQ(Fiber::Current(), self);
    self->Suspend();
  });
  killer.Resume();
  EXPECT_EQ(ends, 1);
  killer.Resume();
  EXPECT_TRUE(killer.done());
}

TEST(FiberTest, CatchBlocksOfTwoFibersDoNotMix) {
  std::vector<std::string> caught;
  const auto body = [&caught](std::string name) {
    return [&caught, name] {
      try {
        throw std::runtime_error(name);
      } catch (const std::runtime_error&) {
        Fiber::Current()->Suspend();
        try {
          throw;  // the exception that this fiber is handling
        } catch (const std::runtime_error& again) {
          caught.push_back(again.what());
        }
      }
    };
  };
  Fiber a(body("a"));
  Fiber b(body("b"));
  a.Resume();
  b.Resume();
  a.Resume();
  b.Resume();
  EXPECT_EQ(caught, (std::vector<std::string>{"a", "b"}));
}

TEST(FiberTest, KillInsideACatchBlock) {
  int ends = 0;
  Fiber fiber([&] {
    try {
      throw std::runtime_error("x");
    } catch (const std::runtime_error&) {
      const CountsItsEnd guard(ends);
      Fiber::Current()->Suspend();
    }
  });
  fiber.Resume();
  EXPECT_EQ(std::uncaught_exceptions(), 0);
  fiber.Kill();
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(std::uncaught_exceptions(), 0);
}

TEST(FiberTest, AnEscapedExceptionIsKept) {
  Fiber fiber([] { throw std::runtime_error("out"); });
  fiber.Resume();
  ASSERT_TRUE(fiber.done());
  EXPECT_THROW(std::rethrow_exception(fiber.escaped()), std::runtime_error);
}

void SuspendsThoughNoexcept() noexcept { Fiber::Current()->Suspend(); }

TEST(FiberTest, ANoexceptFrameMakesKillAbandonInsteadOfTerminate) {
  int ends = 0;
  {
    Fiber fiber([&] {
      const CountsItsEnd outer(ends);
      SuspendsThoughNoexcept();
    });
    fiber.Resume();
    fiber.Kill();
    EXPECT_TRUE(fiber.abandoned());
    EXPECT_FALSE(fiber.done());
  }
  EXPECT_EQ(ends, 0);  // its frames stand for ever
  // Others go on, on other stacks.
  Fiber next([&] { const CountsItsEnd guard(ends); });
  next.Resume();
  EXPECT_EQ(ends, 1);
}

int UseStack(int depth) {
  volatile char room[4096];
  for (size_t i = 0; i < sizeof(room); i += 64) room[i] = static_cast<char>(depth + i);
  return depth == 0 ? room[64] : UseStack(depth - 1) + room[128];
}

TEST(FiberTest, StacksAreReusedManyTimesAndDeeply) {
  int sum = 0;
  for (int i = 0; i < 2000; ++i) {
    Fiber fiber([&] {
      sum += UseStack(i % 12);
      Fiber::Current()->Suspend();
      sum += UseStack(3);
    });
    fiber.Resume();
    if (i % 3 == 0) {
      fiber.Kill();
    } else {
      fiber.Resume();
    }
    ASSERT_TRUE(fiber.done());
  }
  EXPECT_NE(sum, 0);
}

TEST(FiberDeathTest, StackOverflowHitsTheGuardPage) {
  EXPECT_DEATH(
      {
        Fiber fiber([] { UseStack(1000); });
        fiber.Resume();
      },
      "");
}

TEST(StackPoolTest, GivesBackWhatItGot) {
  StackPool pool;
  const FiberStack first = pool.Take();
  const FiberStack second = pool.Take();
  EXPECT_NE(first.top, second.top);
  EXPECT_EQ(first.size, StackPool::kStackBytes);
  pool.Give(first);
  EXPECT_EQ(pool.Take().top, first.top);
  pool.Give(first);
  pool.Give(second);
}

}  // namespace
}  // namespace wt::sim
