#include "scenarios/scripted_clients.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/random.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kReconnect = 5ms;

}  // namespace

std::string KeyName(uint32_t key) { return absl::StrFormat("k%03d", key); }

ScriptedClients::ScriptedClients(sim::Simulator& sim, const Plan& plan) : sim_(sim) {
  uint32_t clients = 0;
  for (const ClientOp& op : plan.operations) clients = std::max(clients, op.client + 1);
  scripts_.resize(clients);
  for (const ClientOp& op : plan.operations) scripts_[op.client].push_back(op);
}

void ScriptedClients::Start() {
  for (uint32_t client = 0; client < scripts_.size(); ++client) {
    ++running_;
    tasks_.push_back(sim_.tasks().Spawn(absl::StrFormat("client-%d", client + 1), [this, client] {
      RunScript(client, scripts_[client]);
      --running_;
    }));
  }
}

bool ScriptedClients::AwaitTurn(const ClientOp& op, const Supervisor& server) {
  sim_.SleepFor(op.think);
  while (!server.serving() && !HasGivenUp()) sim_.SleepFor(kReconnect);
  return !HasGivenUp();
}

std::string ScriptedClients::ValueFor(const ClientOp& op, uint32_t part) {
  std::string value = absl::StrFormat("v%d.%d.%d:", op.client + 1, ++values_written_, part);
  uint64_t filler = Mix64(values_written_);
  while (value.size() < op.value_bytes) {
    value.push_back(static_cast<char>('a' + (filler >> 59) % 26));
    filler = value.size() % 32 < 16 ? Mix64(filler) : filler;
  }
  return value;
}

KvBatch ScriptedClients::CommandsFor(const ClientOp& op) {
  KvBatch batch;
  for (uint32_t part = 0; part < op.span; ++part) {
    const std::string name = KeyName(op.key + part);
    if (part % 4 == 3) {
      batch.operations.push_back(KvDelete{name});
    } else {
      batch.operations.push_back(KvSet{name, ValueFor(op, part)});
    }
  }
  return batch;
}

}  // namespace wt::scenarios
