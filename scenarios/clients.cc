#include "scenarios/clients.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/state/command.h"
#include "engine/state/result.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

std::string Shown(const std::optional<std::string>& value) {
  if (!value.has_value()) return "nothing";
  return value->size() <= 24 ? *value : value->substr(0, 21) + "...";
}

// Some steps are so large that two of them leave no room for a third.
int64_t StepOf(const ClientOp& op) {
  if (op.value_bytes % 16 == 15) return std::numeric_limits<int64_t>::max() / 2;
  return 1 + op.value_bytes % 9;
}

}  // namespace

std::string CounterName(uint32_t key) { return absl::StrFormat("c%03d", key); }

Clients::Clients(Judge& judge, Node& node, Shadow& shadow, History& history, const Plan& plan)
    : ScriptedClients(judge.sim(), plan),
      judge_(judge),
      node_(node),
      shadow_(shadow),
      history_(history),
      plan_(plan) {}

void Clients::RunScript(uint32_t, const std::vector<ClientOp>& script) {
  for (const ClientOp& op : script) {
    if (!AwaitTurn(op, node_)) return;
    Do(op);
  }
}

std::string Clients::CommandFor(const ClientOp& op) {
  const std::string key = KeyName(op.key);
  switch (op.kind) {
    case OpKind::kPut:
      return EncodeCommand(KvSet{key, ValueFor(op, 0)});
    case OpKind::kRemove:
      return EncodeCommand(KvDelete{key});
    case OpKind::kIncrement:
      return EncodeCommand(CounterIncrement{.delta = StepOf(op), .name = CounterName(op.key)});
    case OpKind::kCompareAndSet:
      return EncodeCommand(
          KvCompareAndSet{key, shadow_.model().ValueAt(key, shadow_.applied()), ValueFor(op, 0)});
    case OpKind::kBatch:
      return EncodeCommand(CommandsFor(op));
    case OpKind::kGet:  // no command; those behind it are of a database only
    case OpKind::kScan:
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

void Clients::Do(const ClientOp& op) {
  if (op.kind != OpKind::kGet) {
    (void)Propose(op.client + 1, CommandFor(op));
  } else if (op.span % 2 == 1 && op.value_bytes % 8 == 0) {
    ReadCounter(CounterName(op.key));
  } else {
    (void)Read(KeyName(op.key));
  }
}

absl::Status Clients::Propose(uint32_t client, const std::string& command) {
  shadow_.Register(command);
  const LogIndex floor = history_.last_acknowledged();
  absl::StatusOr<Committed> committed = Unavailable("no answer");
  if (!node_.With("propose", [&](Standalone& engine) { committed = engine.Propose(command); })) {
    committed = Unavailable("the machine died");
  }
  if (committed.ok()) {
    JudgeAnswer(client, *committed, floor);
    history_.Acknowledge(client, committed->index, judge_.sim().now());
    return absl::OkStatus();
  }
  if (absl::IsUnavailable(committed.status())) {
    history_.Lose();
  } else {
    history_.Refuse();
  }
  return committed.status();
}

void Clients::JudgeAnswer(uint32_t client, const Committed& committed, LogIndex floor) {
  judge_.Evaluated("linearizable");
  if (committed.index <= floor) {
    judge_.Fail("linearizable",
                absl::StrFormat("client %d was given index %d after index %d was acknowledged",
                                client, committed.index.value(), floor.value()));
  }
  if (committed.result != shadow_.ResultAt(committed.index)) {
    judge_.Fail("linearizable",
                absl::StrFormat("client %d was told a wrong answer for %s (index %d)", client,
                                shadow_.Describe(committed.index), committed.index.value()));
  }
}

std::optional<std::optional<std::string>> Clients::Read(const std::string& key) {
  const LogIndex floor = history_.last_acknowledged();
  absl::StatusOr<ReadResult> read = Unavailable("no answer");
  node_.With("read", [&](Standalone& engine) { read = engine.Query(EncodeCommand(KvGet{key})); });
  if (!read.ok()) return std::nullopt;
  history_.Read();
  JudgeRead(key, *read, floor);
  return std::get<KvGetResult>(*DecodeResult(read->value)).value;
}

void Clients::JudgeFresh(LogIndex at, LogIndex floor, std::string_view what) {
  judge_.Evaluated("linearizable");
  if (at < floor) {
    judge_.Fail("linearizable",
                absl::StrFormat("a read of %s was answered as of entry %d, but entry %d was "
                                "acknowledged before it began",
                                what, at.value(), floor.value()));
  }
  if (at > shadow_.applied()) {
    judge_.Fail("no-phantom", absl::StrFormat("a read of %s was answered as of entry %d, which was "
                                              "never applied",
                                              what, at.value()));
  }
}

void Clients::JudgeRead(const std::string& key, const ReadResult& read, LogIndex floor) {
  JudgeFresh(read.at, floor, key);
  absl::StatusOr<Result> result = DecodeResult(read.value);
  const auto* found = result.ok() ? std::get_if<KvGetResult>(&*result) : nullptr;
  if (found == nullptr || read.at > shadow_.applied()) {
    return judge_.Fail("linearizable", "a read of " + key + " was answered with something else");
  }
  const Model& model = shadow_.model();
  judge_.Evaluated("no-phantom");
  judge_.Evaluated("atomic-commit");
  const std::optional<std::string> expected = model.ValueAt(key, read.at);
  if (found->value == expected) return;
  const std::string seen = absl::StrFormat("%s is %s as of entry %d, but was read as %s", key,
                                           Shown(expected), read.at.value(), Shown(found->value));
  // Half a batch: of the entry that comes next before it is applied, or not yet all of the last.
  const bool early = shadow_.Writes(read.at + 1, key, found->value);
  const bool late = read.at > LogIndex(0) && found->value == model.ValueAt(key, read.at - 1) &&
                    shadow_.Describe(read.at).starts_with("BATCH");
  judge_.Fail(early || late ? "atomic-commit" : "no-phantom", seen);
}

bool Clients::ReadCounter(const std::string& name) {
  const LogIndex floor = history_.last_acknowledged();
  absl::StatusOr<ReadResult> read = Unavailable("no answer");
  node_.With("read",
             [&](Standalone& engine) { read = engine.Query(EncodeCommand(CounterGet{name})); });
  if (!read.ok()) return false;
  history_.Read();
  JudgeFresh(read->at, floor, name);
  absl::StatusOr<Result> result = DecodeResult(read->value);
  const auto* found = result.ok() ? std::get_if<CounterGetResult>(&*result) : nullptr;
  const int64_t expected = shadow_.model().CounterAt(name, std::min(read->at, shadow_.applied()));
  if (found == nullptr || found->count != expected) {
    judge_.Fail("linearizable", absl::StrFormat("counter %s is %d as of entry %d, but was read as "
                                                "something else",
                                                name, expected, read->at.value()));
  }
  return true;
}

bool Clients::Put(const std::string& key, const std::string& value) {
  return Propose(0, EncodeCommand(KvSet{key, value})).ok();
}

bool Clients::CheckEverything() {
  std::vector<std::string> keys;
  for (const auto& [key, versions] : shadow_.model().keys()) keys.push_back(key);
  for (const std::string& key : keys) {
    if (!Read(key).has_value()) return false;
  }
  for (uint32_t counter = 0; counter < 8; ++counter) {
    if (!ReadCounter(CounterName(counter))) return false;
  }
  return true;
}

}  // namespace wt::scenarios
