#include "tests/replicas/group.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/state/command.h"
#include "engine/state/result.h"
#include "sim/trace.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 5ms;

sim::SimulatorOptions SimOptions(const GroupOptions& options) {
  return {.seed = options.seed, .rarely_ppm = options.rarely_ppm};
}

Configuration AllVote(int machines) {
  Configuration all;
  for (int i = 1; i <= machines; ++i) all.voters.push_back(NodeId(i));
  return all;
}

}  // namespace

ReplicaOptions SmallReplica() {
  ReplicaOptions options;
  options.engine.log.segment_bytes = 64 * kKiB;
  options.engine.log.alignment = 512;
  options.engine.log.buffer_bytes = 64 * kKiB;
  options.engine.snapshot_log_bytes = 0;
  options.cache_bytes = 256 * kKiB;
  return options;
}

sim::LinkDials RoughLinks() {
  return {.loss_ppm = 50'000, .duplicate_ppm = 50'000, .reorder_ppm = 50'000, .replay_ppm = 5'000};
}

// While it lives, the replica can be called. When the machine dies it is unwound like everything.
class Group::Serving {
 public:
  Serving(Node& node, Replica* replica) : node_(node) { node_.replica = replica; }
  ~Serving() { node_.replica = nullptr; }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

 private:
  Node& node_;
};

Group::Group(GroupOptions options)
    : options_(std::move(options)),
      sim_(std::make_unique<sim::Simulator>(SimOptions(options_))),
      nodes_(options_.machines) {
  sim_->AddObserver(this);
  for (int i = 1; i <= size(); ++i) {
    Node& node = nodes_[i - 1];
    node.machine = &sim_->AddMachine(absl::StrFormat("n%d", i));
    node.options = options_.replica;
    node.options.members = options_.members;
    if (node.options.members.voters.empty()) node.options.members = AllVote(size());
  }
  sim_->network().SetAllLinks(options_.links);
}

Group::~Group() = default;

void Group::Run(const std::function<void()>& story) {
  const sim::RunEnd end = sim_->Run([&] {
    if (options_.starts) {
      for (int i = 1; i <= size(); ++i) Start(i);
    }
    story();
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished)
      << "seed " << options_.seed << ": " << end.invariant << ": " << end.message;
}

sim::Machine& Group::machine(int node) { return *nodes_[node - 1].machine; }

void Group::Main(Node& node, Env env) {
  CompositeStateMachine machine;
  absl::StatusOr<std::unique_ptr<Replica>> replica = Replica::Open(env, node.options, machine);
  node.end = replica.status();
  if (!replica.ok()) return;
  {
    Serving serving(node, replica->get());
    node.end = (*replica)->AwaitStopped();
  }
  (void)(*replica)->Close();
  while (node.calls > 0) env.tasks.SleepFor(100us);  // they have been answered
}

void Group::Start(int node) {
  Node& started = nodes_[node - 1];
  WT_CHECK(started.machine->state() == sim::Machine::State::kOff);
  started.calls = 0;
  started.end = absl::OkStatus();
  started.machine->Boot([this, &started](Env env) { Main(started, env); });
}

void Group::Stop(int node) {
  Await([&] {
    return With(node, [](Replica& replica) { (void)replica.Close(); }) ||
           machine(node).state() == sim::Machine::State::kOff;
  });
  machine(node).AwaitExit();
}

void Group::PowerLoss(int node) { machine(node).PowerLoss(); }
void Group::Kill(int node) { machine(node).Kill(); }
void Group::Wipe(int node) {
  AllowForgetting();
  machine(node).disk().Wipe();
}

bool Group::With(int node, const std::function<void(Replica&)>& body) {
  Node& called = nodes_[node - 1];
  bool ran = false;
  const bool returned = called.machine->Call("call", [&] {
    if (called.replica == nullptr) return;
    ++called.calls;
    body(*called.replica);
    --called.calls;
    ran = true;
  });
  return returned && ran;
}

ReplicaStatus Group::StatusOf(int node) {
  ReplicaStatus status;
  With(node, [&](Replica& replica) { status = replica.status(); });
  return status;
}

bool Group::Await(const std::function<bool()>& condition, Duration patience) {
  const sim::SimTime until = sim_->now() + patience;
  while (!condition()) {
    if (sim_->now() >= until) return false;
    SleepFor(kLook);
  }
  return true;
}

int Group::AwaitPrimary(Duration patience) { return AwaitPrimaryOtherThan(0, patience); }

int Group::AwaitPrimaryOtherThan(int node, Duration patience) {
  int primary = 0;
  Await(
      [&] {
        Term latest;
        primary = 0;
        for (int i = 1; i <= size(); ++i) {
          const ReplicaStatus status = StatusOf(i);
          if (!status.serving || status.term < latest || i == node) continue;
          latest = status.term;
          primary = i;
        }
        return primary != 0;
      },
      patience);
  return primary;
}

bool Group::AwaitTrusted(int node) {
  return Await([&] { return StatusOf(node).trusted; });
}

bool Group::AwaitConverged(Duration patience) {
  return Await(
      [&] {
        std::vector<std::pair<LogIndex, Hash128>> states;
        LogIndex last;
        for (int i = 1; i <= size(); ++i) {
          if (machine(i).state() != sim::Machine::State::kOff && !running(i) && end_of(i).ok()) {
            return false;  // still opening
          }
          With(i, [&](Replica& replica) {
            const ReplicaStatus status = replica.status();
            last = std::max(last, status.last);
            states.emplace_back(status.applied, replica.engine().state_digest());
          });
        }
        return !states.empty() && std::all_of(states.begin(), states.end(), [&](const auto& one) {
          return one.first == last && one.second == states.front().second;
        });
      },
      patience);
}

absl::StatusOr<Acknowledged> Group::PutVia(int via, std::string key, std::string value,
                                           ProposeOptions options) {
  absl::StatusOr<Acknowledged> done = Unavailable("no answer");
  With(via, [&](Replica& replica) {
    done = replica.Propose(EncodeCommand(KvSet{std::move(key), std::move(value)}), options);
  });
  return done;
}

absl::Status Group::Put(std::string key, std::string value, Ack ack) {
  absl::Status last = Unavailable("no primary");
  for (int attempt = 0; attempt < 50; ++attempt) {
    const int primary = AwaitPrimary();
    if (primary == 0) return last;
    last = PutVia(primary, key, value, {.ack = ack, .timeout = 5s}).status();
    if (last.ok()) return last;
    SleepFor(20ms);
  }
  return last;
}

void Group::Fill(int from, int to, uint64_t bytes) {
  constexpr int kAtATime = 16;
  for (int next = from; next < to; next += kAtATime) {
    std::vector<std::unique_ptr<Task>> tasks;
    for (int i = next; i < std::min(to, next + kAtATime); ++i) {
      tasks.push_back(sim_->tasks().Spawn("filler", [this, i, bytes] {
        EXPECT_TRUE(Put(absl::StrFormat("k%d", i), std::string(bytes, 'a' + i % 26)).ok());
      }));
    }
    for (const std::unique_ptr<Task>& task : tasks) task->Join();
  }
}

absl::StatusOr<std::optional<std::string>> Group::GetVia(int via, std::string key,
                                                         QueryOptions options) {
  absl::StatusOr<ReadResult> read = Unavailable("no answer");
  With(via, [&](Replica& replica) {
    read = replica.Query(EncodeCommand(KvGet{std::move(key)}), options);
  });
  WT_RETURN_IF_ERROR(read.status());
  WT_ASSIGN_OR_RETURN(const Result result, DecodeResult(read->value));
  return std::get<KvGetResult>(result).value;
}

std::optional<std::string> Group::Get(std::string key) {
  for (int attempt = 0; attempt < 50; ++attempt) {
    for (int i = 1; i <= size(); ++i) {
      auto value = GetVia(i, key, {.timeout = 2s});
      if (value.ok()) return *value;
      SleepFor(kLook);
    }
  }
  return "<no answer>";
}

uint64_t Group::Count(EventKind kind) const {
  uint64_t count = 0;
  for (int i = 1; i <= size(); ++i) count += CountOf(i, kind);
  return count;
}

uint64_t Group::CountOf(int node, EventKind kind) const {
  const auto found = events_.find({node, kind});
  return found == events_.end() ? 0 : found->second;
}

uint64_t Group::Goal(std::string_view name) const {
  for (const auto& [goal, count] : sim_->goals()) {
    if (goal == name) return count;
  }
  return 0;
}

uint64_t Group::digest() const { return sim_->trace().digest(); }

// What holds always: one primary a term, one vote a term of each machine, one history.
void Group::OnEvent(sim::Machine& machine, sim::SimTime, const Event& event) {
  const uint64_t node = machine.id();
  ++events_[{static_cast<int>(node), event.kind}];
  const auto same = [&](Known& known, std::pair<uint64_t, uint64_t> key, uint64_t value,
                        const char* what) {
    if (known.emplace(key, value).first->second != value) {
      sim_->Fail(what, absl::StrFormat("%s: machine %d, %d %d", what, node, key.first, key.second));
    }
  };
  if (event.kind == EventKind::kVoteReleased && !forgets_) {
    same(votes_, {node, event.a}, event.b, "two votes in a term");
  } else if (event.kind == EventKind::kPrimaryElected) {
    same(primaries_, {event.a, 0}, node, "two primaries in a term");
  } else if (event.kind == EventKind::kEntryApplied) {
    same(applied_, {event.a, 0}, event.b, "two entries at an index");
    same(digests_, {event.a, 0}, event.d, "two states after an entry");
  }
}

}  // namespace wt::test
