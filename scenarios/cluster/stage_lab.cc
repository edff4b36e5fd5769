// The stage's verbs for stories with chance and company: what the seed chooses, clients that go on
// by themselves, and what all logs look like afterwards.
#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "scenarios/cluster/cluster.h"
#include "scenarios/cluster/stage.h"
#include "sim/machine.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatience = 10s;
constexpr Duration kAttempt = 300ms;

}  // namespace

// What writers share with their story; they may outlive it when it fails.
struct Stage::Written {
  bool stop = false;
  int writing = 0;
  std::map<std::string, std::string> acknowledged;
};

// ---- What the seed chooses

uint64_t Stage::Below(uint64_t bound) {
  return Draw(cluster_.sim_.options().seed, {KeyOf("story"), ++draws_}).Below(bound);
}

std::vector<MachineId> Stage::SomeOf(std::vector<MachineId> machines, size_t count) {
  WT_CHECK(count <= machines.size());
  for (size_t i = 0; i < count; ++i) {
    std::swap(machines[i], machines[i + Below(machines.size() - i)]);
  }
  machines.resize(count);
  return machines;
}

std::vector<MachineId> Stage::AllBut(const std::vector<MachineId>& without) const {
  std::vector<MachineId> others = Everybody();
  std::erase_if(others, [&](MachineId machine) {
    return std::ranges::find(without, machine) != without.end();
  });
  return others;
}

// ---- Clients that go on by themselves

void Stage::StartWriters(const Writers& writers) {
  WT_CHECK(written_ == nullptr && writers.count > 0);
  Tell(absl::StrFormat("%d clients begin to write", writers.count));
  written_ = std::make_shared<Written>();
  for (int i = 0; i < writers.count; ++i) {
    const MachineId first = 1 + static_cast<uint32_t>(i) % cluster_.fleet_.size();
    Conversation& with = NewConversation(first);
    ++written_->writing;
    cluster_.begun_.push_back(cluster_.sim_.tasks().Spawn(
        "writer", [&cluster = cluster_, &with, client = clients_, writers, written = written_] {
          WriteUntilStopped(cluster, with, client, writers, *written);
          --written->writing;
        }));
  }
}

void Stage::WriteUntilStopped(Cluster& cluster, Conversation& with, uint32_t client,
                              const Writers& writers, Written& written) {
  for (int n = 0; !written.stop; ++n) {
    const std::string key = absl::StrFormat("w%d.%d", client, n);
    const sim::SimTime now = cluster.sim_.now();
    const absl::Status status =
        cluster.clients_.Write(with, client, KvSet{key, "of " + key},
                               {.once = writers.until_answered,
                                .timeout = kAttempt,
                                .give_up = writers.until_answered ? now + kPatience : now});
    if (status.ok()) written.acknowledged.insert({key, "of " + key});
    cluster.sim_.SleepFor(writers.think);
  }
}

std::map<std::string, std::string> Stage::StopWriters() {
  WT_CHECK(written_ != nullptr);
  const std::shared_ptr<Written> written = std::exchange(written_, nullptr);
  written->stop = true;
  const bool done = Await([&] { return written->writing == 0; }, 2 * kPatience);
  Expect(done, "a client that was told to stop still waits for an answer");
  Tell(absl::StrFormat("the clients stop: %d writes were acknowledged to them",
                       written->acknowledged.size()));
  return std::move(written->acknowledged);
}

void Stage::ExpectValues(const std::map<std::string, std::string>& values) {
  for (const auto& [key, value] : values) ExpectValue(key, value);
}

// ---- Logs

Term Stage::TermOfEntry(LogIndex index) const {
  const std::optional<Term> term = cluster_.ledger_.CommittedTerm(index);
  return term.value_or(Term(0));
}

uint64_t Stage::LogBytesOn(MachineId machine) {
  uint64_t bytes = 0;
  for (const sim::DurableFile& file : disk(machine).CachedImage()) {
    if (file.path.starts_with("log/")) bytes += file.bytes.size();
  }
  return bytes;
}

void Stage::ExpectEqualLogs() {
  const auto log = [&](MachineId machine) -> const MachineLog& {
    return cluster_.ledger_.log(machine);
  };
  std::string difference;
  const auto equal = [&] {
    for (const MachineId machine : Everybody()) {
      difference = NameOf(machine) + " and n1 differ in their logs";
      if (log(machine).last() != log(1).last()) return false;
      const LogIndex base = std::max(log(machine).base(), log(1).base());
      for (LogIndex index = base + 1; index <= log(1).last(); ++index) {
        if (log(machine).TermAt(index) != log(1).TermAt(index)) return false;
      }
    }
    return true;
  };
  const bool as_told = Await(equal);
  Expect(as_told, difference);
}

void Stage::KillAndHold(MachineId machine) {
  cluster_.fleet_.member(machine).Hold();
  Kill(machine);
}

}  // namespace wt::scenarios
