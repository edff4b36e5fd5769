// The clients of a database: harness tasks that do their planned operations one after another,
// whatever happens to the server, and compare all they are told with the model.
#ifndef WAVETANK_SCENARIOS_DATABASE_CLIENTS_H_
#define WAVETANK_SCENARIOS_DATABASE_CLIENTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/database.h"
#include "scenarios/database/node.h"
#include "scenarios/database/reads.h"
#include "scenarios/database/writes.h"
#include "scenarios/history.h"
#include "scenarios/judge.h"
#include "scenarios/plan.h"
#include "scenarios/scripted_clients.h"
#include "scenarios/shadow.h"

namespace wt::scenarios {

class DatabaseClients final : public ScriptedClients {
 public:
  // `may_refuse`: whether an error that names damage may be right now.
  DatabaseClients(Judge& judge, DatabaseNode& node, Shadow& shadow, Writes& writes,
                  History& history, const Plan& plan, std::function<bool()> may_refuse);

  // A write of the harness's own. True when acknowledged. Suspends.
  bool Put(const std::string& key, const std::string& value);

  // All of it is scanned both ways, and every key that the model knows is read. False when it was
  // not answered. Suspends.
  bool CheckEverything();

  // Everything so far is in tables, merged and verified. False when it was not. Suspends.
  bool SettleTables();

  uint64_t views_checked() const { return views_checked_; }
  uint64_t damage_named() const { return damage_named_; }
  uint64_t buffered() const { return buffered_; }

 private:
  // A view, and the life of the server that it is of.
  struct Held {
    std::shared_ptr<const ReadView> view;
    uint64_t boot = 0;
  };

  void RunScript(uint32_t client, const std::vector<ClientOp>& script) override;
  void Do(const ClientOp& op);
  WriteBatch BatchFor(const ClientOp& op);
  absl::Status Write(uint32_t client, const WriteBatch& batch, Durability durability);
  void JudgeAcknowledged(uint32_t client, std::optional<LogIndex> at, Durability durability);

  // Runs `body` on the server. False when nobody answered, or when that life is over by now: what
  // was buffered then may be lost since, and what was read cannot be judged.
  bool Ask(std::string_view what, const std::function<void(Database&)>& body);
  LogIndex Floor() const;
  void Get(const ClientOp& op);
  void Scan(const ClientOp& op);
  void Walk(const ClientOp& op);
  void HoldView(const ClientOp& op);
  bool CheckHeld(const Held& held, Draw& draw);
  absl::Status LookAt(Database& database, const ScanOptions& options, PointRead& read,
                      KeyValues& found, std::optional<PointRead>& doubt, Blame& blame);
  void Flush(const ClientOp& op);
  void JudgeFresh(LogIndex at, LogIndex floor, std::string_view what);
  bool JudgeError(const absl::Status& status, std::string_view what);

  Judge& judge_;
  DatabaseNode& node_;
  Shadow& shadow_;
  Writes& writes_;
  History& history_;
  const Plan& plan_;
  const std::function<bool()> may_refuse_;
  Reads reads_;
  // The newest entry that a writer of this life was told OK for.
  LogIndex seen_;
  uint64_t seen_boot_ = 0;
  uint64_t views_checked_ = 0;
  uint64_t damage_named_ = 0;
  uint64_t buffered_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_DATABASE_CLIENTS_H_
