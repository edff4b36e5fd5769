// The stage of a directed scenario of several machines: verbs that read like a story. Every
// invariant watches, as in a random run; what the story expects is checked besides.
//
//   const MachineId old_primary = stage.AwaitPrimary();
//   stage.ExpectOk(stage.Put("color", "red"));
//   stage.Isolate(old_primary);
//   stage.ExpectUnknown(stage.PutVia(old_primary, "color", "blue"));
//   stage.AwaitPrimaryBeside(old_primary);
//   stage.Heal();
//   stage.ExpectAgreement();
//   stage.ExpectValue("color", "red");
//
// A story that does not go as told fails the run as "story". When it is told, everything is healed
// and the calm of a random run follows. All verbs suspend.
#ifndef WAVETANK_SCENARIOS_CLUSTER_STAGE_H_
#define WAVETANK_SCENARIOS_CLUSTER_STAGE_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "replicas/replica.h"
#include "scenarios/cluster/conversation.h"
#include "sim/virtual_disk.h"
#include "sim/virtual_network.h"

namespace wt::scenarios {

class Cluster;

// 1, 2, ...: the machines n1, n2, ...
using MachineId = uint32_t;

class Stage {
 public:
  explicit Stage(Cluster& cluster);

  // ---- Who is there.

  std::vector<MachineId> Everybody() const;
  // All but these.
  std::vector<MachineId> Others(std::initializer_list<MachineId> without) const;
  std::vector<MachineId> AllBut(const std::vector<MachineId>& without) const;
  // Whoever serves as primary; waits for it. Fails the story when nobody does for `patience`.
  MachineId AwaitPrimary();
  // Who was elected last and has not gone since; 0: nobody.
  MachineId PrimaryNow() const;
  MachineId AwaitPrimaryAmong(const std::vector<MachineId>& machines);
  MachineId AwaitPrimaryBeside(MachineId old) { return AwaitPrimaryAmong(Others({old})); }
  // Nobody new is elected, and nobody commits anything, for so long.
  void ExpectNoCommit(Duration during);
  Term TermOf(MachineId machine);
  ReplicaStatus StatusOf(MachineId machine);

  // ---- What a story leaves to its seed.

  uint64_t Below(uint64_t bound);  // 0 .. bound - 1
  // So many of them, each as likely, in any order. Requires: count <= machines.size().
  std::vector<MachineId> SomeOf(std::vector<MachineId> machines, size_t count);

  // ---- What clients do. Statuses as Replica::Propose gives them.

  // To whoever is primary, until it is answered.
  absl::Status Put(const std::string& key, const std::string& value);
  absl::Status PutMany(int count, std::string_view prefix, uint64_t bytes = 16);
  // To this machine, once.
  struct Via {
    Ack ack = Ack::kQuorum;
    Duration timeout = std::chrono::milliseconds(300);
  };
  absl::Status PutVia(MachineId machine, const std::string& key, const std::string& value);
  absl::Status PutVia(MachineId machine, const std::string& key, const std::string& value,
                      const Via& via);
  // Begins a put at this machine, and does not wait for its end.
  void BeginPutVia(MachineId machine, const std::string& key, const std::string& value);
  // The same for a read; a machine that stands still answers when it goes on. It is judged.
  void BeginGetVia(MachineId machine, const std::string& key, ReadFrom from = ReadFrom::kPrimary);
  // Clients that write one key after another, each once, until they are told to stop.
  struct Writers {
    int count = 3;
    bool until_answered = false;  // each write again and again; else on to the next key
    Duration think = std::chrono::milliseconds(5);
  };
  void StartWriters(const Writers& writers);
  // Waits for them. Returns what was acknowledged, by key.
  std::map<std::string, std::string> StopWriters();
  std::optional<std::string> Get(const std::string& key);
  // Nothing when the machine does not answer; else the value, be it absent.
  std::optional<std::optional<std::string>> GetVia(MachineId machine, const std::string& key,
                                                   ReadFrom from = ReadFrom::kPrimary);

  // ---- What operators do.

  absl::Status ChangeMembers(const Configuration& target);
  absl::Status TransferTo(MachineId machine);
  void TakeSnapshot(MachineId machine);

  // ---- What happens to machines. Who dies is started again by its supervisor, unless it is held.

  void CutPower(MachineId machine);
  void CutPower(const std::vector<MachineId>& machines);
  void Kill(MachineId machine);
  // The power is cut, and stays so until Restart.
  void TakeDown(MachineId machine);
  // The same with the process killed: what it wrote is there, synced or not.
  void KillAndHold(MachineId machine);
  void Restart(MachineId machine);
  void Pause(MachineId machine);
  void Resume(MachineId machine);
  void Pass(Duration time);

  // ---- The network.

  void Isolate(MachineId machine);
  void PartitionIntoGroups(const std::vector<std::vector<MachineId>>& groups);
  void CutLink(MachineId a, MachineId b);
  void CutOneWay(MachineId from, MachineId to);
  void HearsNobody(MachineId machine);
  void IsHeardByNobody(MachineId machine);
  void Heal();
  void SetLinks(const sim::LinkDials& dials);
  sim::VirtualNetwork& network();

  // ---- Disks and clocks.

  sim::VirtualDisk& disk(MachineId machine);
  // A bit flips where `text` is in the durable log of the machine.
  void FlipBitInLog(MachineId machine, std::string_view text);
  // A bit flips in a file of the machine, at rest.
  void FlipBitIn(MachineId machine, const std::string& path, uint64_t at);
  void LoseSyncsOn(MachineId machine, uint64_t count);
  // Power is cut; the machine comes back with an empty disk.
  void Wipe(MachineId machine);
  void BackUp(MachineId machine);
  // Power is cut; the machine comes back with its disk as it was at BackUp.
  void RestoreBackup(MachineId machine);
  void JumpClock(MachineId machine, Duration by);

  // ---- At the very moment when something happens. `act` must not suspend.

  using Act = std::function<void(MachineId machine, const Event& event)>;
  void Whenever(EventKind kind, Act act);
  void NoLongerWhenever();

  // ---- What the story says must be.

  void Expect(bool as_told, std::string what);
  void ExpectOk(const absl::Status& status);
  void ExpectUnknown(const absl::Status& status);       // neither done nor refused
  void ExpectRefusedWrite(const absl::Status& status);  // not done, and will not be
  void ExpectValue(const std::string& key, const std::string& value);
  void ExpectValues(const std::map<std::string, std::string>& values);
  void ExpectOneOf(const std::string& key, const std::vector<std::string>& values);
  // The machine has applied everything that is committed, within the story's patience.
  void ExpectCaughtUp(MachineId machine);
  // Everybody has.
  void ExpectAgreement();
  // The logs of all hold the same entries as far as they reach back.
  void ExpectEqualLogs();
  void ExpectTrusted(MachineId machine, bool trusted);
  void ExpectReached(std::string_view goal);
  // The group refuses from here on, and the run ends so: no calm follows.
  void EndInRefusal() { ends_in_refusal_ = true; }
  bool ends_in_refusal() const { return ends_in_refusal_; }

  uint64_t committed() const;  // entries
  LogIndex DurableOn(MachineId machine) const;
  // Of a committed entry.
  Term TermOfEntry(LogIndex index) const;
  // That the files of the machine's log take.
  uint64_t LogBytesOn(MachineId machine);
  uint64_t elections() const;
  void Tell(std::string what);
  // True as soon as `done` is, false when the story's patience is over.
  bool Await(const std::function<bool()>& done, Duration patience = std::chrono::seconds(10));

 private:
  std::string NameOf(MachineId machine) const;
  Conversation& NewConversation(MachineId with);
  struct Written;
  static void WriteUntilStopped(Cluster& cluster, Conversation& with, uint32_t client,
                                const Writers& writers, Written& written);
  // Settings of the machine's disk before it was given another.
  std::map<MachineId, sim::DiskImage> backups_;
  Cluster& cluster_;
  uint32_t clients_ = 1000;  // the next that begins something on its own
  uint64_t draws_ = 0;
  std::shared_ptr<Written> written_;
  bool ends_in_refusal_ = false;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_STAGE_H_
