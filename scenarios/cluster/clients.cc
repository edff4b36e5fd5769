#include "scenarios/cluster/clients.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/base/status.h"
#include "scenarios/clients.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// Between two attempts: an election takes a while.
constexpr Duration kBackoff = 25ms;
constexpr Duration kReadTimeout = 500ms;
constexpr int kReadAttempts = 4;

int64_t StepOf(const ClientOp& op) {
  if (op.value_bytes % 16 == 15) return std::numeric_limits<int64_t>::max() / 2;
  return 1 + op.value_bytes % 9;
}

Consistency ConsistencyOf(ReadFrom from) {
  if (from == ReadFrom::kStale) return Consistency::kStale;
  return from == ReadFrom::kLease ? Consistency::kLease : Consistency::kLinearizable;
}

}  // namespace

GroupClients::GroupClients(Judge& judge, Fleet& fleet, Ledger& ledger, Promises& promises,
                           Testimony& testimony, const Plan& plan)
    : ScriptedClients(judge.sim(), plan),
      judge_(judge),
      fleet_(fleet),
      ledger_(ledger),
      promises_(promises),
      testimony_(testimony) {}

void GroupClients::RunScript(uint32_t client, const std::vector<ClientOp>& script) {
  Conversation conversation(judge_.sim(), fleet_, client + 1);
  for (const ClientOp& op : script) {
    judge_.sim().SleepFor(op.think);
    if (HasGivenUp()) return;
    Do(conversation, client + 1, op);
  }
}

Command GroupClients::CommandFor(const ClientOp& op) {
  const std::string key = KeyName(op.key);
  const Model& model = ledger_.shadow().model();
  switch (op.kind) {
    case OpKind::kPut:
      return KvSet{key, ValueFor(op, 0)};
    case OpKind::kRemove:
      return KvDelete{key};
    case OpKind::kIncrement:
      return CounterIncrement{.delta = StepOf(op), .name = CounterName(op.key)};
    case OpKind::kCompareAndSet:
      return KvCompareAndSet{key, model.ValueAt(key, model.last()), ValueFor(op, 0)};
    case OpKind::kGet:
      if (op.value_bytes % 8 == 0) return CounterGet{CounterName(op.key)};
      return KvGet{key};
    case OpKind::kBatch:
      return CommandsFor(op);
    case OpKind::kScan:  // from here on: of a database only
    case OpKind::kWalk:
    case OpKind::kView:
    case OpKind::kFlush:
    case OpKind::kCompact:
    case OpKind::kVerify:
      break;
  }
  WT_CHECK(false);
  return {};
}

void GroupClients::Do(Conversation& with, uint32_t client, const ClientOp& op) {
  const Command command = CommandFor(op);
  if (op.kind != OpKind::kGet) {
    // Whoever waits for all members does not wait long: one may be away.
    const Duration timeout = op.ack == Ack::kAll ? 300ms : 1s;
    (void)Write(with, client, command, {.ack = op.ack, .once = op.once, .timeout = timeout});
    return;
  }
  const bool anybody = op.from == ReadFrom::kReplica || op.from == ReadFrom::kStale;
  for (int attempt = 0; attempt < kReadAttempts && !HasGivenUp(); ++attempt) {
    const uint32_t machine =
        anybody ? 1 + (op.key + static_cast<uint32_t>(attempt)) % fleet_.size() : with.believed();
    if (Read(with, client, command, op.from, machine).has_value()) return;
    judge_.sim().SleepFor(kBackoff);
  }
}

absl::Status GroupClients::Write(Conversation& with, uint32_t client, const Command& command,
                                 const Manners& manners) {
  std::string key;
  std::string bytes = EncodeCommand(command);
  if (manners.once) {
    key = absl::StrFormat("c%d.%d", client, ++once_keys_);
    bytes = EncodeCommand(Once{.space = "run", .key = key, .ttl = kMaxOnceTtl, .command = bytes});
  }
  ledger_.Register(bytes);
  Testimony::Call call = testimony_.Begin(client, command, key);
  bool may_have_happened = false;
  const sim::SimTime last_chance = std::min(deadline(), manners.give_up);
  for (;;) {
    promises_.OnSent(bytes);
    Conversation::Proposed sent =
        with.Propose(bytes, manners.ack, manners.timeout,
                     [this](uint32_t machine) { return ledger_.members(machine); });
    const absl::Status status = sent.outcome.status();
    if (status.ok()) {
      const LogEnd entry{sent.outcome->term, sent.outcome->index};
      promises_.OnAcknowledged(sent.machine, manners.ack, entry, sent.members);
      if (manners.ack == Ack::kAsync) {
        testimony_.Unknown(call);  // a failover may still undo it
      } else {
        testimony_.Acknowledged(call, entry.index, sent.outcome->result, may_have_happened);
      }
      return status;
    }
    if (absl::IsUnavailable(status)) {
      may_have_happened = true;
    } else {
      promises_.OnRefused(bytes);
    }
    const bool again = manners.once || !may_have_happened;
    if (!again || judge_.sim().now() >= last_chance) {
      may_have_happened ? testimony_.Unknown(call) : testimony_.Refused(call);
      return may_have_happened ? Unavailable("the outcome is unknown: %s", MessageOf(status))
                               : status;
    }
    judge_.sim().SleepFor(kBackoff);
  }
}

std::optional<ReadResult> GroupClients::Read(Conversation& with, uint32_t client,
                                             const Command& command, ReadFrom from,
                                             uint32_t machine) {
  Testimony::Call call = testimony_.Begin(client, command);
  absl::StatusOr<ReadResult> read =
      with.Query(machine, EncodeCommand(command),
                 {.consistency = ConsistencyOf(from), .timeout = kReadTimeout});
  if (!read.ok()) {
    testimony_.Refused(call);
    return std::nullopt;
  }
  testimony_.Answered(call, *read, from != ReadFrom::kStale);
  return *read;
}

}  // namespace wt::scenarios
