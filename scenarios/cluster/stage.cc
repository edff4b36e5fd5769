#include "scenarios/cluster/stage.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/state/command.h"
#include "engine/state/result.h"
#include "scenarios/cluster/cluster.h"
#include "sim/machine.h"
#include "sim/virtual_clock.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 5ms;
constexpr Duration kPatience = 10s;
constexpr Duration kDown = 20ms;

std::string Shown(const std::string& value) {
  return value.size() <= 24 ? value : value.substr(0, 21) + "...";
}

std::optional<std::string> ValueOf(const ReadResult& read) {
  absl::StatusOr<Result> result = DecodeResult(read.value);
  const auto* found = result.ok() ? std::get_if<KvGetResult>(&*result) : nullptr;
  return found == nullptr ? std::nullopt : found->value;
}

}  // namespace

Stage::Stage(Cluster& cluster) : cluster_(cluster) {}

std::string Stage::NameOf(MachineId machine) const { return absl::StrFormat("n%d", machine); }

void Stage::Tell(std::string what) { cluster_.Tell("", std::move(what)); }

void Stage::Expect(bool as_told, std::string what) {
  cluster_.judge_.Evaluated("story");
  if (!as_told) cluster_.judge_.Fail("story", std::move(what));
}

bool Stage::Await(const std::function<bool()>& done, Duration patience) {
  const sim::SimTime end = cluster_.sim_.now() + patience;
  while (!done()) {
    if (cluster_.sim_.now() >= end) return false;
    cluster_.sim_.SleepFor(kLook);
  }
  return true;
}

void Stage::Pass(Duration time) { cluster_.sim_.SleepFor(time); }

// ---- Who is there

std::vector<MachineId> Stage::Everybody() const { return Others({}); }

std::vector<MachineId> Stage::Others(std::initializer_list<MachineId> without) const {
  std::vector<MachineId> others;
  for (MachineId machine = 1; machine <= cluster_.fleet_.size(); ++machine) {
    if (std::ranges::find(without, machine) == without.end()) others.push_back(machine);
  }
  return others;
}

MachineId Stage::PrimaryNow() const { return cluster_.figures_.primary(); }

MachineId Stage::AwaitPrimary() { return AwaitPrimaryAmong(Everybody()); }

MachineId Stage::AwaitPrimaryAmong(const std::vector<MachineId>& machines) {
  MachineId primary = 0;
  const bool found = Await([&] {
    primary = cluster_.figures_.serving_primary();
    return std::ranges::find(machines, primary) != machines.end();
  });
  Expect(found, absl::StrFormat("none of n%s became primary", absl::StrJoin(machines, ", n")));
  return primary;
}

void Stage::ExpectNoCommit(Duration during) {
  const uint64_t before = committed();
  Pass(during);
  Expect(committed() == before,
         absl::StrFormat("%d entries were committed that could not be", committed() - before));
}

ReplicaStatus Stage::StatusOf(MachineId machine) {
  std::optional<ReplicaStatus> status;
  const bool answered = Await([&] {
    status = cluster_.fleet_.StatusOf(machine);
    return status.has_value();
  });
  Expect(answered, NameOf(machine) + " does not run");
  return *status;
}

Term Stage::TermOf(MachineId machine) { return StatusOf(machine).term; }

void Stage::Whenever(EventKind kind, Act act) {
  cluster_.hooks_.push_back([kind, act = std::move(act)](MachineId machine, const Event& event) {
    if (event.kind == kind) act(machine, event);
  });
}

void Stage::NoLongerWhenever() { cluster_.hooks_.clear(); }

LogIndex Stage::DurableOn(MachineId machine) const {
  return cluster_.ledger_.log(machine).durable();
}

uint64_t Stage::committed() const { return cluster_.ledger_.committed().value(); }
uint64_t Stage::elections() const { return cluster_.elections_.elections(); }

// ---- Clients

absl::Status Stage::Put(const std::string& key, const std::string& value) {
  Tell(absl::StrFormat("put %s=%s", key, Shown(value)));
  return cluster_.clients_.Write(cluster_.harness_, 0, KvSet{key, value},
                                 {.once = true, .give_up = cluster_.sim_.now() + kPatience});
}

absl::Status Stage::PutMany(int count, std::string_view prefix, uint64_t bytes) {
  for (int i = 0; i < count; ++i) {
    std::string value = absl::StrFormat("%s-%d:", prefix, i);
    if (value.size() < bytes) value.resize(bytes, static_cast<char>('a' + i % 26));
    const absl::Status status = cluster_.clients_.Write(
        cluster_.harness_, 0, KvSet{absl::StrFormat("%s%d", prefix, i % 16), value},
        {.once = true, .give_up = cluster_.sim_.now() + kPatience});
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Stage::PutVia(MachineId machine, const std::string& key, const std::string& value) {
  return PutVia(machine, key, value, {});
}

absl::Status Stage::PutVia(MachineId machine, const std::string& key, const std::string& value,
                           const Via& via) {
  Tell(absl::StrFormat("put %s=%s at %s", key, Shown(value), NameOf(machine)));
  Conversation with(cluster_.sim_, cluster_.fleet_, ++clients_);
  with.Believe(machine);
  return cluster_.clients_.Write(
      with, clients_, KvSet{key, value},
      {.ack = via.ack, .timeout = via.timeout, .give_up = cluster_.sim_.now()});
}

// Of a client of its own, which goes on when the story is told.
Conversation& Stage::NewConversation(MachineId with) {
  cluster_.conversations_.push_back(
      std::make_unique<Conversation>(cluster_.sim_, cluster_.fleet_, ++clients_));
  cluster_.conversations_.back()->Believe(with);
  return *cluster_.conversations_.back();
}

void Stage::BeginPutVia(MachineId machine, const std::string& key, const std::string& value) {
  Tell(absl::StrFormat("begin to put %s=%s at %s", key, Shown(value), NameOf(machine)));
  Conversation& with = NewConversation(machine);
  cluster_.begun_.push_back(cluster_.sim_.tasks().Spawn("put", [&cluster = cluster_, &with,
                                                                client = clients_, key, value] {
    (void)cluster.clients_.Write(with, client, KvSet{key, value}, {.give_up = cluster.sim_.now()});
  }));
}

void Stage::BeginGetVia(MachineId machine, const std::string& key, ReadFrom from) {
  Tell(absl::StrFormat("begin to read %s at %s", key, NameOf(machine)));
  Conversation& with = NewConversation(machine);
  with.BePatient();
  cluster_.begun_.push_back(cluster_.sim_.tasks().Spawn(
      "get", [&cluster = cluster_, &with, client = clients_, machine, key, from] {
        (void)cluster.clients_.Read(with, client, KvGet{key}, from, machine);
      }));
}

std::optional<std::optional<std::string>> Stage::GetVia(MachineId machine, const std::string& key,
                                                        ReadFrom from) {
  Conversation with(cluster_.sim_, cluster_.fleet_, ++clients_);
  with.Believe(machine);
  const std::optional<ReadResult> read =
      cluster_.clients_.Read(with, clients_, KvGet{key}, from, machine);
  if (!read.has_value()) return std::nullopt;
  return ValueOf(*read);
}

std::optional<std::string> Stage::Get(const std::string& key) {
  std::optional<ReadResult> read;
  const bool answered = Await([&] {
    read = cluster_.clients_.Read(cluster_.harness_, 0, KvGet{key}, ReadFrom::kPrimary,
                                  cluster_.harness_.believed());
    return read.has_value();
  });
  Expect(answered, absl::StrFormat("a read of %s got no answer", key));
  return ValueOf(*read);
}

// ---- Operators

absl::Status Stage::ChangeMembers(const Configuration& target) {
  Tell("change the members to " + target.ToString());
  absl::Status changed = Unavailable("nobody answered");
  (void)cluster_.fleet_.member(AwaitPrimary()).Call("members", [&](Replica& replica) {
    changed = replica.ChangeMembers(target, 5s);
  });
  return changed;
}

absl::Status Stage::TransferTo(MachineId machine) {
  Tell("hand over to " + NameOf(machine));
  absl::Status done = Unavailable("nobody answered");
  (void)cluster_.fleet_.member(AwaitPrimary()).Call("transfer", [&](Replica& replica) {
    done = replica.TransferTo(NodeId(machine), 5s);
  });
  return done;
}

void Stage::TakeSnapshot(MachineId machine) {
  Tell(NameOf(machine) + " takes a snapshot");
  absl::Status taken = Unavailable("nobody answered");
  (void)cluster_.fleet_.member(machine).Call(
      "snapshot", [&](Replica& replica) { taken = replica.TakeSnapshot(); });
  ExpectOk(taken);
}

// ---- Machines

void Stage::CutPower(MachineId machine) {
  cluster_.CutPower(cluster_.fleet_.member(machine).machine(), kDown);
}

void Stage::CutPower(const std::vector<MachineId>& machines) {
  for (const MachineId machine : machines) CutPower(machine);
}

void Stage::Kill(MachineId machine) {
  cluster_.Kill(cluster_.fleet_.member(machine).machine(), kDown);
}

void Stage::TakeDown(MachineId machine) {
  cluster_.fleet_.member(machine).Hold();
  CutPower(machine);
}

void Stage::Restart(MachineId machine) {
  Tell(NameOf(machine) + " is started again");
  cluster_.fleet_.member(machine).Release();
  const bool runs = Await([&] { return cluster_.fleet_.member(machine).serving(); });
  Expect(runs, NameOf(machine) + " does not start");
}

void Stage::Pause(MachineId machine) {
  Tell(NameOf(machine) + " is paused");
  cluster_.figures_.OnSilent(machine, cluster_.sim_.now());
  cluster_.fleet_.member(machine).machine().Pause();
}

void Stage::Resume(MachineId machine) {
  Tell(NameOf(machine) + " goes on");
  cluster_.fleet_.member(machine).machine().Resume();
}

// ---- Network

sim::VirtualNetwork& Stage::network() { return cluster_.sim_.network(); }

void Stage::Isolate(MachineId machine) {
  Tell(NameOf(machine) + " is cut off");
  network().Isolate(machine);
}

void Stage::PartitionIntoGroups(const std::vector<std::vector<MachineId>>& groups) {
  std::vector<std::string> names;
  for (const auto& group : groups) names.push_back("n" + absl::StrJoin(group, " n"));
  Tell("partition: " + absl::StrJoin(names, " | "));
  network().Partition(groups);
}

void Stage::CutLink(MachineId a, MachineId b) {
  Tell(absl::StrFormat("%s and %s do not hear each other", NameOf(a), NameOf(b)));
  network().Cut(a, b);
}

void Stage::CutOneWay(MachineId from, MachineId to) {
  Tell(absl::StrFormat("%s does not hear %s", NameOf(to), NameOf(from)));
  network().CutOneWay(from, to);
}

void Stage::HearsNobody(MachineId machine) {
  Tell(NameOf(machine) + " hears nobody");
  for (const MachineId other : Others({machine})) network().CutOneWay(other, machine);
}

void Stage::IsHeardByNobody(MachineId machine) {
  Tell(NameOf(machine) + " is heard by nobody");
  for (const MachineId other : Others({machine})) network().CutOneWay(machine, other);
}

void Stage::Heal() {
  Tell("the network is whole again");
  network().Heal();
}

void Stage::SetLinks(const sim::LinkDials& dials) { network().SetAllLinks(dials); }

// ---- Disks and clocks

sim::VirtualDisk& Stage::disk(MachineId machine) {
  return cluster_.fleet_.member(machine).machine().disk();
}

void Stage::FlipBitInLog(MachineId machine, std::string_view text) {
  cluster_.honesty_.Harm(machine);
  std::string path;
  size_t at = 0;
  for (const sim::DurableFile& file : disk(machine).DurableImage()) {
    const size_t found = file.path.starts_with("log/") ? file.bytes.find(text) : std::string::npos;
    if (found == std::string::npos) continue;
    path = file.path;
    at = found;
  }
  Tell(absl::StrFormat("%s: a bit flips in \"%s\" in %s", NameOf(machine), text, path));
  Expect(!path.empty() && disk(machine).FlipBit(path, at, 3),
         absl::StrFormat("\"%s\" is not in the durable log of %s", text, NameOf(machine)));
  disk(machine).DropCache();
}

void Stage::FlipBitIn(MachineId machine, const std::string& path, uint64_t at) {
  cluster_.honesty_.Harm(machine);
  Tell(absl::StrFormat("%s: a bit flips in %s", NameOf(machine), path));
  Expect(disk(machine).FlipBit(path, at, 3), path + " has no such byte");
  disk(machine).DropCache();
}

void Stage::LoseSyncsOn(MachineId machine, uint64_t count) {
  cluster_.honesty_.Harm(machine);
  Tell(absl::StrFormat("%s: the next %d syncs of the log do nothing", NameOf(machine), count));
  disk(machine).LieNextSyncs(count, "log/");
}

void Stage::Wipe(MachineId machine) {
  sim::Machine& hit = cluster_.fleet_.member(machine).machine();
  cluster_.CutPower(hit, kDown);
  hit.disk().Wipe();
  cluster_.OnWiped(hit);
}

void Stage::BackUp(MachineId machine) {
  cluster_.OnBackup(cluster_.fleet_.member(machine).machine());
  backups_.insert_or_assign(machine, disk(machine).SaveImage());
}

void Stage::RestoreBackup(MachineId machine) {
  sim::Machine& hit = cluster_.fleet_.member(machine).machine();
  Expect(backups_.contains(machine), "there is no backup of " + NameOf(machine));
  cluster_.CutPower(hit, kDown);
  hit.disk().LoadImage(backups_.at(machine));
  cluster_.OnDiskSwapped(hit);
}

void Stage::JumpClock(MachineId machine, Duration by) {
  Tell(absl::StrFormat("%s: the wall clock jumps", NameOf(machine)));
  cluster_.fleet_.member(machine).machine().clock().Jump(by);
}

// ---- Expectations

void Stage::ExpectOk(const absl::Status& status) {
  Expect(status.ok(), "what should have worked did not: " + std::string(status.ToString()));
}

void Stage::ExpectUnknown(const absl::Status& status) {
  Expect(absl::IsUnavailable(status),
         "an outcome that should be unknown is: " + std::string(status.ToString()));
}

void Stage::ExpectRefusedWrite(const absl::Status& status) {
  Expect(!status.ok() && !absl::IsUnavailable(status),
         "a write that should have been refused is: " + std::string(status.ToString()));
}

void Stage::ExpectValue(const std::string& key, const std::string& value) {
  ExpectOneOf(key, {value});
}

void Stage::ExpectOneOf(const std::string& key, const std::vector<std::string>& values) {
  const std::optional<std::string> read = Get(key);
  const bool found =
      read.has_value() && std::find(values.begin(), values.end(), *read) != values.end();
  Expect(found, absl::StrFormat("%s is %s", key, Shown(read.value_or("absent"))));
}

void Stage::ExpectCaughtUp(MachineId machine) {
  const bool done = Await([&] {
    return cluster_.fleet_.member(machine).serving() &&
           cluster_.indices_.applied(machine) >= cluster_.ledger_.committed() &&
           DurableOn(machine) >= cluster_.ledger_.committed();
  });
  Expect(done, absl::StrFormat("%s has made durable and applied %d of %d entries", NameOf(machine),
                               cluster_.indices_.applied(machine).value(), committed()));
}

void Stage::ExpectAgreement() {
  for (const MachineId machine : Everybody()) ExpectCaughtUp(machine);
}

void Stage::ExpectTrusted(MachineId machine, bool trusted) {
  const bool as_told = Await([&] { return StatusOf(machine).trusted == trusted; });
  Expect(as_told,
         absl::StrFormat("%s is %s", NameOf(machine), trusted ? "still not trusted" : "trusted"));
}

void Stage::ExpectReached(std::string_view goal) {
  const auto reached = [&] {
    const auto goals = cluster_.sim_.goals();
    return cluster_.goals_.contains(std::string(goal)) ||
           std::ranges::any_of(goals, [&](const auto& one) { return one.first == goal; });
  };
  const sim::SimTime deadline = cluster_.sim_.now() + 5s;
  while (!reached() && cluster_.sim_.now() < deadline) cluster_.sim_.SleepFor(10ms);
  Expect(reached(), absl::StrFormat("%s was never reached", goal));
}

}  // namespace wt::scenarios
