// The stage of a directed scenario: one node, and verbs that read like a story. Every invariant
// watches, as in a random run; what the story expects is checked besides.
//
//   world.ExpectOk(world.Put("color", "red"));
//   world.FailNextSync();
//   world.ExpectUnknown(world.Put("color", "blue"));
//   world.AwaitServing();
//   world.CutPower();
//   world.ExpectOneOf("color", {"red", "blue"});
//
// A story that does not go as told fails the run as "story". All verbs suspend.
#ifndef WAVETANK_SCENARIOS_WORLD_H_
#define WAVETANK_SCENARIOS_WORLD_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "scenarios/clients.h"
#include "scenarios/judge.h"
#include "scenarios/node.h"
#include "scenarios/story.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {

class World {
 public:
  World(Judge& judge, Node& node, Clients& clients, Story& story);

  // ---- What clients do. Statuses as Standalone::Propose gives them.
  absl::Status Put(const std::string& key, const std::string& value);
  absl::Status PutAll(const std::vector<std::pair<std::string, std::string>>& pairs);  // a batch
  // Nothing when absent. Fails the story when nobody answers.
  std::optional<std::string> Get(const std::string& key);

  // ---- What happens to the node. The supervisor starts it again by itself.
  void CutPower();
  void Kill();
  void AwaitServing();
  void TakeSnapshot();

  // ---- What happens to its disk.
  sim::VirtualDisk& disk();
  void FailNextSync();
  // The newest durable file whose path begins so cannot be opened, once.
  void FailNextOpenOf(std::string_view prefix);
  void FillDisk();
  void FreeDisk();
  // Flips one bit of the newest durable file whose path begins so, at `offset`.
  void FlipBit(std::string_view prefix, uint64_t offset);
  // Of the two batches at the end of the newest segment of the log: a bit of the first flips, the
  // beginning of the second cannot be read any more.
  void HarmLastTwoBatches();
  // The operator copies it: what cannot be read is zeros on the new one.
  void CopyDisk();

  // ---- What the story says must be.
  void ExpectOk(const absl::Status& status);
  void ExpectUnknown(const absl::Status& status);       // neither done nor refused
  void ExpectRefusedWrite(const absl::Status& status);  // not done, and will not be
  void ExpectOneOf(const std::string& key, const std::vector<std::string>& values);
  void ExpectValue(const std::string& key, const std::string& value) { ExpectOneOf(key, {value}); }
  // Either: nothing was lost, or the node says that something was.
  void ExpectValueOrDataLoss(const std::string& key, const std::string& value);
  // The node finds damage and says so; nothing is served.
  void ExpectDataLoss();
  // The node cannot read what it must know, and says so each time that it starts.
  void ExpectUnreadable();
  void ExpectReached(std::string_view goal);

 private:
  void Tell(std::string what);
  std::string NewestFile(std::string_view prefix, uint64_t longer_than);
  void Expect(bool as_told, std::string what);

  Judge& judge_;
  Node& node_;
  Clients& clients_;
  Story& story_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_WORLD_H_
