// One simulated server: a machine that runs a Database over sorted tables.
#ifndef WAVETANK_SCENARIOS_DATABASE_NODE_H_
#define WAVETANK_SCENARIOS_DATABASE_NODE_H_

#include <cstdint>

#include "engine/database.h"
#include "scenarios/plan.h"
#include "scenarios/supervisor.h"

namespace wt::scenarios {

DatabaseOptions OptionsFrom(const EngineKnobs& knobs, const PlannedDatabase& database);

class DatabaseNode final : public Serving<Database> {
 public:
  // Requires: plan.database.
  DatabaseNode(sim::Simulator& sim, sim::Machine& machine, const Plan& plan);

  // Why it came to its end, the last time that it did so by itself; OK before.
  const absl::Status& failure() const { return failure_; }
  // How often in a row that was soon after it had begun to serve.
  uint64_t short_lives() const { return short_lives_; }
  void ForgetShortLives() { short_lives_ = 0; }

 private:
  void Main(Env env) override;
  bool Close() override;
  void AwaitEnd(Env env, Database& database);

  const DatabaseOptions options_;
  bool closing_ = false;
  absl::Status failure_;
  uint64_t short_lives_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_DATABASE_NODE_H_
