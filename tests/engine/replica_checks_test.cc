// What a replica must never ask of its engine: each ends the program, here the simulated one.
#include <gtest/gtest.h>

#include "sim/simulator.h"
#include "tests/engine/replica_bench.h"
#include "tests/support/memory_env.h"

namespace wt::test {
namespace {

// A check that fails ends the run and names itself.
TEST(ReplicaCheckTest, NothingCommittedIsEverTruncated) {
  MemoryEnv parts;
  sim::Simulator sim({.seed = 1});
  const sim::RunEnd end = sim.Run([&] {
    const Env env{parts.clock, sim.tasks(), parts.disk, parts.network, parts.events, parts.random};
    auto replica = Replica::MustOpen(env);
    (void)replica->Commit(PutsFrom(1, 3));
    (void)(*replica)->Truncate(LogIndex(3));
  });
  EXPECT_NE(end.kind, sim::RunEnd::Kind::kFinished);
  EXPECT_NE(end.message.find("from > commit_index"), std::string::npos) << end.message;
}

TEST(ReplicaCheckTest, ThereIsOneVoteInATerm) {
  MemoryEnv parts;
  sim::Simulator sim({.seed = 1});
  const sim::RunEnd end = sim.Run([&] {
    const Env env{parts.clock, sim.tasks(), parts.disk, parts.network, parts.events, parts.random};
    auto replica = Replica::MustOpen(env);
    (void)(*replica)->SetVote(Term(1), 1);
    (void)(*replica)->SetVote(Term(1), 2);
  });
  EXPECT_NE(end.kind, sim::RunEnd::Kind::kFinished);
  EXPECT_NE(end.message.find("voted_for"), std::string::npos) << end.message;
}

}  // namespace
}  // namespace wt::test
