// Stories of replicas that know that they have forgotten.
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/settings.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// Not only the value: also the head of the batch that it is in, so that nobody can tell any more
// what is missing, and the log as a whole is worth nothing.
void DestroyBatchOf(Stage& stage, MachineId machine, std::string_view text) {
  constexpr std::string_view kBatchMagic = "\xad\x4e\x7c\xb4";
  stage.FlipBitInLog(machine, text);
  bool destroyed = false;
  for (const sim::DurableFile& file : stage.disk(machine).DurableImage()) {
    const size_t value = file.bytes.find(text.substr(1));  // its first character has changed
    if (value == std::string::npos || !file.path.starts_with("log/")) continue;
    const size_t head = file.bytes.rfind(kBatchMagic, value);
    destroyed = head != std::string::npos && stage.disk(machine).FlipBit(file.path, head, 0);
  }
  stage.disk(machine).DropCache();
  stage.Expect(destroyed, "there is no batch with that value");
}

// Two of three put their logs aside. All three are there, and the third has everything; but had it
// been away for a while, it would say just the same. The group refuses.
void MajoritySetAsideStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "the-red-one"));
  stage.ExpectOk(stage.PutMany(20, "other"));
  stage.ExpectAgreement();
  for (const MachineId machine : stage.Everybody()) stage.TakeDown(machine);
  for (const MachineId machine : {MachineId(1), MachineId(2)}) {
    DestroyBatchOf(stage, machine, "the-red-one");
  }
  for (const MachineId machine : stage.Everybody()) stage.Restart(machine);
  stage.ExpectNoCommit(5s);
  for (const MachineId machine : stage.Everybody()) stage.ExpectTrusted(machine, false);
  stage.EndInRefusal();
}

}  // namespace

Scenario MajoritySetAside() {
  return StoryOf("majority-set-aside", "two of three replicas have lost their logs, and know it",
                 "The logs of two machines are damaged beyond repair and put aside. Nobody can say "
                 "whether the third has all that they had acknowledged: nothing is committed until "
                 "an operator decides.",
                 3, MajoritySetAsideStory);
}

}  // namespace wt::scenarios
