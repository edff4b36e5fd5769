#include "tests/consensus/model.h"

#include <algorithm>
#include <deque>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "replicas/consensus/quorum.h"
#include "tests/consensus/group.h"

namespace wt::testing {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Model {
 public:
  Model(uint64_t seed, const ModelOptions& options)
      : draw_(seed, {KeyOf("consensus.model")}),
        options_(options),
        profile_(DrawProfile()),
        group_(DrawGroup(seed)) {
    PickLiars();
  }

  void Run() {
    const uint64_t steps = draw_.Between(options_.steps / 4, options_.steps * 2);
    if (options_.races) group_.RunFor(seconds(3));
    for (uint64_t i = 0; i < steps && group_.ledger().ok(); ++i) {
      options_.races ? ActInRace() : Act();
    }
    if (group_.ledger().ok()) Calm();
  }
  void Fail(std::string what) { group_.ledger().Fail(std::move(what)); }
  ModelResult result() {
    result_.violation = group_.ledger().violation();
    result_.commits = group_.ledger().highest().value();
    result_.elections = group_.ledger().primaries();
    return result_;
  }

 private:
  // How often things happen, in a thousand actions; drawn anew for each seed, since no one mixture
  // finds everything.
  struct Profile {
    uint64_t crash, restart, forget, lose, repeat, replay, persist, partition, members, compact,
        transfer, propose, read, tick, usurp, pause;
    bool forgets_little;  // the last few writes only
  };

  Profile DrawProfile() {
    Profile p{};
    const auto pick = [&](std::initializer_list<uint64_t> choices) {
      return *(choices.begin() + draw_.Below(choices.size()));
    };
    p.crash = pick({0, 5, 15, 40});
    p.restart = pick({50, 200});
    p.forget = pick({0, 300, 800});
    p.lose = pick({0, 20, 150});
    p.repeat = pick({0, 50, 200});
    p.replay = pick({0, 10, 60});
    p.persist = pick({60, 250, 500});
    p.partition = pick({0, 4, 15});
    p.pause = pick({0, 10});
    p.forgets_little = draw_.OneIn(2);
    p.members = pick({0, 0, 15, 60});
    p.compact = pick({0, 10, 40});
    p.transfer = pick({0, 5});
    p.propose = pick({20, 60});
    p.read = pick({0, 30, 100});
    p.tick = pick({80, 200});
    if (draw_.OneIn(3)) Forgetful(p);
    if (options_.races) p.members = 0;
    p.usurp = pick({0, 5, 25});
    return p;
  }

  // Lives are short, disks forget what they just promised, and not everybody hears everybody: what
  // the recall is for.
  static void Forgetful(Profile& p) {
    p.crash = 25;
    p.restart = 300;
    p.forget = 800;
    p.forgets_little = true;
    p.persist = 500;
    p.partition = 25;
    p.propose = 80;
  }

  GroupOptions DrawGroup(uint64_t seed) {
    static constexpr uint64_t kSizes[] = {1, 2, 3, 3, 3, 5, 5, 5};
    const uint64_t size = kSizes[draw_.Below(std::size(kSizes))];
    GroupOptions group{
        .nodes = options_.races ? 5 : size, .verified = options_.verified, .seed = seed};
    voters_ = group.nodes;
    if (profile_.members > 0 && group.nodes >= 2) {
      Configuration initial;
      for (uint64_t i = 1; i <= group.nodes; ++i) initial.voters.push_back(NodeId(i));
      group.initial = initial;
      ++group.nodes;
    }
    group.consensus.max_append_entries = draw_.OneIn(2) ? 2 : 4096;
    group.consensus.max_appends_in_flight = draw_.OneIn(2) ? 2 : 64;
    return group;
  }

  // Once and for all: at most so many of any configuration that will be.
  void PickLiars() {
    const uint64_t most = voters_ - MajorityOf(voters_);
    const uint64_t least_half = profile_.members > 0 ? voters_ - 1 : voters_;
    const uint64_t bound =
        least_half == 0 ? 0 : std::min(most, least_half - MajorityOf(least_half));
    while (liars_.size() < bound) liars_.insert(NodeId(1 + draw_.Below(group_.machines().size())));
  }

  NodeId AnyNode() { return NodeId(1 + draw_.Below(group_.machines().size())); }
  bool Roll(uint64_t per_thousand) { return draw_.Below(1000) < per_thousand; }

  void Act() {
    const NodeId id = AnyNode();
    Machine& m = group_.machine(id);
    if (!m.up()) {
      if (Roll(profile_.restart)) Restart(m);
      DeliverSome();
      return;
    }
    if (Roll(profile_.crash)) return Crash(m);
    if (Roll(profile_.pause)) paused_.insert(id);
    if (Roll(profile_.read)) Read(id);
    if (paused_.contains(id)) {
      // It knows nothing of the time that has gone until it is asked something, as above.
      if (Roll(50)) paused_.erase(id);
      return;
    }
    if (Roll(profile_.tick)) PassTime();
    if (Roll(profile_.persist)) PersistSome(id);
    if (Roll(profile_.partition)) ChangeNetwork(id);
    if (Roll(profile_.propose)) Propose();
    if (Roll(profile_.members)) ChangeMembers();
    if (Roll(profile_.compact) && m.up()) {
      group_.Compact(id, LogIndex(draw_.Between(0, m.core->commit().value())));
    }
    if (Roll(profile_.transfer)) Transfer(id);
    if (Roll(profile_.usurp)) {
      group_.Advance(milliseconds(1001));
      group_.Tick(id);
    }
    if (Roll(2)) {
      m.core->DiskTrouble(group_.now());
      group_.Settle(id);
    }
    if (Roll(500)) group_.PullAppends(id);
    if (Roll(100)) group_.SendSnapshots(id);
    DeliverSome();
  }

  void ActInRace() {
    const NodeId id = AnyNode();
    Machine& m = group_.machine(id);
    if (!m.up()) return Restart(m);
    const uint64_t what = draw_.Below(1000);
    if (what < 350) {
      DeliverAny();
    } else if (what < 550) {
      FavourOne(id, AnyNode());
    } else if (what < 750) {
      while (group_.PersistNext(id)) {
      }
    } else if (what < 860) {
      const NodeId to = AnyNode();
      if (to != id) group_.PullAppend(id, to);
    } else if (what < 900) {
      Propose();
    } else if (what < 920) {
      ForgetAndRestart();
    } else if (what < 925) {
      group_.Crash(id);
    } else if (what < 955) {
      ChangeNetwork(id);
    } else if (what < 985) {
      AskAgain();
    } else {
      group_.Advance(milliseconds(draw_.OneIn(2) ? 1001 : 501));
      group_.Tick(id);
    }
  }

  void DeliverAny() {
    std::deque<Packet>& wire = group_.wire();
    if (wire.empty()) return;
    const uint64_t at = draw_.Below(wire.size());
    Packet packet = std::move(wire[at]);
    wire.erase(wire.begin() + static_cast<ptrdiff_t>(at));
    group_.Deliver(std::move(packet));
    while (wire.size() > 60) wire.pop_front();
  }

  // What two have to say to each other goes on while the others wait: most races need just that.
  void FavourOne(NodeId a, NodeId b) {
    for (uint64_t n = draw_.Below(8); n > 0; --n) {
      std::deque<Packet>& wire = group_.wire();
      const auto found = std::find_if(wire.begin(), wire.end(), [&](const Packet& packet) {
        const ReplicaMessage& m = packet.message;
        return (m.from == a && m.to == b) || (m.from == b && m.to == a);
      });
      if (found == wire.end()) return;
      Packet packet = std::move(*found);
      wire.erase(found);
      group_.Deliver(std::move(packet));
      for (NodeId node : {a, b}) {
        while (group_.PersistNext(node)) {
        }
      }
    }
  }

  void ForgetAndRestart() {
    if (liars_.empty()) return;
    auto liar = liars_.begin();
    std::advance(liar, static_cast<ptrdiff_t>(draw_.Below(liars_.size())));
    Machine& m = group_.machine(*liar);
    if (!m.up()) return;
    ++result_.lies;
    m.doubtful = true;
    const uint64_t lost = draw_.Below(std::min<uint64_t>(m.journal.size(), 6) + 1);
    group_.CrashAndForget(m.id, m.journal.size() - lost);
    const NodeId primary = SomePrimary();
    if (primary != NodeId(0) && !draw_.OneIn(4)) {
      group_.cut().insert({primary, m.id});
      group_.cut().insert({m.id, primary});
    }
    group_.Start(m.id);
    AskAgain();
  }

  void AskAgain() {
    group_.Advance(milliseconds(50));
    for (const auto& [id, m] : group_.machines()) {
      if (m.up() && m.core->standing().asking()) group_.Tick(id);
    }
  }

  void PassTime() {
    group_.Advance(draw_.OneIn(10) ? milliseconds(draw_.Below(700))
                                   : milliseconds(draw_.Below(60)));
    for (const auto& [id, m] : group_.machines()) {
      // Some are slow to notice.
      if (!draw_.OneIn(4) && !paused_.contains(id)) group_.Tick(id);
    }
  }

  void PersistSome(NodeId id) {
    for (uint64_t n = 1 + draw_.Below(6); n > 0 && group_.PersistNext(id); --n) {
    }
  }

  void DeliverSome() {
    for (uint64_t n = 1 + draw_.Below(6); n > 0 && !group_.wire().empty(); --n) DeliverOne();
    if (!old_.empty() && Roll(profile_.replay)) group_.Deliver(old_[draw_.Below(old_.size())]);
    while (group_.wire().size() > 300) group_.wire().pop_front();
  }

  void DeliverOne() {
    std::deque<Packet>& wire = group_.wire();
    const uint64_t at = draw_.OneIn(3) ? draw_.Below(wire.size()) : 0;
    Packet packet = wire[at];
    if (!Roll(profile_.repeat)) wire.erase(wire.begin() + static_cast<ptrdiff_t>(at));
    if (Roll(profile_.lose) || paused_.contains(packet.message.to)) return;
    if (old_.size() < 2000) {
      old_.push_back(packet);
    } else {
      old_[draw_.Below(old_.size())] = packet;
    }
    group_.Deliver(std::move(packet));
  }

  void Crash(Machine& m) {
    paused_.erase(m.id);
    // A doubt that was not laid to rest is durable.
    if (!options_.verified && m.doubtful && m.core->settled() && m.unwritten.empty()) {
      m.doubtful = m.amnesiac = false;
    }
    if (!liars_.contains(m.id) || !Roll(profile_.forget)) return group_.Crash(m.id);
    ++result_.lies;
    const bool wiped = draw_.OneIn(profile_.forgets_little ? 10 : 3);
    const size_t most =
        profile_.forgets_little ? std::min<size_t>(m.journal.size(), 6) : m.journal.size();
    const size_t kept = wiped ? 0 : m.journal.size() - draw_.Below(most + 1);
    m.doubtful = true;
    m.amnesiac = draw_.OneIn(2);
    group_.CrashAndForget(m.id, kept);
  }

  void Restart(Machine& m) { group_.Start(m.id); }

  void ChangeNetwork(NodeId id) {
    if (draw_.OneIn(4)) return group_.Heal();
    const NodeId other = AnyNode();
    switch (draw_.Below(5)) {
      case 0:
        return group_.Isolate(id);
      case 1:
        group_.cut().insert({id, other});
        return;
      default:
        group_.cut().insert({id, other});
        group_.cut().insert({other, id});
        return;
    }
  }

  // Any who believes to be primary.
  NodeId SomePrimary() {
    std::vector<NodeId> primaries;
    for (const auto& [id, m] : group_.machines()) {
      if (m.up() && m.core->role() == Role::kPrimary) primaries.push_back(id);
    }
    return primaries.empty() ? NodeId(0) : primaries[draw_.Below(primaries.size())];
  }

  void Propose() {
    const NodeId primary = SomePrimary();
    if (primary == NodeId(0)) return;
    (void)group_.Propose(primary, std::to_string(++proposals_));
  }

  void Read(NodeId id) {
    const NodeId primary = draw_.OneIn(4) ? id : SomePrimary();
    if (primary == NodeId(0)) return;
    const LogIndex committed = group_.ledger().highest();
    if (const auto index = group_.core(primary).LeaseRead(group_.now())) {
      group_.ledger().ReadAnswered(primary, *index, committed);
    }
    group_.Read(primary, ++result_.reads);
  }

  // Some set of voters of which the liars are a minority, and the rest learns or is out.
  void ChangeMembers() {
    const NodeId primary = SomePrimary();
    if (primary == NodeId(0)) return;
    const uint64_t all = group_.machines().size();
    const uint64_t size = std::max<uint64_t>(1, all - draw_.Below(3));
    Configuration target;
    for (uint64_t i = 1; i <= all; ++i) {
      if (target.voters.size() < size && !draw_.OneIn(4)) {
        target.voters.push_back(NodeId(i));
      } else if (draw_.OneIn(2)) {
        target.learners.push_back(NodeId(i));
      }
    }
    if (target.voters.empty() ||
        LiarsIn(target.voters) > target.voters.size() - MajorityOf(target.voters.size())) {
      return;
    }
    (void)group_.core(primary).ProposeConfiguration(group_.now(), WallTime{}, target);
    group_.Settle(primary);
  }

  uint64_t LiarsIn(const std::vector<NodeId>& nodes) const {
    return static_cast<uint64_t>(
        std::count_if(nodes.begin(), nodes.end(), [&](NodeId n) { return liars_.contains(n); }));
  }

  void Transfer(NodeId to) {
    const NodeId primary = SomePrimary();
    if (primary == NodeId(0)) return;
    (void)group_.core(primary).TransferTo(group_.now(), to);
    group_.Settle(primary);
  }

  // The storm is over: whatever state it left, the group goes on by itself, and soon.
  void Calm() {
    group_.Heal();
    paused_.clear();
    for (auto& [id, m] : group_.machines()) {
      if (!m.up()) Restart(m);
    }
    const bool led = group_.RunUntil([&] { return Serves(); }, seconds(20));
    if (!led) return Stuck("no primary serves");
    NodeId proposer;
    LogIndex last;
    const bool done = group_.RunUntil(
        [&] {
          const NodeId primary = group_.Primary();
          if (primary == NodeId(0)) return false;
          if (proposer != primary) {
            const auto index = group_.Propose(primary, "last");
            if (!index.ok()) return false;
            last = *index;
            proposer = primary;
          }
          return Converged(primary, last);
        },
        seconds(20));
    if (!done) Stuck("members differ");
    group_.RunFor(seconds(1));
    if (group_.ledger().ok()) CheckReads();
  }

  void Stuck(std::string_view what) {
    group_.ledger().Fail(absl::StrFormat("converges: %s\n%s", what, group_.Describe()));
  }

  bool Serves() {
    const NodeId primary = group_.Primary();
    return primary != NodeId(0) && group_.core(primary).serving();
  }

  bool Converged(NodeId primary, LogIndex last) {
    const Consensus& core = group_.core(primary);
    if (core.commit() < last || core.configuration().joint()) return false;
    for (NodeId node : core.configuration().Members()) {
      const Consensus& member = group_.core(node);
      if (member.commit() != core.commit() || member.log().end() != core.log().end()) return false;
      if (core.configuration().IsVoter(node) && !member.settled()) return false;
    }
    return true;
  }

  void CheckReads() {
    const NodeId primary = group_.Primary();
    for (const auto& [id, m] : group_.machines()) {
      if (id == primary && !m.reads.empty()) Stuck("a read was never answered");
    }
  }

  Draw draw_;
  ModelOptions options_;
  Profile profile_;
  uint64_t voters_ = 0;
  Group group_;
  std::set<NodeId> liars_;
  std::set<NodeId> paused_;
  std::vector<Packet> old_;
  uint64_t proposals_ = 0;
  ModelResult result_;
};

}  // namespace

ModelResult RunModel(uint64_t seed, const ModelOptions& options) {
  Model model(seed, options);
  const CheckHandler before = SetCheckHandler([](const CheckFailure& failure) {
    throw std::runtime_error(
        absl::StrFormat("check: %s:%d: %s", failure.file, failure.line, failure.what));
  });
  try {
    model.Run();
  } catch (const std::runtime_error& failed) {
    model.Fail(failed.what());
  }
  SetCheckHandler(before);
  return model.result();
}

}  // namespace wt::testing
