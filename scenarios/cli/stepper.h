// Time travel through one run: forwards, backwards, and a look around at any of its moments. A run
// is a function of its seed, so going back is running it again up to an earlier record.
#ifndef WAVETANK_SCENARIOS_CLI_STEPPER_H_
#define WAVETANK_SCENARIOS_CLI_STEPPER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "scenarios/execute.h"

namespace wt::cli {

// Runs it once more, from its beginning.
using Rerun = std::function<absl::StatusOr<scenarios::Run>(const scenarios::ExecuteOptions&)>;

class Stepper {
 public:
  // Errors: those of `rerun`.
  static absl::StatusOr<Stepper> Begin(Rerun rerun);

  // Does one command (kHelp) and answers with what there is to see. An empty line does the last
  // command once more. Errors: InvalidArgument for what is no command; those of the run.
  absl::StatusOr<std::string> Do(std::string_view line);
  bool done() const { return done_; }

  // How many trace records there are at the moment where we stand.
  uint64_t record() const { return record_; }

  static const std::string_view kHelp;

 private:
  Stepper(Rerun rerun, scenarios::Run run);

  struct Command {
    std::string verb;
    std::string rest;
  };
  absl::StatusOr<std::string> Do(const Command& command);

  absl::StatusOr<std::string> Move(const std::string& count, int64_t sign);
  absl::StatusOr<std::string> Find(std::string_view pattern, bool forwards);
  absl::StatusOr<std::string> GoToTime(const std::string& text);
  absl::StatusOr<std::string> GoToRecord(const std::string& text);
  absl::StatusOr<std::string> Detail(const std::string& count);
  absl::StatusOr<std::string> Show(std::string view);
  // The steps around the moment, an arrow at the last that has happened.
  std::string Here(size_t around) const;
  size_t Passed() const;  // how many steps have happened
  uint64_t RecordOf(size_t passed) const;

  Rerun rerun_;
  std::vector<reports::Step> story_;
  uint64_t records_ = 0;  // of the whole run
  uint64_t record_ = 0;
  Command last_{"list", ""};
  bool done_ = false;
};

}  // namespace wt::cli

#endif  // WAVETANK_SCENARIOS_CLI_STEPPER_H_
