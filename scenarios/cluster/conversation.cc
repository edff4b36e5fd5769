#include "scenarios/cluster/conversation.h"

#include "engine/base/random.h"
#include "engine/base/status.h"
#include "sim/machine.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// How long a client waits for an answer that was lost on its way.
constexpr Duration kPatience = 500ms;

}  // namespace

Conversation::Conversation(sim::Simulator& sim, Fleet& fleet, uint32_t client)
    : sim_(sim), fleet_(fleet), client_(client), believed_(1 + client % fleet.size()) {}

Duration Conversation::NextDelay() {
  Draw draw(sim_.options().seed, {KeyOf("client.delay"), client_, ++messages_});
  return Duration(draw.Between(50'000, 400'000));
}

bool Conversation::StandsStill(uint32_t machine) const {
  return fleet_.member(machine).machine().state() == sim::Machine::State::kPaused;
}

// Every other request lies in the machine's socket buffer, and is the first thing that it sees when
// it goes on. The harness itself does not wait: in a story nobody else would end the pause.
bool Conversation::WaitsForThePaused() const {
  return patient_ || (client_ != 0 && messages_ % 2 == 0);
}

Reached Conversation::Ask(uint32_t machine, std::string_view what,
                          const std::function<void(Replica&)>& body) {
  sim_.SleepFor(NextDelay());
  if (!fleet_.ReachesClients(machine) || (StandsStill(machine) && !WaitsForThePaused())) {
    sim_.SleepFor(kPatience);
    return Reached::kNobody;
  }
  const Reached reached = fleet_.member(machine).Call(what, body);
  if (reached != Reached::kYes) return reached;
  if (!fleet_.ReachesClients(machine)) {
    sim_.SleepFor(kPatience);
    return Reached::kNoAnswer;
  }
  sim_.SleepFor(NextDelay());
  return reached;
}

void Conversation::LookElsewhere() { believed_ = 1 + believed_ % fleet_.size(); }

Conversation::Proposed Conversation::Propose(
    const std::string& command, Ack ack, Duration timeout,
    const std::function<Configuration(uint32_t)>& members_of) {
  Proposed proposed{.outcome = Unavailable("no answer"), .machine = believed_};
  NodeId hint;
  const Reached reached = Ask(believed_, "propose", [&](Replica& replica) {
    proposed.members = members_of(proposed.machine);
    absl::StatusOr<wt::Acknowledged> outcome =
        replica.Propose(command, {.ack = ack, .timeout = timeout});
    if (absl::IsFailedPrecondition(outcome.status())) hint = replica.status().primary;
    proposed.outcome = std::move(outcome);
  });
  if (reached == Reached::kNobody) proposed.outcome = FailedPrecondition("nobody was there");
  if (reached == Reached::kNoAnswer) proposed.outcome = Unavailable("no answer");
  const bool hinted = hint != NodeId(0) && hint.value() <= fleet_.size();
  if (hinted && hint.value() != believed_) {
    believed_ = static_cast<uint32_t>(hint.value());
  } else if (!proposed.outcome.ok()) {
    LookElsewhere();
  }
  return proposed;
}

absl::StatusOr<ReadResult> Conversation::Query(uint32_t machine, const std::string& command,
                                               const QueryOptions& options) {
  absl::StatusOr<ReadResult> read = Unavailable("no answer");
  NodeId hint;
  const Reached reached = Ask(machine, "read", [&](Replica& replica) {
    absl::StatusOr<ReadResult> outcome = replica.Query(command, options);
    if (!outcome.ok()) hint = replica.status().primary;
    read = std::move(outcome);
  });
  if (reached != Reached::kYes) read = Unavailable("no answer");
  if (machine == believed_ && !read.ok()) {
    if (hint != NodeId(0) && hint.value() <= fleet_.size() && hint.value() != machine) {
      believed_ = static_cast<uint32_t>(hint.value());
    } else {
      LookElsewhere();
    }
  }
  return read;
}

}  // namespace wt::scenarios
