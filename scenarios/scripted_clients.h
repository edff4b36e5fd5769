// The clients of a plan: each is a task of the harness that does its operations one behind the
// other. What an operation is, and whom it is asked of, is for who derives.
#ifndef WAVETANK_SCENARIOS_SCRIPTED_CLIENTS_H_
#define WAVETANK_SCENARIOS_SCRIPTED_CLIENTS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/state/command.h"
#include "scenarios/plan.h"
#include "scenarios/supervisor.h"
#include "sim/simulator.h"

namespace wt::scenarios {

std::string KeyName(uint32_t key);

class ScriptedClients {
 public:
  ScriptedClients(sim::Simulator& sim, const Plan& plan);
  virtual ~ScriptedClients() = default;
  ScriptedClients(const ScriptedClients&) = delete;
  ScriptedClients& operator=(const ScriptedClients&) = delete;

  // Starts one task a client. Suspends.
  void Start();
  // True when every client has done, or given up, all it had to do.
  bool Done() const { return running_ == 0; }
  // Operations that no server took before this time are given up.
  void GiveUpAfter(sim::SimTime deadline) { deadline_ = deadline; }

 protected:
  // All of client number `client` (from 0), until it is done or the deadline has come. Suspends.
  virtual void RunScript(uint32_t client, const std::vector<ClientOp>& script) = 0;

  // Thinks, and waits until `server` serves. False when the deadline came first. Suspends.
  bool AwaitTurn(const ClientOp& op, const Supervisor& server);
  // A value for part `part` of an operation, as long as it asks for at least: written once in a
  // run, so that it names its writer, and half of it compressible.
  std::string ValueFor(const ClientOp& op, uint32_t part);
  // Puts and a few removals, of neighbouring keys.
  KvBatch CommandsFor(const ClientOp& op);
  bool HasGivenUp() const { return sim_.now() >= deadline_; }
  sim::SimTime deadline() const { return deadline_; }

 private:
  sim::Simulator& sim_;
  std::vector<std::vector<ClientOp>> scripts_;  // by client
  std::vector<std::unique_ptr<Task>> tasks_;
  uint32_t running_ = 0;
  uint64_t values_written_ = 0;
  sim::SimTime deadline_ = sim::SimTime::max();
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_SCRIPTED_CLIENTS_H_
