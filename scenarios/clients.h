// The clients of a run: harness tasks that do their planned operations one after another, whatever
// happens to the server, and remember what they were told.
#ifndef WAVETANK_SCENARIOS_CLIENTS_H_
#define WAVETANK_SCENARIOS_CLIENTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/history.h"
#include "scenarios/judge.h"
#include "scenarios/node.h"
#include "scenarios/plan.h"
#include "scenarios/scripted_clients.h"
#include "scenarios/shadow.h"

namespace wt::scenarios {

std::string CounterName(uint32_t key);

class Clients final : public ScriptedClients {
 public:
  Clients(Judge& judge, Node& node, Shadow& shadow, History& history, const Plan& plan);

  // Proposes `command` for a client (0 is the harness itself) and judges the answer. Suspends.
  // Errors: as Standalone::Propose; Unavailable also when nobody answered.
  absl::Status Propose(uint32_t client, const std::string& command);
  // The value of `key`, judged; nothing when nobody answered. Suspends.
  std::optional<std::optional<std::string>> Read(const std::string& key);
  // A write of the harness's own. True when acknowledged.
  bool Put(const std::string& key, const std::string& value);

  // Every key and counter that the model knows is read and judged. False when nobody answered.
  bool CheckEverything();

 private:
  void RunScript(uint32_t client, const std::vector<ClientOp>& script) override;
  void Do(const ClientOp& op);
  std::string CommandFor(const ClientOp& op);

  void JudgeAnswer(uint32_t client, const Committed& committed, LogIndex floor);
  void JudgeRead(const std::string& key, const ReadResult& read, LogIndex floor);
  bool ReadCounter(const std::string& name);
  void JudgeFresh(LogIndex at, LogIndex floor, std::string_view what);

  Judge& judge_;
  Node& node_;
  Shadow& shadow_;
  History& history_;
  const Plan& plan_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLIENTS_H_
