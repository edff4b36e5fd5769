#include "scenarios/world.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"
#include "engine/log/format.h"
#include "engine/state/command.h"
#include "sim/machine.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 1ms;
constexpr Duration kPatience = 10s;

}  // namespace

World::World(Judge& judge, Node& node, Clients& clients, Story& story)
    : judge_(judge), node_(node), clients_(clients), story_(story) {}

void World::Tell(std::string what) { story_.Add(judge_.sim().now(), "", std::move(what)); }

void World::Expect(bool as_told, std::string what) {
  judge_.Evaluated("story");
  if (!as_told) judge_.Fail("story", std::move(what));
}

absl::Status World::Put(const std::string& key, const std::string& value) {
  Tell(absl::StrFormat("put %s=%s", key, value));
  return clients_.Propose(0, EncodeCommand(KvSet{key, value}));
}

absl::Status World::PutAll(const std::vector<std::pair<std::string, std::string>>& pairs) {
  KvBatch batch;
  for (const auto& [key, value] : pairs) batch.operations.push_back(KvSet{key, value});
  Tell(absl::StrFormat("put a batch of %d", pairs.size()));
  return clients_.Propose(0, EncodeCommand(batch));
}

std::optional<std::string> World::Get(const std::string& key) {
  const sim::SimTime deadline = judge_.sim().now() + kPatience;
  std::optional<std::optional<std::string>> read;
  while (!read.has_value() && judge_.sim().now() < deadline) {
    AwaitServing();
    read = clients_.Read(key);
    if (!read.has_value()) judge_.sim().SleepFor(kLook);  // it stopped meanwhile
  }
  Expect(read.has_value(), absl::StrFormat("a read of %s got no answer", key));
  return *read;
}

void World::CutPower() {
  Tell("the power is cut");
  node_.CutPower(10ms);
}

void World::Kill() {
  Tell("the process is killed");
  node_.Kill(10ms);
}

void World::AwaitServing() {
  const sim::SimTime deadline = judge_.sim().now() + kPatience;
  while (!node_.serving() && judge_.sim().now() < deadline) judge_.sim().SleepFor(kLook);
  Expect(node_.serving(), "the node does not serve: " + MessageOf(node_.opening()));
}

void World::TakeSnapshot() {
  AwaitServing();
  absl::Status taken = Unavailable("no answer");
  node_.With("snapshot", [&](Standalone& engine) { taken = engine.engine().TakeSnapshot(); });
  ExpectOk(taken);
}

sim::VirtualDisk& World::disk() { return node_.machine().disk(); }

void World::FailNextSync() {
  Tell("the next sync of the log will fail");
  disk().FailNextSyncs(1, "log/");
}

void World::FillDisk() {
  Tell("the disk is full");
  disk().faults().capacity_bytes = disk().used_bytes();
}

void World::FreeDisk() {
  Tell("there is room again");
  disk().faults().capacity_bytes = ~uint64_t{0};
}

// Empty: there is none.
std::string World::NewestFile(std::string_view prefix, uint64_t longer_than) {
  std::string newest;
  for (const sim::DurableFile& file : disk().DurableImage()) {
    if (file.path.starts_with(prefix) && file.bytes.size() > longer_than) newest = file.path;
  }
  return newest;
}

void World::FailNextOpenOf(std::string_view prefix) {
  const std::string newest = NewestFile(prefix, 0);
  Expect(!newest.empty(), absl::StrFormat("there is no file %s…", prefix));
  Tell(absl::StrFormat("%s cannot be opened, once", newest));
  disk().FailNextMetadata(1, newest);
}

void World::FlipBit(std::string_view prefix, uint64_t offset) {
  const std::string newest = NewestFile(prefix, offset);
  Tell(absl::StrFormat("a bit of %s flips at %d", newest, offset));
  Expect(!newest.empty() && disk().FlipBit(newest, offset, 3),
         absl::StrFormat("there is no byte %d in a file %s…", offset, prefix));
}

void World::HarmLastTwoBatches() {
  sim::DurableFile newest;
  for (sim::DurableFile& file : disk().DurableImage()) {
    if (file.path.starts_with("log/")) newest = std::move(file);
  }
  std::vector<uint64_t> batches;
  for (uint64_t at = kSegmentHeaderBytes; at + kSectorBytes <= newest.bytes.size();
       at += kSectorBytes) {
    if (LoadLittle<uint32_t>(newest.bytes.data() + at) == kBatchMagic) batches.push_back(at);
  }
  Expect(batches.size() >= 2, "there are no two batches in " + newest.path);
  const uint64_t last = batches.back();
  FlipBit(newest.path, batches[batches.size() - 2] + kBatchHeaderBytes + 2);
  Tell(absl::StrFormat("%s cannot be read any more at %d", newest.path, last));
  Expect(disk().DamageSector(newest.path, last / kSectorBytes), "there is no such sector");
}

void World::CopyDisk() {
  Tell("the operator copies the disk; what cannot be read is zeros on the new one");
  for (const sim::DurableFile& file : disk().DurableImage()) {
    for (const sim::Harm& harm : disk().Harms(file.path)) {
      if (harm.cause == sim::HarmCause::kLatentError) disk().ZeroSector(file.path, harm.sector);
    }
  }
}

void World::ExpectOk(const absl::Status& status) {
  Expect(status.ok(), "what should have worked did not: " + MessageOf(status));
}

void World::ExpectUnknown(const absl::Status& status) {
  Expect(absl::IsUnavailable(status),
         "an outcome that should be unknown is: " + std::string(status.ToString()));
}

void World::ExpectRefusedWrite(const absl::Status& status) {
  Expect(!status.ok() && !absl::IsUnavailable(status),
         "a write that should have been refused is: " + std::string(status.ToString()));
}

void World::ExpectOneOf(const std::string& key, const std::vector<std::string>& values) {
  const std::optional<std::string> read = Get(key);
  const bool found =
      read.has_value() && std::find(values.begin(), values.end(), *read) != values.end();
  Expect(found, absl::StrFormat("%s is %s", key, read.value_or("absent")));
}

void World::ExpectDataLoss() {
  const sim::SimTime deadline = judge_.sim().now() + kPatience;
  while (!node_.refused() && judge_.sim().now() < deadline) judge_.sim().SleepFor(kLook);
  Expect(node_.refused(), "damage was not refused");
  Tell("refused: " + MessageOf(node_.opening()));
}

void World::ExpectUnreadable() {
  const sim::SimTime deadline = judge_.sim().now() + kPatience;
  const auto is_told = [&] {
    return node_.failed_openings() > 1 && absl::IsUnavailable(node_.opening());
  };
  while (!is_told() && !node_.serving() && judge_.sim().now() < deadline) {
    judge_.sim().SleepFor(kLook);
  }
  Expect(is_told(), "what could not be read was taken for absent");
  Tell("not opened: " + MessageOf(node_.opening()));
}

void World::ExpectValueOrDataLoss(const std::string& key, const std::string& value) {
  const sim::SimTime deadline = judge_.sim().now() + kPatience;
  while (!node_.refused() && !node_.serving() && judge_.sim().now() < deadline) {
    judge_.sim().SleepFor(kLook);
  }
  if (node_.refused()) return Tell("refused: " + MessageOf(node_.opening()));
  ExpectValue(key, value);
}

void World::ExpectReached(std::string_view goal) {
  const auto goals = judge_.sim().goals();
  const bool reached = std::any_of(goals.begin(), goals.end(),
                                   [&](const auto& reached) { return reached.first == goal; });
  Expect(reached, absl::StrFormat("%s was never reached", goal));
}

}  // namespace wt::scenarios
